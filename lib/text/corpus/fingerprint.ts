/**
 * 64-bit fingerprints of texts and a table from fingerprints to numbers that
 * takes some 20 bytes an entry: a `Map` would take five times that, and a
 * corpus has millions of documents with many fingerprints each.
 *
 * @module
 */

/** Two 32-bit words: the chance that two texts share both is 2^-64. */
export type Fingerprint = readonly [low: number, high: number];

/** Mixes all bits of a 32-bit word (the finalizer of MurmurHash3). */
export function mixBits(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** 32-bit hash of a text from a start value. */
export function hashWord(text: string, start = 0): number {
  let hash = start ^ 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return mixBits(hash ^ text.length);
}

/** The fingerprint of a text. */
export function fingerprintOf(text: string): Fingerprint {
  return [hashWord(text, 0), hashWord(text, 0x2545f491)];
}

/** Fingerprints with a number each; open addressing, linear probing. */
export class FingerprintTable {
  #lows: Uint32Array;
  #highs: Uint32Array;
  /** Number plus one; 0 is a free place. */
  #values: Uint32Array;
  #size = 0;

  /** @param capacity places to begin with, a power of two */
  constructor(capacity = 1024) {
    this.#lows = new Uint32Array(capacity);
    this.#highs = new Uint32Array(capacity);
    this.#values = new Uint32Array(capacity);
  }

  /** Number of entries. */
  get size(): number {
    return this.#size;
  }

  /**
   * The number of a fingerprint; one that is new gets `value`, a whole number
   * in 0..2^32 - 2.
   *
   * @returns the number that was there, or undefined when it was new
   */
  getOrSet([low, high]: Fingerprint, value: number): number | undefined {
    if (2 * this.#size >= this.#values.length) this.#grow();
    const place = this.#find(low, high);
    const found = this.#values[place]!;
    if (found > 0) return found - 1;
    this.#lows[place] = low;
    this.#highs[place] = high;
    this.#values[place] = value + 1;
    this.#size++;
    return undefined;
  }

  /** The number of a fingerprint, or undefined. */
  get([low, high]: Fingerprint): number | undefined {
    const found = this.#values[this.#find(low, high)]!;
    return found > 0 ? found - 1 : undefined;
  }

  /** Place of a fingerprint, or the free one where it would go. */
  #find(low: number, high: number): number {
    const mask = this.#values.length - 1;
    let place = low & mask;
    while (
      this.#values[place]! > 0 &&
      (this.#lows[place] !== low || this.#highs[place] !== high)
    ) {
      place = (place + 1) & mask;
    }
    return place;
  }

  #grow(): void {
    const [lows, highs, values] = [this.#lows, this.#highs, this.#values];
    const capacity = 2 * values.length;
    this.#lows = new Uint32Array(capacity);
    this.#highs = new Uint32Array(capacity);
    this.#values = new Uint32Array(capacity);
    for (let i = 0; i < values.length; i++) {
      if (values[i] === 0) continue;
      const place = this.#find(lows[i]!, highs[i]!);
      this.#lows[place] = lows[i]!;
      this.#highs[place] = highs[i]!;
      this.#values[place] = values[i]!;
    }
  }
}
