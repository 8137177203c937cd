/**
 * Keys and values of the tokens so far, for generation: each new token costs
 * one column of attention instead of a whole matrix.
 *
 * @module
 */
import type { Device } from "../device/mod.ts";
import type { LayerCache } from "../nn/mod.ts";
import {
  appendCache,
  keep,
  scoped,
  slice,
  take,
  Tensor,
  tensor,
} from "../tensor/mod.ts";
import { invariant } from "../util/mod.ts";
import { headSizeOf, type LlamaConfig } from "./config.ts";

/** Caches of all layers, (B, capacity, G, D) each; owns their memory. */
export class KvCache implements Disposable {
  /** Tokens in the cache; may be set back to forget the last ones. */
  length = 0;
  /** Most tokens of a row. */
  readonly capacity: number;
  readonly #config: LlamaConfig;
  readonly #device: Device;
  readonly #layers: readonly { keys: Tensor; values: Tensor }[];

  /**
   * @param options.batch rows that are generated side by side
   * @param options.capacity most tokens of a row; the model's context without
   * it
   */
  constructor(
    config: LlamaConfig,
    { device, batch = 1, capacity = config.maxPositionEmbeddings }: {
      readonly device: Device;
      readonly batch?: number;
      readonly capacity?: number;
    },
  ) {
    this.capacity = capacity;
    this.#config = config;
    this.#device = device;
    const shape = [
      batch,
      capacity,
      config.numKeyValueHeads,
      headSizeOf(config),
    ];
    const make = () =>
      keep(Tensor.empty(device, shape, { label: "key-value cache" }));
    this.#layers = Array.from({ length: config.numHiddenLayers }, () => ({
      keys: make(),
      values: make(),
    }));
  }

  /** The cache of one layer. */
  layer(index: number): LayerCache {
    const layer = this.#layers[index];
    invariant(layer, `no cache for layer ${index}`);
    return { ...layer, length: this.length };
  }

  /** Counts tokens that all layers have written. */
  advance(tokens: number): void {
    this.length += tokens;
  }

  /**
   * The same tokens for several rows, to go on from side by side.
   *
   * @param batch rows of the new cache; this one has one
   * @param capacity most tokens of a row
   */
  repeat(batch: number, capacity: number): KvCache {
    return this.spread(new Array<number>(batch).fill(0), capacity);
  }

  /**
   * Rows that go on from rows of this one.
   *
   * @param from number of the row here for each row of the new cache
   * @param capacity most tokens of a row
   */
  spread(from: readonly number[], capacity: number): KvCache {
    const device = this.#device;
    const batch = from.length;
    const copy = new KvCache(this.#config, { device, batch, capacity });
    copy.length = this.length;
    if (this.length === 0) return copy;
    scoped(() => {
      const places = tensor(Int32Array.from(from), { device });
      const rows = (x: Tensor) =>
        take(slice(x, 1, { end: this.length }), places);
      for (const [i, { keys, values }] of this.#layers.entries()) {
        const to = { keys: rows(keys), values: rows(values) };
        appendCache(copy.#layers[i]!, to, 0);
      }
    }, "KvCache.spread");
    return copy;
  }

  [Symbol.dispose](): void {
    for (const { keys, values } of this.#layers) {
      keys.dispose();
      values.dispose();
    }
  }
}
