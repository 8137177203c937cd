/**
 * Numbers pairs of ids in the order in which they first came: an open
 * addressing hash table on two int32 keys. A `Map` on one combined key would
 * box every key above 2^30 as a heap number; this is several times faster and
 * takes 16 bytes a pair. The tokenizer keeps its merges in it, the trainer its
 * pair counts, the bigram model its counts.
 *
 * @module
 */
import { IntList } from "./int_list.ts";

/** Pairs (left, right) of int32 ids, numbered 0, 1, 2, ... as they are added. */
export class PairTable {
  /** Left id of each pair, by its number. */
  readonly lefts = new IntList(512);
  /** Right id of each pair, by its number. */
  readonly rights = new IntList(512);
  /** Number of a pair plus 1, or 0 for an empty slot; a power of two long. */
  #slots = new Int32Array(1024);

  /** How many pairs there are. */
  get size(): number {
    return this.lefts.length;
  }

  /** Number of the pair, or -1 when it was never added. */
  find(left: number, right: number): number {
    return this.#slots[this.#slotOf(left, right)]! - 1;
  }

  /** Number of the pair, which is added when it is new. */
  add(left: number, right: number): number {
    const slot = this.#slotOf(left, right);
    const known = this.#slots[slot]! - 1;
    if (known >= 0) return known;
    const index = this.size;
    this.#slots[slot] = index + 1;
    this.lefts.push(left);
    this.rights.push(right);
    if (2 * this.size > this.#slots.length) this.#grow();
    return index;
  }

  /** The slot that holds the pair, or the empty one where it would go. */
  #slotOf(left: number, right: number): number {
    const mask = this.#slots.length - 1;
    // Two odd multipliers (golden ratio, murmur3), then the high bits down:
    // ids are small and dense, so all that matters is to spread low bits.
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    for (;;) {
      const index = this.#slots[slot]! - 1;
      if (index < 0) return slot;
      if (
        this.lefts.data[index] === left && this.rights.data[index] === right
      ) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    for (let i = 0; i < this.size; i++) {
      const slot = this.#slotOf(this.lefts.data[i]!, this.rights.data[i]!);
      this.#slots[slot] = i + 1;
    }
  }
}
