/**
 * Energy and carbon of a run in its folder: the reading as it is, for our own
 * reports, and a row of CodeCarbon's table, for those of others.
 *
 * @module
 */
import {
  ConfigError,
  emissionsRows,
  type EmissionsTracker,
  type EnergyReading,
  exists,
  formatCarbon,
  FormatError,
  formatTable,
  intensityAt,
  loadIntensities,
  messageOf,
  readText,
  saveCodecarbonRow,
  toCodecarbonRow,
  withIntensity,
  withPue,
  writeFileAtomic,
} from "../../lib/mod.ts";
import type { CommandLine, OptionSpec } from "./command.ts";
import type { RunFolder } from "./run_folder.ts";

/** Writes what the tracker has counted so far. */
export async function saveEmissions(
  run: RunFolder,
  tracker: EmissionsTracker,
): Promise<void> {
  const reading = tracker.reading();
  await writeFileAtomic(
    run.emissions,
    JSON.stringify(reading, null, 2) + "\n",
  );
  await saveCodecarbonRow(run.emissionsCsv, toCodecarbonRow(reading, tracker));
}

/**
 * Reads what a run has counted, or undefined when it kept no account.
 *
 * @throws {FormatError} when the file is damaged
 */
export async function readEmissions(
  run: RunFolder,
): Promise<EnergyReading | undefined> {
  const path = run.emissions;
  if (!await exists(path)) return undefined;
  let reading: Partial<EnergyReading> | null;
  try {
    reading = JSON.parse(await readText(path, "the energy of a run"));
  } catch (error) {
    throw new FormatError(`Cannot read ${path}: ${messageOf(error)}`);
  }
  if (Array.isArray(reading?.parts) && Array.isArray(reading.notes)) {
    return reading as EnergyReading;
  }
  throw new FormatError(`Cannot read ${path}: it is no reading of energy`);
}

/** Options that move a finished run to another place. */
export const ELSEWHERE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  country: {
    kind: "text",
    value: "CODE",
    help: "count as if it had run there: ISO 3166 code or name",
  },
  region: {
    kind: "text",
    value: "NAME",
    help: "region of that country, where the tables have it",
  },
  pue: {
    kind: "number",
    help: "count with this facility energy over machine energy",
    range: [1, 10],
  },
};

/**
 * The reading under the assumptions of {@linkcode ELSEWHERE_OPTIONS}.
 *
 * @throws {ConfigError} when the place is not in the tables
 */
export async function movedElsewhere(
  reading: EnergyReading,
  line: CommandLine,
): Promise<EnergyReading> {
  const country = line.text("country");
  const region = line.text("region");
  const pue = line.number("pue");
  if (country === undefined && region !== undefined) {
    throw new ConfigError(
      `Cannot find the region "${region}": give its --country as well`,
    );
  }
  const moved = country === undefined ? reading : withIntensity(
    reading,
    intensityAt(await loadIntensities(), country, { region }),
  );
  return pue === undefined ? moved : withPue(moved, pue);
}

/** Energy by part as a table: kWh, mean watts, how each came about. */
export function energyTable(reading: EnergyReading): string {
  const number = (x: number | string) =>
    typeof x === "number" ? x.toPrecision(4) : x;
  return formatTable([
    ["part", "kWh", "watts", "label", "method"],
    ...emissionsRows(reading).map(({ part, kWh, watts, label, method }) => [
      part,
      number(kWh),
      number(watts),
      label,
      method,
    ]),
  ]);
}

/** Carbon in one line, with its range, or why there is none. */
export function carbonLine({ carbon, intensity }: EnergyReading): string {
  if (!carbon || !intensity) {
    return "carbon: not stated, since no --country was given";
  }
  const { used, counts } = intensity;
  const range = counts.length === 1
    ? ""
    : `, ${formatCarbon(carbon.low)} to ${formatCarbon(carbon.high)} by ` +
      `${counts.length} published counts`;
  return `carbon: ${formatCarbon(carbon.grams)} CO2eq at ` +
    `${used.gramsPerKwh.toPrecision(3)} g/kWh (${used.place}; ` +
    `${used.source})${range}`;
}
