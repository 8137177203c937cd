/**
 * AdamW of many tensors with clipping by the global norm, against its
 * reference. Tolerance: five steps of single precision.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

// More tensors than a launch takes, sizes 1, odd and larger than a chunk.
const SIZES = [1, 7, 16384, 40001, 64, 5, 3, 2, 129];

deviceTest("globalNorm() is the root of all squares", async (device) => {
  for (const count of [1, 4, SIZES.length]) {
    using buffers = new KernelBuffers(device);
    const data = SIZES.slice(0, count).map((n, i) => randomData(n, i));
    const tensors = data.map((d) => ({
      buffer: buffers.put(d),
      size: d.length,
    }));
    const numbers = buffers.empty(2);
    kernels.globalNorm(device, tensors, numbers);
    const squares = data.flatMap((d) => [...d]).reduce((s, x) => s + x * x, 0);
    const wanted = [Math.sqrt(squares), 1];
    assertClose(await buffers.get(numbers), wanted, { rtol: 1e-6 });
  }
});

/** What the host writes of an update: both corrections, and η. */
const hostNumbers = (
  { beta1, beta2, step, learningRate }: Record<
    "beta1" | "beta2" | "step" | "learningRate",
    number
  >,
) => Float32Array.of(1 - beta1 ** step, 1 - beta2 ** step, learningRate);

for (const clip of [1, Infinity]) {
  deviceTest(
    `adamw() with clip ${clip} equals its reference`,
    async (device) => {
      for (const sizes of [[1], [5, 1000], [130, 3, 4001]]) {
        using buffers = new KernelBuffers(device);
        const exact = sizes.map((size, i) => ({
          weight: Float64Array.from(randomData(size, i)),
          grad: Float64Array.from(randomData(size, i + 10)),
          m: new Float64Array(size),
          v: new Float64Array(size),
        }));
        const put = (x: Float64Array) => buffers.put(Float32Array.from(x));
        const tensors = exact.map(({ weight, grad, m, v }, i) => ({
          weight: put(weight),
          grad: put(grad),
          m: put(m),
          v: put(v),
          size: weight.length,
          weightDecay: 0.1 * i,
        }));
        const update = buffers.put(new Float32Array(5));
        const length = Math.hypot(...exact.flatMap(({ grad }) => [...grad]));
        for (let step = 1; step <= 5; step++) {
          const numbers = {
            learningRate: 0.01,
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            clip,
            step,
          };
          const gradients = tensors.map(({ grad, size }) => ({
            buffer: grad,
            size,
          }));
          kernels.globalNorm(device, gradients, update);
          device.write(update, hostNumbers(numbers), 8);
          kernels.adamw(device, update, tensors, numbers);
          for (const [i, tensor] of exact.entries()) {
            kernels.adamwReference(tensor, length, 0.1 * i, numbers);
          }
        }
        for (const [i, { weight, m, v }] of tensors.entries()) {
          const wanted = exact[i]!;
          const close = { atol: 1e-6 };
          assertClose(await buffers.get(weight), wanted.weight, close);
          assertClose(await buffers.get(m), wanted.m, close);
          const small = { rtol: 1e-5, atol: 1e-12 };
          assertClose(await buffers.get(v), wanted.v, small);
        }
      }
    },
  );
}

deviceTest("adamw() with a loss scale equals one without", async (device) => {
  const size = 130, scale = 2 ** 12;
  const [weight, gradient] = [randomData(size, 1), randomData(size, 2)];
  const [learningRate, beta1, beta2] = [0.01, 0.9, 0.999];
  const rule = {
    ...{ growth: 2, backoff: 0.5, interval: 100, most: 2 ** 24 },
    betas: [beta1, beta2],
  } as const;
  using buffers = new KernelBuffers(device);
  const scaleBuffer = buffers.put(Float32Array.of(scale));
  const host = buffers.put(new Float32Array(5));
  const numbers = buffers.put(new Float32Array(9));
  device.write(numbers, Float32Array.of(learningRate), 16);
  const start = () => ({
    weight: buffers.put(weight),
    m: buffers.put(new Float32Array(size)),
    v: buffers.put(new Float32Array(size)),
    size,
    weightDecay: 0.1,
  });
  const [plain, scaled] = [start(), start()];
  for (let t = 1; t <= 5; t++) {
    const clip = t % 2 === 0 ? 1 : Infinity;
    const rest = { beta1, beta2, eps: 1e-8, clip };
    const grad = buffers.put(gradient.map((x) => x * t));
    const big = buffers.put(gradient.map((x) => x * t * scale));
    kernels.globalNorm(device, [{ buffer: grad, size }], host);
    device.write(host, hostNumbers({ ...rest, step: t, learningRate }), 8);
    kernels.adamw(device, host, [{ ...plain, grad }], rest);
    kernels.globalNorm(device, [{ buffer: big, size }], numbers);
    kernels.lossScale(device, { numbers, scale: scaleBuffer }, rule);
    kernels.adamw(device, numbers, [{ ...scaled, grad: big }], rest);
    // A tensor whose gradients are not finite, after each: nothing changes.
    const before = await buffers.get(scaled.weight);
    const bad = gradient.slice();
    bad[size - 1] = t % 2 === 0 ? NaN : -Infinity;
    const lost = buffers.put(bad);
    kernels.globalNorm(device, [{ buffer: lost, size }], host);
    kernels.adamw(device, host, [{ ...plain, grad: lost }], rest);
    kernels.globalNorm(device, [{ buffer: lost, size }], numbers);
    kernels.lossScale(device, { numbers, scale: scaleBuffer }, rule);
    kernels.adamw(device, numbers, [{ ...scaled, grad: lost }], rest);
    assert.deepEqual(await buffers.get(scaled.weight), before);
    device.write(scaleBuffer, Float32Array.of(scale));
  }
  for (const name of ["weight", "m", "v"] as const) {
    // The corrections are sums in single precision here, powers there.
    const expected = await buffers.get(plain[name]);
    const actual = await buffers.get(scaled[name]);
    assertClose(actual, expected, { rtol: 1e-6, atol: 1e-7, name });
  }
});
