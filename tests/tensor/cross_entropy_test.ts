/**
 * linearCrossEntropy() against the operators it is made of: the same loss and
 * gradients, without the memory of the logits. Tolerance: single precision,
 * the sums over the vocabulary run in another order.
 */
import assert from "node:assert/strict";
import { openDevice } from "../../lib/device/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import {
  ConfigError,
  DataError,
  DTypeError,
  ShapeError,
} from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { randomData } from "../support/kernel_buffers.ts";

const OPTIONS: readonly t.CrossEntropyOptions[] = [
  {},
  { ignoreIndex: 3, zLoss: 1e-2, labelSmoothing: 0.1 },
];

deviceTest("linearCrossEntropy() equals its parts", async (device) => {
  const [N, C, V] = [33, 20, 150];
  const ids = Int32Array.from({ length: N }, (_, r) => (r * 5) % V);
  for (const options of OPTIONS) {
    await t.scoped(async () => {
      const make = (shape: number[], seed: number) =>
        t.tensor(randomData(shape[0]! * shape[1]!, seed), {
          shape,
          device,
          requiresGrad: true,
        });
      const targets = t.tensor(ids, { device });
      const run = (loss: (x: t.Tensor, w: t.Tensor) => t.Tensor) => {
        const [x, w] = [make([N, C], 1), make([V, C], 2)];
        const result = loss(x, w);
        t.backward(t.mul(result, 3));
        return Promise.all(
          [result, x.grad!, w.grad!].map((tensor) => tensor.data()),
        );
      };
      const parts = await run((x, w) =>
        t.crossEntropy(t.linear(x, w), targets, options)
      );
      for (const chunk of [undefined, 1, 64, 1000]) {
        const fused = await run((x, w) =>
          t.linearCrossEntropy(x, w, targets, {
            ...options,
            ...(chunk !== undefined && { chunk }),
          })
        );
        for (const [i, name] of ["loss", "dX", "dW"].entries()) {
          assertClose(fused[i]!, parts[i]!, {
            rtol: 1e-5,
            atol: 1e-6,
            name: `${name} by ${chunk}`,
          });
        }
      }
    });
  }
});

deviceTest("linearCrossEntropy() gives only what is asked", async (device) => {
  await t.scoped(async () => {
    const x = t.tensor(randomData(12), { shape: [4, 3], device });
    const w = t.tensor(randomData(15), { shape: [5, 3], device });
    const ids = t.tensor(Int32Array.of(0, 4, 2, -100), { device });
    const plain = t.linearCrossEntropy(x, w, ids, { chunk: 2 });
    assert.equal(plain.requiresGrad, false);
    w.requiresGrad = true;
    t.backward(t.linearCrossEntropy(x, w, ids, { chunk: 2 }));
    assert.equal(x.grad, undefined);
    assert.ok((await w.grad!.data()).some((value) => value !== 0));
  });
});

Deno.test("linearCrossEntropy() of 4096 x 32000 takes 64 MiB", async () => {
  using device = await openDevice("cpu");
  const [N, C, V] = [4096, 8, 32_000];
  await t.scoped(async () => {
    const make = (shape: number[]) =>
      t.randomNormal(shape, { device, seed: 1, requiresGrad: true });
    const [x, w] = [make([N, C]), make([V, C])];
    const ids = Int32Array.from({ length: N }, (_, r) => r * 7 % V);
    const targets = t.tensor(ids, { device });
    const before = device.memory().liveBytes;
    t.backward(t.linearCrossEntropy(x, w, targets));
    const gradients = 4 * (N + V) * C;
    const extra = device.memory().peakBytes - before - gradients;
    assert.ok(extra <= 64 * 2 ** 20, `${extra / 2 ** 20} MiB`);
    const gradient = await w.grad!.data();
    assert.ok(gradient.every(Number.isFinite));
  });
});

deviceTest("linearCrossEntropy() refuses what does not fit", async (device) => {
  using x = t.zeros([4, 3], { device });
  using w = t.zeros([5, 3], { device });
  using ids = t.tensor(new Int32Array(4), { device });
  using few = t.tensor(new Int32Array(3), { device });
  const run = (...rest: Parameters<typeof t.linearCrossEntropy>) => () =>
    t.linearCrossEntropy(...rest);
  await assertFails(run(x, x, few), ShapeError, /\(4, 3\).*3 targets/);
  await assertFails(run(w, ids, ids), DTypeError, /int32/);
  using turned = t.zeros([3, 5], { device });
  await assertFails(run(x, turned, ids), ShapeError, /wanted \(V, 3\)/);
  const wrong = (options: t.LinearCrossEntropyOptions, text: RegExp) =>
    assertFails(run(x, w, ids, options), ConfigError, text);
  await wrong({ chunk: 0 }, /chunks of 0 columns/);
  await wrong({ zLoss: -1 }, /zLoss -1/);
  await wrong({ labelSmoothing: 1 }, /labelSmoothing 1/);
  await wrong({ ignoreIndex: 0.5 }, /ignoreIndex 0.5/);
});

deviceTest("crossEntropy() names targets out of range", async (device) => {
  using x = t.zeros([2, 3], { device });
  using w = t.zeros([5, 3], { device });
  for (const wrong of [[1, 5], [-1, 1]]) {
    using targets = t.tensor(Int32Array.from(wrong), { device });
    using logits = t.linear(x, w);
    const text = new RegExp(`targets ${wrong[0]}..${wrong[1]} of .*in 0..4`);
    await assertFails(() => t.crossEntropy(logits, targets), DataError, text);
    const fused = () => t.linearCrossEntropy(x, w, targets);
    await assertFails(fused, DataError, text);
  }
  using ignored = t.tensor(Int32Array.of(-100, 2), { device });
  using loss = t.linearCrossEntropy(x, w, ignored);
  assertClose([await loss.item()], [Math.log(5)], { rtol: 1e-6 });
});
