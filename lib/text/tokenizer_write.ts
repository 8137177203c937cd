/**
 * Writes a tokenizer as Hugging Face files in the layout of Llama 2:
 * `tokenizer.json` (what tokenizes), `tokenizer_config.json` and
 * `special_tokens_map.json` (which special token plays which part).
 *
 * @module
 */
import { join } from "node:path";
import { writeFileAtomic } from "../util/mod.ts";
import type { BpeModel } from "./bpe_model.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { SPACE_SIGN } from "./word_cuts.ts";

/** Space to "▁", one in front: `normalizer` of Llama 2. */
export const LLAMA_NORMALIZER = {
  type: "Sequence",
  normalizers: [
    { type: "Prepend", prepend: SPACE_SIGN },
    { type: "Replace", pattern: { String: " " }, content: SPACE_SIGN },
  ],
};

/** "▁" to space, byte pieces to bytes, one space off: `decoder` of Llama 2. */
export const LLAMA_DECODER = {
  type: "Sequence",
  decoders: [
    { type: "Replace", pattern: { String: SPACE_SIGN }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
    { type: "Strip", content: " ", start: 1, stop: 0 },
  ],
};

/**
 * Writes the three files into a folder, each whole or not at all.
 * {@linkcode loadTokenizer} gives the same ids back, and so does any program
 * that reads `tokenizer.json`.
 */
export async function saveTokenizer(
  folder: string,
  tokenizer: Tokenizer,
): Promise<void> {
  const { model } = tokenizer;
  const files = {
    "tokenizer.json": tokenizerJson(model),
    "tokenizer_config.json": configJson(model),
    "special_tokens_map.json": specialTokensMap(model),
  };
  for (const [name, content] of Object.entries(files)) {
    const text = JSON.stringify(content, null, 2) + "\n";
    await writeFileAtomic(join(folder, name), text);
  }
}

function tokenizerJson(model: BpeModel): object {
  const { pieces, merges } = model;
  // Special tokens added after training stand outside of the vocabulary.
  const special = new Set(model.specialIds);
  let numTrained = pieces.length;
  while (special.has(numTrained - 1)) numTrained--;
  const ranks = Array.from({ length: merges.length / 2 }, (_, rank) => rank);
  const bos = pieces[model.bosId]!;
  const [first, second] = [0, 1].map((type) => [
    { SpecialToken: { id: bos, type_id: type } },
    { Sequence: { id: type === 0 ? "A" : "B", type_id: type } },
  ]);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: model.specialIds.map((id) => ({
      id,
      ...tokenRecord(model, id),
      special: true,
    })),
    normalizer: LLAMA_NORMALIZER,
    pre_tokenizer: null,
    post_processor: {
      type: "TemplateProcessing",
      single: first,
      pair: [...first!, ...second!],
      special_tokens: {
        [bos]: { id: bos, ids: [model.bosId], tokens: [bos] },
      },
    },
    decoder: LLAMA_DECODER,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: pieces[model.unkId],
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      // fromEntries, since a piece may be called "__proto__".
      vocab: Object.fromEntries(
        pieces.slice(0, numTrained).map((piece, id) => [piece, id]),
      ),
      merges: ranks.map((rank) =>
        `${pieces[merges[2 * rank]!]} ${pieces[merges[2 * rank + 1]!]}`
      ),
    },
  };
}

function configJson(model: BpeModel): object {
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    added_tokens_decoder: Object.fromEntries(
      model.specialIds.map((id) => [
        id,
        { ...tokenRecord(model, id), special: true },
      ]),
    ),
    ...Object.fromEntries(
      rolesOf(model).map(([role, id]) => [role, model.pieces[id]]),
    ),
    padding_side: "right",
    clean_up_tokenization_spaces: false,
  };
}

function specialTokensMap(model: BpeModel): object {
  const roles = rolesOf(model);
  const others = model.specialIds.filter((id) =>
    roles.every(([, roleId]) => roleId !== id)
  ).map((id) => model.pieces[id]);
  return {
    ...Object.fromEntries(
      roles.map(([role, id]) => [role, tokenRecord(model, id)]),
    ),
    ...(others.length > 0 ? { additional_special_tokens: others } : {}),
  };
}

function rolesOf(model: BpeModel): [role: string, id: number][] {
  return [
    ["unk_token", model.unkId],
    ["bos_token", model.bosId],
    ["eos_token", model.eosId],
    ["pad_token", model.padId],
  ];
}

function tokenRecord({ pieces, spacedIds }: BpeModel, id: number): object {
  return {
    content: pieces[id],
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: spacedIds.includes(id),
  };
}
