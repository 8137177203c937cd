/**
 * A tokenizer as facts of a GGUF file.
 *
 * BPE in the style of Llama 2 is llama.cpp's "llama" (it merges the neighbours
 * whose union has the highest score, so the score of a piece is minus the rank
 * of its merge), byte-level BPE its "gpt2" with a name for the word pattern.
 *
 * @module
 */
import {
  type BpeModel,
  type ByteLevelModel,
  GPT2_PATTERN,
  LLAMA3_PATTERN,
  SPLIT_DIGITS_PATTERN,
  type Tokenizer,
  type TokenizerModel,
} from "../text/mod.ts";
import { ConfigError } from "../util/mod.ts";
import type { GgufValue } from "./gguf_write.ts";

type Facts = Record<string, GgufValue>;

/** Kinds of tokens in the format. */
const TOKEN = { normal: 1, unknown: 2, control: 3, byte: 6 };

/** llama.cpp's names of word patterns. */
const PATTERN_NAMES = new Map([
  [GPT2_PATTERN, "gpt-2"],
  [LLAMA3_PATTERN, "llama-bpe"],
  [SPLIT_DIGITS_PATTERN, "qwen2"],
]);

/** Pieces and what each is; rows of the model without a piece are unused. */
function vocabularyFacts(model: TokenizerModel, vocabSize: number): Facts {
  const { pieces, specialIds, unkId } = model;
  const unused = Array.from(
    { length: vocabSize - pieces.length },
    (_, i) => `<unused ${i}>`,
  );
  const types = new Int32Array(vocabSize).fill(TOKEN.normal);
  if (model.kind === "llama") {
    for (const [id, piece] of pieces.entries()) {
      if (/^<0x[0-9A-F]{2}>$/.test(piece)) types[id] = TOKEN.byte;
    }
  }
  types.fill(TOKEN.control, pieces.length);
  for (const id of specialIds) types[id] = TOKEN.control;
  if (unkId >= 0) types[unkId] = TOKEN.unknown;
  return {
    "tokenizer.ggml.tokens": { strings: [...pieces, ...unused] },
    "tokenizer.ggml.token_type": { i32s: types },
    "tokenizer.ggml.bos_token_id": { u32: model.bosId },
    "tokenizer.ggml.eos_token_id": { u32: model.eosId },
    "tokenizer.ggml.padding_token_id": { u32: model.padId },
    ...(unkId < 0 ? {} : { "tokenizer.ggml.unknown_token_id": { u32: unkId } }),
    "tokenizer.ggml.add_bos_token": { bool: true },
    "tokenizer.ggml.add_eos_token": { bool: false },
  };
}

function llamaFacts(
  { pieces, merges, mergeRanks, rules }: BpeModel,
  vocabSize: number,
): Facts {
  const scores = new Float32Array(vocabSize);
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  // Backwards, so that the first merge that makes a piece counts.
  for (let i = merges.length / 2 - 1; i >= 0; i--) {
    const left = pieces[merges[2 * i]!]!;
    const right = pieces[merges[2 * i + 1]!]!;
    scores[ids.get(left + right)!] = -(mergeRanks?.[i] ?? i) - 1;
  }
  return {
    "tokenizer.ggml.model": { string: "llama" },
    "tokenizer.ggml.scores": { f32s: scores },
    "tokenizer.ggml.add_space_prefix": { bool: rules.addsPrefixSpace },
  };
}

function byteLevelFacts(
  { pieces, merges, patterns, addsPrefixSpace }: ByteLevelModel,
): Facts {
  const name = patterns.length === 1
    ? PATTERN_NAMES.get(patterns[0]!)
    : undefined;
  if (!name) {
    throw new ConfigError(
      "Cannot export a byte-level tokenizer whose word pattern is not that of " +
        `${[...PATTERN_NAMES.values()].join(", ")}: llama.cpp knows no other`,
    );
  }
  const pairs = Array.from(
    { length: merges.length / 2 },
    (_, i) => `${pieces[merges[2 * i]!]} ${pieces[merges[2 * i + 1]!]}`,
  );
  return {
    "tokenizer.ggml.model": { string: "gpt2" },
    "tokenizer.ggml.pre": { string: name },
    "tokenizer.ggml.merges": { strings: pairs },
    "tokenizer.ggml.add_space_prefix": { bool: addsPrefixSpace },
  };
}

/**
 * The facts of a tokenizer.
 *
 * @param vocabSize rows of the model, at least the tokenizer's pieces
 * @throws {ConfigError} for a unigram tokenizer, or a word pattern that
 * llama.cpp does not have
 */
export function tokenizerFacts(
  { model }: Tokenizer,
  vocabSize: number,
): Facts {
  if (model.kind === "unigram") {
    throw new ConfigError(
      "Cannot export a unigram tokenizer with a Llama: only BPE is supported",
    );
  }
  return {
    ...(model.kind === "llama"
      ? llamaFacts(model, vocabSize)
      : byteLevelFacts(model)),
    ...vocabularyFacts(model, vocabSize),
  };
}
