/**
 * From documents to training batches: one stream of tokens, cut into blocks of
 * T that follow each other without overlap, drawn in a new seeded order every
 * epoch. Batch i depends on the tokens, the settings and i alone, so a run goes
 * on exactly where it stopped.
 *
 * As in TTL a document begins with BOS, none ends with EOS by default, and
 * attention may cross documents (facts of arXiv 2401.16640 and its scripts).
 *
 * @module
 */
import { ConfigError, DataError, Random } from "../util/mod.ts";
import { IntList } from "./int_list.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Tokens of a corpus: two bytes each where the vocabulary allows it. */
export type TokenArray = Uint16Array | Int32Array;

/**
 * All documents as one stream of tokens, each with BOS in front.
 *
 * @param options.bos whether `<s>` begins each document (default true)
 * @param options.eos whether `</s>` ends each document (default false)
 * @returns uint16 when the vocabulary has at most 65,536 ids, else int32
 */
export function packDocuments(
  documents: Iterable<{ readonly text: string }>,
  tokenizer: Tokenizer,
  { bos = true, eos = false }: { bos?: boolean; eos?: boolean } = {},
): TokenArray {
  const all = new IntList(1 << 16);
  for (const { text } of documents) {
    const ids = tokenizer.encode(text, { bos, eos });
    all.reserve(ids.length);
    all.data.set(ids, all.length);
    all.length += ids.length;
  }
  return tokenizer.vocabSize <= 65536
    ? new Uint16Array(all.data.subarray(0, all.length))
    : all.toArray();
}

/** Settings of {@linkcode TokenBatches}. */
export interface TokenBatchesOptions {
  /** Sequences in a batch, B. */
  readonly batchSize: number;
  /** Tokens in a sequence, T. */
  readonly contextLength: number;
  /** Ids in the vocabulary; every token must be below it. */
  readonly vocabSize: number;
  /** Seed of the order, a whole number in 0..2^32 - 1. */
  readonly seed: number;
}

/** One batch of next-token prediction. */
export interface TokenBatch {
  /** Tokens (B, T), row-major. */
  readonly inputs: Int32Array;
  /** The token that follows each input, (B, T). */
  readonly targets: Int32Array;
  /** Sequences. */
  readonly B: number;
  /** Tokens in a sequence. */
  readonly T: number;
}

/**
 * An endless sequence of batches. Save `position` and set it later to go on
 * with the batch that would have come next.
 *
 * @example
 * ```ts
 * const batches = new TokenBatches(tokens, {
 *   batchSize: 8, contextLength: 128, vocabSize: 4096, seed: 1,
 * });
 * const { inputs, targets } = batches.next();
 * ```
 */
export class TokenBatches {
  /** Number of batches taken so far: the index of the one that comes next. */
  position = 0;
  /** Batches in one pass over the tokens. */
  readonly stepsPerEpoch: number;
  readonly #tokens: TokenArray;
  readonly #options: TokenBatchesOptions;
  readonly #numBlocks: number;
  #order = new Uint32Array(0);
  #orderEpoch = -1;

  /**
   * @throws {ConfigError} when a size is not a whole number of at least 1
   * @throws {DataError} when the tokens do not fill one batch, or one of them
   * is outside of the vocabulary
   */
  constructor(tokens: TokenArray, options: TokenBatchesOptions) {
    const { batchSize, contextLength, vocabSize } = options;
    const sizes = { batchSize, contextLength, vocabSize };
    for (const [name, n] of Object.entries(sizes)) {
      if (Number.isInteger(n) && n >= 1) continue;
      throw new ConfigError(
        `Cannot make batches with ${name} ${n}: wanted a whole number from 1`,
      );
    }
    const wanted = batchSize * contextLength + 1;
    if (tokens.length < wanted) {
      throw new DataError(
        `Cannot make a batch of ${batchSize} x ${contextLength}: there are ` +
          `${tokens.length} tokens, one batch takes ${wanted}`,
      );
    }
    const outside = tokens.findIndex((id) => id < 0 || id >= vocabSize);
    if (outside >= 0) {
      throw new DataError(
        `Cannot make batches: token ${tokens[outside]} at place ${outside} ` +
          `is not in a vocabulary of ${vocabSize}`,
      );
    }
    this.#tokens = tokens;
    this.#options = options;
    this.#numBlocks = Math.floor((tokens.length - 1) / contextLength);
    this.stepsPerEpoch = Math.floor(this.#numBlocks / batchSize);
  }

  /** Passes over the tokens that are complete. */
  get epoch(): number {
    return Math.floor(this.position / this.stepsPerEpoch);
  }

  /** The batch at `position`, which moves on by one. */
  next(): TokenBatch {
    return this.at(this.position++);
  }

  /**
   * Batch `index`, 0 to infinity; `position` stays.
   *
   * @throws {ConfigError} when the index is not a whole number of at least 0
   */
  at(index: number): TokenBatch {
    if (!Number.isSafeInteger(index) || index < 0) {
      throw new ConfigError(
        `Cannot make batch ${index}: wanted a whole number from 0`,
      );
    }
    const { batchSize: B, contextLength: T } = this.#options;
    const order = this.#orderOf(Math.floor(index / this.stepsPerEpoch));
    const first = (index % this.stepsPerEpoch) * B;
    const inputs = new Int32Array(B * T);
    const targets = new Int32Array(B * T);
    for (let b = 0; b < B; b++) {
      const start = order[first + b]! * T;
      inputs.set(this.#tokens.subarray(start, start + T), b * T);
      targets.set(this.#tokens.subarray(start + 1, start + T + 1), b * T);
    }
    return { inputs, targets, B, T };
  }

  /** Blocks in the order of one epoch; the last few may fill no batch. */
  #orderOf(epoch: number): Uint32Array {
    if (epoch !== this.#orderEpoch) {
      const random = new Random(this.#options.seed, `token batches/${epoch}`);
      const blocks = Uint32Array.from({ length: this.#numBlocks }, (_, i) => i);
      this.#order = random.shuffle(blocks);
      this.#orderEpoch = epoch;
    }
    return this.#order;
  }
}
