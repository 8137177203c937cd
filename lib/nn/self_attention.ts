/**
 * Causal self-attention with rotary positions and grouped queries.
 *
 * @module
 */
import {
  assignSlice,
  attention,
  linear,
  reshape,
  rope,
  scoped,
  type Tensor,
} from "../tensor/mod.ts";

/** Weights of the block; C = H D, G groups of heads share keys and values. */
export interface SelfAttentionWeights {
  /** (H D, C) */
  readonly query: Tensor;
  /** (G D, C) */
  readonly key: Tensor;
  /** (G D, C) */
  readonly value: Tensor;
  /** (C, H D) */
  readonly output: Tensor;
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
  /** (positions, D/2, 2), from `ropeAngles`. */
  readonly angles: Tensor;
  /** Earlier tokens; the new ones are written behind them. */
  readonly cache?: LayerCache | undefined;
}

/** x (B, T, C) → (B, T, C). */
export function selfAttention(
  x: Tensor,
  weights: SelfAttentionWeights,
  { headSize, angles, cache }: SelfAttentionOptions,
): Tensor {
  const [batch, time] = x.shape as [number, number];
  const start = cache?.length ?? 0;
  return scoped(() => {
    // (B, T, heads, D)
    const heads = (weight: Tensor) =>
      reshape(linear(x, weight), [batch, time, -1, headSize]);
    const q = rope(heads(weights.query), angles, start);
    const k = rope(heads(weights.key), angles, start);
    const v = heads(weights.value);
    let mixed: Tensor; // (B, T, H, D)
    if (cache) {
      assignSlice(cache.keys, k, 1, start);
      assignSlice(cache.values, v, 1, start);
      const keys = start + time;
      mixed = attention(q, cache.keys, cache.values, { start, keys });
    } else mixed = attention(q, k, v);
    return linear(reshape(mixed, [batch, time, -1]), weights.output);
  }, "selfAttention");
}
