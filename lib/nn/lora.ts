/**
 * Low-rank changes of a weight that stays as it is (Hu et al., 2021, "LoRA",
 * arXiv 2106.09685):
 *
 *     y = x Wᵀ + s · (x downᵀ) upᵀ
 *
 * so that r (in + out) numbers are trained instead of in · out.
 *
 * @module
 */
import { add, linear, mul, scoped, Tensor } from "../tensor/mod.ts";

/** What is added to a weight (out, in): scale · up · down. */
export interface LowRankChange {
  /** (r, in) */
  readonly down: Tensor;
  /** (out, r) */
  readonly up: Tensor;
  /** α / r. */
  readonly scale: number;
}

/** A weight with a change beside it. */
export interface ChangedWeight {
  /** (out, in) */
  readonly base: Tensor;
  readonly change: LowRankChange;
}

/** Weight of a linear layer, (out, in). */
export type LinearWeight = Tensor | ChangedWeight;

/** x (…, in) → (…, out), through a weight with or without a change. */
export function project(x: Tensor, weight: LinearWeight): Tensor {
  if (weight instanceof Tensor) return linear(x, weight);
  const { base, change: { down, up, scale } } = weight;
  return scoped(
    () => add(linear(x, base), mul(linear(linear(x, down), up), scale)),
    "project",
  );
}
