/**
 * Which runs go into which fit of a bootstrap (Efron 1979): draws with
 * replacement, by row, or by cluster when runs of one cluster share what makes
 * them differ from the law (one training curve, one seed, one budget). Drawing
 * single rows of such a design gives intervals that are too narrow.
 *
 * @module
 */
import { ConfigError, Random } from "../util/mod.ts";
import { checkCount } from "./checks.ts";

/** Indices of the rows of one fit, with repetition. */
export type Resample = Int32Array;

/** How many resamples to draw, and by which seed. */
export interface ResampleOptions {
  /** Number of resamples (default 1000). */
  readonly count?: number;
  /** Seed of the draws, 0 to 2^32 - 1 (default 0). */
  readonly seed?: number;
}

/**
 * Resamples of `numRows` rows, each of that size. Resample i depends on the
 * seed and i only, so that a longer list begins with the shorter one.
 *
 * @throws {ConfigError} when a count is not a whole number of at least 1
 */
export function resampleRows(
  numRows: number,
  { count = 1000, seed = 0 }: ResampleOptions = {},
): Resample[] {
  checkCount(`draw ${count} resamples`, count, 1);
  const random = new Random(seed, "bootstrap");
  return Array.from({ length: count }, (_, i) => {
    const draw = random.fork(`rows ${i}`);
    return Int32Array.from({ length: numRows }, () => draw.int(numRows));
  });
}

/**
 * Resamples of whole clusters: as many clusters as there are, drawn with
 * replacement, each with all of its rows. Sizes of the resamples differ when
 * sizes of the clusters do.
 *
 * @param clusters one name for each row; rows of a name belong together
 * @throws {ConfigError} when there are fewer than two clusters or the count is
 * not a whole number of at least 1
 */
export function resampleClusters(
  clusters: readonly (string | number)[],
  { count = 1000, seed = 0 }: ResampleOptions = {},
): Resample[] {
  checkCount(`draw ${count} resamples`, count, 1);
  const members = [
    ...Map.groupBy(clusters.keys(), (i) => clusters[i]!).values(),
  ];
  if (members.length < 2) {
    throw new ConfigError(
      `Cannot draw from ${members.length} clusters: wanted at least 2`,
    );
  }
  const random = new Random(seed, "bootstrap");
  return Array.from({ length: count }, (_, i) => {
    const draw = random.fork(`clusters ${i}`);
    return Int32Array.from(members.flatMap(() => draw.pick(members)));
  });
}
