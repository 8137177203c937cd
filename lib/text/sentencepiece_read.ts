/**
 * Reads a `.model` file of SentencePiece, BPE or unigram.
 *
 * Its BPE has no list of merges: whatever two neighbours spell a piece may be
 * joined, the piece with the best score first. So a merge is every way to cut
 * a piece in two pieces, and all ways to spell one piece share its rank.
 *
 * Source: `sentencepiece_model.proto` of SentencePiece.
 *
 * @module
 */
import { FormatError } from "../util/mod.ts";
import { IntList } from "./int_list.ts";
import {
  type ProtobufField,
  protobufFields,
  protobufFloat,
  protobufText,
} from "./protobuf_reader.ts";
import { Tokenizer } from "./tokenizer.ts";
import {
  byteOfPiece,
  type SpaceRules,
  type TokenizerModel,
  type TokenizerParts,
} from "./tokenizer_model.ts";

/** `ModelProto.SentencePiece.Type`. */
const NORMAL = 1, UNKNOWN = 2, CONTROL = 3, USER_DEFINED = 4, BYTE = 6;
/** `TrainerSpec.ModelType`, of which 3 and 4 are words and characters. */
const UNIGRAM = 1, BPE = 2;

interface Piece {
  readonly text: string;
  readonly score: number;
  readonly type: number;
}

/** What of the `TrainerSpec` matters after training, with its defaults. */
interface TrainerSpec {
  modelType: number;
  hasBytes: boolean;
  hasSpaceBehind: boolean;
  unkId: number;
  bosId: number;
  eosId: number;
  padId: number;
}

/**
 * A tokenizer from the bytes of a `.model` file. Without a beginning or padding
 * token the end token takes its part. Decoding gives "" for unknown ids, as for
 * all special ones, where SentencePiece writes " ⁇ ".
 *
 * @param name what to call the file in an error
 * @throws {FormatError} when the bytes are no such file or cut short, or it
 * holds a model of words or characters, spaces behind words, unused pieces, or
 * no end token
 */
export function parseSentencePiece(
  bytes: Uint8Array,
  name = "tokenizer.model",
): Tokenizer {
  try {
    return new Tokenizer(readModelProto(bytes));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(
      `Cannot read ${name} as a SentencePiece model: ${error.message}`,
    );
  }
}

function readModelProto(bytes: Uint8Array): TokenizerModel {
  const pieces: Piece[] = [];
  let trainer: TrainerSpec | undefined;
  let rules: SpaceRules | undefined;
  for (const field of protobufFields(bytes)) {
    if (field.number === 1) pieces.push(readPiece(field));
    else if (field.number === 2) trainer = readTrainerSpec(field);
    else if (field.number === 3) rules = readNormalizerSpec(field);
  }
  if (pieces.length === 0 || trainer === undefined || rules === undefined) {
    throw new FormatError(
      `it has ${pieces.length} pieces, ${trainer ? "a" : "no"} trainer and ` +
        `${rules ? "a" : "no"} normalizer specification`,
    );
  }
  const { modelType } = trainer;
  if (modelType !== BPE && modelType !== UNIGRAM) {
    throw new FormatError(
      `its model type is ${modelType}, wanted 1 (unigram) or 2 (BPE)`,
    );
  }
  if (trainer.hasSpaceBehind) {
    throw new FormatError("its spaces stand behind words, not in front");
  }
  const parts = readParts(pieces, trainer);
  rules = { ...rules, fixedIds: idsOfType(pieces, USER_DEFINED) };
  return modelType === UNIGRAM
    ? {
      kind: "unigram",
      ...parts,
      scores: Float32Array.from(pieces, ({ score }) => score),
      rules,
    }
    : { kind: "llama", ...parts, ...mergesOf(pieces), rules };
}

function readPiece({ bytes }: ProtobufField): Piece {
  const piece = { text: "", score: 0, type: NORMAL };
  for (const field of protobufFields(bytes)) {
    if (field.number === 1) piece.text = protobufText(field);
    else if (field.number === 2) piece.score = protobufFloat(field);
    else if (field.number === 3) piece.type = field.int;
  }
  return piece;
}

