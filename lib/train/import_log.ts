/**
 * Logs of other programs as records of ours, so that their curves are drawn
 * beside ours by the same plots: TensorBoard's event files, and CSV as we,
 * TensorBoard and Weights & Biases write it.
 *
 * @module
 */
import { join } from "node:path";
import {
  type CsvTable,
  DataError,
  exists,
  FormatError,
  readCsv,
} from "../util/mod.ts";
import { type LoggedScalar, readEventScalars } from "./event_file.ts";
import type { EvaluationRecord, StepRecord, TrainRecord } from "./records.ts";

/** Names under which programs log a number; the first is ours. */
const TAGS = {
  loss: ["train/loss", "loss", "training_loss", "loss/train", "train_loss"],
  learningRate: ["train/learning_rate", "learning_rate", "lr", "train/lr"],
  gradientNorm: ["train/gradient_norm", "train/grad_norm", "grad_norm"],
  tokensPerSecond: ["train/tokens_per_second", "tokens_per_second"],
  tokens: ["train/tokens", "tokens", "train/num_input_tokens_seen"],
  kwh: ["energy/kwh"],
  bitsPerByte: ["eval/bits_per_byte"],
  heldOut: ["eval/loss", "eval_loss", "val/loss", "loss/val", "val_loss"],
} as const;

/** Numbers of one step. */
interface Moment {
  readonly step: number;
  seconds: number;
  readonly values: Map<string, number>;
}

/** What the log does not say. */
export interface ImportOptions {
  /** Tokens of a step, where the log does not count them; 1 without it. */
  readonly tokensPerStep?: number;
}

/** A CSV of ours, of W&B (a column a number), or of TensorBoard (one number). */
function csvScalars(table: CsvTable, name: string): LoggedScalar[] {
  const find = (...names: readonly string[]) =>
    table.columns.find((column) => names.includes(column.toLowerCase()));
  const stepColumn = find("step", "_step", "global_step", "train/global_step");
  if (stepColumn === undefined) {
    throw new FormatError(
      `Cannot read ${name} as a log: no column step among ` +
        table.columns.join(", "),
    );
  }
  const timeColumn = find("seconds", "wall time", "_runtime", "_timestamp");
  const rest = table.columns.filter((column) =>
    column !== stepColumn && column !== timeColumn
  );
  const isOneNumber = rest.length === 1 && rest[0]!.toLowerCase() === "value";
  return table.rows.flatMap((row) =>
    // Columns of words are passed over, a loss of NaN is not.
    rest.filter((column) =>
      /^\s*([-+.\d]\S*|nan|-?inf\w*)\s*$/i.test(row[column]!)
    )
      .map((column) => ({
        tag: isOneNumber ? "loss" : column,
        step: Number(row[stepColumn]),
        wallSeconds: timeColumn === undefined ? 0 : Number(row[timeColumn]),
        value: Number(row[column]),
      }))
  );
}

/** Paths of event files: the one, or those in the folder, in order of time. */
async function eventFiles(path: string): Promise<string[]> {
  if (!await exists(path)) {
    throw new DataError(`Cannot import ${path}: it is not there`);
  }
  const { isDirectory } = await Deno.stat(path);
  if (!isDirectory) return [path];
  const names: string[] = [];
  for await (const { name } of Deno.readDir(path)) {
    if (name.includes("tfevents")) names.push(name);
  }
  if (names.length === 0) {
    throw new DataError(
      `Cannot import ${path}: no event file (*tfevents*) lies in that folder`,
    );
  }
  return names.sort().map((name) => join(path, name));
}

async function readScalars(path: string): Promise<LoggedScalar[]> {
  if (path.endsWith(".csv")) return csvScalars(await readCsv(path), path);
  const scalars: LoggedScalar[] = [];
  for (const file of await eventFiles(path)) {
    scalars.push(...readEventScalars(await Deno.readFile(file), file));
  }
  return scalars;
}

/**
 * Reads a log of another program.
 *
 * @param path event file, folder with event files, or `.csv` with a column
 * "step"
 * @returns steps and evaluations in order; what the log does not say of them
 * is NaN
 * @throws {FormatError} when the file is damaged or has no column "step"
 * @throws {DataError} when no number in it is a loss
 */
export async function importLog(
  path: string,
  { tokensPerStep = 1 }: ImportOptions = {},
): Promise<TrainRecord[]> {
  const scalars = await readScalars(path);
  const moments = new Map<number, Moment>();
  const start = scalars.reduce(
    (least, { wallSeconds }) => Math.min(least, wallSeconds),
    Infinity,
  );
  // Seconds of a run stay; times of day count from the first number.
  const origin = start > 1e9 ? start : 0;
  for (const { tag, step, wallSeconds, value } of scalars) {
    const seconds = wallSeconds - origin;
    const moment = moments.get(step) ?? { step, seconds, values: new Map() };
    moment.values.set(tag, value);
    moment.seconds = Math.max(moment.seconds, seconds);
    moments.set(step, moment);
  }
  const records = [...moments.values()].sort((a, b) => a.step - b.step)
    .flatMap((moment) => recordsOf(moment, tokensPerStep));
  if (records.length === 0) {
    const tags = [...new Set(scalars.map(({ tag }) => tag))];
    throw new DataError(
      `Cannot import ${path}: no loss among ${
        tags.join(", ") || "no numbers"
      }` +
        `; wanted one of ${[...TAGS.loss, ...TAGS.heldOut].join(", ")}`,
    );
  }
  return records;
}

function recordsOf(
  { step, seconds, values }: Moment,
  tokensPerStep: number,
): TrainRecord[] {
  const get = (name: keyof typeof TAGS): number | undefined => {
    const tag = TAGS[name].find((tag) => values.has(tag));
    return tag === undefined ? undefined : values.get(tag);
  };
  const tokens = get("tokens") ?? step * tokensPerStep;
  const [loss, heldOut, kwh] = [get("loss"), get("heldOut"), get("kwh")];
  const bits = get("bitsPerByte");
  const records: TrainRecord[] = [];
  if (loss !== undefined) {
    const record: StepRecord = {
      kind: "step",
      step,
      tokens,
      loss,
      learningRate: get("learningRate") ?? NaN,
      gradientNorm: get("gradientNorm") ?? NaN,
      seconds,
      tokensPerSecond: get("tokensPerSecond") ?? NaN,
      ...(kwh === undefined ? {} : { energyJoules: kwh * 3.6e6 }),
    };
    records.push(record);
  }
  if (heldOut !== undefined) {
    const record: EvaluationRecord = {
      kind: "evaluation",
      step,
      tokens,
      loss: heldOut,
      perplexity: Math.exp(heldOut),
      ...(bits === undefined ? {} : { bitsPerByte: bits }),
      evaluatedTokens: NaN,
      seconds,
    };
    records.push(record);
  }
  return records;
}
