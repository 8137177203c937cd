/**
 * CodeCarbon's `emissions.csv`, the 31 columns of version 2.3.2 in order, so
 * that our runs lie in one table with those of other tools.
 *
 * An empty cell is "no reading"; CodeCarbon writes 0 there. `emissions_rate`
 * of version 2 is not emissions / duration and its power columns are the last
 * sample; ours are the mean. Energy includes PUE. Later versions' files, which
 * have more columns, can be read and are not appended to.
 *
 * @module
 */
import {
  type CsvTable,
  exists,
  formatCsv,
  FormatError,
  messageOf,
  numberCell,
  readCsv,
  writeFileAtomic,
} from "../util/mod.ts";
import { type EnergyReading, totalsByPart } from "./energy_reading.ts";
import { countNames } from "./gpu_specs.ts";
import type { MeterScope } from "./find_meters.ts";
import type { HostFacts } from "./host_facts.ts";
import { kwhFromJoules, meanRate, type PowerPart } from "./units.ts";

/** What each column holds, in the order of version 2.3.2. */
const COLUMNS = {
  timestamp: "text",
  project_name: "text",
  run_id: "text",
  duration: "number",
  emissions: "number",
  emissions_rate: "number",
  cpu_power: "number",
  gpu_power: "number",
  ram_power: "number",
  cpu_energy: "number",
  gpu_energy: "number",
  ram_energy: "number",
  energy_consumed: "number",
  country_name: "text",
  country_iso_code: "text",
  region: "text",
  cloud_provider: "text",
  cloud_region: "text",
  os: "text",
  python_version: "text",
  codecarbon_version: "text",
  cpu_count: "number",
  cpu_model: "text",
  gpu_count: "number",
  gpu_model: "text",
  longitude: "number",
  latitude: "number",
  ram_total_size: "number",
  tracking_mode: "text",
  on_cloud: "text",
  pue: "number",
} as const;

type Column = keyof typeof COLUMNS;

/** The 31 columns in the order of version 2.3.2. */
export const CODECARBON_COLUMNS = Object.keys(COLUMNS) as readonly Column[];

/**
 * One row. Units: duration s, emissions kg, emissions_rate kg/s, power W,
 * energy kWh, ram_total_size GiB, timestamp local "YYYY-MM-DDThh:mm:ss". A
 * number is undefined where the cell is empty.
 */
export type CodecarbonRow = {
  [K in Column]: (typeof COLUMNS)[K] extends "text" ? string
    : number | undefined;
};

/**
 * Reads the rows of a file by CodeCarbon 2.3.2 or later, or by this library.
 *
 * @throws {DataError} when there is no such file
 * @throws {FormatError} when a column is missing, a row was cut short or a
 * number is none
 */
export async function readCodecarbonCsv(
  path: string,
): Promise<CodecarbonRow[]> {
  return (await readRows(path)).rows.map((row, i) => parseRow(path, row, i));
}

async function readRows(path: string): Promise<CsvTable> {
  const table = await readCsv(path);
  const missing = CODECARBON_COLUMNS.filter((name) =>
    !table.columns.includes(name)
  );
  if (missing.length === 0) return table;
  throw new FormatError(
    `Cannot read ${path} as emissions.csv: ` +
      `it has no column ${missing.join(", ")}`,
  );
}

function parseRow(
  path: string,
  row: Readonly<Record<string, string>>,
  index: number,
): CodecarbonRow {
  try {
    const cells = CODECARBON_COLUMNS.map((column) => {
      if (COLUMNS[column] === "text") return [column, row[column]];
      const isEmpty = row[column] === "";
      return [column, isEmpty ? undefined : numberCell(row, column)];
    });
    return Object.fromEntries(cells) as CodecarbonRow;
  } catch (error) {
    throw new FormatError(
      `Cannot read row ${index + 1} of ${path}: ${messageOf(error)}`,
    );
  }
}

/**
 * Appends a row to a file, which is made when it is missing; a row of the same
 * `run_id` is replaced, since rows hold sums from the start of the run. The
 * file is written whole or not at all.
 *
 * @throws {FormatError} when the file has other columns or is damaged; it is
 * left as it is
 */
export async function saveCodecarbonRow(
  path: string,
  row: CodecarbonRow,
): Promise<void> {
  const rows: object[] = [];
  if (await exists(path)) {
    const table = await readRows(path);
    if (table.columns.join() !== CODECARBON_COLUMNS.join()) {
      throw new FormatError(
        `Cannot append to ${path}: it has ${table.columns.length} columns, ` +
          `not the ${CODECARBON_COLUMNS.length} of CodeCarbon 2.3.2 in order`,
      );
    }
    for (const [i, old] of table.rows.entries()) {
      parseRow(path, old, i); // refuses a damaged one
      if (old.run_id !== row.run_id) rows.push(old); // its text stays as it is
    }
  }
  const cells = CODECARBON_COLUMNS.map((column) => [column, row[column]]);
  rows.push(Object.fromEntries(cells));
  await writeFileAtomic(path, formatCsv(rows));
}

/** What a row says beside the reading; a tracker has these fields. */
export interface RowOrigin {
  readonly runId: string;
  readonly host: HostFacts;
  readonly scope: MeterScope;
  readonly gpuNames: readonly string[];
  /** End of the measured time; now by default. */
  readonly date?: Date;
}

/** A reading as a row. */
export function toCodecarbonRow(
  reading: EnergyReading,
  { runId, host, scope, gpuNames, date = new Date() }: RowOrigin,
): CodecarbonRow {
  const totals = totalsByPart(reading);
  const energy = (part: PowerPart) =>
    totals[part] && kwhFromJoules(totals[part].joules * reading.pue);
  const kilograms = reading.carbon && reading.carbon.grams / 1000;
  const place = reading.intensity?.used;
  return {
    timestamp: localTimestamp(date),
    project_name: reading.project,
    run_id: runId,
    duration: reading.seconds,
    emissions: kilograms,
    emissions_rate: kilograms && meanRate(kilograms, reading.seconds),
    cpu_power: totals.cpu?.watts,
    gpu_power: totals.gpu?.watts,
    ram_power: totals.ram?.watts,
    cpu_energy: energy("cpu"),
    gpu_energy: energy("gpu"),
    ram_energy: energy("ram"),
    energy_consumed: reading.energyJoules === undefined
      ? undefined
      : kwhFromJoules(reading.energyJoules),
    country_name: place?.country ?? "",
    country_iso_code: place?.iso3 ?? "",
    region: place?.region ?? "",
    cloud_provider: "",
    cloud_region: "",
    os: `${host.os}-${host.arch}`,
    python_version: "",
    codecarbon_version: "caderno",
    cpu_count: host.threads,
    cpu_model: host.cpuModel ?? "",
    gpu_count: gpuNames.length || undefined,
    gpu_model: countNames(gpuNames),
    longitude: undefined,
    latitude: undefined,
    ram_total_size: host.memoryGibibytes,
    tracking_mode: scope,
    on_cloud: "N",
    pue: reading.pue,
  };
}

/** Local calendar time as CodeCarbon writes it. */
function localTimestamp(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
