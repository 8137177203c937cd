/**
 * `caderno log`: how a run stands, and its log for other programs: a table as
 * CSV, or an event file for TensorBoard.
 *
 * @module
 */
import { join } from "node:path";
import {
  formatBytes,
  formatCount,
  formatCsv,
  formatDuration,
  formatSi,
  formatTable,
  readLog,
  recordScalars,
  type StepRecord,
  tensorboardEvents,
  type TrainRecord,
  writeFileAtomic,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { readRunRecord, RunFolder } from "./run_folder.ts";
import { print } from "./terminal.ts";

/** A row a record with numbers, a column a number; empty where it has none. */
function recordsCsv(records: readonly TrainRecord[]): string {
  const rows = records.flatMap((record) => {
    const scalars = recordScalars(record);
    if (!("seconds" in record) || Object.keys(scalars).length === 0) return [];
    const { step, seconds } = record;
    const { flopsPerSecond, peakBytes } = record as Partial<StepRecord>;
    return [{
      step,
      seconds,
      ...scalars,
      ...(flopsPerSecond === undefined
        ? {}
        : { "train/flops_per_second": flopsPerSecond }),
      ...(peakBytes === undefined ? {} : { "memory/peak_bytes": peakBytes }),
    }];
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

async function runLog(line: CommandLine): Promise<void> {
  const run = new RunFolder(line.operands[0]!);
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
  summary: "Show how a run stands, or write its log for other programs",
  operands: ["RUN_FOLDER"],
  options: {
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
  example: "log runs/stories --tensorboard boards/stories",
  run: runLog,
};
