/**
 * Byte-pair encoding of text to ids.
 *
 * A word starts as its characters (or their UTF-8 bytes where the alphabet
 * lacks them); the neighbours whose merge has the lowest rank are joined, the
 * leftmost first, until no merge applies. A queue of candidates makes that
 * O(n log n), so a megabyte without a space is no trap; words seen before come
 * from a cache.
 *
 * @module
 */
import { type BpeModel, bytesOfPieces } from "./bpe_model.ts";
import { IntList } from "./int_list.ts";
import { KeyQueue } from "./key_queue.ts";
import { PairTable } from "./pair_table.ts";
import {
  allowJoin,
  detachWord,
  type Joins,
  noJoins,
  SPACE_SIGN,
  wordEnd,
} from "./word_cuts.ts";

const UTF8 = new TextEncoder();

/** Longer words are rare and long keys costly. */
const MAX_CACHED_LENGTH = 32;
/** Ids in the cache before it starts anew: 4 MiB, about 200,000 words. */
const CACHE_CAPACITY = 1 << 20;

/** Turns text into ids by the merges of one model. */
export class BpeEncoder {
  readonly #unkId: number;
  readonly #joins: Joins = noJoins();
  /** Id of each character of the alphabet, by code point. */
  readonly #charIds = new Map<number, number>();
  /** Id of each byte, or -1. */
  readonly #byteIds = new Int32Array(256).fill(-1);
  /** Merges, numbered by rank, and the id that each one gives. */
  readonly #merges = new PairTable();
  readonly #merged: Int32Array;
  /** Word → where the pool holds its number of ids, followed by the ids. */
  readonly #cache = new Map<string, number>();
  readonly #pool = new IntList(1 << 12);
  // The word at work: ids (-1 where merged away) and links to the neighbours.
  readonly #symbols = new IntList(64);
  #next = new Int32Array(64);
  #previous = new Int32Array(64);
  readonly #queue = new KeyQueue();

  constructor(model: BpeModel) {
    const { pieces, merges } = model;
    this.#unkId = model.unkId;
    const bytes = bytesOfPieces(pieces);
    const special = new Set(model.specialIds);
    const ids = new Map<string, number>();
    for (const [id, piece] of pieces.entries()) {
      if (special.has(id)) continue;
      if (bytes[id]! >= 0) this.#byteIds[bytes[id]!] = id;
      else {
        const text = piece.replaceAll(SPACE_SIGN, " ");
        ids.set(text, id);
        const code = text.codePointAt(0)!;
        if (text.length === (code > 0xffff ? 2 : 1)) {
          this.#charIds.set(code, id);
        }
      }
    }
    this.#merged = new Int32Array(merges.length / 2);
    for (let rank = 0; rank < this.#merged.length; rank++) {
      const left = merges[2 * rank]!, right = merges[2 * rank + 1]!;
      const before = pieces[left]!.replaceAll(SPACE_SIGN, " ");
      const after = pieces[right]!.replaceAll(SPACE_SIGN, " ");
      allowJoin(this.#joins, before, after);
      this.#merges.add(left, right);
      this.#merged[rank] = ids.get(before + after)!;
    }
  }

  /**
   * Appends the ids of a text.
   *
   * @param text well-formed UTF-16, its prefix space included
   */
  encodeInto(text: string, out: IntList): void {
    const first = out.length;
    for (let start = 0; start < text.length;) {
      const end = wordEnd(text, start, this.#joins);
      this.#appendWord(text.slice(start, end), out, first);
      start = end;
    }
  }

  #appendWord(word: string, out: IntList, first: number): void {
    let ids: Int32Array, from: number, to: number;
    if (word.length > MAX_CACHED_LENGTH) {
      to = this.#merge(word);
      ids = this.#symbols.data;
      from = 0;
    } else {
      const at = this.#cache.get(word) ?? this.#remember(word);
      ids = this.#pool.data;
      from = at + 1;
      to = from + ids[at]!;
    }
    out.reserve(to - from);
    for (let i = from; i < to; i++) {
      const id = ids[i]!;
      // A run of what cannot be spelled is one unknown (fuse_unk).
      if (
        id === this.#unkId && out.length > first &&
        out.data[out.length - 1] === id
      ) continue;
      out.data[out.length++] = id;
    }
  }

  #remember(word: string): number {
    const count = this.#merge(word);
    if (this.#pool.length + count + 1 > CACHE_CAPACITY) {
      this.#cache.clear();
      this.#pool.length = 0;
    }
    const at = this.#pool.length;
    this.#pool.push(count);
    for (let i = 0; i < count; i++) this.#pool.push(this.#symbols.data[i]!);
    this.#cache.set(detachWord(word), at);
    return at;
  }

  /** Leaves the ids of a word at the start of `#symbols`; returns how many. */
  #merge(word: string): number {
    const count = this.#spell(word);
    const symbols = this.#symbols.data;
    if (count === 1) return 1;
    if (count > this.#next.length) {
      this.#next = new Int32Array(symbols.length);
      this.#previous = new Int32Array(symbols.length);
    }
    const next = this.#next, previous = this.#previous, queue = this.#queue;
    for (let i = 0; i < count; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      if (i > 0) this.#offer(i - 1, i);
    }
    while (queue.pop()) {
      const rank = queue.first, i = queue.second;
      const j = symbols[i]! < 0 ? count : next[i]!;
      // Outdated when a neighbour has been merged since it was offered.
      if (j === count || this.#merges.find(symbols[i]!, symbols[j]!) !== rank) {
        continue;
      }
      symbols[i] = this.#merged[rank]!;
      symbols[j] = -1;
      next[i] = next[j]!;
      if (next[i]! < count) {
        previous[next[i]!] = i;
        this.#offer(i, next[i]!);
      }
      if (previous[i]! >= 0) this.#offer(previous[i]!, i);
    }
    let kept = 0;
    for (let i = 0; i < count; i = next[i]!) symbols[kept++] = symbols[i]!;
    return kept;
  }

  #offer(i: number, j: number): void {
    const symbols = this.#symbols.data;
    const rank = this.#merges.find(symbols[i]!, symbols[j]!);
    if (rank >= 0) this.#queue.push(rank, i);
  }

  /** Fills `#symbols` with the characters of a word; returns how many. */
  #spell(word: string): number {
    const symbols = this.#symbols;
    symbols.length = 0;
    for (let i = 0; i < word.length;) {
      const code = word.codePointAt(i)!;
      i += code > 0xffff ? 2 : 1;
      const id = this.#charIds.get(code);
      if (id !== undefined) symbols.push(id);
      else this.#spellBytes(code);
    }
    return symbols.length;
  }

  #spellBytes(code: number): void {
    const bytes = UTF8.encode(String.fromCodePoint(code));
    const ids = Array.from(bytes, (byte) => this.#byteIds[byte]!);
    if (ids.includes(-1)) this.#symbols.push(this.#unkId);
    else for (const id of ids) this.#symbols.push(id);
  }
}
