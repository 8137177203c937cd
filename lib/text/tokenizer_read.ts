/**
 * Reads `tokenizer.json` of Hugging Face and checks it: a file that means other
 * ids than this library would give is refused, with the first thing that is
 * wrong, and never approximated. `tokenizer_layout.ts` has what is understood.
 *
 * @module
 */
import { FormatError, messageOf } from "../util/mod.ts";
import { BYTE_LETTERS, fromByteLetters } from "./byte_level.ts";
import { Tokenizer } from "./tokenizer.ts";
import {
  isByteLevel,
  isJson,
  type Json,
  readSpaceRules,
  readWordCuts,
} from "./tokenizer_layout.ts";
import { byteOfPiece, type TokenizerModel } from "./tokenizer_model.ts";
import {
  readMerges,
  readPieces,
  readRoles,
  type Vocabulary,
} from "./tokenizer_vocabulary.ts";

/**
 * A tokenizer from the text of a `tokenizer.json`: BPE over characters in the
 * layout of Llama 2, over bytes in that of GPT-2 and Llama 3, or unigrams.
 * Merges may be written "a b" or ["a", "b"]; every added token counts as
 * special, one marked "normalized" is found behind a space only where a space
 * is put in front of texts. The post-processor is not read: whoever calls
 * `encode` says whether the beginning token goes in front.
 *
 * @param options.name what to call the file in an error
 * @param options.roles record with `bos_token`, `eos_token`, `unk_token` and
 * `pad_token`, each a name or `{ content: name }`; without it they are `<s>`,
 * `</s>`, `<unk>` and `<pad>`, or the end of text of GPT-2 and Llama 3. Without
 * a padding token the end token pads; in the byte-level kind it also begins
 * texts when nothing else does.
 * @throws {FormatError} when the text is not JSON, holds no model of these
 * layouts, has ids with gaps, or merges of unknown pieces
 */
export function parseTokenizer(
  text: string,
  { name = "tokenizer.json", roles = {} }: { name?: string; roles?: Json } = {},
): Tokenizer {
  const json = parseJson(text, name);
  try {
    return new Tokenizer(readModel(json, roles));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`Cannot read ${name}: ${error.message}`);
  }
}

/**
 * A JSON object from text.
 *
 * @throws {FormatError} when it is not JSON or no object, naming the file
 */
export function parseJson(text: string, name: string): Json {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FormatError(
      `Cannot read ${name}: it is not JSON: ${messageOf(error)}`,
    );
  }
  if (isJson(json)) return json;
  throw new FormatError(`Cannot read ${name}: it holds no JSON object`);
}

function readModel(json: Json, roles: Json): TokenizerModel {
  const model = json.model;
  // The file of GPT-2 is older than the name of the type.
  const usual = isJson(model) && "merges" in model ? "BPE" : undefined;
  const type = isJson(model) ? model.type ?? usual : undefined;
  if (!isJson(model) || (type !== "BPE" && type !== "Unigram")) {
    throw new FormatError(
      `its model is ${type === undefined ? "nothing" : `"${type}"`}, ` +
        'wanted "BPE" or "Unigram"',
    );
  }
  if (type === "Unigram") return readUnigram(json, model, roles);
  return isByteLevel(json)
    ? readByteLevel(json, model, roles)
    : readLlama(json, model, roles);
}

function readLlama(json: Json, model: Json, roles: Json): TokenizerModel {
  const rules = readSpaceRules(json);
  checkSettings(model, { byte_fallback: true, ignore_merges: null });
  const vocabulary = readPieces(model.vocab, json.added_tokens);
  const { pieces } = vocabulary;
  const special = new Set(vocabulary.specialIds);
  const isByte = pieces.map((piece) => byteOfPiece(piece) >= 0);
  checkSpaces(vocabulary);
  const numBytes = isByte.filter(Boolean).length;
  if (numBytes < 256 && model.fuse_unk !== true) {
    throw new FormatError(
      `it has ${numBytes} of 256 byte pieces and fuse_unk is not true`,
    );
  }
  return {
    kind: "llama",
    ...vocabulary,
    // Without a space in front of texts such a token is found anywhere.
    spacedIds: rules.addsPrefixSpace ? vocabulary.spacedIds : [],
    merges: readMerges(
      model.merges,
      pieces,
      (id) => special.has(id) || isByte[id]!,
    ),
    rules,
    ...readRoles(vocabulary, "llama", {
      ...roles,
      // What the model itself writes for the unknown comes first.
      unk_token: model.unk_token ?? roles.unk_token,
    }),
  };
}

