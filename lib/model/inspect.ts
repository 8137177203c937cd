/**
 * What goes on inside of a Llama for one text: where each head looks, and what
 * each layer would say next if it were the last (the "logit lens",
 * nostalgebraist, 2020).
 *
 * The fused attention kernel never makes its weights; they are computed here
 * from queries and keys, in double precision:
 *
 *     A[h, i, j] = softmax over j ≤ i of q[h, i] · k[g(h), j] / √D
 *
 * @module
 */
import { linear, noGrad, rmsNorm, scoped, tensor } from "../tensor/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import { headSizeOf } from "./config.ts";
import type { Llama } from "./llama.ts";

/** A token and how likely it is. */
export interface LikelyToken {
  readonly id: number;
  readonly probability: number;
}

/** The inside of a model on one text of T tokens. */
export interface Inspection {
  readonly ids: Int32Array;
  /** By layer: weights of attention, (H, T, T); row i sums to 1 over j ≤ i. */
  readonly attention: readonly Float64Array[];
  /**
   * By layer, the embedding first: the likeliest next tokens behind each
   * position, the likeliest first.
   */
  readonly lens: readonly (readonly (readonly LikelyToken[])[])[];
}

/** Weights of one layer. */
function attentionWeights(
  q: Float32Array,
  k: Float32Array,
  { time, heads, groups, headSize }: {
    time: number;
    heads: number;
    groups: number;
    headSize: number;
  },
): Float64Array {
  const weights = new Float64Array(heads * time * time);
  for (let h = 0; h < heads; h++) {
    const g = Math.floor(h * groups / heads);
    for (let i = 0; i < time; i++) {
      const row = weights.subarray(
        (h * time + i) * time,
        (h * time + i) * time + i + 1,
      );
      for (let j = 0; j <= i; j++) {
        let dot = 0;
        for (let d = 0; d < headSize; d++) {
          dot += q[(i * heads + h) * headSize + d]! *
            k[(j * groups + g) * headSize + d]!;
        }
        row[j] = dot / Math.sqrt(headSize);
      }
      softmaxInPlace(row);
    }
  }
  return weights;
}

function softmaxInPlace(row: Float64Array): void {
  const top = Math.max(...row);
  let sum = 0;
  for (let j = 0; j < row.length; j++) sum += row[j] = Math.exp(row[j]! - top);
  for (let j = 0; j < row.length; j++) row[j]! /= sum;
}

/** The `count` likeliest of a row of logits. */
function likeliest(logits: Float32Array, count: number): LikelyToken[] {
  const row = Float64Array.from(logits);
  softmaxInPlace(row);
  const ids = [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b);
  return ids.slice(0, count).map((id) => ({ id, probability: row[id]! }));
}

/**
 * Looks inside of a model.
 *
 * @param ids tokens of the text, at least one
 * @param options.top how many next tokens the lens tells, 5
 * @throws {ShapeError} when there are no tokens, or more than the context holds
 */
export async function inspectLlama(
  model: Llama,
  ids: ArrayLike<number>,
  { top = 5 }: { readonly top?: number } = {},
): Promise<Inspection> {
  const { config, device } = model;
  const tokens = Int32Array.from(ids);
  const time = tokens.length;
  const seen = new Map<string, Promise<Float32Array>>();
  const hidden: Promise<Float32Array>[] = [];
  const keepData = (x: Tensor) => x.data() as Promise<Float32Array>;
  await scoped(() =>
    noGrad(async () => {
      const input = tensor(tokens, { shape: [1, time], device });
      model.forward(input, {
        watch: (name, x) => {
          if (/\.(queries|keys)$/.test(name)) seen.set(name, keepData(x));
          if (!name.startsWith("hidden.")) return;
          const normed = rmsNorm(
            x,
            model.parameter("model.norm.weight"),
            config.rmsNormEps,
          );
          hidden.push(keepData(linear(normed, model.head)));
        },
      });
      await Promise.all([...seen.values(), ...hidden]);
    }), "inspectLlama");
  const sizes = {
    time,
    heads: config.numAttentionHeads,
    groups: config.numKeyValueHeads,
    headSize: headSizeOf(config),
  };
  const attention: Float64Array[] = [];
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const q = await seen.get(`layers.${layer}.queries`)!;
    const k = await seen.get(`layers.${layer}.keys`)!;
    attention.push(attentionWeights(q, k, sizes));
  }
  const lens: LikelyToken[][][] = [];
  for (const logits of await Promise.all(hidden)) {
    lens.push(Array.from({ length: time }, (_, t) => {
      const { vocabSize: V } = config;
      return likeliest(logits.subarray(t * V, (t + 1) * V), top);
    }));
  }
  return { ids: tokens, attention, lens };
}
