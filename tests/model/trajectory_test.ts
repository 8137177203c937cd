/**
 * Fifty steps of training on the fused operators (attention, normalisation,
 * rotary embedding, gate, linear cross-entropy in chunks, AdamW of many tensors
 * with clipping on the device) beside the same model written out in plain
 * operators, with the optimizer's reference in double precision on the host.
 * Both run in single precision and add in different orders: losses differ by
 * about one part in a million after fifty steps.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import { headSizeOf, Llama, llamaConfig } from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import { Random } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

const CONFIG = llamaConfig("tiny-64", {
  vocabSize: 40,
  hiddenSize: 24,
  intermediateSize: 36,
  numAttentionHeads: 4,
  numKeyValueHeads: 2,
  maxPositionEmbeddings: 12,
});
const [B, T, STEPS] = [3, 11, 50];
const HYPER = { beta1: 0.9, beta2: 0.95, eps: 1e-8, clip: 0.7 };
const LOSS = { zLoss: 1e-3, labelSmoothing: 0.05 };

const { hiddenSize: C, numKeyValueHeads: G, rmsNormEps, vocabSize: V } = CONFIG;
const D = headSizeOf(CONFIG);

function norm(x: t.Tensor, weight: t.Tensor): t.Tensor {
  const square = t.mean(t.square(x), { axis: -1, keepAxes: true });
  return t.mul(t.div(x, t.sqrt(t.add(square, rmsNormEps))), weight);
}

/** Turns pairs (j, j + D/2) of x (B, T, heads, D). */
function turn(x: t.Tensor): t.Tensor {
  const { device } = x;
  const table = kernels.ropeTable(T, D, CONFIG.ropeTheta);
  const side = (which: number) =>
    t.tensor(
      Float32Array.from({ length: T * D }, (_, i) => {
        const [time, d] = [Math.floor(i / D), i % D];
        return table[(time * D / 2 + d % (D / 2)) * 2 + which]!;
      }),
      { shape: [T, 1, D], device },
    );
  const half = (start: number, end: number) => t.slice(x, -1, { start, end });
  const swapped = t.concat([t.mul(half(D / 2, D), -1), half(0, D / 2)], 3);
  return t.add(t.mul(x, side(0)), t.mul(swapped, side(1)));
}

function attend(q: t.Tensor, k: t.Tensor, v: t.Tensor): t.Tensor {
  const mask = Float32Array.from(
    { length: T * T },
    (_, i) => i % T > Math.floor(i / T) ? -1e30 : 0,
  );
  const shape = [B, G, CONFIG.numAttentionHeads / G, T, D];
  const heads = (x: t.Tensor) => t.transpose(x, [0, 2, 1, 3]);
  // Each group serves its heads: (B, G, heads of it, T, D).
  const shared = (x: t.Tensor) =>
    t.broadcastTo(t.reshape(heads(x), [B, G, 1, T, D]), shape);
  const scores = t.matmul(t.reshape(heads(q), shape), shared(k), {
    transposeB: true,
  });
  const hidden = t.tensor(mask, { shape: [T, T], device: q.device });
  const weights = t.softmax(t.add(t.mul(scores, 1 / Math.sqrt(D)), hidden));
  const mixed = t.matmul(weights, shared(v));
  return t.reshape(heads(t.reshape(mixed, [B, -1, T, D])), [B, T, C]);
}