function readByteLevel(json: Json, model: Json, roles: Json): TokenizerModel {
  const cuts = readWordCuts(json);
  checkSettings(model, { byte_fallback: null });
  const vocabulary = readPieces(model.vocab, json.added_tokens);
  const { pieces } = vocabulary;
  const special = new Set(vocabulary.specialIds);
  const letters = new Set<string>();
  for (const [id, piece] of pieces.entries()) {
    if (special.has(id)) continue;
    if (fromByteLetters(piece) === undefined) {
      throw new FormatError(
        `the piece "${piece}" has letters that are no byte`,
      );
    }
    if (piece.length === 1) letters.add(piece);
  }
  if (letters.size < BYTE_LETTERS.length) {
    throw new FormatError(
      `it has ${letters.size} of the 256 bytes as pieces`,
    );
  }
  return {
    kind: "byte-level",
    ...vocabulary,
    spacedIds: [],
    merges: readMerges(model.merges, pieces, (id) => special.has(id)),
    ...cuts,
    ignoresMerges: model.ignore_merges === true,
    ...readRoles(vocabulary, "byte-level", roles),
  };
}

function readUnigram(json: Json, model: Json, roles: Json): TokenizerModel {
  const rules = readSpaceRules(json);
  const entries: unknown = model.vocab;
  if (!Array.isArray(entries)) throw new FormatError("its model has no vocab");
  const scores = new Float32Array(entries.length);
  const vocab: Record<string, number> = Object.create(null);
  for (const [id, entry] of entries.entries()) {
    const [piece, score] = Array.isArray(entry) ? entry : [];
    if (typeof piece !== "string" || !Number.isFinite(score)) {
      throw new FormatError(
        `piece ${id} of its vocab is ${JSON.stringify(entry)}, ` +
          "wanted a text and its score",
      );
    }
    if (piece in vocab) throw new FormatError(`"${piece}" comes twice`);
    vocab[piece] = id;
    scores[id] = score as number;
  }
  const vocabulary = readPieces(vocab, json.added_tokens);
  checkSpaces(vocabulary);
  const hasBytes = vocabulary.pieces.some((piece) => byteOfPiece(piece) >= 0);
  if (hasBytes && model.byte_fallback !== true) {
    throw new FormatError("it has byte pieces and byte_fallback is not true");
  }
  const unkId: unknown = model.unk_id;
  const unk = typeof unkId === "number" ? entries[unkId]?.[0] : undefined;
  return {
    kind: "unigram",
    ...vocabulary,
    spacedIds: rules.addsPrefixSpace ? vocabulary.spacedIds : [],
    scores,
    rules,
    ...readRoles(vocabulary, "unigram", {
      ...roles,
      unk_token: unk ?? roles.unk_token,
    }),
  };
}

/** Refuses pieces with a space where "▁" stands for it. */
function checkSpaces({ pieces, specialIds }: Vocabulary): void {
  const special = new Set(specialIds);
  for (const [id, piece] of pieces.entries()) {
    if (!piece.includes(" ") || special.has(id)) continue;
    throw new FormatError(`the piece "${piece}" has a space, wanted "▁"`);
  }
}

/** Refuses settings of a BPE model under which it would give other ids. */
function checkSettings(model: Json, wanted: Json): void {
  const all = {
    ...wanted,
    dropout: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
  };
  for (const [name, value] of Object.entries(all)) {
    const came = model[name] || null;
    if (came === value) continue;
    throw new FormatError(
      `its ${name} is ${JSON.stringify(model[name])}, wanted ${value}`,
    );
  }
}
