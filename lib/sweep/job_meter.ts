/**
 * What a job of a cluster may meter. A job that has its node to itself reads
 * the node's counters; one that shares it with others counts its own process
 * by model, and the cards that are its own.
 *
 * @module
 */
import { type MeterOptions, readHostFacts } from "../emissions/mod.ts";

/** Variables that Slurm sets in a job. */
export type JobEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Settings of the tracker in a job.
 *
 * @param wattsPerRun what is stated in the sweep; it takes the place of meters
 * @param nodeThreads hardware threads of the node
 */
export function jobMeterOptions(
  job: JobEnvironment,
  wattsPerRun: number | undefined,
  nodeThreads: number,
): MeterOptions {
  if (wattsPerRun !== undefined) {
    return { scope: "process", wattsStated: { machine: wattsPerRun } };
  }
  // slurm.schedmd.com/sbatch.html: CPUs of the allocation on this node.
  const hasNode = Number(job.SLURM_CPUS_ON_NODE) >= nodeThreads;
  if (hasNode) return { scope: "machine" };
  const gpus = (job.SLURM_JOB_GPUS ?? "").match(/\d+/g) ?? [];
  return { scope: "process", gpus: gpus.map(Number) };
}

/** {@linkcode jobMeterOptions} of the job that this process is. */
export async function thisJobMeter(
  wattsPerRun: number | undefined,
): Promise<MeterOptions> {
  const { threads = Infinity } = await readHostFacts();
  return jobMeterOptions(Deno.env.toObject(), wattsPerRun, threads);
}
