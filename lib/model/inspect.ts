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
import { ConfigError, ShapeError, softmaxOf } from "../util/mod.ts";
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
      row.set(softmaxOf(row));
    }
  }
  return weights;
}

/** The `count` likeliest of a row of logits. */
function likeliest(
  logits: Float32Array,
  count: number,
  temperature = 1,
): LikelyToken[] {
  const row = softmaxOf(Float64Array.from(logits, (z) => z / temperature));
  const ids = [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b);
  return ids.slice(0, count).map((id) => ({ id, probability: row[id]! }));
}

/**
 * The likeliest tokens to come after a text, the likeliest first.
 *
 * @param ids tokens of the text, at least one
 * @param options.top how many, 10; fewer when the vocabulary has fewer
 * @param options.temperature that logits are divided by, above 0; 1
 * @throws {ConfigError} when the temperature is not positive
 * @throws {ShapeError} when there are no tokens, or more than the context holds
 */
export async function nextTokens(
  model: Llama,
  ids: ArrayLike<number>,
  { top = 10, temperature = 1 }: {
    readonly top?: number;
    readonly temperature?: number;
  } = {},
): Promise<LikelyToken[]> {
  if (!(temperature > 0)) {
    throw new ConfigError(
      `Cannot tell next tokens at temperature ${temperature}: wanted above 0`,
    );
  }
  const { device } = model;
  const logits = await scoped(() =>
    noGrad(() => {
      const shape = [1, ids.length];
      const input = tensor(Int32Array.from(ids), { shape, device });
      return model.forward(input, { lastOnly: true }).data();
    })
  );
  return likeliest(logits as Float32Array, top, temperature);
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

/** Where a head looks whatever the text is: mean weights, 0 to 1. */
export interface HeadHabits {
  /** Counted from 1. */
  readonly layer: number;
  readonly head: number;
  /** On the token before. */
  readonly before: number;
  /** On the first token of the text. */
  readonly first: number;
  /** On the token itself. */
  readonly itself: number;
}

/**
 * The habits of every head, over the tokens from the third on: those have a
 * token before them that is not the first.
 *
 * @throws {ShapeError} when the text has fewer than three tokens
 */
export function attentionHabits(
  { ids: { length: time }, attention }: Inspection,
): HeadHabits[] {
  if (time < 3) {
    throw new ShapeError(
      `Cannot tell habits of attention on ${time} tokens: wanted 3 or more`,
    );
  }
  return attention.flatMap((weights, layer) => {
    const numHeads = weights.length / time ** 2;
    return Array.from({ length: numHeads }, (_, head) => {
      let before = 0, first = 0, itself = 0;
      for (let i = 2; i < time; i++) {
        const row = weights.subarray((head * time + i) * time);
        before += row[i - 1]!;
        first += row[0]!;
        itself += row[i]!;
      }
      const count = time - 2;
      return {
        layer: layer + 1,
        head: head + 1,
        before: before / count,
        first: first / count,
        itself: itself / count,
      };
    });
  });
}
