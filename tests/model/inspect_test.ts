/** The inside of a model against its outside. */
import assert from "node:assert/strict";
import {
  attentionHabits,
  inspectLlama,
  type LikelyToken,
  Llama,
  llamaConfig,
  nextTokens,
} from "../../lib/model/mod.ts";
import { backward, noGrad, scoped, tensor } from "../../lib/tensor/mod.ts";
import { ConfigError, Random, ShapeError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { logitsOf } from "../support/logits.ts";

const CONFIG = llamaConfig("tiny-64", {
  vocabSize: 40,
  numHiddenLayers: 2,
  numKeyValueHeads: 2,
  initializerRange: 0.25,
});
const random = new Random(2, "ids");
const IDS = Int32Array.from({ length: 13 }, () => random.int(40));

deviceTest(
  "inspectLlama() gives weights that mix values as the model does",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 1, device });
    const { attention } = await inspectLlama(model, IDS);
    const watched = new Map<string, Promise<Float32Array>>();
    await scoped(() =>
      noGrad(async () => {
        const ids = tensor(IDS, { shape: [1, IDS.length], device });
        model.forward(ids, {
          watch: (name, x) => watched.set(name, x.data() as never),
        });
        await Promise.all(watched.values());
      })
    );
    const [T, H, G, D] = [IDS.length, 4, 2, 16];
    for (const [layer, weights] of attention.entries()) {
      const values = await watched.get(`layers.${layer}.values`)!;
      const mixed = new Float64Array(T * H * D);
      for (let h = 0; h < H; h++) {
        for (let i = 0; i < T; i++) {
          let sum = 0;
          for (let j = 0; j < T; j++) {
            const weight = weights[(h * T + i) * T + j]!;
            sum += weight;
            if (j > i) assert.equal(weight, 0);
            for (let d = 0; d < D; d++) {
              mixed[(i * H + h) * D + d]! += weight *
                values[(j * G + (h >> 1)) * D + d]!;
            }
          }
          assert.ok(Math.abs(sum - 1) < 1e-12);
        }
      }
      assertClose(await watched.get(`layers.${layer}.mixed`)!, mixed, {
        atol: 1e-5,
        rtol: 1e-4,
      });
    }
  },
);

deviceTest("inspectLlama() ends with what the model says", async (device) => {
  using model = Llama.create(CONFIG, { seed: 1, device });
  const { lens } = await inspectLlama(model, IDS, { top: 3 });
  assert.equal(lens.length, 3); // embedding and two layers
  const logits = await logitsOf(model, IDS);
  for (const [t, best] of lens.at(-1)!.entries()) {
    const row = Array.from(logits.subarray(t * 40, (t + 1) * 40));
    const top = Math.max(...row);
    const sum = row.reduce((s, z) => s + Math.exp(z - top), 0);
    assert.equal(best.length, 3);
    assert.equal(best[0]!.id, row.indexOf(top));
    assert.ok(Math.abs(best[0]!.probability - 1 / sum) < 1e-5);
    assert.ok(best[0]!.probability >= best[1]!.probability);
  }
  const count = (T: number) => inspectLlama(model, new Int32Array(T));
  await assertFails(() => count(0), ShapeError, /at least one token/);
  await assertFails(() => count(257), ShapeError, /its context holds 256/);
});

deviceTest(
  "nextTokens() is the end of the lens, warmed or cooled",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 1, device });
    const { lens } = await inspectLlama(model, IDS, { top: 40 });
    const plain = await nextTokens(model, IDS, { top: 40 });
    const wanted = lens.at(-1)!.at(-1)!;
    assert.deepEqual(plain.map(({ id }) => id), wanted.map(({ id }) => id));
    const chances = (tokens: readonly LikelyToken[]) =>
      tokens.map(({ probability }) => probability);
    assertClose(chances(plain), chances(wanted), { rtol: 1e-5 });
    // p^(1/T), normalised.
    const powers = chances(plain).map((p) => p ** 2);
    const sum = powers.reduce((a, b) => a + b);
    const cold = await nextTokens(model, IDS, { top: 3, temperature: 0.5 });
    const cooled = powers.slice(0, 3).map((p) => p / sum);
    assertClose(chances(cold), cooled, { rtol: 1e-6 });
    await assertFails(
      () => nextTokens(model, IDS, { temperature: 0 }),
      ConfigError,
      /temperature 0: wanted above 0/,
    );
  },
);

Deno.test("attentionHabits() averages where each head looks", async () => {
  // Two heads on four tokens: one copies the token before, one looks evenly.
  const weights = new Float64Array(2 * 4 * 4);
  for (let i = 0; i < 4; i++) {
    weights[4 * i + Math.max(0, i - 1)] = 1;
    weights.fill(1 / (i + 1), 16 + 4 * i, 16 + 5 * i + 1);
  }
  const attention = [weights];
  const ids = Int32Array.of(1, 5, 6, 7);
  const even = (1 / 3 + 1 / 4) / 2;
  assert.deepEqual(attentionHabits({ ids, attention, lens: [] }), [
    { layer: 1, head: 1, before: 1, first: 0, itself: 0 },
    { layer: 1, head: 2, before: even, first: even, itself: even },
  ]);
  const short = { ids: ids.slice(2), attention: [], lens: [] };
  await assertFails(() => attentionHabits(short), ShapeError, /on 2 tokens/);
});

deviceTest("checkpointBlocks changes memory, not gradients", async (device) => {
  using model = Llama.create(CONFIG, { seed: 1, device });
  const run = async (checkpointBlocks: boolean) => {
    const options = { shape: [1, 12], device };
    const loss = await scoped(() => {
      const loss = model.loss(
        tensor(IDS.slice(0, 12), options),
        tensor(IDS.slice(1), options),
        { checkpointBlocks },
      );
      backward(loss);
      return loss.item();
    });
    const gradients = [];
    for (const parameter of model.parameters.values()) {
      gradients.push(await parameter.grad!.data());
      parameter.grad!.dispose();
      parameter.grad = undefined;
    }
    return { loss, gradients };
  };
  assert.deepEqual(await run(true), await run(false));
});
