/**
 * Carbon intensity that changes with the time: hourly values of a grid from a
 * CSV file, as operators and Electricity Maps publish them. A run's carbon is
 * then the integral of power times intensity and not energy times a mean, and
 * one can ask when a run had better start.
 *
 * @module
 */
import {
  type CsvRow,
  DataError,
  FormatError,
  numberCell,
  parseCsv,
  parseRows,
  readText,
} from "../util/mod.ts";
import {
  estimateOf,
  type IntensityEstimate,
  statedIntensity,
} from "./intensity.ts";
import type { GramsPerKwh, Seconds } from "./units.ts";

/** Intensity over time: each value holds until the next one. */
export interface IntensitySeries {
  /** What it is of: "Brazil, Central, 2024". */
  readonly name: string;
  /** Begin of each value in seconds since 1970, rising. */
  readonly starts: readonly Seconds[];
  readonly gramsPerKwh: readonly GramsPerKwh[];
  /** End of the last value: as long as the one before it. */
  readonly end: Seconds;
}

/**
 * Reads a series from CSV text with the columns `time` (ISO 8601 with a time
 * zone: "2024-01-03T13:00:00Z") and `gco2eq_per_kwh`.
 *
 * @throws {FormatError} when a column is missing, a time has no zone or does
 * not rise, a value is negative, or there are fewer than two rows
 */
export function parseIntensitySeries(
  text: string,
  name: string,
): IntensitySeries {
  const { columns, rows } = parseCsv(text, name);
  const missing = ["time", "gco2eq_per_kwh"].filter((column) =>
    !columns.includes(column)
  );
  if (missing.length > 0) {
    throw new FormatError(
      `Cannot read ${name}: it has no column ${missing.join(", ")}`,
    );
  }
  const values = parseRows(rows, name, parseRow);
  for (const [i, { start }] of values.entries()) {
    if (i === 0 || start > values[i - 1]!.start) continue;
    throw new FormatError(
      `Cannot read row ${i + 1} of ${name}: its time does not come after ` +
        "that of the row before",
    );
  }
  if (values.length < 2) {
    throw new FormatError(
      `Cannot read ${name}: it has ${values.length} rows, wanted two or more`,
    );
  }
  const [before, last] = values.slice(-2).map(({ start }) => start);
  return {
    name,
    starts: values.map(({ start }) => start),
    gramsPerKwh: values.map(({ grams }) => grams),
    end: last! + (last! - before!),
  };
}

function parseRow(row: CsvRow): { start: Seconds; grams: GramsPerKwh } {
  const time = row.time!.trim();
  const start = Date.parse(time) / 1000;
  if (Number.isNaN(start) || !/(Z|[+-]\d\d:?\d\d)$/.test(time)) {
    throw new FormatError(
      `"${time}" is no time with a zone such as "2024-01-03T13:00:00Z"`,
    );
  }
  const grams = numberCell(row, "gco2eq_per_kwh");
  if (grams >= 0 && grams < Infinity) return { start, grams };
  throw new FormatError(`${grams} g/kWh, wanted at least 0`);
}

/** Reads a series from a file; see {@linkcode parseIntensitySeries}. */
export async function loadIntensitySeries(
  path: string,
): Promise<IntensitySeries> {
  return parseIntensitySeries(await readText(path, "a series"), path);
}

/** Mean intensity over a time, and how much of that time the series covers. */
export interface SeriesMean {
  readonly gramsPerKwh: GramsPerKwh;
  /** Share of the time, 0 to 1; outside, the nearest value holds. */
  readonly coverage: number;
}

/**
 * Mean over the time from `from` to `to`, seconds since 1970; at one moment the
 * value of that moment.
 */
export function meanIntensity(
  series: IntensitySeries,
  from: Seconds,
  to: Seconds,
): SeriesMean {
  const { starts, gramsPerKwh, end } = series;
  const isInside = from >= starts[0]! && from < end;
  if (!(to > from)) {
    const at = Math.max(0, starts.findLastIndex((start) => start <= from));
    return { gramsPerKwh: gramsPerKwh[at]!, coverage: isInside ? 1 : 0 };
  }
  let sum = 0;
  for (const [i, grams] of gramsPerKwh.entries()) {
    // The first value holds before, the last one after the series.
    const begin = i === 0 ? -Infinity : starts[i]!;
    const finish = starts[i + 1] ?? Infinity;
    sum += grams * Math.max(0, Math.min(to, finish) - Math.max(from, begin));
  }
  const covered = Math.min(to, end) - Math.max(from, starts[0]!);
  return {
    gramsPerKwh: sum / (to - from),
    coverage: Math.max(0, covered) / (to - from),
  };
}

/** A time to start, and the mean intensity from then on. */
export interface StartTime {
  readonly start: Date;
  readonly gramsPerKwh: GramsPerKwh;
}

/**
 * The best start for a run of some length, among the times at which a value
 * begins and the run ends within the series.
 *
 * @throws {DataError} when the run is longer than the series
 */
export function cleanestStart(
  series: IntensitySeries,
  seconds: Seconds,
): StartTime {
  const possible = series.starts.filter((start) =>
    start + seconds <= series.end
  ).map((start) => ({
    start: new Date(start * 1000),
    gramsPerKwh: meanIntensity(series, start, start + seconds).gramsPerKwh,
  }));
  if (possible.length === 0 || !(seconds > 0)) {
    throw new DataError(
      `Cannot place a run of ${seconds} s in ${series.name}, which covers ` +
        `${series.end - series.starts[0]!} s`,
    );
  }
  return possible.reduce((a, b) => b.gramsPerKwh < a.gramsPerKwh ? b : a);
}

/**
 * An estimate that carries the mean of a series over some time. The series is
 * one count, so there is no range.
 */
export function seriesIntensity(
  series: IntensitySeries,
  { gramsPerKwh, year }: { gramsPerKwh: GramsPerKwh; year: number },
): IntensityEstimate {
  const { used } = statedIntensity(gramsPerKwh, series.name);
  const source = "time series, weighted by energy";
  return estimateOf([{ ...used, year, source }]);
}
