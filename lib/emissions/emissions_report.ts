/**
 * Energy and carbon in words: a paragraph and a table for a paper, and the
 * `co2_eq_emissions` block of a model card on the Hugging Face Hub (grams).
 * Every number comes with its method, every intensity with source and year.
 *
 * @module
 */
import { DataError, formatDuration, formatPercent } from "../util/mod.ts";
import {
  type EnergyReading,
  energyShares,
  energyUncertainty,
  totalPower,
} from "./energy_reading.ts";
import type { CarbonIntensity } from "./intensity.ts";
import {
  type Grams,
  type Joules,
  kwhFromJoules,
  meanRate,
  type MethodLabel,
  type PowerPart,
} from "./units.ts";

/** A number for a table; a missing reading is not 0. */
export type ShownNumber = number | "no reading";

/** A part of the machine in a table for people. */
export interface EmissionsRow {
  readonly part: PowerPart | "total";
  /** Energy without PUE for a part, with it for the total. */
  readonly kWh: ShownNumber;
  readonly watts: ShownNumber;
  readonly label: MethodLabel | "";
  /** By how much the truth may differ either way: "5 %", or "not stated". */
  readonly uncertainty: string;
  readonly method: string;
}

function shown(x: number | undefined): ShownNumber {
  return x ?? "no reading";
}

function shownKwh(joules: Joules | undefined): ShownNumber {
  return shown(joules === undefined ? undefined : kwhFromJoules(joules));
}

function shownUncertainty(share: number | undefined): string {
  return share === undefined ? "not stated" : formatPercent(share, 2);
}

/** One row a part and method, then the total with PUE. */
export function emissionsRows(reading: EnergyReading): EmissionsRow[] {
  const { parts, pue, energyJoules } = reading;
  const rows = parts.map((row) => ({
    part: row.part,
    kWh: shownKwh(row.joules),
    watts: shown(row.joules && meanRate(row.joules, row.seconds)),
    label: row.label,
    uncertainty: shownUncertainty(row.uncertainty),
    method: row.method,
  }));
  const doubt = energyUncertainty(reading);
  return [...rows, {
    part: "total",
    kWh: shownKwh(energyJoules),
    watts: shown(totalPower(reading)),
    label: "",
    uncertainty: shownUncertainty(
      energyJoules && doubt !== undefined ? doubt / energyJoules : undefined,
    ),
    method: `parts with a reading x PUE ${pue}`,
  }];
}

/** A whole run in one row of a table for people. */
export interface EmissionsSummary {
  readonly run: string;
  readonly hours: number;
  /** With PUE. */
  readonly kWh: ShownNumber;
  readonly kgCO2eq: ShownNumber;
  /** Place, year and source of the intensity behind the emissions. */
  readonly intensity: string;
}

/** A reading as one row, to set runs side by side. */
export function emissionsSummary(reading: EnergyReading): EmissionsSummary {
  const { project, seconds, energyJoules, carbon, intensity } = reading;
  return {
    run: project,
    hours: seconds / 3600,
    kWh: shownKwh(energyJoules),
    kgCO2eq: shown(carbon && carbon.grams / 1000),
    intensity: intensity ? describeIntensity(intensity.used) : "not given",
  };
}

