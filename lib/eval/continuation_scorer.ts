/**
 * Log-likelihood of continuations: what few-shot evaluation is made of.
 *
 * The choices of an item share their context, and items share their examples:
 * what a group of sequences begins with is computed once and kept as keys and
 * values, and what the next group begins with is taken from there as far as it
 * is the same. Continuations of very different lengths go in several batches.
 *
 *     log p(continuation | context) = Σ_t log softmax(logits[t])[id[t + 1]]
 *
 * @module
 */
import { commonStart, KvCache, type Llama } from "../model/mod.ts";
import { noGrad, scoped, tensor } from "../tensor/mod.ts";
import { DataError } from "../util/mod.ts";

/** A sequence whose last tokens are scored. */
export interface ScoredSequence {
  /** Context and continuation; at least one token of context. */
  readonly ids: Int32Array;
  /** Tokens at its end that are scored. */
  readonly scored: number;
}

/** How likely a continuation is. */
export interface ContinuationScore {
  /** Natural logarithm of its probability. */
  readonly logLikelihood: number;
  /** Whether each of its tokens was the likeliest one. */
  readonly isGreedy: boolean;
}

/** Number of tokens that all sequences begin with. */
function commonPrefix([first, ...others]: readonly Int32Array[]): number {
  const lengths = others.map((ids) => commonStart(first!, ids));
  return Math.min(first!.length, ...lengths);
}

/** Tokens that a pass over the weights costs about as much as, beside its own. */
const PASS_TOKENS = 16;

/**
 * Rows by length, in batches: short rows are not filled up to the longest where
 * that costs more than another pass. The cheapest way to cut the sorted rows.
 *
 * @returns places of the rows of each batch
 */
export function batchesByLength(lengths: readonly number[]): number[][] {
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]!);
  // cheapest[n]: cost of the n shortest rows, and where their last batch begins.
  const cheapest = [{ cost: 0, from: 0 }];
  for (let end = 1; end <= order.length; end++) {
    const longest = lengths[order[end - 1]!]!;
    let best = { cost: Infinity, from: 0 };
    for (let from = 0; from < end; from++) {
      const cost = cheapest[from]!.cost + (end - from) * longest + PASS_TOKENS;
      if (cost < best.cost) best = { cost, from };
    }
    cheapest.push(best);
  }
  const batches: number[][] = [];
  for (let end = order.length; end > 0; end = cheapest[end]!.from) {
    batches.unshift(order.slice(cheapest[end]!.from, end));
  }
  return batches;
}

/** log softmax of one row at an id, in double precision, and the best id. */
function scoreRow(
  logits: Float32Array,
  id: number,
): { logProbability: number; best: number } {
  let best = 0;
  for (let v = 1; v < logits.length; v++) {
    if (logits[v]! > logits[best]!) best = v;
  }
  const top = logits[best]!;
  let sum = 0;
  for (let v = 0; v < logits.length; v++) sum += Math.exp(logits[v]! - top);
  return { logProbability: logits[id]! - top - Math.log(sum), best };
}

/** Scores groups of sequences with one model; owns its cache. */
export class ContinuationScorer implements Disposable {
  readonly #model: Llama;
  readonly #cache: KvCache;
  /** Tokens whose keys and values the cache holds. */
  #cached = new Int32Array(0);
  /** Tokens that went through the model. */
  computedTokens = 0;
  /** Tokens that would have, if every sequence were computed by itself. */
  separateTokens = 0;

  constructor(model: Llama) {
    this.#model = model;
    this.#cache = new KvCache(model.config, { device: model.device });
  }

  /**
   * Scores sequences that begin alike; they share what they have in common.
   *
   * @throws {DataError} when a sequence has no context or is longer than the
   * model's
   */
  async score(
    group: readonly ScoredSequence[],
  ): Promise<ContinuationScore[]> {
    if (group.length === 0) return [];
    this.#check(group);
    // The last token of a sequence is only predicted, never read; the token
    // before the first scored one is read in the rows, for its logits.
    const inputs = group.map(({ ids }) => ids.subarray(0, -1));
    const shared = Math.min(
      commonPrefix(inputs),
      ...group.map(({ ids, scored }) => ids.length - scored - 1),
    );
    this.#fill(inputs[0]!.subarray(0, shared));
    const rows = inputs.map((ids) => ids.subarray(shared));
    for (const ids of inputs) this.separateTokens += ids.length;
    const scores: ContinuationScore[] = [];
    for (const batch of batchesByLength(rows.map((row) => row.length))) {
      const logits = await this.#rowLogits(batch.map((i) => rows[i]!), shared);
      for (const [row, i] of batch.entries()) {
        const { ids, scored } = group[i]!;
        let logLikelihood = 0;
        let isGreedy = true;
        for (let t = ids.length - scored; t < ids.length; t++) {
          const scores = logits(row, t - 1 - shared);
          const { logProbability, best } = scoreRow(scores, ids[t]!);
          logLikelihood += logProbability;
          isGreedy &&= best === ids[t];
        }
        scores[i] = { logLikelihood, isGreedy };
      }
    }
    return scores;
  }

  /** Makes the cache hold these tokens, keeping what is there already. */
  #fill(prefix: Int32Array): void {
    const kept = commonStart(this.#cached, prefix);
    this.#cache.length = kept;
    this.#cached = prefix.slice();
    const rest = prefix.slice(kept);
    if (rest.length === 0) return;
    this.computedTokens += rest.length;
    const model = this.#model;
    scoped(() =>
      noGrad(() => {
        const shape = [1, rest.length];
        const ids = tensor(rest, { shape, device: model.device });
        model.forward(ids, { cache: this.#cache, lastOnly: true });
      }), "prefix");
  }

  /** Logits of padded rows behind the cached tokens: (row, t) → (V). */
  async #rowLogits(
    rows: readonly Int32Array[],
    shared: number,
  ): Promise<(row: number, t: number) => Float32Array> {
    const model = this.#model;
    const { vocabSize } = model.config;
    const time = Math.max(...rows.map((row) => row.length));
    // What is behind the end of a row is seen by nothing that counts.
    const ids = new Int32Array(rows.length * time);
    for (const [i, row] of rows.entries()) ids.set(row, i * time);
    this.computedTokens += ids.length;
    using cache = this.#cache.repeat(rows.length, shared + time);
    const logits = await scoped(() =>
      noGrad(() => {
        const shape = [rows.length, time];
        const input = tensor(ids, { shape, device: model.device });
        return model.forward(input, { cache }).data();
      }), "rows") as Float32Array;
    return (row, t) => {
      const at = (row * time + t) * vocabSize;
      return logits.subarray(at, at + vocabSize);
    };
  }

  #check(group: readonly ScoredSequence[]): void {
    const { maxPositionEmbeddings, vocabSize } = this.#model.config;
    for (const { ids, scored } of group) {
      if (scored < 0 || ids.length - scored < 1) {
        throw new DataError(
          `Cannot score ${scored} of ${ids.length} tokens: at least one token ` +
            "of context stands before them",
        );
      }
      if (ids.length - 1 > maxPositionEmbeddings) {
        throw new DataError(
          `Cannot score a sequence of ${ids.length} tokens: the model's ` +
            `context holds ${maxPositionEmbeddings}`,
        );
      }
      const wrong = ids.find((id) => id < 0 || id >= vocabSize);
      if (wrong !== undefined) {
        throw new DataError(
          `Cannot score the token ${wrong}: the model has ${vocabSize}`,
        );
      }
    }
  }

  [Symbol.dispose](): void {
    this.#cache[Symbol.dispose]();
  }
}
