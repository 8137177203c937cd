/**
 * The loss of preferences. Log-probabilities, loss and rewards are compared
 * with a computation in double precision by their formulas, gradients with
 * central differences.
 */
import assert from "node:assert/strict";
import type { ChatTokens } from "../../lib/chat/mod.ts";
import type { Device } from "../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { backward, noGrad, scoped, tensor } from "../../lib/tensor/mod.ts";
import { answerLogProbs, dpoLoss, LoraAdapters } from "../../lib/train/mod.ts";
import { Random } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";
import { deviceTest } from "../support/devices.ts";
import { logitsOf } from "../support/logits.ts";

const CONFIG = llamaConfig("tiny-64", {
  ...{ vocabSize: 40, hiddenSize: 16, intermediateSize: 32 },
  ...{ numHiddenLayers: 1, maxPositionEmbeddings: 16 },
  initializerRange: 0.3, // random weights that say something
});

/** A conversation of chance whose answer begins at a place. */
function answer(length: number, start: number, seed: number): ChatTokens {
  const random = new Random(seed, "answer");
  return {
    ids: Int32Array.from({ length }, () => random.int(40)),
    answers: new Uint8Array(length).fill(1, start),
  };
}

/** Two chosen answers, then the two rejected ones. */
const ANSWERS = [
  answer(9, 4, 1),
  answer(6, 5, 2),
  answer(12, 4, 3),
  answer(5, 1, 4),
];
const REFERENCE = [-20.5, -4, -31, -15.25];

/** -ln σ(m) and its share the other way round, by the formula. */
function lossByHand(
  logProbs: ArrayLike<number>,
  { beta, labelSmoothing }: { beta: number; labelSmoothing: number },
): number {
  const logSigmoid = (x: number) => -Math.log1p(Math.exp(-x));
  let sum = 0;
  for (const i of [0, 1]) {
    const chosen = beta * (logProbs[i]! - REFERENCE[i]!);
    const rejected = beta * (logProbs[2 + i]! - REFERENCE[2 + i]!);
    const margin = chosen - rejected;
    sum -= (1 - labelSmoothing) * logSigmoid(margin) +
      labelSmoothing * logSigmoid(-margin);
  }
  return sum / 2;
}

/** ln π of an answer in double precision, from the logits of a whole pass. */
async function logProbByHand(
  model: Llama,
  { ids, answers }: ChatTokens,
): Promise<number> {
  const V = model.config.vocabSize;
  const logits = await logitsOf(model, ids);
  let sum = 0;
  for (let t = 1; t < ids.length; t++) {
    if (answers[t] === 0) continue;
    const row = Float64Array.from(logits.subarray((t - 1) * V, t * V));
    const total = row.reduce((a, z) => a + Math.exp(z), 0);
    sum += row[ids[t]!]! - Math.log(total);
  }
  return sum;
}

/** The loss of a model on the answers, and what it does to the gradients. */
function lossOf(
  model: Llama,
  device: Device,
  adapters?: LoraAdapters,
) {
  const logProbs = answerLogProbs(model, ANSWERS, {
    adapters: adapters?.changes,
  });
  const reference = tensor(Float32Array.from(REFERENCE), { device });
  return dpoLoss(logProbs, reference, { beta: 0.1 }).loss;
}

deviceTest(
  "dpoLoss() is the formula, and so is its gradient",
  async (device) => {
    const logProbs = Float32Array.of(-19, -5.5, -30.25, -11);
    for (const labelSmoothing of [0, 0.2]) {
      const options = { beta: 0.7, labelSmoothing };
      await scoped(async () => {
        const x = tensor(logProbs, { device, requiresGrad: true });
        const reference = tensor(Float32Array.from(REFERENCE), { device });
        const { loss, rewards } = dpoLoss(x, reference, options);
        backward(loss);
        const [value, all, gradient] = await Promise.all([
          loss.item(),
          rewards.data(),
          x.grad!.data(),
        ]);
        assertClose(value, lossByHand(logProbs, options), { rtol: 1e-6 });
        const byHand = REFERENCE.map((r, i) => 0.7 * (logProbs[i]! - r));
        assertClose(all, byHand, { rtol: 1e-6 });
        const by = (x: Float64Array) => [lossByHand(x, options)];
        const tolerance = { rtol: 1e-5, atol: 1e-8 };
        assertGradient(by, [logProbs], [1], 0, gradient, tolerance);
      });
    }
  },
);

deviceTest(
  "answerLogProbs() is the sum over the tokens of each answer",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 1, device });
    const sums = await scoped(() =>
      noGrad(() => answerLogProbs(model, ANSWERS).data())
    );
    const byHand = await Promise.all(
      ANSWERS.map((tokens) => logProbByHand(model, tokens)),
    );
    assert.ok(byHand.every((x) => x < -3), "it is not sure of anything");
    // Logits in single precision, of a pass with other rows beside.
    assertClose(sums, byHand, { rtol: 1e-5 });
  },
);

deviceTest(
  "the gradient of dpoLoss() of a model is its slope",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 1, device });
    using lora = new LoraAdapters(model, { rank: 2 });
    for (const { up } of lora.changes.values()) {
      up.write(new Float32Array(up.size).fill(0.05));
    }
    const some = [
      ...["model.embed_tokens.weight", "lm_head.weight"],
      "model.layers.0.mlp.down_proj.weight",
    ].map((name) => model.parameter(name));
    await scoped(() => backward(lossOf(model, device, lora)));
    for (const x of [...some, ...lora.parameters.values()]) {
      const gradient = await x.grad!.data();
      const norm = Math.hypot(...gradient);
      assert.ok(norm > 1e-4, x.label);
      // Along the gradient the slope is its norm. A step of about 0.01 in the
      // loss: rounding of the loss (1e-6) and the curve cost a hundredth.
      const step = 0.002 / norm;
      const before = await x.data();
      const at = async (side: number) => {
        const moved = before.map((v, i) =>
          v + side * step * gradient[i]! / norm
        );
        x.write(moved as Float32Array<ArrayBuffer>);
        return await scoped(() =>
          noGrad(() => lossOf(model, device, lora).item())
        );
      };
      const slope = (await at(1) - await at(-1)) / (2 * step);
      x.write(before);
      assertClose(slope, norm, { rtol: 1e-2, name: x.label });
    }
    for (const { grad } of model.parameters.values()) grad?.dispose();
  },
);