/** The rows as a Markdown table with units in its head. */
export function emissionsTable(reading: EnergyReading): string {
  const number = (x: ShownNumber) =>
    typeof x === "number" ? x.toPrecision(4) : x;
  const lines = emissionsRows(reading).map((row) =>
    `| ${row.part} | ${number(row.kWh)} | ${number(row.watts)} | ` +
    `${row.label} | ${row.uncertainty} | ${row.method.replaceAll("|", "/")} |`
  );
  return [
    "| part | energy (kWh) | mean power (W) | label | give or take | method |",
    "| --- | ---: | ---: | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

/**
 * How the energy of each part came about: "gpu measured, ram modelled"; "" when
 * no part has a reading.
 */
export function energyLabels({ parts }: Pick<EnergyReading, "parts">): string {
  return parts.filter(({ joules }) => joules !== undefined)
    .map(({ part, label }) => `${part} ${label}`).join(", ");
}

/** "15.5 kWh", "0.123 Wh". */
export function formatEnergy(joules: Joules): string {
  const kwh = kwhFromJoules(joules);
  if (kwh >= 0.01 || kwh === 0) return `${kwh.toPrecision(3)} kWh`;
  const wattHours = kwh * 1000;
  return `${wattHours.toPrecision(3)} Wh`;
}

/** "5.67 kg", "12.3 g". */
export function formatCarbon(grams: Grams): string {
  return grams >= 1000
    ? `${(grams / 1000).toPrecision(3)} kg`
    : `${grams.toPrecision(3)} g`;
}

/** "98.3 g CO2eq/kWh (Brazil, 2023, lifecycle; Our World in Data / Ember)". */
function describeIntensity(count: CarbonIntensity): string {
  const { gramsPerKwh, place, year, kind, source } = count;
  const about = [place, year, kind === "unstated" ? undefined : kind]
    .filter((x) => x !== undefined).join(", ");
  return `${gramsPerKwh.toPrecision(3)} g CO2eq/kWh (${about}; ${source})`;
}

/** How {@linkcode emissionsParagraph} tells. */
export interface ParagraphOptions {
  /** A run that has not been: "would run" in place of "ran". */
  isPlan?: boolean;
}

/**
 * One paragraph for a paper: time, energy by part with its method, PUE,
 * intensity with source and year, emissions with their range, and what is
 * missing.
 */
export function emissionsParagraph(
  reading: EnergyReading,
  { isPlan = false }: ParagraphOptions = {},
): string {
  const { project, seconds, energyJoules, pue, notes } = reading;
  const ran = isPlan ? "would run" : "ran";
  const used = isPlan ? "use" : "used";
  const time = `"${project}" ${ran} for ${formatDuration(seconds)}`;
  const remarks = notes.map((note) => `Note: ${note}.`);
  if (energyJoules === undefined) {
    const nothing = `${time}; no meter gave a reading of its energy.`;
    return [nothing, ...remarks].join(" ");
  }
  const shares = energyShares(reading);
  const parts = Object.entries(shares).map(([part, share]) => {
    const methods = reading.parts.filter((row) =>
      row.part === part && row.joules !== undefined
    ).map(({ label, method }) => `${label}: ${method}`);
    const name = part === "machine" ? "whole machine" : part.toUpperCase();
    return `${name} ${formatPercent(share)} (${methods.join("; ")})`;
  });
  const missing = reading.parts.filter(({ joules }) => joules === undefined)
    .map(({ part }) => `${part.toUpperCase()} has no reading`);
  return [
    `${time} and ${used} ${formatEnergy(energyJoules)} of electricity ` +
    `(PUE ${pue}): ${[...parts, ...missing].join(", ")}.`,
    ...uncertaintySentence(reading),
    carbonSentence(reading),
    ...remarks,
  ].join(" ");
}

/** Nothing where the method of a part does not say how well it knows. */
function uncertaintySentence(reading: EnergyReading): string[] {
  const doubt = energyUncertainty(reading);
  return doubt ? [`Give or take about ${formatEnergy(doubt)}.`] : [];
}

function carbonSentence({ carbon, intensity }: EnergyReading): string {
  if (!carbon || !intensity) {
    return "No carbon intensity was given, so emissions are not stated.";
  }
  const { used, counts, low, high } = intensity;
  const sentence = `At ${describeIntensity(used)} this is ` +
    `${formatCarbon(carbon.grams)} of CO2 equivalent`;
  if (counts.length === 1) return `${sentence}.`;
  const isMixed = new Set(counts.map(({ kind }) => kind)).size > 1;
  const range = `${low.toPrecision(3)} to ${high.toPrecision(3)} g/kWh`;
  return `${sentence}; by ${counts.length} published counts (${range}` +
    `${isMixed ? ", not all counting the same" : ""}) ` +
    `it is ${formatCarbon(carbon.low)} to ${formatCarbon(carbon.high)}.`;
}

/** What a model card says beside the number. */
export interface ModelCardOptions {
  /** "pre-training", "fine-tuning". */
  trainingType: string;
  /** "1 x NVIDIA A100-SXM4-40GB". */
  hardware: string;
}

/**
 * The `co2_eq_emissions` block for the head of a model card, YAML, emissions
 * in grams as the Hub wants them.
 *
 * @throws {DataError} when emissions are not known; a card must not say 0
 */
export function modelCardEmissions(
  reading: EnergyReading,
  { trainingType, hardware }: ModelCardOptions,
): string {
  const { carbon, intensity } = reading;
  if (!carbon || !intensity) {
    throw new DataError(
      `Cannot write co2_eq_emissions of "${reading.project}": energy and ` +
        "carbon intensity must be known; state a country or gramsPerKwh",
    );
  }
  const source = `Caderno: ${energyLabels(reading)}; PUE ${reading.pue}; ` +
    describeIntensity(intensity.used);
  const fields = {
    emissions: Number(carbon.grams.toPrecision(6)),
    source,
    training_type: trainingType,
    geographical_location: intensity.used.place,
    hardware_used: hardware,
  };
  // A JSON string is a YAML string, whatever characters it holds.
  const lines = Object.entries(fields).map(([key, value]) =>
    `  ${key}: ${JSON.stringify(value)}`
  );
  return ["co2_eq_emissions:", ...lines].join("\n") + "\n";
}
