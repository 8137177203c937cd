/**
 * `caderno sweep show`: the rows of a sweep so far, and the law through them.
 *
 * @module
 */
import {
  DataError,
  exists,
  fitSweep,
  formatCount,
  formatDuration,
  formatTable,
  gatherSweepRows,
  messageOf,
  planSweep,
  readSweep,
  SweepFolder,
  type SweepRow,
  type SweepRun,
  unfinishedRuns,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { short } from "./scaling_runs.ts";
import { note, print } from "./terminal.ts";

/** Runs before they start, a row each. */
export function planTable(runs: readonly SweepRun[]): string {
  return formatTable([
    ["depth", "width", "N", "D", "D/N", "rate", "seed"],
    ...runs.map(({ depth, width, parameters, tokens, learningRate, seed }) => [
      depth,
      width,
      formatCount(parameters),
      formatCount(tokens),
      (tokens / parameters).toFixed(1),
      learningRate,
      seed,
    ]),
  ]);
}

/** Rows as a table; joules where all are metered. */
export function sweepTable(rows: readonly SweepRow[]): string {
  const isMetered = rows.some(({ joules }) => joules !== undefined);
  return formatTable([
    ["run", "N", "D", "D/N", "loss", "time", ...(isMetered ? ["joules"] : [])],
    ...rows.map((row) => [
      row.id,
      formatCount(row.parameters),
      formatCount(row.tokens),
      (row.tokens / row.parameters).toFixed(1),
      row.loss.toFixed(4),
      formatDuration(row.seconds),
      ...(isMetered ? [row.joules?.toFixed(0) ?? "-"] : []),
    ]),
  ]);
}

/** Prints the law of a folder, or why there is none. */
export async function showSweepFit(path: string): Promise<void> {
  try {
    const { intervals, numRuns, warnings } = await fitSweep(path);
    print(`\nL = E + A / N^alpha + B / D^beta through ${numRuns} runs`);
    print(formatTable([
      ["", "estimate", "standard error", "95 % from", "to"],
      ...intervals.map(({ name, estimate, standardError, low, high }) => [
        name,
        ...[estimate, standardError, low, high].map(short),
      ]),
    ]));
    for (const text of warnings) note(`warning: ${text}`);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    print(`\nno law yet: ${messageOf(error)}`);
  }
}

async function runShow(line: CommandLine): Promise<void> {
  const folder = new SweepFolder(line.operands[0]!);
  const plan = planSweep(await readSweep(folder.path));
  const rows = await gatherSweepRows(folder.path);
  const left = await unfinishedRuns(folder, plan);
  if (rows.length > 0) print(sweepTable(rows));
  print(`${plan.length - left.length} of ${plan.length} runs are finished`);
  for (const { id } of left) {
    if (await exists(folder.failure(id))) note(`failed: ${id}`);
  }
  await showSweepFit(folder.path);
}

/** The command "sweep show". */
export const sweepShowCommand: Command = {
  name: "sweep show",
  summary: "Show the runs of a sweep and the law through them",
  operands: ["FOLDER"],
  options: {},
  example: "sweep show runs/sweep",
  run: runShow,
};
