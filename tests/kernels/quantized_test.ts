/**
 * Weights of 8 and 4 bits: codes against the formula in plain loops, what reads
 * them against the matrix product in double precision.
 */
import assert from "node:assert/strict";
import type { Device } from "../../lib/device/mod.ts";
import * as kernels from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

const FORMATS = ["int8", "int4"] as const;
/** Rows shorter and longer than a group, with every rest of 32 codes. */
const SIZES = [[1, 8], [5, 128], [3, 152], [70, 272], [2, 432]] as const;

type Data = Float32Array<ArrayBuffer>;

/** Weights with both signs of the extreme, a row of zeros, and a far one. */
function weightsOf(n: number, k: number): Data {
  const weights = randomData(n * k, 3, 0.02);
  weights[0] = 0.3;
  if (n > 1) weights.fill(0, k, 2 * k);
  if (n > 2) weights[2 * k + 1] = -0.3;
  return weights;
}

deviceTest("quantize() and dequantize() follow the formula", async (device) => {
  for (const format of FORMATS) {
    for (const [n, k] of SIZES) {
      using buffers = new KernelBuffers(device);
      const weights = weightsOf(n, k);
      const x = buffers.put(weights);
      const words = kernels.quantizedBytes(n, k, format) / 4;
      const [codes, y] = [buffers.empty(words), buffers.empty(n * k)];
      kernels.quantize(device, { x, y: codes }, { n, k }, format);
      kernels.dequantize(device, { x: codes, y }, { n, k }, format);
      const expected = kernels.quantizedReference(weights, k, format);
      // Single precision may see a tie where there is none: then the next
      // level is as near.
      const actual = await buffers.get(y);
      for (const [i, value] of actual.entries()) {
        const weight = weights[i]!;
        const [ours, best] = [value - weight, expected[i]! - weight];
        const error = Math.abs(ours) - Math.abs(best);
        assert.ok(Math.abs(error) < 1e-6, `${format} ${n} ${k} ${i}: ${error}`);
      }
      const bytes = await device.read(codes, 0, codes.bytes);
      const host = kernels.decodeQuantized(bytes, { n, k }, format);
      assertClose(host, actual, { rtol: 1e-7, atol: 0 });
    }
  }
});

deviceTest("quantize() uses all levels of a group", async (device) => {
  using buffers = new KernelBuffers(device);
  // Scale 1 in both formats; ties go to the even level.
  const rows = {
    int8: [[127, -127, 0.5, 1.5, -2.5, 63.4, 0, 1], [
      ...[127, -127, 0, 2, -2, 63, 0, 1],
    ]],
    int4: [[-8, 7, 0.5, 1.5, -2.5, 7.4, 7.9, 1], [-8, 7, 0, 2, -2, 7, 7, 1]],
  };
  for (const format of FORMATS) {
    const [weights, levels] = rows[format] as [number[], number[]];
    const sizes = { n: 1, k: 8 };
    const x = buffers.put(Float32Array.from(weights));
    const codes = buffers.empty(kernels.quantizedBytes(1, 8, format) / 4);
    kernels.quantize(device, { x, y: codes }, sizes, format);
    const bytes = await device.read(codes, 0, codes.bytes);
    const back = kernels.decodeQuantized(bytes, sizes, format);
    assert.deepEqual([...back], levels);
  }
});

deviceTest("quantize() hides no NaN and no infinity", async (device) => {
  for (const format of FORMATS) {
    for (const wrong of [NaN, Infinity, -Infinity]) {
      using buffers = new KernelBuffers(device);
      const [n, k] = [2, 16];
      const weights = randomData(n * k);
      weights[3] = wrong;
      const codes = buffers.empty(kernels.quantizedBytes(n, k, format) / 4);
      const x = buffers.put(weights);
      kernels.quantize(device, { x, y: codes }, { n, k }, format);
      const bytes = await device.read(codes, 0, codes.bytes);
      const back = kernels.decodeQuantized(bytes, { n, k }, format);
      assert.ok(back.slice(0, k).every((w) => !Number.isFinite(w)));
      assert.ok(back.slice(k).every(Number.isFinite));
    }
  }
}, ["cpu"]); // WGSL leaves open what comparisons make of NaN

/**
 * The most by which y may be off: rounding moves a number of x by half a step
 * of its group, largest / 32,639 (kernels/quantized_matmul.ts), and single
 * precision loses a few units of 2^-24 of the sum of magnitudes.
 */
