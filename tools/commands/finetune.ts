/**
 * What the commands of `caderno finetune` share: the settings of a fine-tuning,
 * its data files, and how its steps are shown.
 *
 * @module
 */
import {
  ConfigError,
  DataError,
  exists,
  formatDuration,
  formatPercent,
  type Llama,
  LoraAdapters,
  Progress,
  readDataRows,
  type ReferenceRecord,
  type RewardStatistics,
  type StepRecord,
  type TuneRecipe,
} from "../../lib/mod.ts";
import type { CommandLine, OptionSpec } from "./command.ts";
import { StatusLine } from "./terminal.ts";
import { ENERGY_OPTIONS } from "./train_options.ts";

/** Options of all, with the defaults of a recipe. */
export function tuneOptions(recipe: TuneRecipe): Record<string, OptionSpec> {
  return {
    epochs: {
      kind: "count",
      help: "passes over the examples",
      range: [1, 1000],
      default: `${recipe.epochs}`,
      heading: "Training",
    },
    batch: {
      kind: "count",
      help: "examples of a step",
      range: [1, Infinity],
      default: `${recipe.batchSize}`,
    },
    "max-tokens": {
      kind: "count",
      help: "most tokens of an example; the model's context is a bound too",
      range: [2, Infinity],
      default: `${recipe.maxTokens}`,
    },
    "learning-rate": {
      kind: "number",
      help: "peak; small models take more, up to 5e-3",
      range: [0, 1],
      default: `${recipe.learningRate}`,
    },
    "warmup-steps": {
      kind: "count",
      help: "steps in which the rate rises, at most a tenth of all",
      range: [0, Infinity],
      default: `${recipe.warmupSteps}`,
    },
    "weight-decay": {
      kind: "number",
      help: "of AdamW; norms do not decay",
      range: [0, 10],
      default: `${recipe.weightDecay}`,
    },
    "validation-share": {
      kind: "number",
      help: "share of the examples that chooses the epoch",
      range: [0, 0.9],
      default: `${recipe.validationShare}`,
    },
    seed: {
      kind: "count",
      help: "seed of order, splits and new weights",
      range: [0, 2 ** 32 - 1],
      default: `${recipe.seed}`,
    },
    lora: {
      kind: "switch",
      help: "trains small matrices beside the large ones, and adds them",
    },
    rank: {
      kind: "count",
      help: "rank of LoRA's matrices; they are scaled by 2",
      range: [1, 4096],
      default: "8",
    },
    ...ENERGY_OPTIONS,
    out: {
      kind: "text",
      value: "FOLDER",
      help: "new folder for the result and its energy",
      heading: "Output",
    },
  };
}

/** A recipe with what was typed; the number of examples bounds the warm-up. */
export function typedRecipe(
  line: CommandLine,
  recipe: TuneRecipe,
  examples: number,
): TuneRecipe {
  const epochs = line.needNumber("epochs");
  const batchSize = line.needNumber("batch");
  const steps = epochs * Math.ceil(examples / batchSize);
  return {
    ...recipe,
    ...{ epochs, batchSize, maxTokens: line.needNumber("max-tokens") },
    learningRate: line.needNumber("learning-rate"),
    warmupSteps: Math.min(
      line.needNumber("warmup-steps"),
      Math.floor(steps / 10),
    ),
    weightDecay: line.needNumber("weight-decay"),
    validationShare: line.needNumber("validation-share"),
    seed: line.needNumber("seed"),
  };
}

/** Adapters if LoRA was asked for; scaled by 2 as with PEFT's usual α. */
export function typedLora(
  line: CommandLine,
  model: Llama,
): LoraAdapters | undefined {
  if (!line.has("lora")) return undefined;
  const rank = line.needNumber("rank");
  const seed = line.needNumber("seed");
  return new LoraAdapters(model, { rank, alpha: 2 * rank, seed });
}

/**
 * Path of the result.
 *
 * @throws {ConfigError} when it is not given or something lies there
 */
export async function newFolder(line: CommandLine): Promise<string> {
  const folder = line.needText("out");
  if (!await exists(folder)) return folder;
  throw new ConfigError(
    `Cannot write to ${folder}: it is there already; choose a new folder`,
  );
}

/**
 * Path of the data file; undefined when synthetic stories take its place.
 *
 * @throws {ConfigError} when both are given, or neither
 */
export function fileOrSynthetic(line: CommandLine): string | undefined {
  const [, path] = line.operands;
  if ((path === undefined) === line.has("synthetic")) return path;
  throw new ConfigError(
    `Cannot run "${line.command.name}": give either DATA_FILE or --synthetic N`,
  );
}

/** Whether a file is one of rows, by its name. */
export function isRowFile(path: string): boolean {
  return /\.(csv|jsonl|json|parquet)$/.test(path);
}

/**
 * Rows of a file.
 *
 * @throws {DataError} when there is no such file or it has no rows
 * @throws {FormatError} when it is damaged
 * @throws {ConfigError} when it is of another kind
 */
export async function readRows(
  path: string,
): Promise<Readonly<Record<string, unknown>>[]> {
  if (!isRowFile(path)) {
    throw new ConfigError(
      `Cannot read ${path}: wanted a .csv, .jsonl, .json or .parquet file`,
    );
  }
  if (!await exists(path)) {
    throw new DataError(`Cannot read ${path}: there is no such file`);
  }
  return (await readDataRows(path)).map(({ fields }) => fields);
}

/**
 * A cell of a row as text.
 *
 * @param place "row 3 of texts.csv", for the message
 * @throws {DataError} when the row has no such field, or it is no plain value
 */
export function cellOf(
  row: Readonly<Record<string, unknown>>,
  field: string,
  place: string,
): string {
  const value = row[field];
  const types = ["string", "number", "bigint", "boolean"];
  if (types.includes(typeof value)) return String(value);
  throw new DataError(
    `Cannot use ${place}: its field "${field}" is ${JSON.stringify(value)}; ` +
      `it has ${Object.keys(row).join(", ")}`,
  );
}

/** Any record. */
interface Told {
  readonly kind: string;
}

/** Shows the steps of a fine-tuning and gives back the other records. */
export async function* showSteps<R extends Told>(
  records: AsyncIterable<R>,
  steps: number,
): AsyncGenerator<Exclude<R, StepRecord | ReferenceRecord>, void> {
  const progress = new Progress("Fine-tune", { total: steps, unit: "steps" });
  using status = new StatusLine(progress);
  for await (const record of records) {
    const told: Told = record;
    if (isStep(told)) {
      const { step, loss, seconds, accuracy } = told;
      const right = accuracy === undefined
        ? ""
        : `, ${formatPercent(accuracy)} preferred`;
      const time = formatDuration(seconds);
      status.update(step, `loss ${loss.toFixed(3)}${right}, ${time}`);
    } else if (isReference(told)) {
      const { pairs, total } = told;
      status.update(0, `the reference has read ${pairs} of ${total} pairs`);
    } else yield record as Exclude<R, StepRecord | ReferenceRecord>;
  }
}

function isStep(
  record: Told,
): record is StepRecord & Partial<RewardStatistics> {
  return record.kind === "step";
}

function isReference(record: Told): record is ReferenceRecord {
  return record.kind === "reference";
}
