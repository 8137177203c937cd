/**
 * The tape, scopes and ownership: what is freed when, and what is said when
 * something freed is used.
 */
import assert from "node:assert/strict";
import * as t from "../../lib/tensor/mod.ts";
import {
  DeviceError,
  DTypeError,
  FreedError,
  ShapeError,
} from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { devices, deviceTest } from "../support/devices.ts";

deviceTest("backward() adds to grad until it is cleared", async (device) => {
  using x = t.tensor([2, 3], { device, requiresGrad: true });
  for (const times of [1, 2]) {
    using _ = t.scope();
    t.backward(t.sum(t.square(x)));
    assertClose(await x.grad!.data(), [4 * times, 6 * times], { atol: 1e-6 });
  }
  x.grad!.dispose();
  x.grad = undefined;
  using _ = t.scope();
  t.backward(t.sum(x));
  assertClose(await x.grad!.data(), [1, 1], { atol: 0 });
});

deviceTest(
  "backward() adds to a gradient in its own memory",
  async (device) => {
    using x = t.tensor([1, 2], { device, requiresGrad: true });
    using y = t.tensor([3, 4], { device, requiresGrad: true });
    const pass = () => t.scoped(() => t.backward(t.sum(t.square(x))));
    pass();
    const { grad } = x;
    const { liveBytes } = device.memory();
    pass();
    assert.equal(x.grad, grad);
    assert.equal(device.memory().liveBytes, liveBytes);
    assertClose(await x.grad!.data(), [4, 8], { atol: 0 });
    // Both get the gradient of the sum, in one memory: it must not be added to.
    x.grad!.dispose();
    x.grad = undefined;
    const both = () => t.scoped(() => t.backward(t.sum(t.add(x, y))));
    both();
    const held = x.grad!.alias();
    both();
    pass();
    assertClose(await x.grad!.data(), [4, 6], { atol: 0 });
    assertClose(await y.grad!.data(), [2, 2], { atol: 0 });
    assertClose(await held.data(), [1, 1], { atol: 0 });
    held.dispose();
  },
);

deviceTest(
  "backward() leaves the gradient that it was given",
  async (device) => {
    using x = t.tensor([1, 2], { device, requiresGrad: true });
    using gradient = t.tensor([1, 1], { device });
    for (const sum of [1, 2, 3]) {
      t.scoped(() => t.backward(t.add(x, 1), { gradient }));
      assertClose(await x.grad!.data(), [sum, sum], { atol: 0 });
    }
    assertClose(await gradient.data(), [1, 1], { atol: 0 });
  },
);

deviceTest("backward() visits a shared node once", async (device) => {
  using x = t.tensor([0.5], { device, requiresGrad: true });
  using _ = t.scope();
  // y doubles twenty times: paths grow to 2^20, nodes do not.
  let y: t.Tensor = x;
  for (let i = 0; i < 20; i++) y = t.add(y, y);
  t.backward(t.sum(y));
  assertClose(await x.grad!.data(), [2 ** 20], { atol: 0 });
});

deviceTest("backward() walks a graph deeper than the stack", async (device) => {
  using x = t.tensor([1], { device, requiresGrad: true });
  using _ = t.scope();
  let y: t.Tensor = x;
  for (let i = 0; i < 20_000; i++) y = t.add(y, 1);
  t.backward(y);
  assertClose(await x.grad!.data(), [1], { atol: 0 });
});

deviceTest("backward() refuses what has no gradient", async (device) => {
  using x = t.tensor([1, 2], { device, requiresGrad: true });
  using plain = t.tensor([1], { device });
  using _ = t.scope();
  await assertFails(
    () => t.backward(t.mul(x, 2)),
    ShapeError,
    /Cannot run backward\(\) from a tensor \(2\): the loss has one element/,
  );
  await assertFails(
    () => t.backward(t.mul(plain, 2)),
    ShapeError,
    /"mul": nothing it was made from has requiresGrad/,
  );
  const off = t.noGrad(() => t.sum(x));
  await assertFails(() => t.backward(off), ShapeError, /under noGrad/);
});

