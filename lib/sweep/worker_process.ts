/**
 * A worker of a sweep as a process of its own: one that is killed, or runs out
 * of memory, takes nothing with it but the steps since its last checkpoint.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { SweepFolder } from "./sweep_folder.ts";

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The command line of a worker, without what it shall do. */
export const WORKER_COMMAND: readonly string[] = [
  Deno.execPath(),
  ...["run", "-A", "--no-check", "--config", fileOf("../../deno.json")],
  fileOf("./sweep_worker.ts"),
];

/** How a worker ended. */
export interface WorkerEnd {
  readonly isSuccess: boolean;
  /** "killed by SIGKILL", or the last line that it wrote. */
  readonly reason: string;
}

/** A worker that runs. */
export interface SweepWorker {
  readonly pid: number;
  readonly end: Promise<WorkerEnd>;
  readonly kill: () => void;
}

/**
 * Starts a worker.
 *
 * @param what name of a run, or what the worker's file tells
 * @param threads of the CPU device
 */
export function startWorker(
  folder: SweepFolder,
  what: readonly string[],
  threads: number,
): SweepWorker {
  const [program, ...args] = WORKER_COMMAND as [string, ...string[]];
  const child = new Deno.Command(program, {
    args: [...args, folder.path, ...what],
    env: { CADERNO_THREADS: String(threads), NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const end = child.output().then(({ success, signal, stderr }): WorkerEnd => {
    const lines = new TextDecoder().decode(stderr).trim().split("\n");
    const error = lines.findLast((line) => /\berror\b/i.test(line));
    return {
      isSuccess: success,
      reason: signal ? `killed by ${signal}` : error ?? lines.at(-1) ?? "",
    };
  });
  const kill = () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // it has ended by itself
    }
  };
  return { pid: child.pid, end, kill };
}
