/**
 * The law of a sweep, with intervals and whatever makes it doubtful.
 *
 * @module
 */
import {
  bootstrapLaw,
  diagnoseFit,
  type LawConstants,
  observationWarnings,
  type QuantityInterval,
  summarizeBootstrap,
} from "../scaling/mod.ts";
import { writeJson } from "../util/mod.ts";
import { gatherSweepRows, SweepFolder } from "./sweep_folder.ts";

/** What a sweep says. */
export interface SweepFit {
  readonly law: LawConstants;
  /** 95 % intervals of the constants and of the exponent a. */
  readonly intervals: readonly QuantityInterval[];
  readonly numRuns: number;
  readonly warnings: readonly string[];
}

/** Resamples of the intervals. */
const RESAMPLES = 1000;

/**
 * Gathers the rows of a folder, fits them and writes `fit.json`.
 *
 * @throws {DataError} when the rows cannot determine a law
 */
export async function fitSweep(path: string): Promise<SweepFit> {
  const rows = await gatherSweepRows(path);
  const bootstrap = await bootstrapLaw(rows, { count: RESAMPLES });
  const { fit, failures } = bootstrap;
  const { E, A, B, alpha, beta } = fit.law;
  const result: SweepFit = {
    law: { E, A, B, alpha, beta },
    intervals: summarizeBootstrap(bootstrap).intervals,
    numRuns: rows.length,
    warnings: [
      ...observationWarnings(rows),
      ...diagnoseFit(fit, rows).warnings,
      ...(failures.length > 0
        ? [`${failures.length} resamples fit no law: ${failures[0]}`]
        : []),
    ],
  };
  await writeJson(new SweepFolder(path).fit, result);
  return result;
}
