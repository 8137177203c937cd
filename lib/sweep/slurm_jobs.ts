/**
 * Slurm as far as a sweep needs it: an array of jobs, one element a run, a job
 * that fits when the array is over, and whether an array is still in the queue
 * (slurm.schedmd.com/job_array.html). Everything else is Slurm's.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { ConfigError, DeviceError, writeFileAtomic } from "../util/mod.ts";
import type { SweepFolder } from "./sweep_folder.ts";
import { WORKER_COMMAND } from "./worker_process.ts";

/** What the jobs ask for; every field has a default. */
export interface SlurmResources {
  /** Elements that run at one time; as many as the cluster gives. */
  readonly limit?: number;
  /**
   * More options of sbatch: ["--partition=gpu", "--gres=gpu:1"]. An element has
   * one core without `--cpus-per-task`.
   */
  readonly sbatch?: readonly string[];
  /** Facility energy over machine energy where the jobs run; 1. */
  readonly pue?: number;
}

/** One word of a shell. */
const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** A worker as a line of a shell; `what` stands as it is. */
function workerLine(folder: SweepFolder, what: string): string {
  const words = [...WORKER_COMMAND, resolve(folder.path)].map(quote);
  return `exec ${words.join(" ")} ${what}`;
}

/**
 * The script of an array: element i trains the run in line i of the list.
 *
 * @param list file with a name of a run on each line
 * @param count lines of it
 */
export function slurmArrayScript(
  folder: SweepFolder,
  { list, count }: { readonly list: string; readonly count: number },
  { limit, pue = 1 }: SlurmResources = {},
): string {
  const most = limit === undefined ? "" : `%${limit}`;
  return [
    "#!/bin/bash",
    "#SBATCH --job-name=caderno-sweep",
    `#SBATCH --array=1-${count}${most}`,
    "#SBATCH --cpus-per-task=1",
    "#SBATCH --open-mode=append",
    "export CADERNO_THREADS=${SLURM_CPUS_PER_TASK:-1}",
    `run=$(sed -n "\${SLURM_ARRAY_TASK_ID}p" ${quote(resolve(list))})`,
    workerLine(folder, `"$run" --meter ${pue}`),
    "",
  ].join("\n");
}

/** The script that gathers the rows and fits them. */
function slurmFitScript(folder: SweepFolder): string {
  return [
    "#!/bin/bash",
    "#SBATCH --job-name=caderno-fit",
    workerLine(folder, "--fit"),
    "",
  ].join("\n");
}

/** Calls a program of Slurm. */
async function call(program: string, args: readonly string[]) {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    return { isSuccess: success, out: text(stdout), error: text(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ConfigError(
      `Cannot use Slurm: there is no program ${program} on this machine; ` +
        "submit from a login node of a cluster, or use the local engine",
    );
  }
}

async function submit(script: string, args: readonly string[]) {
  const { isSuccess, out, error } = await call("sbatch", [
    "--parsable",
    ...args,
    script,
  ]);
  const job = out.split(";")[0]!; // "17", or "17;cluster"
  if (isSuccess && /^\d+$/.test(job)) return job;
  throw new DeviceError(`Cannot submit ${script}: ${error || out}`);
}

/**
 * Submits an array and the fit that waits for its end.
 *
 * @param ids names of the runs
 * @returns number of the array in Slurm
 * @throws {ConfigError} when there is no Slurm
 * @throws {DeviceError} with Slurm's own words when it refuses
 */
export async function submitSlurmArray(
  folder: SweepFolder,
  ids: readonly string[],
  resources: SlurmResources = {},
): Promise<string> {
  const list = join(folder.slurm, "runs.txt");
  const array = join(folder.slurm, "array.sh");
  const fit = join(folder.slurm, "fit.sh");
  const log = (name: string) => `--output=${resolve(folder.slurm, name)}`;
  const script = slurmArrayScript(
    folder,
    { list, count: ids.length },
    resources,
  );
  await writeFileAtomic(list, ids.map((id) => `${id}\n`).join(""));
  await writeFileAtomic(array, script);
  await writeFileAtomic(fit, slurmFitScript(folder));
  const { sbatch = [] } = resources;
  const job = await submit(array, [log("%A_%a.log"), ...sbatch]);
  await submit(fit, [log("%j_fit.log"), `--dependency=afterany:${job}`]);
  return job;
}

/** Whether any element of an array waits or runs. */
export async function isInSlurmQueue(job: string): Promise<boolean> {
  const { isSuccess, out, error } = await call("squeue", [
    ...["--noheader", "--format=%i", "--jobs", job],
  ]);
  if (isSuccess) return out !== "";
  // Slurm forgets a job some minutes after its end.
  if (/invalid job id/i.test(error)) return false;
  throw new DeviceError(`Cannot ask Slurm for job ${job}: ${error}`);
}
