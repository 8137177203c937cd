/** The optimizer's manners; its numbers are golden. */
import assert from "node:assert/strict";
import { DryDevice } from "../../lib/device/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import {
  backward,
  scope,
  square,
  sum,
  tensor,
  zeros,
} from "../../lib/tensor/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

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

deviceTest("AdamW without any gradient does nothing", async (device) => {
  using a = tensor([1, 2], { device, requiresGrad: true });
  using optimizer = new AdamW(new Map([["a", a]]));
  optimizer.update(0.1);
  assert.deepEqual([...await a.data()], [1, 2]);
  assert.equal(await optimizer.gradientNorm.item(), 0);
  assert.equal(optimizer.step, 0);
});

Deno.test("AdamW updates many tensors in few launches", () => {
  using device = new DryDevice("webgpu");
  // As many as a Llama of four layers has: 39.
  const parameters = new Map(
    Array.from({ length: 39 }, (_, i) => {
      const parameter = zeros([3], { device, requiresGrad: true });
      parameter.grad = zeros([3], { device });
      return [`p${i}`, parameter];
    }),
  );
  const optimizer = new AdamW(parameters);
  optimizer.update(0.1);
  // Squares by seven, their sum, updates by two.
  const launches = Object.fromEntries(device.launches);
  const expected = { sumOfSquares: 6, rootOfSum: 1, adamw2: 19, adamw1: 1 };
  assert.deepEqual(launches, expected);
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