/** The model and its loss without a fused operator. */
function plainLoss(model: Llama, ids: t.Tensor, hits: t.Tensor): t.Tensor {
  const get = (name: string) => model.parameter(`${name}.weight`);
  let x = t.embedding(get("model.embed_tokens"), ids);
  for (let layer = 0; layer < CONFIG.numHiddenLayers; layer++) {
    const block = `model.layers.${layer}`;
    const y = norm(x, get(`${block}.input_layernorm`));
    const heads = (name: string) =>
      t.reshape(t.linear(y, get(`${block}.self_attn.${name}`)), [B, T, -1, D]);
    const [q, k] = [turn(heads("q_proj")), turn(heads("k_proj"))];
    const mixed = attend(q, k, heads("v_proj"));
    x = t.add(x, t.linear(mixed, get(`${block}.self_attn.o_proj`)));
    const z = norm(x, get(`${block}.post_attention_layernorm`));
    const gate = t.linear(z, get(`${block}.mlp.gate_proj`));
    const silu = t.mul(gate, t.sigmoid(gate));
    const up = t.linear(z, get(`${block}.mlp.up_proj`));
    x = t.add(x, t.linear(t.mul(silu, up), get(`${block}.mlp.down_proj`)));
  }
  const logits = t.linear(norm(x, get("model.norm")), get("lm_head"));
  const lse = t.log(t.sum(t.exp(logits), { axis: -1 })); // logits are small
  const hit = t.sum(t.mul(logits, hits), { axis: -1 });
  const even = t.mean(logits, { axis: -1 });
  const picked = t.add(
    t.mul(hit, 1 - LOSS.labelSmoothing),
    t.mul(even, LOSS.labelSmoothing),
  );
  return t.mean(
    t.add(t.sub(lse, picked), t.mul(t.square(lse), LOSS.zLoss)),
  );
}

/** The optimizer on the host, in double precision. */
class PlainAdamW {
  readonly #state = new Map<string, { m: Float64Array; v: Float64Array }>();
  #step = 0;

  async update(model: Llama, learningRate: number): Promise<void> {
    const step = ++this.#step;
    const grads = new Map<string, Float64Array>();
    let squares = 0;
    for (const [name, { grad }] of model.parameters) {
      const values = Float64Array.from(await grad!.data());
      for (const g of values) squares += g * g;
      grads.set(name, values);
    }
    for (const [name, parameter] of model.parameters) {
      const grad = grads.get(name)!;
      const zero = () => new Float64Array(grad.length);
      const state = this.#state.get(name) ?? { m: zero(), v: zero() };
      this.#state.set(name, state);
      const weight = Float64Array.from(await parameter.data());
      const decay = parameter.shape.length >= 2 ? 0.1 : 0;
      const numbers = { ...HYPER, learningRate, step };
      const all = { weight, grad, ...state };
      kernels.adamwReference(all, Math.sqrt(squares), decay, numbers);
      parameter.write(Float32Array.from(weight));
      parameter.grad!.dispose();
      parameter.grad = undefined;
    }
  }
}

deviceTest("fifty steps go where plain operators go", async (device) => {
  using fused = Llama.create(CONFIG, { seed: 3, device });
  using plain = Llama.create(CONFIG, { seed: 3, device });
  using optimizer = new AdamW(fused.parameters, { ...HYPER, weightDecay: 0.1 });
  const host = new PlainAdamW();
  const random = new Random(5);
  const rate = 5e-3;
  const losses: [number[], number[]] = [[], []];
  for (let step = 0; step < STEPS; step++) {
    await t.scoped(async () => {
      // Each token decides the next one, so that there is something to learn.
      const tokens = Int32Array.from({ length: B * T }, () => random.int(V));
      const next = tokens.map((id) => (id * 7 + 3) % V);
      const shape = [B, T];
      const ids = t.tensor(tokens, { shape, device });
      const targets = t.tensor(next, { shape, device });
      const loss = fused.loss(ids, targets, { ...LOSS, chunk: 16 });
      t.backward(loss);
      optimizer.update(rate);
      optimizer.clearGradients();
      losses[0].push(await loss.item());

      const oneHot = new Float32Array(B * T * V);
      next.forEach((id, row) => oneHot[row * V + id] = 1);
      const hits = t.tensor(oneHot, { shape: [B, T, V], device });
      const same = plainLoss(plain, ids, hits);
      t.backward(same);
      await host.update(plain, rate);
      losses[1].push(await same.item());
    });
  }
  assertClose(losses[0], losses[1], { rtol: 2e-5, name: "loss of step" });
  assert.ok(losses[0].at(-1)! < 0.8 * losses[0][0]!, `it learns: ${losses[0]}`);
});
