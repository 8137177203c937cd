/**
 * Llama's feed-forward block: down(silu(gate x) · up x).
 *
 * @module
 */
import { linear, scoped, swiglu, type Tensor } from "../tensor/mod.ts";

/** Weights of the block; I is the intermediate size. */
export interface FeedForwardWeights {
  /** (I, C) */
  readonly gate: Tensor;
  /** (I, C) */
  readonly up: Tensor;
  /** (C, I) */
  readonly down: Tensor;
}

/** x (…, C) → (…, C). */
export function feedForward(
  x: Tensor,
  { gate, up, down }: FeedForwardWeights,
): Tensor {
  return scoped(
    () => linear(swiglu(linear(x, gate), linear(x, up)), down),
    "feedForward",
  );
}
