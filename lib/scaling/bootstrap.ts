/**
 * The bootstrap of a fitted law: the same fit to many resamples of the runs,
 * spread over threads. The scatter of the fits is what the runs leave open
 * (Besiroglu et al. 2024, arXiv 2404.10102, section 4, with 4000 resamples).
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { ConfigError, DataError } from "../util/mod.ts";
import {
  type BootstrapJob,
  type BootstrapReply,
  fitResamples,
} from "./bootstrap_job.ts";
import { checkCount } from "./checks.ts";
import type { LawConstants } from "./law.ts";
import type { Observation } from "./observations.ts";
import { fitLaw, type FitOptions, type LawFit } from "./parametric.ts";
import {
  type Resample,
  type ResampleOptions,
  resampleRows,
} from "./resample.ts";

/** Knobs of {@linkcode bootstrapLaw}; every field has a default. */
export interface BootstrapOptions extends FitOptions, ResampleOptions {
  /**
   * The resamples themselves, from {@linkcode resampleRows} (the default),
   * {@linkcode resampleClusters} or elsewhere.
   */
  readonly resamples?: readonly Resample[];
  /**
   * Starts of every resample (default: the law fitted to all runs). `starts`
   * are those of the fit to all runs, as is the default of `precision`: that
   * of a resample is 1e-11.
   */
  readonly resampleStarts?: readonly LawConstants[];
  /** Threads (default: one for each processor). 1 stays in this thread. */
  readonly threads?: number;
}

/** Fits of all resamples. */
export interface LawBootstrap {
  /** The fit to all runs, once each. */
  readonly fit: LawFit;
  /** One law for each resample that could be fitted, in their order. */
  readonly laws: readonly LawConstants[];
  /** Resamples that no law fits, by the reason. */
  readonly failures: readonly string[];
}

/** Fits of a few milliseconds: fewer are over before a thread has started. */
const MIN_PER_THREAD = 50;
/** Of a resample: its constants to five digits, far below their scatter. */
const PRECISION = 1e-11;

function checkResamples(resamples: readonly Resample[], numRows: number): void {
  for (const [i, rows] of resamples.entries()) {
    const wrong = rows.find((row) => row < 0 || row >= numRows);
    if (wrong === undefined) continue;
    throw new ConfigError(
      `Cannot fit resample ${i + 1}: it names row ${wrong}, ` +
        `wanted indices in 0..${numRows - 1}`,
    );
  }
}

/** Runs one job in a thread of its own. */
function inThread(job: BootstrapJob): Promise<BootstrapReply> {
  const worker = new Worker(new URL("./bootstrap_worker.ts", import.meta.url), {
    workerData: job,
  });
  return new Promise<BootstrapReply>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once(
      "exit",
      (code) =>
        reject(
          new Error(`Internal: a bootstrap thread ended with code ${code}`),
        ),
    );
  }).finally(() => worker.terminate());
}

/**
 * Fits every resample of the runs. The result is the same for any number of
 * threads.
 *
 * @throws {DataError} when the runs cannot determine a law (see
 * {@linkcode checkObservations}), or none of the resamples can
 * @throws {ConfigError} when an option is out of range
 */
export async function bootstrapLaw(
  observations: readonly Observation[],
  options: BootstrapOptions = {},
): Promise<LawBootstrap> {
  const fit = fitLaw(observations, options);
  const {
    resamples = resampleRows(observations.length, options),
    resampleStarts = [fit.law],
    threads = availableParallelism(),
  } = options;
  checkCount(`use ${threads} threads`, threads, 1);
  checkResamples(resamples, observations.length);
  const plain = observations.map(({ parameters, tokens, loss }) => (
    { parameters, tokens, loss }
  ));
  const fitOptions = {
    ...fit.misfit,
    isTied: fit.isTied,
    starts: resampleStarts,
    precision: options.precision ?? PRECISION,
  };
  const parts = Math.max(
    1,
    Math.min(threads, Math.floor(resamples.length / MIN_PER_THREAD)),
  );
  const size = Math.ceil(resamples.length / parts);
  const jobs = Array.from({ length: parts }, (_, i): BootstrapJob => ({
    observations: plain,
    fitOptions,
    resamples: resamples.slice(i * size, (i + 1) * size),
  }));
  const replies = parts === 1
    ? [fitResamples(jobs[0]!)]
    : await Promise.all(jobs.map(inThread));
  const laws = replies.flatMap((reply) => reply.laws);
  const failures = replies.flatMap((reply) => reply.failures);
  if (laws.length === 0) {
    throw new DataError(
      `Cannot fit any of ${resamples.length} resamples: ${
        failures[0] ?? "there are none"
      }`,
    );
  }
  return { fit, laws, failures };
}
