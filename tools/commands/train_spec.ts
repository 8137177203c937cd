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
 * that ends at zero. A fifth section, caderno_args, may hold options of ours.
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
/** Options of ours beside TeenyTinyLlama's sections. */
const OWN_SECTION = "caderno_args";

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
  do_eval: [true],
  evaluation_strategy: ["steps", "step"], // the second one in their own file
  torch_dtype: ["float32", "auto"],
  resume_from_checkpoint: [false], // ours is --resume
};

/** Hugging Face's names of precisions, and ours. */
const PRECISIONS: Readonly<Record<string, string>> = {
  no: "float32",
  fp16: "float16",
};

/** Fields of the script that change nothing here. */
const FOREIGN = [
  ...["model_to_train", "model_id", "output_hidden_states", "cache_dir"],
  ...["use_fast_tokenizer", "model_revision", "trust_remote_code"],
  ...["low_cpu_mem_usage", "use_cache", "attn_implementation"],
  ...["dataset_name", "dataset_split", "overwrite_cache"],
  ...["preprocessing_num_workers", "output_dir"],
  ...["per_device_eval_batch_size", "dataloader_pin_memory", "push_to_hub"],
  ...["hub_model_id", "hub_token", "wandb_token", "logger_name"],
  "wandb_log_steps",
];

/** What the script does without being told. */
const SCRIPT: Readonly<Record<string, string>> = {
  "min-rate": "0",
  "beta1": "0.9",
  "beta2": "0.999",
  "clip": "off",
  "decay-norms": "",
  "sample-length": "150",
  "samples": "5",
};

const SCHEDULES: Readonly<Record<string, string>> = {
  cosine: "cosine",
  linear: "linear",
  constant: "constant",
  constant_with_warmup: "constant",
};

/** Fields that are true or false. */
const SWITCHES: Readonly<Record<string, string>> = {
  gradient_checkpointing: "gradient-checkpointing",
  sanity_check: "sanity-check",
};

/** Fields that are read one by one, and the options that they become. */
const READ: Readonly<Record<string, string>> = {
  lr_scheduler_type: "schedule",
  mixed_precision: "precision",
  max_steps: "tokens",
  num_train_epochs: "epochs",
  generation_seeds: "prompts",
  ...SWITCHES,
};

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
      const there = [...SECTIONS, OWN_SECTION].join(", ");
      fail(`unknown section ${section}: there are ${there}`);
    }
    if (!isRecord(content)) fail(`${section} holds no fields`);
    for (const [name, value] of Object.entries(content as Fields)) {
      if (fields.has(name)) fail(`${name} stands there twice`);
      if (value !== null) fields.set(name, value); // "name:" without a value
    }
  }
  return fields;
}

/**
 * How long the run is: steps as tokens, passes over the text, or both, which
 * are compared when the text is known.
 */
function lengthOf(
  fields: ReadonlyMap<string, unknown>,
  fail: (why: string) => never,
): Map<string, string> {
  const need = (name: string, fallback?: number): number => {
    const value = fields.get(name) ?? fallback;
    if (Number.isSafeInteger(value) && (value as number) > 0) {
      return value as number;
    }
    return fail(`${name} is ${value}, wanted a whole number of at least 1`);
  };
  const length = new Map<string, string>();
  // Transformers' own default, -1, says that epochs count.
  const hasSteps = (fields.get("max_steps") ?? -1) !== -1;
  if (hasSteps) {
    const tokens = need("max_steps") * need("per_device_train_batch_size") *
      need("gradient_accumulation_steps", 1) * need("block_size");
    length.set("tokens", String(tokens));
  }
  const epochs = fields.get("num_train_epochs");
  if (epochs !== undefined) length.set("epochs", String(epochs));
  if (length.size > 0) return length;
  return fail("it has neither max_steps nor num_train_epochs");
}

/** The beginnings of samples, as the option takes them. */
function promptsOf(seeds: unknown, fail: (why: string) => never): string {
  const isFine = Array.isArray(seeds) && seeds.length > 0 &&
    seeds.every((seed) => typeof seed === "string" && !seed.includes("|"));
  if (isFine) return seeds.join("|");
  return fail("generation_seeds is no list of texts without |");
}

