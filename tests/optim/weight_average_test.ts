/** The average of weights against its recursion, and the exchange. */
import assert from "node:assert/strict";
import { WeightAverage } from "../../lib/optim/mod.ts";
import { tensor } from "../../lib/tensor/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

deviceTest("WeightAverage follows its recursion", async (device) => {
  using w = tensor([5], { device });
  using average = new WeightAverage(new Map([["w", w]]), 0.5);
  let wanted = 5;
  for (let step = 0; step < 12; step++) {
    const value = step * step;
    w.write(Float32Array.of(value));
    average.update(step);
    // 0.1, 0.18, 0.25 … until it reaches the decay at step 8.
    const d = step < 8 ? (1 + step) / (10 + step) : 0.5;
    wanted = d * wanted + (1 - d) * value;
    const [found] = await average.weights.get("w")!.data();
    assertClose(found!, wanted, { rtol: 1e-5 });
  }
});

deviceTest("WeightAverage exchanges and gives back", async (device) => {
  using a = tensor([1, 2], { device });
  using b = tensor([[3]], { device });
  using average = new WeightAverage(new Map([["a", a], ["b", b]]), 0.9);
  a.write(Float32Array.of(7, 8));
  average.swap();
  assert.deepEqual([...await a.data()], [1, 2]);
  assert.deepEqual([...await average.weights.get("a")!.data()], [7, 8]);
  average.swap();
  assert.deepEqual([...await a.data()], [7, 8]);
  assert.deepEqual([...await b.data()], [3]);
  const wrong = () => new WeightAverage(new Map([["a", a]]), 1);
  await assertFails(wrong, ConfigError, /decay of 1: wanted/);
});
