/**
 * Sizes of a Llama. Fields have the names of Hugging Face's `config.json` in
 * camelCase, so the two map by rule.
 *
 * @module
 */
import { ConfigError, FormatError } from "../util/mod.ts";
import {
  checkRopeScaling,
  fromHuggingFaceRope,
  type RopeScaling,
  toHuggingFaceRope,
} from "./rope_scaling.ts";

/** Everything that decides the shape of a Llama and how it computes. */
export interface LlamaConfig {
  /** V, number of tokens. */
  readonly vocabSize: number;
  /** C, width of the residual stream. */
  readonly hiddenSize: number;
  /** Width of the feed-forward block. */
  readonly intermediateSize: number;
  /** Number of blocks. */
  readonly numHiddenLayers: number;
  /** H, heads of queries. */
  readonly numAttentionHeads: number;
  /** G, heads of keys and values; divides H. */
  readonly numKeyValueHeads: number;
  /** Longest context in tokens. */
  readonly maxPositionEmbeddings: number;
  /** Base of the rotary frequencies. */
  readonly ropeTheta: number;
  /** How the rotary frequencies are changed for a longer context; null: not. */
  readonly ropeScaling: RopeScaling | null;
  /** Added to the mean square in normalisation. */
  readonly rmsNormEps: number;
  /** Whether the output uses the embedding's weights. */
  readonly tieWordEmbeddings: boolean;
  /** Standard deviation of initial weights. */
  readonly initializerRange: number;
  readonly bosTokenId: number;
  readonly eosTokenId: number;
  readonly padTokenId: number;
}

/** Values that all presets share, those of Llama 2. */
const COMMON = {
  ropeTheta: 10000,
  ropeScaling: null,
  rmsNormEps: 1e-5,
  tieWordEmbeddings: false,
  initializerRange: 0.02,
  bosTokenId: 1,
  eosTokenId: 2,
  padTokenId: 3,
};

function preset(
  vocabSize: number,
  hiddenSize: number,
  intermediateSize: number,
  numHiddenLayers: number,
  numAttentionHeads: number,
  numKeyValueHeads: number,
  maxPositionEmbeddings: number,
): LlamaConfig {
  return {
    ...COMMON,
    vocabSize,
    hiddenSize,
    intermediateSize,
    numHiddenLayers,
    numAttentionHeads,
    numKeyValueHeads,
    maxPositionEmbeddings,
  };
}

/**
 * Configurations by name. `ttl-160m` and `ttl-460m` are TeenyTinyLlama's
 * (arXiv 2401.16640, table 2), `ttl-1.1b` the third preset of its script; the
 * tiny ones train in seconds to minutes on a laptop.
 */
export const LLAMA_PRESETS = {
  //                    V      C    I     L   H   G   T
  "tiny-64": preset(1024, 64, 176, 2, 4, 4, 256),
  "tiny-128": preset(2048, 128, 344, 4, 4, 4, 256),
  "tiny-256": preset(4096, 256, 688, 4, 8, 8, 256),
  "ttl-160m": preset(32000, 768, 3072, 12, 12, 12, 2048),
  "ttl-460m": preset(32000, 1024, 4096, 24, 16, 16, 2048),
  "ttl-1.1b": preset(32000, 2048, 5632, 22, 32, 4, 2048),
} as const satisfies Record<string, LlamaConfig>;

/** Name of a preset. */
export type LlamaPreset = keyof typeof LLAMA_PRESETS;

/** D, size of one head. */
export function headSizeOf(config: LlamaConfig): number {
  return config.hiddenSize / config.numAttentionHeads;
}

const COUNTS = [
  "vocabSize",
  "hiddenSize",
  "intermediateSize",
  "numHiddenLayers",
  "numAttentionHeads",
  "numKeyValueHeads",
  "maxPositionEmbeddings",
] as const;

/**
 * Returns the configuration if it describes a Llama.
 *
 * @throws {ConfigError} naming the fields that are wrong or contradict
 */
