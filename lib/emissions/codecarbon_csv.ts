/**
 * CodeCarbon's `emissions.csv`, so that our runs lie in one table with those of
 * other tools: the 31 columns of version 2.3.2, or the 38 of 3.3.0. A file
 * that is there keeps its own columns.
 *
 * An empty cell is "no reading"; CodeCarbon writes 0 there. `emissions_rate`
 * of version 2 is not emissions / duration and its power columns are the last
 * sample; ours are the mean, as in version 3. Energy includes PUE. The energy
 * of a machine that is metered as a whole stands in `energy_consumed` only.
 *
 * @module
 */
import {
  type CsvRow,
  type CsvTable,
  exists,
  formatCsv,
  FormatError,
  optionalCell,
  parseRows,
  readCsv,
  writeFileAtomic,
} from "../util/mod.ts";
import { type EnergyReading, totalsByPart } from "./energy_reading.ts";
import { countNames } from "./gpu_specs.ts";
import type { MeterScope } from "./find_meters.ts";
import type { HostFacts } from "./host_facts.ts";
import { waterLitres } from "./estimate_training.ts";
import { kwhFromJoules, meanRate, type PowerPart } from "./units.ts";

/** What each column holds, in the order of version 3.3.0. */
const COLUMNS = {
  timestamp: "text",
  project_name: "text",
  run_id: "text",
  experiment_id: "text",
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
  water_consumed: "number",
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
  cpu_utilization_percent: "number",
  gpu_utilization_percent: "number",
  ram_utilization_percent: "number",
  ram_used_gb: "number",
  on_cloud: "text",
  pue: "number",
  wue: "number",
} as const;

/** Columns that version 2.3.2 lacks. */
const LATER_COLUMNS = [
  "experiment_id",
  "water_consumed",
  "cpu_utilization_percent",
  "gpu_utilization_percent",
  "ram_utilization_percent",
  "ram_used_gb",
  "wue",
] as const;

type Column = keyof typeof COLUMNS;
type LaterColumn = (typeof LATER_COLUMNS)[number];
type Cell<C extends Column> = (typeof COLUMNS)[C] extends "text" ? string
  : number | undefined;

/** The 38 columns in the order of version 3.3.0. */
export const CODECARBON_3_COLUMNS = Object.keys(COLUMNS) as readonly Column[];

/** The 31 columns in the order of version 2.3.2. */
export const CODECARBON_COLUMNS: readonly Column[] = CODECARBON_3_COLUMNS
  .filter((column) => !(LATER_COLUMNS as readonly string[]).includes(column));

/** Which columns a file has: of CodeCarbon 2.3.2 or of 3.3.0. */
export type CodecarbonVersion = "2.3.2" | "3.3.0";

const LAYOUTS: Readonly<Record<CodecarbonVersion, readonly Column[]>> = {
  "2.3.2": CODECARBON_COLUMNS,
  "3.3.0": CODECARBON_3_COLUMNS,
};

/**
 * One row. Units: duration s, emissions kg, emissions_rate kg/s, power W,
 * energy kWh, ram_total_size GiB, timestamp local "YYYY-MM-DDThh:mm:ss". A
 * number is undefined where the cell is empty.
 */
export type CodecarbonRow =
  & { [C in Exclude<Column, LaterColumn>]: Cell<C> }
  /** Of version 3 only: water_consumed l, wue l/kWh, ram_used_gb GiB. */
  & { [C in LaterColumn]?: Cell<C> };

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
  return parseRows((await readRows(path)).rows, path, parseRow);
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

function parseRow(row: CsvRow): CodecarbonRow {
  const names = CODECARBON_3_COLUMNS.filter((column) => column in row);
  const cells = names.map((column) => [
    column,
    COLUMNS[column] === "text" ? row[column] : optionalCell(row, column),
  ]);
  return Object.fromEntries(cells) as CodecarbonRow;
}

/** How a row is written. */
export interface SaveRowOptions {
  /** Columns of a new file, "2.3.2" by default; an old one keeps its own. */
  readonly version?: CodecarbonVersion;
  /**
   * "update" replaces the row of the same `run_id`, since rows hold sums from
   * the start of the run (default); "append" keeps it.
   */
  readonly mode?: "update" | "append";
}

/**
 * Adds a row to a file, which is made when it is missing. The file is written
 * whole or not at all; rows of others stay as they are.
 *
 * @throws {FormatError} when the file has other columns or is damaged; it is
 * left as it is
 */
export async function saveCodecarbonRow(
  path: string,
  row: CodecarbonRow,
  { version = "2.3.2", mode = "update" }: SaveRowOptions = {},
): Promise<void> {
  const rows: object[] = [];
  let columns = LAYOUTS[version];
  if (await exists(path)) {
    const table = await readRows(path);
    columns = layoutOf(path, table);
    parseRows(table.rows, path, parseRow); // refuses a damaged one
    for (const old of table.rows) {
      const isReplaced = mode === "update" && old.run_id === row.run_id;
      if (!isReplaced) rows.push(old); // its text stays as it is
    }
  }
  const cells = columns.map((column) => [column, row[column]]);
  rows.push(Object.fromEntries(cells));
  await writeFileAtomic(path, formatCsv(rows));
}

/** Columns of a file that we can append to. */
function layoutOf(path: string, { columns }: CsvTable): readonly Column[] {
  const found = Object.values(LAYOUTS).find((layout) =>
    layout.join() === columns.join()
  );
  if (found) return found;
  throw new FormatError(
    `Cannot append to ${path}: it has ${columns.length} columns, not the ` +
      `${CODECARBON_COLUMNS.length} of CodeCarbon 2.3.2 or the ` +
      `${CODECARBON_3_COLUMNS.length} of 3.3.0 in order`,
  );
}

/** What a row says beside the reading; a tracker has these fields. */
export interface RowOrigin {
  readonly runId: string;
  readonly host: HostFacts;
  readonly scope: MeterScope;
  readonly gpuNames: readonly string[];
  /** End of the measured time; now by default. */
  readonly date?: Date;
  /** WUE in litres per kWh, for the water columns of version 3. */
  readonly litresPerKwh?: number;
}

/** A reading as a row. */
export function toCodecarbonRow(
  reading: EnergyReading,
  { runId, host, scope, gpuNames, date = new Date(), litresPerKwh }: RowOrigin,
): CodecarbonRow {
  const totals = totalsByPart(reading);
  const energy = (part: PowerPart) =>
    totals[part] && kwhFromJoules(totals[part].joules * reading.pue);
  const kilograms = reading.carbon && reading.carbon.grams / 1000;
  const place = reading.intensity?.used;
  const water = litresPerKwh === undefined ? {} : {
    wue: litresPerKwh,
    water_consumed: reading.energyJoules === undefined
      ? undefined
      : waterLitres(reading.energyJoules, litresPerKwh),
  };
  return {
    ...water,
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
    cloud_provider: place?.cloud?.provider ?? "",
    cloud_region: place?.cloud?.region ?? "",
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
    on_cloud: place?.cloud ? "Y" : "N",
    pue: reading.pue,
  };
}

/** Local calendar time as CodeCarbon writes it. */
function localTimestamp(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
