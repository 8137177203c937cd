/**
 * The unigram model of SentencePiece: text to ids.
 *
 * Of all ways to spell a text in pieces the most probable is taken (Viterbi):
 * for each place the best way to get there and the piece that leads to it. Sums
 * are rounded to single precision as in SentencePiece, whose ties these are.
 *
 * Source: Kudo 2018 (arXiv 1804.10959); `unigram_model.cc` of SentencePiece,
 * `EncodeOptimized`.
 *
 * @module
 */
import type { IntList } from "./int_list.ts";
import { ByteSpeller, fuseUnknowns, textIds } from "./sentence_pieces.ts";
import { PairTable } from "./pair_table.ts";
import { byteOfPiece, type UnigramModel } from "./tokenizer_model.ts";
import { SPACE_SIGN } from "./word_cuts.ts";

/** How much worse than the rarest piece an unknown character is. */
const UNKNOWN_PENALTY = 10;
/** Score of a user-defined piece: more probable than any piece of its own. */
const FIXED_SCORE = -0.1;

/** Turns text into ids by the probabilities of one model. */
export class UnigramEncoder {
  /** Score of each piece: single precision, but those of fixed ones. */
  readonly #scores: Float64Array;
  readonly #unkId: number;
  /** Score of a character that is no piece. */
  readonly #unkScore: number;
  /** Speller of such characters, or undefined without byte pieces. */
  readonly #bytes: ByteSpeller | undefined;
  /** Edges of the tree of pieces: (node, UTF-16 unit) → node - 1. */
  readonly #edges = new PairTable();
  /** Id of the piece that ends at each node, or -1. */
  readonly #ends: number[] = [-1];
  // For each place of the text at work: the best sum of scores up to it, the
  // id that leads there (-1 for a character that is no piece), its start.
  #best = new Float32Array(0);
  #ids = new Int32Array(0);
  #starts = new Int32Array(0);

  constructor(model: UnigramModel) {
    this.#scores = Float64Array.from(model.scores);
    this.#unkId = model.unkId;
    let lowest = Infinity;
    for (const [text, id] of textIds(model)) {
      this.#add(text, id);
      lowest = Math.min(lowest, this.#scores[id]!);
    }
    this.#unkScore = lowest - UNKNOWN_PENALTY;
    for (const id of model.rules.fixedIds) {
      this.#scores[id] = FIXED_SCORE;
      this.#add(model.pieces[id]!.replaceAll(SPACE_SIGN, " "), id);
    }
    if (model.pieces.some((piece) => byteOfPiece(piece) >= 0)) {
      this.#bytes = new ByteSpeller(model);
    }
  }

  #add(text: string, id: number): void {
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      node = this.#edges.add(node, text.charCodeAt(i)) + 1;
      if (node === this.#ends.length) this.#ends.push(-1);
    }
    this.#ends[node] = id;
  }

  /**
   * Appends the ids of a text.
   *
   * @param text well-formed UTF-16, its prefix space included
   */
  encodeInto(text: string, out: IntList): void {
    if (text === "") return;
    this.#findBest(text);
    // The path is found backwards: reversed in place at the end.
    const first = out.length;
    for (let end = text.length; end > 0; end = this.#starts[end]!) {
      if (this.#ids[end]! >= 0) out.push(this.#ids[end]!);
      else this.#pushUnknown(text.codePointAt(this.#starts[end]!)!, out);
    }
    out.data.subarray(first, out.length).reverse();
    fuseUnknowns(out, first, this.#unkId);
  }

  /** Appends the ids of a character that is no piece, last one first. */
  #pushUnknown(code: number, out: IntList): void {
    if (this.#bytes === undefined) return out.push(this.#unkId);
    const start = out.length;
    this.#bytes.spell(code, out);
    out.data.subarray(start, out.length).reverse();
  }

  #findBest(text: string): void {
    const size = text.length;
    if (this.#starts.length <= size) {
      this.#best = new Float32Array(size + 1);
      this.#ids = new Int32Array(size + 1);
      this.#starts = new Int32Array(size + 1);
    }
    const best = this.#best, starts = this.#starts, ids = this.#ids;
    starts.fill(-1, 0, size + 1);
    best[0] = 0;
    const reach = (start: number, end: number, score: number, id: number) => {
      const sum = best[start]! + score;
      if (starts[end]! >= 0 && sum <= best[end]!) return;
      best[end] = sum;
      starts[end] = start;
      ids[end] = id;
    };
    for (let start = 0; start < size;) {
      const next = start + (text.codePointAt(start)! > 0xffff ? 2 : 1);
      let hasSingle = false;
      let node = 0;
      for (let end = start; end < size;) {
        node = this.#edges.find(node, text.charCodeAt(end++)) + 1;
        if (node === 0) break;
        const id = this.#ends[node]!;
        if (id < 0) continue;
        reach(start, end, this.#scores[id]!, id);
        if (end === next) hasSingle = true;
      }
      if (!hasSingle) reach(start, next, this.#unkScore, -1);
      start = next;
    }
  }
}
