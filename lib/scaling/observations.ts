/**
 * Observations: what a fit of a scaling law eats. One row is one training
 * run: parameters N, tokens D and the final loss. Here are their reader, the
 * 245 public points of the Chinchilla paper, and the checks that say which
 * rows make a fit impossible before it is tried.
 *
 * @module
 */
import {
  ConfigError,
  DataError,
  dataTable,
  numberCell,
  parseRows,
  readCsv,
} from "../util/mod.ts";
import { checkRuns } from "./checks.ts";
import { lawCoordinates } from "./coordinates.ts";
import type { Allocation } from "./law.ts";
import { dot } from "./lbfgs_history.ts";

/** One run: N and D are counts, the loss is nats per token. */
export interface Observation extends Allocation {
  readonly loss: number;
}

/** Names of the three columns of a table of runs. */
export interface ObservationColumns {
  readonly parameters?: string;
  readonly tokens?: string;
  readonly loss?: string;
}

/** ln D may stray this far from a line in ln N and still be "on" it. */
const LINE_WIDTH = 0.02;

/**
 * Reads runs from a CSV file, one a row, in the order of the file.
 *
 * @param columns names of the columns, by default `parameters`, `tokens` and
 * `loss`
 * @throws {FormatError} when a column is missing or a cell is not a number
 */
export async function readObservations(
  path: string | URL,
  columns: ObservationColumns = {},
): Promise<Observation[]> {
  const { parameters = "parameters", tokens = "tokens", loss = "loss" } =
    columns;
  const { rows } = await readCsv(path);
  return parseRows(rows, String(path), (row) => ({
    parameters: numberCell(row, parameters),
    tokens: numberCell(row, tokens),
    loss: numberCell(row, loss),
  }));
}

/**
 * The 245 runs of Figure 4 of Hoffmann et al. 2022 as extracted by
 * Besiroglu et al. 2024 (arXiv 2404.10102), in their order.
 */
export function chinchillaObservations(): Promise<Observation[]> {
  const file = dataTable("scaling/chinchilla_extracted");
  return readObservations(file, { parameters: "params" });
}

/**
 * The runs whose loss is below the `count`-th highest: the rule by which
 * Besiroglu et al. leave out five outliers of 245. Order is kept; runs that
 * tie with the limit go too.
 *
 * @throws {ConfigError} when `count` is not a whole number below the number
 * of runs
 */
export function dropHighestLosses<T extends Observation>(
  observations: readonly T[],
  count = 5,
): T[] {
  if (!Number.isInteger(count) || count < 0 || count >= observations.length) {
    throw new ConfigError(
      `Cannot drop the ${count} highest losses of ${observations.length}: ` +
        `wanted a whole number in 0..${observations.length - 1}`,
    );
  }
  if (count === 0) return [...observations];
  const losses = observations.map((o) => o.loss).sort((a, b) => b - a);
  const limit = losses[count - 1]!;
  return observations.filter((o) => o.loss < limit);
}

/**
 * Whether every ln D lies on one rising line in ln N. Then A / N^alpha and
 * B / D^beta rise and fall together and no fit can tell them apart. A falling
 * line, one budget, is no such case: there the two pull against each other.
 */
function lieOnOneFrontier(observations: readonly Observation[]): boolean {
  const { xs, ys } = lawCoordinates(observations);
  const slope = dot(xs, ys) / dot(xs, xs);
  return slope > 0 &&
    xs.every((x, i) => Math.abs(ys[i]! - slope * x) <= LINE_WIDTH);
}

/**
 * Checks that a law can be fitted to these runs.
 *
 * @param options.numConstants of the law, and so the fewest runs that can
 * determine it (default 5)
 * @throws {DataError} naming the rows that are not finite numbers above 0,
 * or when there are fewer runs than constants, all sizes or all token counts
 * are equal, or all runs lie on one frontier
 */
export function checkObservations(
  observations: readonly Observation[],
  { numConstants = 5 }: { readonly numConstants?: number } = {},
): void {
  checkRuns("fit a law", observations);
  const count = observations.length;
  if (count < numConstants) {
    throw new DataError(
      `Cannot fit a law to ${count} runs: it has ${numConstants} constants ` +
        `and needs at least as many runs`,
    );
  }
  for (const key of ["parameters", "tokens"] as const) {
    const first = observations[0]![key];
    if (observations.some((o) => o[key] !== first)) continue;
    throw new DataError(
      `Cannot fit a law: ${key} is ${first} in all of rows 1 to ${count}, ` +
        `wanted at least two different values`,
    );
  }
  if (lieOnOneFrontier(observations)) {
    throw new DataError(
      `Cannot fit a law: rows 1 to ${count} all lie on one line of tokens ` +
        `against parameters, wanted runs with more or fewer tokens at a size`,
    );
  }
}
