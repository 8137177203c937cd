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
  findPlace,
  formatCarbon,
  FormatError,
  formatTable,
  readJson,
  saveCodecarbonRow,
  toCodecarbonRow,
  type TrackerPlace,
  withIntensity,
  withPue,
  writeJson,
} from "../../lib/mod.ts";
import type { CommandLine, OptionSpec } from "./command.ts";
import type { RunFolder } from "./run_folder.ts";

/**
 * Writes what the tracker has counted so far. A foreign or damaged
 * `emissions.csv` stays as it is, and the row goes into a file beside it.
 */
export async function saveEmissions(
  run: RunFolder,
  tracker: EmissionsTracker,
): Promise<void> {
  const reading = tracker.reading();
  await writeJson(run.emissions, reading);
  const row = toCodecarbonRow(reading, tracker);
  try {
    await saveCodecarbonRow(run.emissionsCsv, row);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const beside = run.emissionsCsv.replace(/\.csv$/, `_${row.run_id}.csv`);
    await saveCodecarbonRow(beside, row);
  }
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
  const reading = await readJson<Partial<EnergyReading> | null>(
    path,
    "the energy of a run",
  );
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
  cloud: {
    kind: "text",
    value: "NAME",
    help: "or region of a cloud provider, with its PUE: gcp/europe-west3",
  },
  intensity: {
    kind: "number",
    value: "G_PER_KWH",
    help:
      "or with this carbon intensity in g CO2eq/kWh, whatever the tables say",
    range: [0, 5000],
  },
  pue: {
    kind: "number",
    help: "count with this facility energy over machine energy",
    range: [1, 10],
  },
};

/**
 * The place that these options name.
 *
 * @throws {ConfigError} when it is not in the tables, or two are named
 */
export function placeOf(line: CommandLine): Promise<TrackerPlace> {
  const country = line.text("country");
  const region = line.text("region");
  const cloud = line.text("cloud");
  const gramsPerKwh = line.number("intensity");
  const pue = line.number("pue");
  if (country === undefined && region !== undefined) {
    throw new ConfigError(
      `Cannot find the region "${region}": give its --country as well`,
    );
  }
  return findPlace({
    ...(country === undefined ? {} : { country }),
    ...(region === undefined ? {} : { region }),
    ...(cloud === undefined ? {} : { cloud }),
    ...(gramsPerKwh === undefined ? {} : { gramsPerKwh }),
    ...(pue === undefined ? {} : { pue }),
  });
}

/**
 * The reading under the assumptions of {@linkcode ELSEWHERE_OPTIONS}.
 *
 * @throws {ConfigError} when the place is not in the tables
 */
export async function movedElsewhere(
  reading: EnergyReading,
  line: CommandLine,
): Promise<EnergyReading> {
  const { intensity, pue } = await placeOf(line);
  const moved = intensity ? withIntensity(reading, intensity) : reading;
  const isGiven = line.has("pue") || line.has("cloud");
  return isGiven ? withPue(moved, pue) : moved;
}

/**
 * Energy by part as a table: kWh, mean watts; below it how each came about,
 * which would not fit into a column.
 */
export function energyTable(reading: EnergyReading): string {
  const number = (x: number | string) =>
    typeof x === "number" ? x.toPrecision(4) : x;
  const rows = emissionsRows(reading);
  const table = formatTable([
    ["part", "kWh", "watts", "label", "give or take"],
    ...rows.map((row) => [
      row.part,
      number(row.kWh),
      number(row.watts),
      row.label,
      row.uncertainty,
    ]),
  ]);
  return [table, ...rows.map(({ part, method }) => `${part}: ${method}`)]
    .join("\n");
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