deviceTest(
  "backward() frees the tape, unless it is to be kept",
  async (device) => {
    using x = t.tensor([1, 2], { device, requiresGrad: true });
    using _ = t.scope();
    const loss = t.sum(t.square(x));
    t.backward(loss, { keepGraph: true });
    t.backward(loss);
    assertClose(await x.grad!.data(), [4, 8], { atol: 0 });
    await assertFails(
      () => t.backward(loss),
      FreedError,
      /backward\(\) through (sum|square) a second time.*keepGraph: true/,
    );
  },
);

deviceTest(
  "backward() works after intermediate tensors were freed",
  async (device) => {
    using x = t.tensor([3], { device, requiresGrad: true });
    const loss = t.scoped(() => t.sum(t.square(t.exp(x))));
    t.backward(loss);
    assertClose(await x.grad!.data(), [2 * Math.exp(6)], { rtol: 1e-5 });
    loss.dispose();
  },
);

deviceTest("memory falls while backward() runs", (device) => {
  using x = t.tensor(new Float32Array(1000), { device, requiresGrad: true });
  const before = device.memory().liveBuffers;
  using loss = t.scoped(() => {
    let y = t.exp(x);
    for (let i = 0; i < 10; i++) y = t.exp(y);
    return t.sum(y);
  });
  // Eleven results are saved for the backward pass, and the loss.
  assert.equal(device.memory().liveBuffers, before + 12);
  t.backward(loss);
  assert.equal(device.memory().liveBuffers, before + 2); // loss and gradient
});

deviceTest("a graph that is dropped without backward() is freed", (device) => {
  using x = t.tensor([1, 2], { device, requiresGrad: true });
  const before = device.memory().liveBuffers;
  {
    using _ = t.scope();
    t.sum(t.exp(t.mul(x, x)));
    assert.ok(device.memory().liveBuffers > before);
  }
  assert.equal(device.memory().liveBuffers, before);
});

deviceTest("scope() names who freed a tensor", async (device) => {
  let y!: t.Tensor;
  {
    using _ = t.scope("step 12");
    y = t.full([2, 3], 1, { device });
  }
  await assertFails(
    () => t.mul(y, 2),
    FreedError,
    /tensor "full" \(2, 3\) was freed by the end of scope "step 12"; keep/,
  );
  const z = t.full([1], 1, { device });
  z.dispose();
  z.dispose(); // twice is harmless
  await assertFails(() => z.data(), FreedError, /was freed by dispose\(\)/);
});

deviceTest(
  "scope() leaves what was kept and what stands outside",
  async (device) => {
    const outside = t.full([1], 1, { device });
    let kept!: t.Tensor;
    {
      using _ = t.scope();
      kept = t.keep(t.add(outside, 1));
      {
        using _ = t.scope("inner");
        t.add(outside, 2);
      }
      t.add(kept, 3); // goes to the outer scope again
    }
    assert.deepEqual([...await kept.data()], [2]);
    kept.dispose();
    outside.dispose();
  },
);

deviceTest(
  "scoped() holds across await and frees on errors",
  async (device) => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
    const before = device.memory().liveBuffers;
    const work = (value: number) =>
      t.scoped(async () => {
        const x = t.full([1], value, { device });
        await pause();
        const y = t.mul(x, 2);
        await pause();
        return { y, both: [t.add(x, y)] };
      });
    // Two at once: neither frees what the other made.
    const results = await Promise.all([work(1), work(10)]);
    const values = await Promise.all(
      results.map(async ({ y, both }) => [
        await y.item(),
        await both[0]!.item(),
      ]),
    );
    assert.deepEqual(values, [[2, 3], [20, 30]]);
    assert.equal(device.memory().liveBuffers, before + 4);
    for (const { y, both } of results) [y, ...both].forEach((x) => x.dispose());

    await assert.rejects(t.scoped(async () => {
      t.full([1], 1, { device });
      await pause();
      throw new Error("on purpose");
    }));
    assert.equal(device.memory().liveBuffers, before);
  },
);