function linearBounds(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  { m, n, k }: { m: number; n: number; k: number },
): Float64Array {
  const bounds = new Float64Array(m * n);
  for (let i = 0; i < m * n; i++) {
    const fromX = Math.floor(i / n) * k, fromW = i % n * k;
    for (let start = 0; start < k; start += 128) {
      let [largest, weights, products] = [0, 0, 0];
      for (let j = start; j < Math.min(k, start + 128); j++) {
        const [a, b] = [Math.abs(x[fromX + j]!), Math.abs(w[fromW + j]!)];
        largest = Math.max(largest, a);
        weights += b;
        products += a * b;
      }
      // A hundredth more: the quotient by the step is rounded as well.
      bounds[i]! += 1.01 * largest / 32639 / 2 * weights + 1e-6 * products;
    }
  }
  return bounds;
}

/** y of the kernel, and of plain loops with the levels that are stored. */
async function runLinear(
  device: Device,
  [x, weights]: readonly [Data, Data],
  sizes: { m: number; n: number; k: number },
  format: kernels.QuantizedFormat,
) {
  using buffers = new KernelBuffers(device);
  const words = kernels.quantizedBytes(sizes.n, sizes.k, format) / 4;
  const [weight, y] = [buffers.empty(words), buffers.empty(sizes.m * sizes.n)];
  const wide = buffers.put(weights);
  kernels.quantize(device, { x: wide, y: weight }, sizes, format);
  const bytes = await device.read(weight, 0, weight.bytes);
  const levels = kernels.decodeQuantized(bytes, sizes, format);
  const linear = { x: buffers.put(x), weight, y };
  kernels.quantizedLinear(device, linear, sizes, format);
  const expected = kernels.matmulReference(x, levels, {
    ...{ ...sizes, batch: 1, strideA: 0, strideB: 0 },
    ...{ transposeA: false, transposeB: true },
  });
  return { actual: await buffers.get(y), expected, levels };
}

deviceTest(
  "quantizedLinear() is within the rounding of x of plain products",
  async (device) => {
    for (const format of FORMATS) {
      for (const [n, k] of SIZES) {
        for (const m of [1, 2, 5]) {
          const [x, weights] = [randomData(m * k, 1), weightsOf(n, k)];
          x[3] = 900; // takes steps from its own group only
          if (k > 128) x.fill(0, 0, 128);
          const sizes = { m, n, k };
          const run = await runLinear(device, [x, weights], sizes, format);
          const bounds = linearBounds(x, run.levels, sizes);
          for (const [i, value] of run.actual.entries()) {
            const error = Math.abs(value - run.expected[i]!);
            const where = `${format} ${m} ${n} ${k}, element ${i}`;
            assert.ok(error <= bounds[i]!, `${where}: off by ${error}`);
          }
        }
      }
    }
  },
);

deviceTest(
  "quantizedLinear() is exact where x is whole steps of its group",
  async (device) => {
    // The largest is 32,639 steps of 2^-10: nothing is rounded, not even sums.
    for (const format of FORMATS) {
      const sizes = { m: 1, n: 7, k: 272 };
      const random = randomData(sizes.k, 5, 32639);
      const x = random.map((value) => Math.round(value % 32639) / 1024);
      for (let start = 0; start < sizes.k; start += 128) {
        x[start] = (start === 128 ? -32639 : 32639) / 1024;
      }
      const weights = randomData(sizes.n * sizes.k, 6, 8)
        .map((value) => Math.round(value));
      for (let i = 0; i < weights.length; i += 8) {
        weights[i] = format === "int8" ? 127 : -8; // scale 1
      }
      const run = await runLinear(device, [x, weights], sizes, format);
      assertClose(run.actual, run.expected, { rtol: 1e-6, atol: 1e-3 });
    }
  },
);

deviceTest("quantizedLinear() hides no NaN and no infinity", async (device) => {
  for (const format of FORMATS) {
    for (const wrong of [NaN, Infinity, -Infinity]) {
      const sizes = { m: 2, n: 5, k: 136 };
      const x = randomData(sizes.m * sizes.k, 1);
      x[7] = wrong;
      const weights = weightsOf(sizes.n, sizes.k).fill(0.1);
      const { actual } = await runLinear(device, [x, weights], sizes, format);
      assert.ok(actual.slice(0, 5).every((y) => !Number.isFinite(y)));
      assert.ok(actual.slice(5).every(Number.isFinite));
    }
  }
}, ["cpu"]); // WGSL leaves open what arithmetic makes of them

deviceTest("quantizedLinear() takes tiny and zero rows", async (device) => {
  for (const format of FORMATS) {
    for (const size of [0, 1e-38, 1e-31, 1e-25]) {
      const sizes = { m: 1, n: 3, k: 24 };
      const x = randomData(sizes.k, 1, size);
      const weights = weightsOf(sizes.n, sizes.k);
      const run = await runLinear(device, [x, weights], sizes, format);
      const atol = 1e-4 * size + 1e-30 * sizes.k;
      assertClose(run.actual, run.expected, { rtol: 0, atol });
    }
  }
});
