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
import {
  numberDocuments,
  PackedTokens,
  type TokenArray,
  type TokenSource,
} from "./token_source.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** What stands around each document. */
export interface PackDocumentsOptions {
  /** Whether `<s>` begins each document (default true). */
  readonly bos?: boolean;
  /** Whether `</s>` ends each document (default false). */
  readonly eos?: boolean;
}

/**
 * All documents as one stream of tokens, each with BOS in front.
 *
 * @returns uint16 when the vocabulary has at most 65,536 ids, else int32
 */
export function packDocuments(
  documents: Iterable<{ readonly text: string }>,
  tokenizer: Tokenizer,
  options: PackDocumentsOptions = {},
): TokenArray {
  return packWithStarts(documents, tokenizer, options).tokens;
}

/** As {@linkcode packDocuments}, with the places at which documents begin. */
export function packWithStarts(
  documents: Iterable<{ readonly text: string }>,
  tokenizer: Tokenizer,
  { bos = true, eos = false }: PackDocumentsOptions = {},
): PackedTokens {
  const all = new IntList(1 << 16);
  const starts = new IntList();
  for (const { text } of documents) {
    const ids = tokenizer.encode(text, { bos, eos });
    if (ids.length > 0) starts.push(all.length);
    all.reserve(ids.length);
    all.data.set(ids, all.length);
    all.length += ids.length;
  }
  const tokens = tokenizer.vocabSize <= 65536
    ? new Uint16Array(all.data.subarray(0, all.length))
    : all.toArray();
  return new PackedTokens(tokens, starts.toArray(), tokenizer.vocabSize);
}

/** @throws {DataError} when a token is not in the vocabulary */
function checkVocabulary(tokens: TokenSource, vocabSize: number): void {
  if (tokens.vocabSize !== undefined) {
    if (tokens.vocabSize <= vocabSize) return;
    throw new DataError(
      `Cannot make batches: the tokens are of a vocabulary of ` +
        `${tokens.vocabSize}, the model has ${vocabSize}`,
    );
  }
  const all = tokens.subarray(0, tokens.length);
  const outside = all.findIndex((id) => id < 0 || id >= vocabSize);
  if (outside < 0) return;
  throw new DataError(
    `Cannot make batches: token ${all[outside]} at place ${outside} ` +
      `is not in a vocabulary of ${vocabSize}`,
  );
}

/** So many batches before its turn, at the latest, a source hears of one. */
const AHEAD = 8;

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
  /**
   * Numbers the documents of each sequence (default false), for attention that
   * stays in its document. Without it attention crosses documents, as in TTL.
   */
  readonly numberDocuments?: boolean;
}

/** One batch of next-token prediction. */
export interface TokenBatch {
  /** Tokens (B, T), row-major. */
  readonly inputs: Int32Array<ArrayBuffer>;
  /** The token that follows each input, (B, T). */
  readonly targets: Int32Array<ArrayBuffer>;
  /** Which document of its sequence each input is in, from 0, (B, T). */
  readonly documents?: Int32Array<ArrayBuffer>;
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
  readonly #tokens: TokenSource;
  readonly #options: TokenBatchesOptions;
  readonly #numBlocks: number;
  #order = new Uint32Array(0);
  #orderEpoch = -1;
  /** The batch before which the source has heard of all to come. */
  #toldUpTo = 0;

  /**
   * @param tokens in memory, or shards on disk
   * @throws {ConfigError} when a size is not a whole number of at least 1, or
   * documents are to be numbered whose beginnings are not known
   * @throws {DataError} when the tokens do not fill one batch, or one of them
   * is outside of the vocabulary
   */
  constructor(tokens: TokenSource, options: TokenBatchesOptions) {
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
    checkVocabulary(tokens, vocabSize);
    if (options.numberDocuments && !tokens.documentStarts) {
      throw new ConfigError(
        "Cannot number the documents of these tokens: where they begin is not " +
          "known; wanted packWithStarts or shards",
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
    const batch = this.at(this.position++);
    this.#readAhead();
    return batch;
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
    const inputs = new Int32Array(B * T);
    const targets = new Int32Array(B * T);
    const documents = this.#options.numberDocuments
      ? new Int32Array(B * T)
      : undefined;
    for (const [b, start] of this.#startsOf(index).entries()) {
      const block = this.#tokens.subarray(start, start + T + 1);
      inputs.set(block.subarray(0, T), b * T);
      targets.set(block.subarray(1), b * T);
      if (!documents) continue;
      numberDocuments(
        this.#tokens,
        start,
        documents.subarray(b * T, (b + 1) * T),
      );
    }
    return { inputs, targets, ...(documents ? { documents } : {}), B, T };
  }

  /** Tells a source on disk, now and then, of the batches that come next. */
  #readAhead(): void {
    const next = this.position;
    const isNear = next <= this.#toldUpTo &&
      this.#toldUpTo <= next + 2 * AHEAD;
    const from = isNear ? this.#toldUpTo : next;
    if (from >= next + AHEAD || !this.#tokens.readAhead) return;
    // The order of the next epoch is made when it begins.
    const end = (this.epoch + 1) * this.stepsPerEpoch;
    const to = Math.min(next + 2 * AHEAD, end);
    if (from >= to) return;
    const { contextLength: T } = this.#options;
    const batches = Array.from({ length: to - from }, (_, i) => from + i);
    this.#tokens.readAhead(
      batches.flatMap((index) =>
        this.#startsOf(index).map((start) => [start, start + T + 1] as const)
      ),
    );
    this.#toldUpTo = to;
  }

  /** First tokens of the sequences of a batch. */
  #startsOf(index: number): number[] {
    const { batchSize: B, contextLength: T } = this.#options;
    const order = this.#orderOf(Math.floor(index / this.stepsPerEpoch));
    const first = (index % this.stepsPerEpoch) * B;
    return Array.from(order.subarray(first, first + B), (block) => block * T);
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
