/**
 * A share of the fits of a bootstrap, in whatever thread it is called.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import type { LawConstants } from "./law.ts";
import type { Observation } from "./observations.ts";
import { fitLaw, type FitOptions } from "./parametric.ts";
import type { Resample } from "./resample.ts";

/** A share of the resamples. */
export interface BootstrapJob {
  readonly observations: readonly Observation[];
  readonly fitOptions: FitOptions;
  readonly resamples: readonly Resample[];
}

/** Their fits. */
export interface BootstrapReply {
  readonly laws: readonly LawConstants[];
  /** Why the other resamples could not be fitted. */
  readonly failures: readonly string[];
}

/** Fits each resample; one that determines no law is a failure, no error. */
export function fitResamples(job: BootstrapJob): BootstrapReply {
  const { observations, fitOptions, resamples } = job;
  const laws: LawConstants[] = [];
  const failures: string[] = [];
  for (const rows of resamples) {
    try {
      const runs = Array.from(rows, (row) => observations[row]!);
      const { E, A, B, alpha, beta } = fitLaw(runs, fitOptions).law;
      laws.push({ E, A, B, alpha, beta });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      failures.push(error.message);
    }
  }
  return { laws, failures };
}
