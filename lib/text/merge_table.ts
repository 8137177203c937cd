/**
 * The merges of a BPE model, applied to the ids of one word.
 *
 * The neighbours whose merge has the lowest rank are joined, the leftmost
 * first, until no merge applies. A queue of candidates makes that O(n log n),
 * so a megabyte without a space is no trap.
 *
 * @module
 */
import type { IntList } from "./int_list.ts";
import { KeyQueue } from "./key_queue.ts";
import { PairTable } from "./pair_table.ts";

/** Merges by rank, with the id that each one gives. */
export class MergeTable {
  /** Pairs, numbered in the order of the model's list. */
  readonly #pairs = new PairTable();
  /** Rank of each pair. */
  readonly #ranks: Int32Array;
  /** Id that the pairs of a rank give. */
  readonly #merged: Int32Array;
  readonly #queue = new KeyQueue();
  // Links to the neighbours of each place of the word at work.
  #next = new Int32Array(64);
  #previous = new Int32Array(64);

  /**
   * @param merges left and right id of each merge, (M, 2), no pair twice
   * @param merged id that each merge gives, (M)
   * @param ranks rank of each merge, (M): 0 to M - 1, those that share one give
   * the same id; by default the place in the list
   */
  constructor(merges: Int32Array, merged: Int32Array, ranks?: Int32Array) {
    this.#ranks = ranks ?? merged.map((_, index) => index);
    this.#merged = new Int32Array(merged.length);
    for (let index = 0; index < merged.length; index++) {
      this.#pairs.add(merges[2 * index]!, merges[2 * index + 1]!);
      this.#merged[this.#ranks[index]!] = merged[index]!;
    }
  }

  /** Joins the ids of one word in place and shortens the list. */
  apply(word: IntList): void {
    const count = word.length;
    if (count < 2) return;
    const ids = word.data;
    if (count > this.#next.length) {
      this.#next = new Int32Array(ids.length);
      this.#previous = new Int32Array(ids.length);
    }
    const next = this.#next, previous = this.#previous, queue = this.#queue;
    for (let i = 0; i < count; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      if (i > 0) this.#offer(ids, i - 1, i);
    }
    while (queue.pop()) {
      const rank = queue.first, i = queue.second;
      const j = ids[i]! < 0 ? count : next[i]!;
      // Outdated when a neighbour has been merged since it was offered.
      if (j === count || this.#rankOf(ids[i]!, ids[j]!) !== rank) continue;
      ids[i] = this.#merged[rank]!;
      ids[j] = -1; // merged away
      next[i] = next[j]!;
      if (next[i]! < count) {
        previous[next[i]!] = i;
        this.#offer(ids, i, next[i]!);
      }
      if (previous[i]! >= 0) this.#offer(ids, previous[i]!, i);
    }
    word.length = 0;
    for (let i = 0; i < count; i = next[i]!) ids[word.length++] = ids[i]!;
  }

  #offer(ids: Int32Array, i: number, j: number): void {
    const rank = this.#rankOf(ids[i]!, ids[j]!);
    if (rank >= 0) this.#queue.push(rank, i);
  }

  /** Rank of the merge of two ids, or -1. */
  #rankOf(left: number, right: number): number {
    const index = this.#pairs.find(left, right);
    return index < 0 ? -1 : this.#ranks[index]!;
  }
}
