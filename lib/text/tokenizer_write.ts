/**
 * Writes a tokenizer as Hugging Face files: `tokenizer.json` (what tokenizes),
 * `tokenizer_config.json` and `special_tokens_map.json` (which special token
 * plays which part).
 *
 * @module
 */
import { join } from "node:path";
import { ConfigError, writeJson } from "../util/mod.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { layoutOf } from "./tokenizer_layout.ts";
import { byteOfPiece, type TokenizerModel } from "./tokenizer_model.ts";

/**
 * Writes the three files into a folder, each whole or not at all.
 * {@linkcode loadTokenizer} gives the same ids back, and so does any program
 * that reads `tokenizer.json`; only where a file of SentencePiece gives several
 * merges one rank is the order among these lost, as in every conversion.
 *
 * @throws {ConfigError} when the model replaces characters, collapses spaces or
 * has fixed pieces: the layout of Llama 2 cannot say that
 */
export async function saveTokenizer(
  folder: string,
  tokenizer: Tokenizer,
): Promise<void> {
  const { model } = tokenizer;
  checkLayout(model);
  const files = {
    "tokenizer.json": tokenizerJson(model),
    "tokenizer_config.json": configJson(model),
    "special_tokens_map.json": specialTokensMap(model),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeJson(join(folder, name), content);
  }
}

/** Refuses rules that a plain layout cannot express. */
function checkLayout(model: TokenizerModel): void {
  if (model.kind === "byte-level") return;
  const { charsmap, collapsesSpaces, fixedIds } = model.rules;
  const reason = charsmap.length > 0
    ? "it replaces characters"
    : collapsesSpaces
    ? "it collapses spaces"
    : fixedIds.length > 0
    ? `it has ${fixedIds.length} user-defined pieces`
    : undefined;
  if (reason === undefined) return;
  throw new ConfigError(
    `Cannot write this tokenizer as tokenizer.json: ${reason}, ` +
      "which the layout of Llama 2 cannot say",
  );
}

function tokenizerJson(model: TokenizerModel): object {
  const bos = model.pieces[model.bosId]!;
  const [first, second] = [0, 1].map((type) => [
    { SpecialToken: { id: bos, type_id: type } },
    { Sequence: { id: type === 0 ? "A" : "B", type_id: type } },
  ]);
  const { normalizer, pre_tokenizer, decoder } = layoutOf(model);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: model.specialIds.map((id) => ({
      id,
      ...tokenRecord(model, id),
      special: true,
    })),
    normalizer,
    pre_tokenizer,
    post_processor: {
      type: "TemplateProcessing",
      single: first,
      pair: [...first!, ...second!],
      special_tokens: {
        [bos]: { id: bos, ids: [model.bosId], tokens: [bos] },
      },
    },
    decoder,
    model: modelJson(model),
  };
}

function modelJson(model: TokenizerModel): object {
  const { pieces } = model;
  // Special tokens added after training stand outside of the vocabulary.
  const special = new Set(model.specialIds);
  let numTrained = pieces.length;
  while (special.has(numTrained - 1)) numTrained--;
  const vocab = pieces.slice(0, numTrained);
  if (model.kind === "unigram") {
    return {
      type: "Unigram",
      unk_id: model.unkId,
      vocab: vocab.map((piece, id) => [piece, model.scores[id] ?? 0]),
      byte_fallback: pieces.some((piece) => byteOfPiece(piece) >= 0),
    };
  }
  const { merges, unkId } = model;
  const isLlama = model.kind === "llama";
  const ranks = Array.from({ length: merges.length / 2 }, (_, rank) => rank);
  return {
    type: "BPE",
    dropout: null,
    unk_token: pieces[unkId] ?? null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: isLlama,
    byte_fallback: isLlama,
    ignore_merges: !isLlama && model.ignoresMerges,
    // fromEntries, since a piece may be called "__proto__".
    vocab: Object.fromEntries(vocab.map((piece, id) => [piece, id])),
    merges: ranks.map((rank) =>
      `${pieces[merges[2 * rank]!]} ${pieces[merges[2 * rank + 1]!]}`
    ),
  };
}

function configJson(model: TokenizerModel): object {
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

function specialTokensMap(model: TokenizerModel): object {
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

function rolesOf(model: TokenizerModel): [role: string, id: number][] {
  const roles: [string, number][] = [
    ["unk_token", model.unkId],
    ["bos_token", model.bosId],
    ["eos_token", model.eosId],
    ["pad_token", model.padId],
  ];
  return roles.filter(([, id]) => id >= 0);
}

function tokenRecord(
  { pieces, spacedIds }: TokenizerModel,
  id: number,
): object {
  return {
    content: pieces[id],
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: spacedIds.includes(id),
  };
}
