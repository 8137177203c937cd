/**
 * Whether a run in a folder goes on, from what lies there.
 *
 * @module
 */
import { join } from "node:path";
import { exists } from "../util/mod.ts";
import { isRunHeld } from "./run_lock.ts";
import type { RunStatus } from "./run_status.ts";

/** How a run stands. */
export type RunState = "running" | "done" | "stopped" | "diverged";

/** Seconds without news after which a run with steps may have stopped. */
const PATIENCE_SECONDS = 60;
/** The same before its first step, which compiles and predicts. */
const FIRST_STEP_SECONDS = 600;

/** Time without news that is normal for a run. */
function patience({ step, longestGap }: RunStatus): number {
  if (!step) return FIRST_STEP_SECONDS;
  return PATIENCE_SECONDS + 3 * longestGap;
}

/** Step at which a run gave up, or undefined. */
async function divergedStep(folder: string): Promise<number | undefined> {
  const path = join(folder, "diverged.json");
  if (!await exists(path)) return undefined;
  // The file holds whole batches; its number of the step comes first.
  const text = await Deno.readTextFile(path);
  return Number(/"step":(\d+)/.exec(text)?.[1]);
}

/**
 * How a run stands: done when its last checkpoint is there, diverged when it
 * gave up after its last step, running while a process holds its folder, and
 * where that cannot be told until there has been no news for a minute and
 * three times the longest time between two steps.
 *
 * @param status of its log so far
 * @param quietSeconds since something was added to the log
 */
export async function runStateOf(
  folder: string,
  status: RunStatus,
  quietSeconds: number,
): Promise<RunState> {
  const last = status.step?.step ?? 0;
  const isSaved = (status.checkpoint?.step ?? 0) >= status.facts.steps;
  if (status.isComplete && isSaved) return "done";
  const isHeld = await isRunHeld(folder);
  if (isHeld) return "running";
  if ((await divergedStep(folder) ?? 0) > last) return "diverged";
  if (isHeld === false) return "stopped";
  return quietSeconds < patience(status) ? "running" : "stopped";
}
