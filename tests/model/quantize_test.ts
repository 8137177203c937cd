/**
 * A quantized model: what is stored how, and logits equal to those of a model
 * whose weights were rounded in plain loops.
 */
import assert from "node:assert/strict";
import { quantizedReference } from "../../lib/kernels/mod.ts";
import {
  generate,
  Llama,
  llamaConfig,
  quantizeLlama,
} from "../../lib/model/mod.ts";
import { ConfigError, DTypeError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { logitsOf } from "../support/logits.ts";

const CONFIG = llamaConfig("tiny-64", {
  vocabSize: 60,
  numKeyValueHeads: 2,
  intermediateSize: 176, // a whole group and a rest
  initializerRange: 0.2,
});
const IDS = Int32Array.of(3, 1, 4, 1, 5, 9, 2, 6);

const logits = (model: Llama) => logitsOf(model, IDS);

deviceTest(
  "quantizeLlama() computes with the weights it stores",
  async (device) => {
    for (const dtype of ["int8", "int4"] as const) {
      const make = () => Llama.create(CONFIG, { seed: 4, device });
      using rounded = make();
      using model = quantizeLlama(make(), dtype);
      for (const [name, weight] of rounded.parameters) {
        const stored = model.parameter(name);
        const wanted = weight.shape.length === 1
          ? "float32"
          : name === "model.embed_tokens.weight"
          ? "bfloat16"
          : name === "lm_head.weight"
          ? "int8"
          : dtype;
        assert.equal(stored.dtype, wanted, name);
        const data = await weight.data() as Float32Array<ArrayBuffer>;
        const levels = wanted === "int8" || wanted === "int4"
          ? quantizedReference(data, weight.shape[1]!, wanted)
          : await stored.data();
        weight.write(Float32Array.from(levels));
      }
      assertClose(await logits(model), await logits(rounded), {
        // Of logits up to about 5. The CPU rounds what a layer reads to steps
        // of 3e-5 of its largest number, in a dozen layers one after the other.
        rtol: 1e-4,
        atol: device.kind === "cpu" ? 2e-3 : 1e-4,
      });
      const options = { maxTokens: 8, stopIds: [] };
      const ids = await Array.fromAsync(generate(model, IDS, options));
      assert.equal(ids.length, 8);
    }
  },
);

deviceTest(
  "quantizeLlama() loses little in 8 bits, more in 4",
  async (device) => {
    const make = () => Llama.create(CONFIG, { seed: 4, device });
    using exact = make();
    const wanted = await logits(exact);
    const error = async (dtype: "int8" | "int4") => {
      using model = quantizeLlama(make(), dtype);
      const actual = await logits(model);
      const squares = Array.from(wanted, (z, i) => (z - actual[i]!) ** 2);
      const scale = Array.from(wanted, (z) => z * z);
      const sum = (x: number[]) => x.reduce((a, b) => a + b);
      return Math.sqrt(sum(squares) / sum(scale));
    };
    // Uniform rounding of a step of 1/127 or 1/8 of the extreme, which is some
    // 2.5 deviations of a group: 0.6 % and 9 % of a weight, in a dozen products.
    const [eight, four] = [await error("int8"), await error("int4")];
    assert.ok(eight > 1e-4 && eight < 0.03, `${eight}`);
    assert.ok(four > 5 * eight && four < 0.5, `${four}`);
  },
);

deviceTest("quantizeLlama() takes the model over", async (device) => {
  const tied = { ...CONFIG, tieWordEmbeddings: true, intermediateSize: 60 };
  const whole = Llama.create(tied, { seed: 4, device });
  using model = quantizeLlama(whole, "int4");
  assert.ok([...whole.parameters.values()].every((x) => x.isFreed));
  const dtype = (name: string) => model.parameter(name).dtype;
  assert.equal(dtype("model.embed_tokens.weight"), "bfloat16");
  // Rows of 60 are no multiple of 8.
  assert.equal(dtype("model.layers.0.mlp.down_proj.weight"), "float32");
  assert.equal(dtype("model.layers.0.mlp.up_proj.weight"), "int4");
  assert.equal((await logits(model)).length, IDS.length * CONFIG.vocabSize);
  const again = () => quantizeLlama(model, "int8");
  await assertFails(again, ConfigError, /to int8: ".*q_proj.weight" is int4/);
  const add = () => model.parameter("model.layers.0.mlp.up_proj.weight");
  const write = () => add().write(new Float32Array(60 * 64));
  await assertFails(write, DTypeError, /int4/);
});
