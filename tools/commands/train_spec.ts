/**
 * `caderno train --spec FILE`: the options of a run from a YAML file. Either
 * ours, a list of options as they are typed:
 *
 *     preset: tiny-128
 *     synthetic: 4MB
 *     tokens: 1M
 *
 * or the four sections of TeenyTinyLlama's pre-training script (model_args,
 * data_args, training_args, extra_args), with what that script does without
 * being told: AdamW's betas of PyTorch, decay of norms, no clipping, a schedule
 * that ends at zero.
 *
 * @module
 */
import { parse } from "yaml";
import {
  ConfigError,
  FormatError,
  messageOf,
  nearNames,
  readText,
} from "../../lib/util/mod.ts";

/** Options by name, and fields that change nothing here. */
export interface TrainSpec {
  readonly options: ReadonlyMap<string, string>;
  /** Fields of the file for other programs: hubs, loggers, data loaders. */
  readonly ignored: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const SECTIONS = ["model_args", "data_args", "training_args", "extra_args"];

/** Fields whose value is that of an option. */
const RENAMED: Readonly<Record<string, string>> = {
  vocab_size: "vocab",
  hidden_size: "hidden",
  intermediate_size: "intermediate",
  max_position_embeddings: "context",
  num_attention_heads: "heads",
  num_hidden_layers: "layers",
  num_key_value_heads: "kv-heads",
  tokenizer_name: "tokenizer",
  folder_path: "text",
  block_size: "sequence",
  eval_steps: "evaluate-every",
  per_device_train_batch_size: "batch",
  gradient_accumulation_steps: "accumulation",
  learning_rate: "learning-rate",
  adam_epsilon: "adam-eps",
  weight_decay: "weight-decay",
  warmup_steps: "warmup",
  seed: "seed",
  checkpointing_steps: "checkpoint-every",
  sample_every: "sample-every",
};

/** Fields that may only have the values that are computed here. */
const FIXED: Readonly<Record<string, readonly unknown[]>> = {
  train_from_scratch: [true],
  do_train: [true],
  mixed_precision: ["no"],
  torch_dtype: ["float32", "auto"],
};

/** Fields of the script that change nothing here. */
const FOREIGN = [
  ...["model_to_train", "model_id", "output_hidden_states", "cache_dir"],
  ...["use_fast_tokenizer", "model_revision", "trust_remote_code"],
  ...["low_cpu_mem_usage", "use_cache", "attn_implementation"],
  ...["dataset_name", "dataset_split", "overwrite_cache"],
  ...["preprocessing_num_workers", "sanity_check", "output_dir", "do_eval"],
  ...["evaluation_strategy", "per_device_eval_batch_size"],
  ...["num_train_epochs", "dataloader_pin_memory", "push_to_hub"],
  ...["resume_from_checkpoint", "hub_model_id", "hub_token", "wandb_token"],
  ...["logger_name", "wandb_log_steps"],
];

/** What the script does without being told. */
const SCRIPT: Readonly<Record<string, string>> = {
  "min-rate": "0",
  "beta1": "0.9",
  "beta2": "0.999",
  "clip": "off",
  "decay-norms": "",
};

const SCHEDULES: Readonly<Record<string, string>> = {
  cosine: "cosine",
  linear: "linear",
  constant: "constant",
  constant_with_warmup: "constant",
};

/** Fields that are read one by one. */
const OWN = [
  "lr_scheduler_type",
  "max_steps",
  "generation_seeds",
  "gradient_checkpointing",
];

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** All fields of the sections; a name in two of them is an error. */
function joinSections(
  file: Fields,
  fail: (why: string) => never,
): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [section, content] of Object.entries(file)) {
    if (!SECTIONS.includes(section)) {
      fail(`unknown section ${section}: there are ${SECTIONS.join(", ")}`);
    }
    if (!isRecord(content)) fail(`${section} holds no fields`);
    for (const [name, value] of Object.entries(content as Fields)) {
      if (fields.has(name)) fail(`${name} stands there twice`);
      if (value !== null) fields.set(name, value); // "name:" without a value
    }
  }
  return fields;
}