export function checkLlamaConfig(config: LlamaConfig): LlamaConfig {
  const fail = (why: string): never => {
    throw new ConfigError(`Cannot make a Llama: ${why}`);
  };
  for (const name of COUNTS) {
    const value = config[name];
    if (!Number.isSafeInteger(value) || value < 1) {
      fail(`${name} is ${value}, not a whole number of at least 1`);
    }
  }
  const { hiddenSize, numAttentionHeads, numKeyValueHeads } = config;
  if (hiddenSize % numAttentionHeads !== 0) {
    fail(
      `hiddenSize ${hiddenSize} does not divide by numAttentionHeads ` +
        numAttentionHeads,
    );
  }
  if (headSizeOf(config) % 2 !== 0) {
    fail(
      `hiddenSize ${hiddenSize} over numAttentionHeads ${numAttentionHeads} ` +
        `gives heads of ${headSizeOf(config)}: rotary pairs need an even size`,
    );
  }
  if (numAttentionHeads % numKeyValueHeads !== 0) {
    fail(
      `numAttentionHeads ${numAttentionHeads} does not divide by ` +
        `numKeyValueHeads ${numKeyValueHeads}`,
    );
  }
  for (const name of ["ropeTheta", "rmsNormEps"] as const) {
    if (!(config[name] > 0)) fail(`${name} is ${config[name]}, not positive`);
  }
  if (!(config.initializerRange >= 0)) {
    fail(`initializerRange is ${config.initializerRange}`);
  }
  checkRopeScaling(config.ropeScaling);
  return config;
}

/**
 * A configuration by name, with changes.
 *
 * @throws {ConfigError} when there is no such preset, or the result is wrong
 */
export function llamaConfig(
  name: LlamaPreset,
  changes: Partial<LlamaConfig> = {},
): LlamaConfig {
  const found = LLAMA_PRESETS[name] as LlamaConfig | undefined;
  if (!found) {
    throw new ConfigError(
      `Cannot find the preset "${name}": there are ` +
        Object.keys(LLAMA_PRESETS).join(", "),
    );
  }
  return checkLlamaConfig({ ...found, ...changes });
}

const snake = (name: string) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The configuration as `generation_config.json` of Hugging Face has it. */
export function toGenerationConfig(
  config: LlamaConfig,
): Record<string, number> {
  return {
    bos_token_id: config.bosTokenId,
    eos_token_id: config.eosTokenId,
    pad_token_id: config.padTokenId,
  };
}

/** The configuration as Hugging Face's `config.json`. */
export function toHuggingFaceConfig(
  config: LlamaConfig,
): Record<string, unknown> {
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_act: "silu",
    attention_bias: false,
    torch_dtype: "float32",
    ...Object.fromEntries(
      Object.entries(config).map(([name, value]) => [snake(name), value]),
    ),
    rope_scaling: toHuggingFaceRope(config.ropeScaling),
  };
}

/** What this library computes; other values would be computed wrongly. */
const FIXED: Record<string, readonly unknown[]> = {
  model_type: ["llama", undefined],
  hidden_act: ["silu", undefined],
  attention_bias: [false, undefined],
  mlp_bias: [false, undefined],
};

/**
 * A configuration from Hugging Face's `config.json`; absent fields have the
 * values of Llama 2.
 *
 * @throws {FormatError} when it is for something that is computed otherwise
 * @throws {ConfigError} when its sizes do not fit together
 */
export function fromHuggingFaceConfig(
  json: Readonly<Record<string, unknown>>,
  name = "config.json",
): LlamaConfig {
  for (const [field, allowed] of Object.entries(FIXED)) {
    if (allowed.includes(json[field])) continue;
    throw new FormatError(
      `Cannot use ${name}: ${field} is ${JSON.stringify(json[field])}, ` +
        `and only ${JSON.stringify(allowed[0])} is supported`,
    );
  }
  const { ropeScaling: _, ...template } = LLAMA_PRESETS["ttl-160m"];
  const config: Record<string, unknown> = {
    ropeScaling: fromHuggingFaceRope(json.rope_scaling, name),
  };
  for (const [field, fallback] of Object.entries(template)) {
    const value = json[snake(field)] ??
      // Files from before grouped queries do not name the groups.
      (field === "numKeyValueHeads" ? json.num_attention_heads : undefined) ??
      (COUNTS.includes(field as never) ? undefined : fallback);
    if (typeof value !== typeof fallback) {
      throw new FormatError(
        `Cannot use ${name}: ${snake(field)} is ${JSON.stringify(value)}, ` +
          `wanted a ${typeof fallback}`,
      );
    }
    config[field] = value;
  }
  const result = checkLlamaConfig(config as unknown as LlamaConfig);
  const headSize = json.head_dim ?? headSizeOf(result);
  if (headSize !== headSizeOf(result)) {
    throw new FormatError(
      `Cannot use ${name}: head_dim is ${headSize}, and only hidden_size / ` +
        `num_attention_heads = ${headSizeOf(result)} is supported`,
    );
  }
  return result;
}
