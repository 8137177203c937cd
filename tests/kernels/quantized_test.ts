/**
 * Weights of 8 and 4 bits: codes against the formula in plain loops, what reads
 * them against the matrix product in double precision.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

const FORMATS = ["int8", "int4"] as const;
/** Rows shorter and longer than a group, with every rest of 32 codes. */
const SIZES = [[1, 8], [5, 128], [3, 152], [70, 272], [2, 432]] as const;

/** Weights with both signs of the extreme, a row of zeros, and a far one. */
function weightsOf(n: number, k: number): Float32Array<ArrayBuffer> {
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

deviceTest("quantizedLinear() equals plain products", async (device) => {
  for (const format of FORMATS) {
    for (const [n, k] of SIZES) {
      for (const m of [1, 2, 5]) {
        using buffers = new KernelBuffers(device);
        const [data, weights] = [randomData(m * k, 1), weightsOf(n, k)];
        const words = kernels.quantizedBytes(n, k, format) / 4;
        const [weight, y] = [buffers.empty(words), buffers.empty(m * n)];
        const wide = buffers.put(weights);
        kernels.quantize(device, { x: wide, y: weight }, { n, k }, format);
        const bytes = await device.read(weight, 0, weight.bytes);
        const levels = kernels.decodeQuantized(bytes, { n, k }, format);
        kernels.quantizedLinear(
          device,
          { x: buffers.put(data), weight, y },
          { m, n, k },
          format,
        );
        const expected = kernels.matmulReference(data, levels, {
          ...{ batch: 1, m, n, k, strideA: 0, strideB: 0 },
          ...{ transposeA: false, transposeB: true },
        });
        // Sums of up to 432 products in single precision.
        assertClose(await buffers.get(y), expected, { rtol: 1e-5, atol: 1e-6 });
      }
    }
  }
});
