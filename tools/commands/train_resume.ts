/**
 * A run that goes on: by the options that it began with, or longer than it was
 * to be, with its rate on the schedule of the longer run from there on.
 *
 * @module
 */
import { join, resolve } from "node:path";
import {
  ConfigError,
  exists,
  formatCount,
  readLog,
  type StepRecord,
} from "../../lib/mod.ts";
import { CommandLine } from "./command.ts";
import type { RunFolder, RunRecord } from "./run_folder.ts";
import { note } from "./terminal.ts";
import type { TrainPlan } from "./train_plan.ts";
import { typedCommand } from "./typed_command.ts";

/** Options of this call, not of the run: they are not kept with it. */
export const CALL_OPTIONS = [
  ...["out", "resume", "dry-run", "check-numbers", "spec"],
];
/** Options whose values are paths. */
export const PATH_OPTIONS = ["text", "tokenizer", "from"];
/** What a run that goes on may have longer. */
const LENGTH_OPTIONS = ["tokens", "epochs"];
/** The text may have moved: its tokens are compared in any case. */
const RESUME_OPTIONS = [...CALL_OPTIONS, "text", ...LENGTH_OPTIONS];

/** Whether a run that goes on is given another length. */
export function isNewLength(typed: CommandLine): boolean {
  return typed.has("resume") && LENGTH_OPTIONS.some((name) => typed.has(name));
}

/** Whether the words of a session chose how long its run is. */
export function choosesLength(words: readonly string[]): boolean {
  return LENGTH_OPTIONS.some((name) =>
    words.some((word) => word === `--${name}` || word.startsWith(`--${name}=`))
  );
}

/**
 * The options of the run that goes on, in place of those that were typed.
 *
 * @throws {ConfigError} for one that cannot change
 */
export function resumedLine(
  typed: CommandLine,
  record: RunRecord,
): CommandLine {
  const other = [...typed.given.keys()].find((name) =>
    !RESUME_OPTIONS.includes(name)
  );
  if (other !== undefined) {
    throw new ConfigError(
      `Cannot resume with --${other}: a run goes on with the settings that it ` +
        "began with; --tokens or --epochs make it longer",
    );
  }
  const options = new Map(Object.entries(record.options));
  if (isNewLength(typed)) {
    LENGTH_OPTIONS.forEach((name) => options.delete(name));
  }
  for (const name of ["text", ...LENGTH_OPTIONS]) {
    const value = typed.given.get(name);
    if (value !== undefined) options.set(name, value);
  }
  return new CommandLine(typed.command, options);
}

/** The options to keep with a run, paths of input made absolute. */
export function lastingOptions(line: CommandLine): Record<string, string> {
  const kept = [...line.given].filter(([name]) => !CALL_OPTIONS.includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      PATH_OPTIONS.includes(name) ? resolve(value) : value,
    ]),
  );
}

/** Whether the model was written after the last step: its card comes last. */
async function isModelMade(run: RunFolder): Promise<boolean> {
  const card = join(run.model, "README.md");
  if (!await exists(card)) return false;
  const [made, logged] = await Promise.all([
    Deno.stat(card),
    Deno.stat(run.log),
  ]);
  return made.mtime!.getTime() >= logged.mtime!.getTime();
}

/**
 * Whether a run that goes on has nothing left to do, which is said then.
 *
 * @throws {ConfigError} when a new length is not beyond what is done
 */
export async function isOver(
  run: RunFolder,
  { train }: TrainPlan,
  typed: CommandLine,
): Promise<boolean> {
  if (!typed.has("resume") || !await exists(run.log)) return false;
  const last = (await readLog(run.log)).findLast((
    record,
  ): record is StepRecord => record.kind === "step");
  if (last === undefined || last.step < train.steps) return false;
  const had = `${run.path} has had ${formatCount(last.tokens)} tokens`;
  if (isNewLength(typed)) {
    throw new ConfigError(
      `Cannot go on up to ${formatCount(train.steps * train.tokensPerStep)} ` +
        `tokens: ${had}; give more`,
    );
  }
  if (!await isModelMade(run)) return false;
  const longer = typedCommand(["train", "--out", run.path, "--resume"]);
  note(`${had}, all of its own; ${longer} --tokens N makes it longer`);
  return true;
}