/** Fields whose value is that of an option, or that change nothing here. */
function renameFields(
  fields: ReadonlyMap<string, unknown>,
  fail: (why: string) => never,
): { options: Map<string, string>; ignored: string[] } {
  const options = new Map<string, string>();
  const ignored: string[] = [];
  for (const [name, value] of fields) {
    if (READ[name]) continue;
    const fixed = FIXED[name];
    if (fixed && !fixed.includes(value)) {
      fail(`${name} is ${value}, and only ${fixed[0]} is supported`);
    }
    if (fixed) continue;
    if (FOREIGN.includes(name)) ignored.push(name);
    else if (RENAMED[name]) options.set(RENAMED[name], String(value));
    else {
      const names = Object.keys({ ...RENAMED, ...FIXED, ...READ });
      failUnknown(name, [...names, ...FOREIGN], fail);
    }
  }
  // The tokenizer that is given decides the vocabulary.
  if (options.has("tokenizer") && options.delete("vocab")) {
    ignored.push("vocab_size");
  }
  return { options, ignored };
}

/**
 * TeenyTinyLlama's sections as our options.
 *
 * @param told options that are told elsewhere
 */
function translate(
  fields: ReadonlyMap<string, unknown>,
  told: ReadonlySet<string>,
  fail: (why: string) => never,
): TrainSpec {
  const renamed = renameFields(fields, fail);
  const isLong = told.has("tokens") || told.has("epochs");
  const options = new Map([
    ...Object.entries(SCRIPT),
    ...renamed.options,
    ...(isLong ? [] : lengthOf(fields, fail)),
  ]);
  const choose = (
    name: string,
    usual: string,
    names: Readonly<Record<string, string>>,
  ): void => {
    const option = READ[name]!;
    if (told.has(option)) return;
    const value = fields.get(name) ?? usual;
    const chosen = names[String(value)] ??
      fail(`${name} ${value} is none of ${Object.keys(names).join(", ")}`);
    options.set(option, chosen);
  };
  choose("lr_scheduler_type", "cosine", SCHEDULES);
  choose("mixed_precision", "no", PRECISIONS);
  for (const [name, option] of Object.entries(SWITCHES)) {
    const value = fields.get(name) ?? false;
    if (typeof value !== "boolean") {
      fail(`${name} is ${value}, wanted true or false`);
    }
    if (value) options.set(option, "");
  }
  const seeds = fields.get("generation_seeds");
  if (seeds !== undefined) options.set("prompts", promptsOf(seeds, fail));
  return { options, ignored: renamed.ignored };
}

/** Options as they are typed, each a field. */
function ownOptions(
  file: Fields,
  known: readonly string[],
  fail: (why: string) => never,
): Map<string, string> {
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
  return options;
}

function failUnknown(
  name: string,
  names: readonly string[],
  fail: (why: string) => never,
): never {
  const [near] = nearNames(name, names);
  return fail(
    `unknown field ${name}, ` +
      (near ? `the nearest is ${near}` : `there are ${names.join(", ")}`),
  );
}

/**
 * Reads a specification.
 *
 * @param known names of the options that there are
 * @param typed options in whose place the file need not say anything
 * @throws {DataError} when there is no such file
 * @throws {FormatError} when it is not YAML
 * @throws {ConfigError} naming a field that is unknown, contradicts, or asks
 * for what is not supported
 */
export async function readTrainSpec(
  path: string,
  known: readonly string[],
  typed: ReadonlySet<string> = new Set(),
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
  if (!SECTIONS.some((section) => section in file)) {
    return { options: ownOptions(file, known, fail), ignored: [] };
  }
  const { [OWN_SECTION]: own = {}, ...sections } = file;
  if (!isRecord(own)) return fail(`${OWN_SECTION} holds no fields`);
  const fields = joinSections(sections, fail);
  const ours = ownOptions(own, known, fail);
  for (const [name, option] of Object.entries({ ...RENAMED, ...READ })) {
    if (!fields.has(name) || !ours.has(option)) continue;
    fail(`${name} and ${option} of ${OWN_SECTION} say the same thing twice`);
  }
  const told = new Set([...typed, ...ours.keys()]);
  const { options, ignored } = translate(fields, told, fail);
  const all = new Map([...options, ...ours]);
  // The script's end of a schedule, where there is one.
  const isConstant = all.get("schedule") === "constant";
  if (isConstant && !ours.has("min-rate")) all.delete("min-rate");
  return { options: all, ignored };
}
