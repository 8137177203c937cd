/**
 * MinHash (Broder 1997): a short signature of a text from which the share of
 * word sequences that two texts have in common can be estimated. The share of
 * equal places of two signatures estimates the Jaccard similarity of the texts'
 * sets of shingles, with a standard error of sqrt(J (1 - J) / K).
 *
 * @module
 */
import { Random } from "../../util/mod.ts";
import { hashWord, mixBits } from "./fingerprint.ts";

/** What a signature is made of. */
export interface MinHashOptions {
  /** Hash functions, K. */
  readonly numHashes: number;
  /** Words of a shingle. */
  readonly shingleWords: number;
  /** Seed of the hash functions. */
  readonly seed: number;
}

/** Words for comparison: lower case, letters and digits only. */
export function plainWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

/**
 * Hashes of the runs of `size` words, u32; of all words when they are fewer.
 * Equal runs have equal hashes.
 */
export function shingleHashes(
  words: readonly string[],
  size: number,
): Uint32Array {
  if (words.length === 0) return new Uint32Array();
  const hashes = words.map((word) => hashWord(word));
  const length = Math.min(size, words.length);
  const shingles = new Uint32Array(words.length - length + 1);
  for (let i = 0; i < shingles.length; i++) {
    let hash = length;
    for (let j = i; j < i + length; j++) {
      hash = Math.imul(hash ^ hashes[j]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    shingles[i] = mixBits(hash);
  }
  return shingles;
}

/** Makes signatures. */
export class MinHash {
  readonly options: MinHashOptions;
  readonly #factors: Int32Array;
  readonly #masks: Int32Array;

  constructor(options: MinHashOptions) {
    this.options = options;
    const random = new Random(options.seed, "minhash");
    const draw = () =>
      Int32Array.from({ length: options.numHashes }, () => random.uint32());
    this.#factors = draw().map((word) => word | 1); // odd: a permutation
    this.#masks = draw();
  }

  /** The K smallest hashes of a text, u32, or undefined without a word. */
  signature(text: string): Uint32Array | undefined {
    const { numHashes, shingleWords } = this.options;
    const shingles = shingleHashes(plainWords(text), shingleWords);
    if (shingles.length === 0) return undefined;
    const factors = this.#factors;
    const masks = this.#masks;
    const smallest = new Uint32Array(numHashes).fill(0xffffffff);
    for (const shingle of shingles) {
      for (let k = 0; k < numHashes; k++) {
        const product = Math.imul(shingle ^ masks[k]!, factors[k]!);
        const hash = (product ^ (product >>> 15)) >>> 0;
        if (hash < smallest[k]!) smallest[k] = hash;
      }
    }
    return smallest;
  }
}

/** Estimated Jaccard similarity of two texts, 0 to 1, from signatures. */
export function signatureSimilarity(a: Uint32Array, b: Uint32Array): number {
  let equal = 0;
  for (let k = 0; k < a.length; k++) if (a[k] === b[k]) equal++;
  return equal / a.length;
}
