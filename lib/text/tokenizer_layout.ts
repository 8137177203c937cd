/**
 * The parts of `tokenizer.json` that say how text becomes pieces and pieces
 * text, for each kind of model: what is written, and what is understood when
 * it is read. Under any other setting the same vocabulary would give other ids,
 * so a file that has one is refused.
 *
 * Source: Hugging Face, `tokenizers`; the files of Llama 2, GPT-2, Llama 3,
 * Qwen 2.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { FormatError } from "../util/mod.ts";
import { GPT2_PATTERN } from "./byte_level.ts";
import {
  type ByteLevelModel,
  LLAMA_RULES,
  type SpaceRules,
  type TokenizerModel,
} from "./tokenizer_model.ts";
import { SPACE_SIGN } from "./word_cuts.ts";

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isJson(x: unknown): x is Json {
  return typeof x === "object" && x !== null && !Array.isArray(x);
}

/** The parts as they stand in the file. */
export interface TokenizerLayout {
  readonly normalizer: Json | null;
  readonly pre_tokenizer: Json | null;
  readonly decoder: Json;
}

const REPLACE_SPACE = {
  type: "Replace",
  pattern: { String: " " },
  content: SPACE_SIGN,
};

const DECODERS = [
  { type: "Replace", pattern: { String: SPACE_SIGN }, content: " " },
  { type: "ByteFallback" },
  { type: "Fuse" },
];

/** Space to "▁", one in front that is taken off: the layout of Llama 2. */
const LLAMA_LAYOUT: TokenizerLayout = {
  normalizer: {
    type: "Sequence",
    normalizers: [{ type: "Prepend", prepend: SPACE_SIGN }, REPLACE_SPACE],
  },
  pre_tokenizer: null,
  decoder: {
    type: "Sequence",
    decoders: [
      ...DECODERS,
      { type: "Strip", content: " ", start: 1, stop: 0 },
    ],
  },
};

/** The same without the space in front. */
const NO_PREFIX_LAYOUT: TokenizerLayout = {
  normalizer: REPLACE_SPACE,
  pre_tokenizer: null,
  decoder: { type: "Sequence", decoders: DECODERS },
};

const NFC = { type: "NFC" };

const BYTE_LEVEL = {
  type: "ByteLevel",
  add_prefix_space: true,
  trim_offsets: true,
  use_regex: true,
};

/** The layout that is written for a model. */
export function layoutOf(model: TokenizerModel): TokenizerLayout {
  if (model.kind !== "byte-level") {
    return model.rules.addsPrefixSpace ? LLAMA_LAYOUT : NO_PREFIX_LAYOUT;
  }
  // Split parts cannot stand before a ByteLevel part that adds a space.
  const isGpt2 = isDeepStrictEqual(model.patterns, [GPT2_PATTERN]);
  const splits = isGpt2 ? [] : model.patterns.map((pattern) => ({
    type: "Split",
    pattern: { Regex: pattern },
    behavior: "Isolated",
    invert: false,
  }));
  return {
    normalizer: model.composesLetters ? NFC : null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [...splits, {
        ...BYTE_LEVEL,
        add_prefix_space: model.addsPrefixSpace,
        use_regex: isGpt2,
      }],
    },
    decoder: BYTE_LEVEL,
  };
}

/**
 * Space rules of a file of the Llama kind.
 *
 * @throws {FormatError} when its layout is another one
 */
export function readSpaceRules(json: Json): SpaceRules {
  const came = {
    normalizer: json.normalizer,
    pre_tokenizer: json.pre_tokenizer ?? null,
    decoder: json.decoder,
  };
  if (isDeepStrictEqual(came, NO_PREFIX_LAYOUT)) {
    return { ...LLAMA_RULES, addsPrefixSpace: false };
  }
  for (const part of ["normalizer", "pre_tokenizer", "decoder"] as const) {
    if (isDeepStrictEqual(came[part], LLAMA_LAYOUT[part])) continue;
    throw new FormatError(
      `its ${part} is ${JSON.stringify(came[part])}, ` +
        `wanted ${JSON.stringify(LLAMA_LAYOUT[part])} as in Llama 2`,
    );
  }
  return LLAMA_RULES;
}

/** Whether a file is of the byte-level kind: a ByteLevel part comes last. */
export function isByteLevel(json: Json): boolean {
  const last = partsOf(json.pre_tokenizer).at(-1);
  return isJson(last) && last.type === "ByteLevel";
}

/**
 * How a file of the byte-level kind cuts texts.
 *
 * @throws {FormatError} when a part is not understood
 */
export function readWordCuts(
  json: Json,
): Pick<ByteLevelModel, "patterns" | "addsPrefixSpace" | "composesLetters"> {
  const decoder = isJson(json.decoder) ? json.decoder.type : undefined;
  if (decoder !== "ByteLevel") {
    throw new FormatError(
      `its decoder is ${JSON.stringify(json.decoder)} and the last part of ` +
        'its pre_tokenizer "ByteLevel": wanted that for both',
    );
  }
  const composesLetters = isDeepStrictEqual(json.normalizer, NFC);
  if (!composesLetters && (json.normalizer ?? null) !== null) {
    throw new FormatError(
      `its normalizer is ${JSON.stringify(json.normalizer)}, ` +
        "wanted none or NFC",
    );
  }
  const parts = partsOf(json.pre_tokenizer);
  const last = parts.at(-1) as Json;
  const patterns = parts.slice(0, -1).map(readSplit);
  if (last.use_regex !== false) patterns.push(GPT2_PATTERN);
  const addsPrefixSpace = last.add_prefix_space !== false;
  if (addsPrefixSpace && parts.length > 1) {
    throw new FormatError("its words, once cut, get a space in front");
  }
  return { patterns, addsPrefixSpace, composesLetters };
}

/** The parts of a pre-tokenizer, one or a sequence. */
function partsOf(part: unknown): unknown[] {
  if (!isJson(part) || part.type !== "Sequence") return [part];
  return Array.isArray(part.pretokenizers) ? part.pretokenizers : [];
}

function readSplit(part: unknown): string {
  const { type, individual_digits, pattern, behavior, invert }: Json =
    isJson(part) ? part : {};
  if (type === "Digits") {
    return individual_digits === true ? "\\p{N}" : "\\p{N}+";
  }
  const regex = isJson(pattern) ? pattern.Regex : undefined;
  const isIsolated = behavior === "Isolated" && invert !== true;
  if (type === "Split" && typeof regex === "string" && isIsolated) return regex;
  throw new FormatError(
    `its pre_tokenizer has ${JSON.stringify(part)}, ` +
      "wanted Split by an isolated Regex, Digits or ByteLevel",
  );
}
