/**
 * Causal self-attention with rotary positions, grouped queries, a window and
 * packed documents.
 *
 * @module
 */
import {
  appendCache,
  attention,
  reshape,
  rope,
  scoped,
  type Tensor,
} from "../tensor/mod.ts";
import { ConfigError } from "../util/mod.ts";
import { type LinearWeight, project } from "./lora.ts";

/** Weights of the block; C = H D, G groups of heads share keys and values. */
export interface SelfAttentionWeights {
  /** (H D, C) */
  readonly query: LinearWeight;
  /** (G D, C) */
  readonly key: LinearWeight;
  /** (G D, C) */
  readonly value: LinearWeight;
  /** (C, H D) */
  readonly output: LinearWeight;
}

/** Keys and values of earlier tokens of one layer, (B, capacity, G, D). */
export interface LayerCache {
  readonly keys: Tensor;
  readonly values: Tensor;
  /** Tokens in it: the position of the next one. */
  readonly length: number;
}

/** Sizes, positions and the cache. */
export interface SelfAttentionOptions {
  readonly headSize: number;
  /** (positions, D/2, 2), from `ropeTable`. */
  readonly angles: Tensor;
  /** Earlier tokens; the new ones are written behind them. */
  readonly cache?: LayerCache | undefined;
  /** (B, T) int32, which document a token is of; without a cache only. */
  readonly documents?: Tensor | undefined;
  /** Tokens back from which on one is out of sight; none without it. */
  readonly window?: number | undefined;
  /**
   * Sees `queries` (B, T, H, D) and `keys` (B, T, G, D), rotated, `values`
   * (B, T, G, D), and `mixed` (B, T, H, D), what the heads put together.
   */
  readonly watch?: ((name: string, x: Tensor) => void) | undefined;
}

/**
 * x (B, T, C) → (B, T, C).
 *
 * @throws {ConfigError} when there are a cache and documents
 */
export function selfAttention(
  x: Tensor,
  weights: SelfAttentionWeights,
  { headSize, angles, cache, documents, window, watch }: SelfAttentionOptions,
): Tensor {
  if (cache && documents) {
    throw new ConfigError(
      "Cannot attend to a cache and to documents: a cache holds one text a row",
    );
  }
  const [batch, time] = x.shape as [number, number];
  const start = cache?.length ?? 0;
  const mask = window === undefined ? {} : { window };
  return scoped(() => {
    // (B, T, heads, D)
    const heads = (weight: LinearWeight) =>
      reshape(project(x, weight), [batch, time, -1, headSize]);
    const q = rope(heads(weights.query), angles, start);
    const k = rope(heads(weights.key), angles, start);
    const v = heads(weights.value);
    watch?.("queries", q);
    watch?.("keys", k);
    watch?.("values", v);
    let mixed: Tensor; // (B, T, H, D)
    if (cache) {
      appendCache(cache, { keys: k, values: v }, start);
      const keys = start + time;
      const at = { start, keys, ...mask };
      mixed = attention(q, cache.keys, cache.values, at);
    } else mixed = attention(q, k, v, { documents, ...mask });
    watch?.("mixed", mixed);
    return project(reshape(mixed, [batch, time, -1]), weights.output);
  }, "selfAttention");
}
