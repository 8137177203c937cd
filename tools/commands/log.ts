/**
 * `caderno log`: how a run stands, live while it goes on, the runs of a folder
 * side by side, and a log for other programs: a table as CSV, or an event file
 * for TensorBoard.
 *
 * @module
 */
import { join } from "node:path";
import {
  ConfigError,
  exists,
  formatBytes,
  formatCount,
  formatCsv,
  formatDuration,
  formatSi,
  formatTable,
  readLog,
  recordScalars,
  tensorboardEvents,
  type TrainRecord,
  writeFileAtomic,
} from "../../lib/mod.ts";
import {
  followRun,
  type ListedRun,
  listRuns,
  readRunFacts,
  type RunState,
} from "../../lib/notebook/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { recordView } from "./record_view.ts";
import { readRunRecord, RunFolder } from "./run_folder.ts";
import { print } from "./terminal.ts";

/** A row a record with numbers, a column a number; empty where it has none. */
function recordsCsv(records: readonly TrainRecord[]): string {
  const rows = records.flatMap((record) => {
    const scalars = recordScalars(record);
    if (!("seconds" in record) || Object.keys(scalars).length === 0) return [];
    const { step, seconds } = record;
    return [{ step, seconds, ...scalars }];
  });
  return formatCsv(rows);
}

/** Rate and memory of the last step; "" where the log does not tell. */
function rateLine(records: readonly TrainRecord[]): string {
  const last = records.findLast((record) => record.kind === "step");
  if (last?.flopsPerSecond === undefined || last.peakBytes === undefined) {
    return "";
  }
  return `\n${formatCount(last.tokensPerSecond)} tokens/s, ` +
    `${formatSi(last.flopsPerSecond, "FLOP/s")}, ` +
    `${formatBytes(last.peakBytes)} on the device at the peak`;
}

/** The evaluations, and the last step. */
function statusTable(records: readonly TrainRecord[]): string {
  const last = records.findLast((record) => record.kind === "step");
  const shown = records.filter((r) => r.kind === "evaluation" || r === last)
    .filter((r) => "loss" in r);
  return formatTable([
    ["step", "tokens", "time", "loss", "what"],
    ...shown.map((record) => [
      record.step,
      formatCount(record.tokens),
      formatDuration(record.seconds),
      record.loss.toFixed(4),
      record.kind === "step" ? "training" : "held out",
    ]),
  ]);
}

/** "2026-11-23 12:25", in local time. */
function localTime(date: Date | undefined): string {
  if (!date) return "-";
  const two = (n: number) => String(n).padStart(2, "0");
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return `${day.map(two).join("-")} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Runs side by side, the newest first. */
function runTable(runs: readonly ListedRun[]): string {
  const shown = (x: number | undefined) => x?.toFixed(4) ?? "-";
  return formatTable([
    ["run", "changed", "parameters", "tokens", "of", "loss", "held out", "is"],
    ...runs.map((run) => [
      run.name,
      localTime(run.changedAt),
      formatCount(run.parameters),
      formatCount(run.tokens),
      formatCount(run.totalTokens),
      shown(run.loss),
      shown(run.heldOutLoss),
      run.reason === undefined ? run.state : `${run.state}: ${run.reason}`,
    ]),
  ]);
}

/** Shows a run until it is over, and how it ended. */
async function follow(folder: string): Promise<RunState> {
  using view = recordView(await readRunFacts(folder), { isLasting: false });
  let last: RunState = "running";
  for await (const { records, state } of followRun(folder)) {
    for (const record of records) view.show(record);
    view.update(last = state);
  }
  return last;
}

async function runLog(line: CommandLine): Promise<void> {
  const run = new RunFolder(line.operands[0]!);
  if (line.has("follow")) {
    const other = [...line.given.keys()].find((name) => name !== "follow");
    if (other !== undefined) {
      throw new ConfigError(
        `Cannot follow a run with --${other}: write its log when it is over`,
      );
    }
    return print(`${run.path}: ${await follow(run.path)}`);
  }
  if (await exists(run.path) && !await exists(run.log)) {
    const runs = await listRuns(run.path);
    if (runs.length > 0) return print(runTable(runs));
  }
  const { startedAt } = await readRunRecord(run);
  const records = await readLog(run.log);
  const folder = line.text("tensorboard");
  const csv = line.text("csv");
  if (folder !== undefined) {
    const start = Date.parse(startedAt) / 1000;
    // Viewers look for this name.
    const name = `events.out.tfevents.${Math.floor(start)}.caderno`;
    const path = join(folder, name);
    await writeFileAtomic(path, tensorboardEvents(records, start));
    print(`${path}; to look at it: tensorboard --logdir ${folder}`);
  }
  if (csv !== undefined) {
    await writeFileAtomic(csv, recordsCsv(records));
    print(csv);
  }
  if (folder === undefined && csv === undefined) {
    print(statusTable(records) + rateLine(records));
  }
}

/** The command "log". */
export const logCommand: Command = {
  name: "log",
  summary: "Show a run or all runs of a folder, or write a log as a table",
  operands: ["RUN_FOLDER"],
  options: {
    follow: {
      kind: "switch",
      help: "shows a run live until it is over, wherever it was started",
    },
    tensorboard: {
      kind: "text",
      value: "FOLDER",
      help: "writes an event file for TensorBoard into it",
    },
    csv: {
      kind: "text",
      value: "FILE",
      help: "writes a table, a row a step or evaluation",
    },
  },
  example: "log runs/stories --follow",
  run: runLog,
};
