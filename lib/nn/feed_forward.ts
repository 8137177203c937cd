/**
 * Llama's feed-forward block: down(silu(gate x) · up x).
 *
 * @module
 */
import { scoped, swiglu, type Tensor } from "../tensor/mod.ts";
import { type LinearWeight, project } from "./lora.ts";

/** Weights of the block; I is the intermediate size. */
export interface FeedForwardWeights {
  /** (I, C) */
  readonly gate: LinearWeight;
  /** (I, C) */
  readonly up: LinearWeight;
  /** (C, I) */
  readonly down: LinearWeight;
}

/** x (…, C) → (…, C). */
export function feedForward(
  x: Tensor,
  { gate, up, down }: FeedForwardWeights,
): Tensor {
  return scoped(
    () => project(swiglu(project(x, gate), project(x, up)), down),
    "feedForward",
  );
}