deviceTest("two thousand steps leave no memory behind", (device) => {
  using w = t.tensor(new Float32Array(64), { device, requiresGrad: true });
  const step = () => {
    using _ = t.scope();
    const y = t.reshape(t.mul(w, 2), [8, 8]);
    t.backward(t.mean(t.square(t.matmul(y, t.transpose(y)))));
    w.grad!.dispose();
    w.grad = undefined;
  };
  step();
  const before = device.memory();
  for (let i = 0; i < 2000; i++) step();
  const after = device.memory();
  assert.equal(after.liveBuffers, before.liveBuffers);
  assert.equal(after.liveBytes, before.liveBytes);
  assert.equal(after.peakBytes, before.peakBytes);
});

deviceTest("operators refuse what they cannot take", async (device) => {
  using _ = t.scope();
  const x = t.zeros([2, 3], { device });
  const ids = t.tensor(Int32Array.of(1), { device });
  const fails = (fn: () => unknown, type: typeof ShapeError, text: RegExp) =>
    assertFails(fn, type, text);
  const wrong: [() => unknown, RegExp][] = [
    [() => t.add(x, t.zeros([2, 2], { device })), /\(2, 3\) with \(2, 2\)/],
    [() => t.matmul(x, x), /\(2, 3\) by \(2, 3\): inner sizes 3 and 2/],
    [() => t.matmul(x, t.zeros([3], { device })), /two axes or more/],
    [() => t.linear(x, t.zeros([4, 5], { device })), /sizes 3 and 5/],
    [() => t.reshape(x, [4]), /\(2, 3\) to \(4\): 6 elements/],
    [() => t.reshape(x, [-1, -1]), /6 elements do not fit/],
    [() => t.transpose(x, [0, 0]), /every one of its 2 axes/],
    [() => t.slice(x, 1, { start: 2, end: 4 }), /2\.\.4 of axis 1.*0\.\.3/],
    [() => t.concat([], 0), /no tensors/],
    [() => t.concat([x, t.zeros([2, 4], { device })], 0), /along axis 0/],
    [() => t.sum(x, { axis: 2 }), /axis 2 of a tensor with 2 axes/],
    [() => t.rmsNorm(x, t.zeros([2], { device }), 1e-5), /needs 3 elements/],
    [() => t.rope(x, x), /wanted \(B, T, H, D\)/],
    [() => t.attention(x, x, x), /wanted \(B, T, H, D\)/],
    [() => t.swiglu(x, t.zeros([3], { device })), /must be equal/],
    [() => t.crossEntropy(x, ids), /2 rows, 1 targets/],
    [() => t.embedding(t.zeros([3], { device }), ids), /wanted \(V, C\)/],
    [() => t.tensor([[1, 2], [3]], { device }), /different lengths/],
    [() => t.zeros([2, -1], { device }), /-1 is not a whole number/],
    [() => x.write(new Float32Array(5)), /5 elements to "zeros" \(2, 3\)/],
  ];
  for (const [fn, text] of wrong) await fails(fn, ShapeError, text);
  await assertFails(() => x.item(), ShapeError, /6 elements, not 1/);
  await assertFails(() => t.exp(ids), DTypeError, /of int32: it takes float32/);
  await assertFails(
    () => t.crossEntropy(x, x),
    DTypeError,
    /float32: it takes int32/,
  );
  await assertFails(
    () => t.tensor(Int32Array.of(1), { device, requiresGrad: true }),
    DTypeError,
    /float32 only/,
  );
});

Deno.test("operators refuse tensors of two devices", async () => {
  if (devices.length < 2) return;
  using a = t.zeros([1], { device: devices[0]! });
  using b = t.zeros([1], { device: devices[1]! });
  await assertFails(() => t.add(a, b), DeviceError, /two devices: CPU.*WebGPU/);
});
