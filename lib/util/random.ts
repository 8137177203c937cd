/**
 * Seeded random streams by Threefry-2x32 with 20 rounds.
 *
 * The generator is a keyed counter (Salmon et al., "Parallel random numbers:
 * as easy as 1, 2, 3", SC 2011): block i of a stream depends only on the seed,
 * the stream and i. It needs 32-bit additions, rotations and exclusive ors and
 * nothing else, so JavaScript, WebAssembly and WGSL give the same bits, a
 * stream resumes from one number, and two streams never overlap.
 *
 * @module
 */
import { ConfigError } from "./errors.ts";

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const PARITY = 0x1bd11bda;

/**
 * One Threefry-2x32-20 block.
 *
 * @param key0 low word of the key, u32
 * @param key1 high word of the key, u32
 * @param counter0 low word of the counter, u32
 * @param counter1 high word of the counter, u32
 * @returns two u32 words
 */
export function threefry(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): [number, number] {
  const keys = [key0 | 0, key1 | 0, PARITY ^ key0 ^ key1];
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    x0 = (x0 + x1) | 0;
    const r = ROTATIONS[round & 7]!;
    x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    if ((round & 3) === 3) {
      const inject = (round >> 2) + 1;
      x0 = (x0 + keys[inject % 3]!) | 0;
      x1 = (x1 + keys[(inject + 1) % 3]! + inject) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** 32-bit FNV-1a of a text: turns a stream's name into a key word. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/**
 * A stream of random numbers: `new Random(seed, "data order")`.
 *
 * Streams of one seed with different names are independent. `position` is the
 * number of words drawn; setting it continues from there.
 */
export class Random {
  readonly seed: number;
  readonly stream: string;
  /** Number of 32-bit words drawn so far. */
  position = 0;
  readonly #key: number;
  #block: [number, number] = [0, 0];
  #blockIndex = -1;

  /**
   * @param seed whole number, 0 to 2^32 - 1
   * @param stream name of the stream
   * @throws {ConfigError} when the seed is not such a number
   */
  constructor(seed: number, stream = "") {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new ConfigError(
        `Cannot seed with ${seed}: a seed is a whole number in 0..4294967295`,
      );
    }
    this.seed = seed;
    this.stream = stream;
    this.#key = hashText(stream);
  }

  /** A stream of the same seed, independent of this one. */
  fork(name: string): Random {
    return new Random(this.seed, `${this.stream}/${name}`);
  }

  /** Next u32. */
  uint32(): number {
    const index = Math.floor(this.position / 2);
    if (index !== this.#blockIndex) {
      const low = index >>> 0;
      const high = Math.floor(index / 2 ** 32);
      this.#block = threefry(this.seed, this.#key, low, high);
      this.#blockIndex = index;
    }
    return this.#block[this.position++ & 1]!;
  }

  /** Uniform in [0, 1) with 32 bits. */
  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  /**
   * Uniform whole number in 0..n-1, without bias.
   *
   * @throws {ConfigError} when n is not in 1..2^32
   */
  int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new ConfigError(`Cannot draw from 0..${n - 1}: n must be 1..2^32`);
    }
    const limit = 2 ** 32 - (2 ** 32 % n);
    let x = this.uint32();
    while (x >= limit) x = this.uint32();
    return x % n;
  }

  /** Standard normal by Box and Muller, two words a number. */
  normal(): number {
    // 1 - u lies in (0, 1], so the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One element, all equally likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)]!;
  }

  /** Index drawn with the given weights (not negative, not all zero). */
  weighted(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i]!;
    let x = this.uniform() * total;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i]! <= 0) continue;
      last = i;
      x -= weights[i]!;
      if (x < 0) return i;
    }
    return last; // rounding left a crumb: the last index with weight
  }

  /** Shuffles in place (Fisher and Yates) and returns its argument. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const swap = items[i];
      items[i] = items[j];
      items[j] = swap;
    }
    return items;
  }
}
