/**
 * Near-duplicates by locality-sensitive hashing: a signature is cut into bands,
 * and two texts whose signatures agree in a whole band are taken for similar
 * (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", section 3.4).
 * One pass, some 300 bytes a document.
 *
 * @module
 */
import { ConfigError } from "../../util/mod.ts";
import { IntList } from "../int_list.ts";
import { FingerprintTable, mixBits } from "./fingerprint.ts";
import { MinHash } from "./minhash.ts";

/** How alike texts must be; the defaults are those of FineWeb. */
export interface NearDuplicateKnobs {
  /** Bands b of a signature (14). */
  readonly bands: number;
  /** Hashes r in a band (8). */
  readonly rows: number;
  /** Words of a shingle (5). */
  readonly shingleWords: number;
  /** Seed of the hash functions (0). */
  readonly seed: number;
}

/** Texts whose shingles agree by three quarters are found in 77 % of cases. */
export const NEAR_DUPLICATE_DEFAULTS: NearDuplicateKnobs = {
  bands: 14,
  rows: 8,
  shingleWords: 5,
  seed: 0,
};

/**
 * Probability that two texts of Jaccard similarity s are found to be similar:
 * 1 - (1 - s^r)^b.
 */
export function nearDuplicateProbability(
  similarity: number,
  { bands, rows }: Pick<NearDuplicateKnobs, "bands" | "rows"> =
    NEAR_DUPLICATE_DEFAULTS,
): number {
  return 1 - (1 - similarity ** rows) ** bands;
}

/**
 * Texts that were seen, in groups of similar ones. Texts get the numbers 0, 1,
 * 2, ... in the order in which they are added.
 */
export class NearDuplicateIndex {
  readonly knobs: NearDuplicateKnobs;
  readonly #minHash: MinHash;
  readonly #bands: readonly FingerprintTable[];
  /** Towards the first text of the group; a root is its own parent. */
  readonly #parents = new IntList();

  /** @throws {ConfigError} when a knob is not a whole number of at least 1 */
  constructor(knobs: Partial<NearDuplicateKnobs> = {}) {
    this.knobs = { ...NEAR_DUPLICATE_DEFAULTS, ...knobs };
    const { bands, rows, shingleWords, seed } = this.knobs;
    for (const [name, n] of Object.entries({ bands, rows, shingleWords })) {
      if (Number.isInteger(n) && n >= 1) continue;
      throw new ConfigError(
        `Cannot look for near-duplicates with ${name} ${n}: wanted a whole ` +
          "number from 1",
      );
    }
    this.#minHash = new MinHash({
      numHashes: bands * rows,
      shingleWords,
      seed,
    });
    this.#bands = Array.from({ length: bands }, () => new FingerprintTable());
  }

  /** Number of texts. */
  get size(): number {
    return this.#parents.length;
  }

  /** Number of a similar text, the first by the bands, or undefined. */
  find(text: string): number | undefined {
    const keys = this.#keys(text);
    return keys && this.#findKeys(keys);
  }

  /** Adds a text that joins the groups of all similar ones. */
  add(text: string): number {
    const keys = this.#keys(text);
    const index = this.#append();
    if (keys) this.#addKeys(keys, index);
    return index;
  }

  /**
   * Adds a text unless a similar one is there.
   *
   * @returns the similar text's number, or undefined when it was added
   */
  addIfNew(text: string): number | undefined {
    const keys = this.#keys(text);
    const found = keys && this.#findKeys(keys);
    if (found !== undefined) return found;
    const index = this.#append();
    if (keys) this.#addKeys(keys, index);
    return undefined;
  }

  /** The smallest number in the group of a text. */
  groupOf(index: number): number {
    const { data } = this.#parents;
    let root = index;
    while (data[root] !== root) root = data[root]!;
    for (let i = index; i !== root;) { // a short way for the next time
      const parent = data[i]!;
      data[i] = root;
      i = parent;
    }
    return root;
  }

  #append(): number {
    const index = this.#parents.length;
    this.#parents.push(index);
    return index;
  }

  /** Two words for each band, or undefined for a text without words. */
  #keys(text: string): Uint32Array | undefined {
    const signature = this.#minHash.signature(text);
    if (!signature) return undefined;
    const { bands, rows } = this.knobs;
    const keys = new Uint32Array(2 * bands);
    for (let band = 0; band < bands; band++) {
      let low = band, high = ~band;
      for (let row = band * rows; row < (band + 1) * rows; row++) {
        low = mixBits(low ^ signature[row]!);
        high = mixBits(Math.imul(high, 0x5bd1e995) ^ signature[row]!);
      }
      keys[2 * band] = low;
      keys[2 * band + 1] = high;
    }
    return keys;
  }

  #findKeys(keys: Uint32Array): number | undefined {
    for (const [band, table] of this.#bands.entries()) {
      const found = table.get([keys[2 * band]!, keys[2 * band + 1]!]);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #addKeys(keys: Uint32Array, index: number): void {
    for (const [band, table] of this.#bands.entries()) {
      const key = [keys[2 * band]!, keys[2 * band + 1]!] as const;
      const found = table.getOrSet(key, index);
      if (found === undefined) continue;
      const [a, b] = [this.groupOf(found), this.groupOf(index)];
      this.#parents.data[Math.max(a, b)] = Math.min(a, b);
    }
  }
}