function readTrainerSpec({ bytes }: ProtobufField): TrainerSpec {
  const spec: TrainerSpec = {
    modelType: UNIGRAM,
    hasBytes: false,
    hasSpaceBehind: false,
    unkId: 0,
    bosId: 1,
    eosId: 2,
    padId: -1,
  };
  for (const { number, int } of protobufFields(bytes)) {
    if (number === 3) spec.modelType = int;
    else if (number === 24) spec.hasSpaceBehind = int !== 0;
    else if (number === 35) spec.hasBytes = int !== 0;
    else if (number === 40) spec.unkId = int;
    else if (number === 41) spec.bosId = int;
    else if (number === 42) spec.eosId = int;
    else if (number === 43) spec.padId = int;
  }
  return spec;
}

function readNormalizerSpec({ bytes }: ProtobufField): SpaceRules {
  let charsmap = new Uint8Array();
  let addsPrefixSpace = true, collapsesSpaces = true;
  for (const { number, int, bytes: value } of protobufFields(bytes)) {
    if (number === 2) charsmap = value.slice();
    else if (number === 3) addsPrefixSpace = int !== 0;
    else if (number === 4) collapsesSpaces = int !== 0;
    else if (number === 5 && int === 0) {
      throw new FormatError('its spaces are not written as "▁"');
    }
  }
  return { addsPrefixSpace, collapsesSpaces, charsmap, fixedIds: [] };
}

function readParts(
  pieces: readonly Piece[],
  { hasBytes, unkId, bosId, eosId, padId }: TrainerSpec,
): TokenizerParts {
  const seen = new Set<string>();
  for (const [id, { text, type, score }] of pieces.entries()) {
    const isKnown = (type >= NORMAL && type <= USER_DEFINED) ||
      (type === BYTE && byteOfPiece(text) >= 0);
    const isGood = text !== "" && !text.includes(" ") && !seen.has(text) &&
      isKnown && !Number.isNaN(score);
    if (!isGood) {
      throw new FormatError(
        `piece ${id} is "${text}" of type ${type} with score ${score}: wanted ` +
          "a new text without spaces, type 1 to 4 or 6 (a byte) and a number",
      );
    }
    seen.add(text);
  }
  const numBytes = idsOfType(pieces, BYTE).length;
  if (numBytes !== (hasBytes ? 256 : 0)) {
    throw new FormatError(
      `it has ${numBytes} byte pieces and byte_fallback is ${hasBytes}`,
    );
  }
  if (pieces[unkId]?.type !== UNKNOWN) {
    throw new FormatError(`piece ${unkId} does not stand for the unknown`);
  }
  const isControl = (id: number) => pieces[id]?.type === CONTROL;
  if (!isControl(eosId)) {
    throw new FormatError(`its eosId ${eosId} is not a control piece`);
  }
  return {
    pieces: pieces.map(({ text }) => text),
    specialIds: [...idsOfType(pieces, UNKNOWN), ...idsOfType(pieces, CONTROL)]
      .sort((a, b) => a - b),
    spacedIds: [],
    unkId,
    bosId: isControl(bosId) ? bosId : eosId,
    eosId,
    padId: isControl(padId) ? padId : eosId,
  };
}

function idsOfType(pieces: readonly Piece[], wanted: number): number[] {
  return Array.from(pieces.keys()).filter((id) => pieces[id]!.type === wanted);
}

/** Every way to spell a piece by two, best score first; see the file's head. */
function mergesOf(
  pieces: readonly Piece[],
): { merges: Int32Array; mergeRanks: Int32Array } {
  const normal = idsOfType(pieces, NORMAL);
  const ids = new Map(normal.map((id) => [pieces[id]!.text, id]));
  normal.sort((a, b) => pieces[b]!.score - pieces[a]!.score || a - b);
  const merges = new IntList(), ranks = new IntList();
  let rank = 0;
  for (const id of normal) {
    const { text } = pieces[id]!;
    const before = ranks.length;
    for (let cut = 1; cut < text.length; cut++) {
      const left = ids.get(text.slice(0, cut));
      const right = ids.get(text.slice(cut));
      if (left === undefined || right === undefined) continue;
      merges.append([left, right]);
      ranks.push(rank);
    }
    if (ranks.length > before) rank++;
  }
  return { merges: merges.toArray(), mergeRanks: ranks.toArray() };
}
