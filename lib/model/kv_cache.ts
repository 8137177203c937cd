/**
 * Keys and values of the tokens so far, for generation: each new token costs
 * one column of attention instead of a whole matrix.
 *
 * @module
 */
import type { Device } from "../device/mod.ts";
import type { LayerCache } from "../nn/mod.ts";
import { keep, Tensor } from "../tensor/mod.ts";
import { invariant } from "../util/mod.ts";
import { headSizeOf, type LlamaConfig } from "./config.ts";

/** Caches of all layers, (B, capacity, G, D) each; owns their memory. */
export class KvCache implements Disposable {
  /** Tokens in the cache. */
  length = 0;
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

  [Symbol.dispose](): void {
    for (const { keys, values } of this.#layers) {
      keys.dispose();
      values.dispose();
    }
  }
}
