/** Schedules by hand, and the optimizer's manners; its numbers are golden. */
import assert from "node:assert/strict";
import { AdamW, constantRate, warmupCosine } from "../../lib/optim/mod.ts";
import { backward, scope, square, sum, tensor } from "../../lib/tensor/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

Deno.test("warmupCosine() climbs, turns and ends where it should", async () => {
  const rate = warmupCosine({
    peak: 2,
    warmupSteps: 4,
    steps: 12,
    minShare: 0.1,
  });
  const at = (steps: number[]) => steps.map(rate);
  assertClose(at([0, 1, 3, 4]), [0.5, 1, 2, 2], { atol: 1e-12 });
  // Half-way down the cosine: the middle between 2 and 0.2.
  assertClose(at([8, 12, 100]), [1.1, 0.2, 0.2], { atol: 1e-12 });
  const none = warmupCosine({ peak: 1, warmupSteps: 0, steps: 2 });
  assertClose([0, 1, 2].map(none), [1, 0.5, 0], { atol: 1e-12 });
  assert.equal(constantRate(3)(99), 3);
  await assertFails(
    () => warmupCosine({ peak: 0, warmupSteps: 1, steps: 2 }),
    ConfigError,
    /peak rate of 0/,
  );
  await assertFails(
    () => warmupCosine({ peak: 1, warmupSteps: 3, steps: 2 }),
    ConfigError,
    /3 of 2 steps/,
  );
});

deviceTest("AdamW leaves alone what has no gradient", async (device) => {
  using a = tensor([[1, 2]], { device, requiresGrad: true });
  using b = tensor([3], { device, requiresGrad: true });
  const parameters = new Map([["a", a], ["b", b]]);
  using optimizer = new AdamW(parameters, { weightDecay: 0.5 });
  {
    using _ = scope();
    backward(sum(square(a)));
  }
  optimizer.update(0.1);
  optimizer.clearGradients();
  assert.equal(a.grad, undefined);
  assert.deepEqual([...await b.data()], [3]);
  // First step: sign of the gradient times η, and the decay η λ w.
  assertClose(await a.data(), [1 - 0.1 - 0.05, 2 - 0.1 - 0.1], { atol: 1e-6 });
  assertClose(await optimizer.gradientNorm.item(), Math.sqrt(4 + 16), {
    rtol: 1e-6,
  });
});

deviceTest("AdamW decays by name when asked", async (device) => {
  using a = tensor([1], { device, requiresGrad: true });
  const parameters = new Map([["a", a]]);
  for (
    const [decays, wanted] of [[undefined, 0.9], [() => true, 0.85]] as const
  ) {
    a.write(Float32Array.of(1));
    using optimizer = new AdamW(parameters, {
      weightDecay: 0.5,
      ...(decays && { decays }),
    });
    using _ = scope();
    backward(sum(a));
    optimizer.update(0.1);
    optimizer.clearGradients();
    assertClose(await a.data(), [wanted], { atol: 1e-6 });
  }
});

deviceTest("AdamW refuses settings out of range", async (device) => {
  using a = tensor([1], { device, requiresGrad: true });
  const make = (options: object) => () =>
    new AdamW(new Map([["a", a]]), options);
  await assertFails(make({ beta1: 1 }), ConfigError, /beta1 1 is not in/);
  await assertFails(make({ beta2: -1 }), ConfigError, /beta2 -1/);
  await assertFails(make({ eps: 0 }), ConfigError, /eps 0/);
  await assertFails(make({ weightDecay: -1 }), ConfigError, /weightDecay -1/);
  await assertFails(make({ clip: 0 }), ConfigError, /clip 0/);
  await assertFails(() => new AdamW(new Map()), ConfigError, /no parameters/);
});
