/**
 * A Llama and its tokenizer as one file for llama.cpp and what is built on it.
 *
 * Rotary pairs lie side by side there and half a head apart here, so the rows
 * of queries and keys change places.
 *
 * @module
 */
import type { Tensor } from "../tensor/mod.ts";
import type { Tokenizer } from "../text/mod.ts";
import { ConfigError } from "../util/mod.ts";
import { headSizeOf, type LlamaConfig } from "./config.ts";
import { GGUF_TYPES, type GgufType } from "./gguf_blocks.ts";
import { tokenizerFacts } from "./gguf_tokenizer.ts";
import { type GgufTensor, type GgufValue, writeGguf } from "./gguf_write.ts";
import type { Llama } from "./llama.ts";
import { ropeScale } from "./rope_scaling.ts";

/** What `general.file_type` says of each type. */
const FILE_TYPES = { f32: 0, f16: 1, q4_0: 2, q8_0: 7 };

/** Names of a block's parameters, ours and llama.cpp's. */
const BLOCK_NAMES: Readonly<Record<string, string>> = {
  input_layernorm: "attn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  post_attention_layernorm: "ffn_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};
const NAMES: Readonly<Record<string, string>> = {
  "model.embed_tokens.weight": "token_embd.weight",
  "model.norm.weight": "output_norm.weight",
  "lm_head.weight": "output.weight",
};

function ggufName(name: string): string {
  const block = /^model\.layers\.(\d+)\.(.+)\.weight$/.exec(name);
  return block
    ? `blk.${block[1]}.${BLOCK_NAMES[block[2]!]}.weight`
    : NAMES[name]!;
}

/** Rows (heads D, C) with the two halves of each head interleaved. */
function interleaveHalves(
  rows: Float32Array<ArrayBuffer>,
  heads: number,
  headSize: number,
): Float32Array<ArrayBuffer> {
  const width = rows.length / (heads * headSize);
  const out = new Float32Array(rows.length);
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < headSize; i++) {
      const from = head * headSize + (i % 2) * (headSize / 2) + (i >> 1);
      out.set(
        rows.subarray(from * width, (from + 1) * width),
        (head * headSize + i) * width,
      );
    }
  }
  return out;
}

/** The type of one tensor: vectors stay whole, as do rows of odd sizes. */
function typeOf({ shape }: Tensor, wanted: GgufType): GgufType {
  if (shape.length === 1) return "f32";
  const fits = shape.at(-1)! % GGUF_TYPES[wanted].weights === 0;
  return fits ? wanted : "f16";
}

function tensorsOf(model: Llama, type: GgufType): GgufTensor[] {
  const { config } = model;
  const headSize = headSizeOf(config);
  const tensors: GgufTensor[] = [];
  for (const [name, tensor] of model.parameters) {
    const heads = name.endsWith("q_proj.weight")
      ? config.numAttentionHeads
      : name.endsWith("k_proj.weight")
      ? config.numKeyValueHeads
      : undefined;
    tensors.push({
      name: ggufName(name),
      shape: tensor.shape,
      type: typeOf(tensor, type),
      data: async () => {
        const rows = await tensor.data() as Float32Array<ArrayBuffer>;
        return heads ? interleaveHalves(rows, heads, headSize) : rows;
      },
    });
  }
  const factors = ropeFactors(config);
  if (factors) {
    tensors.push({
      name: "rope_freqs.weight",
      shape: [factors.length],
      type: "f32",
      data: () => Promise.resolve(factors),
    });
  }
  return tensors;
}

/** By how much each frequency is divided, where that is not one number. */
function ropeFactors(
  config: LlamaConfig,
): Float32Array<ArrayBuffer> | undefined {
  const { ropeScaling, ropeTheta } = config;
  if (ropeScaling?.type !== "llama3") return undefined;
  const headSize = headSizeOf(config);
  const scale = ropeScale(ropeScaling);
  return Float32Array.from({ length: headSize / 2 }, (_, j) => {
    const frequency = ropeTheta ** (-2 * j / headSize);
    return frequency / scale(frequency);
  });
}

function modelFacts(
  config: LlamaConfig,
  name: string,
  type: GgufType,
): Record<string, GgufValue> {
  const { ropeScaling } = config;
  return {
    "general.architecture": { string: "llama" },
    "general.name": { string: name },
    "general.file_type": { u32: FILE_TYPES[type] },
    "general.quantization_version": { u32: 2 },
    "llama.vocab_size": { u32: config.vocabSize },
    "llama.context_length": { u32: config.maxPositionEmbeddings },
    "llama.embedding_length": { u32: config.hiddenSize },
    "llama.block_count": { u32: config.numHiddenLayers },
    "llama.feed_forward_length": { u32: config.intermediateSize },
    "llama.attention.head_count": { u32: config.numAttentionHeads },
    "llama.attention.head_count_kv": { u32: config.numKeyValueHeads },
    "llama.attention.layer_norm_rms_epsilon": { f32: config.rmsNormEps },
    "llama.rope.dimension_count": { u32: headSizeOf(config) },
    "llama.rope.freq_base": { f32: config.ropeTheta },
    ...(ropeScaling?.type === "linear"
      ? {
        "llama.rope.scaling.type": { string: "linear" },
        "llama.rope.scaling.factor": { f32: ropeScaling.factor },
      }
      : {}),
  };
}

/**
 * Writes a model for llama.cpp.
 *
 * @param options.type of the matrices: `q8_0` and `q4_0` share a scale among 32
 * weights; vectors stay `f32`, matrices with other row sizes become `f16`
 * @param options.name what the file calls the model
 * @throws {ConfigError} when the tokenizer has more pieces than the model, or
 * is of a kind that llama.cpp has no equal of
 */
export async function exportGguf(
  path: string,
  { model, tokenizer }: {
    readonly model: Llama;
    readonly tokenizer: Tokenizer;
  },
  { type = "f16", name = "Llama" }: {
    readonly type?: GgufType;
    readonly name?: string;
  } = {},
): Promise<void> {
  const { vocabSize } = model.config;
  if (tokenizer.vocabSize > vocabSize) {
    throw new ConfigError(
      `Cannot export ${path}: the tokenizer has ${tokenizer.vocabSize} pieces, ` +
        `the model ${vocabSize}`,
    );
  }
  const facts = {
    ...modelFacts(model.config, name, type),
    ...tokenizerFacts(tokenizer, vocabSize),
  };
  await writeGguf(path, facts, tensorsOf(model, type));
}