/** Tokens of so many steps. */
function tokensOf(
  fields: ReadonlyMap<string, unknown>,
  fail: (why: string) => never,
): string {
  const need = (name: string, fallback?: number): number => {
    const value = fields.get(name) ?? fallback;
    if (Number.isSafeInteger(value) && (value as number) > 0) {
      return value as number;
    }
    return fail(`${name} is ${value}, wanted a whole number of at least 1`);
  };
  const tokens = need("max_steps") * need("per_device_train_batch_size") *
    need("gradient_accumulation_steps", 1) * need("block_size");
  return String(tokens);
}

/** TeenyTinyLlama's sections as our options. */
function translate(file: Fields, fail: (why: string) => never): TrainSpec {
  const fields = joinSections(file, fail);
  const options = new Map(Object.entries(SCRIPT));
  const ignored: string[] = [];
  for (const [name, value] of fields) {
    if (OWN.includes(name)) continue;
    const fixed = FIXED[name];
    if (fixed && !fixed.includes(value)) {
      fail(`${name} is ${value}, and only ${fixed[0]} is supported`);
    }
    if (fixed) continue;
    if (FOREIGN.includes(name)) ignored.push(name);
    else if (RENAMED[name]) options.set(RENAMED[name], String(value));
    else failUnknown(name, [...Object.keys(RENAMED), ...FOREIGN, ...OWN], fail);
  }
  // The tokenizer that is given decides the vocabulary.
  if (options.has("tokenizer") && options.delete("vocab")) {
    ignored.push("vocab_size");
  }
  options.set("tokens", tokensOf(fields, fail));
  const schedule = fields.get("lr_scheduler_type") ?? "cosine";
  options.set(
    "schedule",
    SCHEDULES[String(schedule)] ??
      fail(
        `lr_scheduler_type ${schedule} is none of ` + Object.keys(SCHEDULES),
      ),
  );
  if (fields.get("gradient_checkpointing") === true) {
    options.set("gradient-checkpointing", "");
  }
  const seeds = fields.get("generation_seeds");
  if (Array.isArray(seeds)) options.set("prompts", seeds.join("|"));
  return { options, ignored };
}

function failUnknown(
  name: string,
  names: readonly string[],
  fail: (why: string) => never,
): never {
  const [near] = nearNames(name, names);
  return fail(
    `unknown field ${name}` + (near ? `, the nearest is ${near}` : ""),
  );
}

/**
 * Reads a specification.
 *
 * @param known names of the options that there are
 * @throws {DataError} when there is no such file
 * @throws {FormatError} when it is not YAML
 * @throws {ConfigError} naming a field that is unknown, contradicts, or asks
 * for what is not supported
 */
export async function readTrainSpec(
  path: string,
  known: readonly string[],
): Promise<TrainSpec> {
  const text = await readText(path, "the specification of a run");
  let file: unknown;
  try {
    file = parse(text);
  } catch (error) {
    throw new FormatError(`Cannot read ${path}: ${messageOf(error)}`);
  }
  const fail = (why: string): never => {
    throw new ConfigError(`Cannot use ${path}: ${why}`);
  };
  if (!isRecord(file)) return fail("it holds no fields");
  if (SECTIONS.some((section) => section in file)) return translate(file, fail);
  const options = new Map<string, string>();
  for (const [name, value] of Object.entries(file)) {
    if (!known.includes(name)) failUnknown(name, known, fail);
    if (value === null || typeof value === "object") {
      fail(`${name} holds no text or number`);
    }
    // A switch: true is "given", false is not.
    if (value === false) continue;
    options.set(name, value === true ? "" : String(value));
  }
  return { options, ignored: [] };
}
