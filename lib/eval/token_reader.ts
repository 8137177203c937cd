/**
 * What a model has read and what follows from it: keys and values of the tokens
 * that sequences begin with, rows that go on from there, and how likely chosen
 * tokens are behind them.
 *
 * @module
 */
import { commonStart, KvCache, type Llama } from "../model/mod.ts";
import {
  argmax,
  gather,
  linear,
  logSoftmax,
  noGrad,
  reshape,
  scoped,
  take,
  type Tensor,
  tensor,
} from "../tensor/mod.ts";

/** Most bytes of logits at a time. */
const LOGIT_BYTES = 64 * 2 ** 20;

/** Chosen tokens of rows that are read together. */
export interface TokenPicks {
  /** Where their logits are: row times the longest row, and place in the row. */
  readonly places: readonly number[];
  /** Their ids. */
  readonly targets: readonly number[];
}

/** How likely each chosen token is. */
export interface PickedTokens {
  /** Natural logarithms. */
  readonly logProbabilities: readonly number[];
  /** The likeliest token in the place of each. */
  readonly likeliest: readonly number[];
}

/** Reads tokens with one model; owns the cache of what it read last. */
export class TokenReader implements Disposable {
  readonly #model: Llama;
  readonly #cache: KvCache;
  #begun = new Int32Array(0);
  /** Tokens that went through the model, those that fill up rows as well. */
  computedTokens = 0;

  constructor(model: Llama) {
    this.#model = model;
    this.#cache = new KvCache(model.config, { device: model.device });
  }

  /** Tokens whose keys and values are held. */
  get begun(): Int32Array {
    return this.#begun;
  }

  /** Holds these tokens, keeping what they begin with. */
  begin(ids: Int32Array): void {
    const kept = commonStart(this.#begun, ids);
    this.#cache.length = kept;
    this.#begun = ids.slice();
    if (kept < ids.length) this.#read([ids.subarray(kept)], this.#cache);
  }

  /**
   * Reads rows of one length behind what is held.
   *
   * @returns keys and values of both, a row each; the caller's
   */
  contexts(rows: readonly Int32Array[]): KvCache {
    const length = this.#begun.length + rows[0]!.length;
    const contexts = this.#cache.repeat(rows.length, length);
    this.#read(rows, contexts);
    return contexts;
  }

  /**
   * Reads rows, each behind the row of `contexts` with the number in `behind`,
   * or behind what is held where there are no contexts.
   */
  async pick(
    rows: readonly Int32Array[],
    picks: TokenPicks,
    { contexts, behind }: {
      readonly contexts: KvCache | undefined;
      readonly behind: readonly number[];
    },
  ): Promise<PickedTokens> {
    const time = longest(rows);
    using cache = contexts
      ? contexts.spread(behind, contexts.length + time)
      : this.#cache.repeat(rows.length, this.#begun.length + time);
    return await scoped(
      () => this.#pickFrom(this.#hidden(rows, cache), picks),
      "rows",
    );
  }

  #read(rows: readonly Int32Array[], cache: KvCache): void {
    scoped(() => void this.#hidden(rows, cache, { lastOnly: true }), "read");
  }

  /**
   * Reads rows behind what a cache holds, filled up at their ends: what is
   * there is seen by nothing that counts. (B, T, C), what the head reads.
   */
  #hidden(
    rows: readonly Int32Array[],
    cache: KvCache,
    options: { readonly lastOnly?: boolean } = {},
  ): Tensor {
    const { device } = this.#model;
    const shape = [rows.length, longest(rows)] as const;
    const ids = new Int32Array(shape[0] * shape[1]);
    for (const [i, row] of rows.entries()) ids.set(row, i * shape[1]);
    this.computedTokens += ids.length;
    return noGrad(() =>
      this.#model.hidden(tensor(ids, { shape, device }), { cache, ...options })
    );
  }

  /** The logits of the chosen places alone, some of them at a time. */
  async #pickFrom(
    hidden: Tensor,
    { places, targets }: TokenPicks,
  ): Promise<PickedTokens> {
    const { head, device, config: { vocabSize, hiddenSize } } = this.#model;
    const most = Math.max(1, Math.floor(LOGIT_BYTES / 4 / vocabSize));
    const x = reshape(hidden, [-1, hiddenSize]); // (B T, C)
    const logProbabilities: number[] = [];
    const likeliest: number[] = [];
    for (let from = 0; from < places.length; from += most) {
      const indices = (values: readonly number[]) => {
        const some = Int32Array.from(values.slice(from, from + most));
        return tensor(some, { shape: [some.length], device });
      };
      const [picked, best] = await scoped(() =>
        noGrad(() => {
          const logits = linear(take(x, indices(places)), head); // (N, V)
          const ids = reshape(indices(targets), [-1, 1]);
          return Promise.all([
            gather(logSoftmax(logits), ids, { axis: 1 }).data(),
            argmax(logits, { axis: 1 }).data(),
          ]);
        }), "logits");
      logProbabilities.push(...picked);
      likeliest.push(...best);
    }
    return { logProbabilities, likeliest };
  }

  [Symbol.dispose](): void {
    this.#cache[Symbol.dispose]();
  }
}

/** Tokens of the longest row. */
function longest(rows: readonly Int32Array[]): number {
  return Math.max(...rows.map(({ length }) => length));
}
