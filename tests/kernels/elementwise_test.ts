/**
 * Every row of the table against its own double-precision reference, forward,
 * and against central differences of it, backward. Tolerance: exp and log are
 * within a few units in the last place of 6e-8; WGSL allows exp an error that
 * grows with its argument.
 */
import assert from "node:assert/strict";
import {
  affine,
  affineReference,
  binary,
  binaryBackward,
  type BinaryName,
  binaryTable,
  unary,
  unaryBackward,
  type UnaryName,
  unaryTable,
} from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

const TOLERANCE = { rtol: 3e-6, atol: 3e-7 };
const GRADIENT = { rtol: 3e-5, atol: 3e-6 };
const SIZES = [1, 3, 64, 129, 1000];

/** Arguments within the domain, away from kinks. */
function argument(name: string, size: number, seed: number): Float32Array {
  const x = randomData(size, seed, 2);
  if (name === "log" || name === "sqrt") return x.map((v) => Math.abs(v) + 0.1);
  return x.map((v) => Math.abs(v) < 0.05 ? v + 0.1 : v);
}

for (const name of Object.keys(unaryTable) as UnaryName[]) {
  deviceTest(`unary ${name} equals its reference`, async (device) => {
    for (const size of SIZES) {
      using buffers = new KernelBuffers(device);
      const data = argument(name, size, size);
      const x = buffers.put(data);
      const result = buffers.empty(size);
      unary(device, name, { x, result }, size);
      const { reference } = unaryTable[name];
      const expected = Float64Array.from(data, reference);
      assertClose(await buffers.get(result), expected, { ...TOLERANCE, name });

      const weights = randomData(size, 5);
      const d = buffers.put(weights);
      const gradient = buffers.empty(size);
      unaryBackward(device, name, { x, r: result, d, result: gradient }, size);
      assertGradient(
        (v) => v.map(reference),
        [data],
        weights,
        0,
        await buffers.get(gradient),
        { ...GRADIENT, name },
      );
    }
  });
}

// Sizes of x and y in a result of `size`: equal, scalar, end of the shape.
const REPEATS: readonly [number, number, number][] = [
  [1, 1, 1],
  [130, 130, 130],
  [130, 130, 1],
  [130, 1, 130],
  [132, 132, 12],
  [130, 130, 13],
  [130, 5, 130],
];

for (const name of Object.keys(binaryTable) as BinaryName[]) {
  deviceTest(`binary ${name} equals its reference`, async (device) => {
    for (const [size, xSize, ySize] of REPEATS) {
      using buffers = new KernelBuffers(device);
      const data = [argument(name, xSize, 1), argument(name, ySize, 2)];
      if (name === "equal") data[1]!.fill(data[0]![0]!, 0, ySize >> 1);
      const [x, y] = data.map((values) => buffers.put(values));
      const repeats = { xSize, ySize };
      const row = binaryTable[name];
      const f = (u: Float64Array, v: Float64Array) =>
        Float64Array.from(
          { length: size },
          (_, i) => row.reference(u[i % xSize]!, v[i % ySize]!),
        );
      const result = buffers.empty(size);
      binary(device, name, { x: x!, y: y!, result }, size, repeats);
      const expected = f(
        Float64Array.from(data[0]!),
        Float64Array.from(data[1]!),
      );
      assertClose(await buffers.get(result), expected, { ...TOLERANCE, name });

      const weights = randomData(size, 5);
      const d = buffers.put(weights);
      for (const [which, side] of (["X", "Y"] as const).entries()) {
        if (typeof (which === 0 ? row.dx : row.dy) === "number") continue;
        const part = buffers.empty(size);
        const inputs = { x: x!, y: y!, d, result: part };
        binaryBackward(device, name, side, inputs, size, repeats);
        // The kernel leaves the sum over repeats to a reduction.
        const parts = await buffers.get(part);
        const total = new Float64Array(which === 0 ? xSize : ySize);
        parts.forEach((value, i) => total[i % total.length]! += value);
        const options = { ...GRADIENT, name: `${name} d${side}` };
        assertGradient(f, data, weights, which, total, options);
      }
    }
  });
}

deviceTest("unary functions keep their limits", async (device) => {
  using buffers = new KernelBuffers(device);
  const data = Float32Array.of(-200, -30, 0, 30, 80);
  const x = buffers.put(data);
  const result = buffers.empty(data.length);
  const of = async (name: UnaryName) => {
    unary(device, name, { x, result }, data.length);
    return [...await buffers.get(result)];
  };
  assert.equal((await of("exp"))[0], 0);
  assert.deepEqual((await of("tanh")).map(Math.round), [-1, -1, 0, 1, 1]);
  assert.deepEqual((await of("sigmoid")).map(Math.round), [0, 0, 1, 1, 1]);
  assertClose(await of("silu"), [0, 0, 0, 30, 80], { atol: 1e-5 });
});

deviceTest("affine() scales and shifts", async (device) => {
  for (const size of SIZES) {
    using buffers = new KernelBuffers(device);
    const data = randomData(size);
    const y = buffers.empty(size);
    const numbers = { size, scale: -2.5, shift: 0.75 };
    affine(device, { x: buffers.put(data), y }, numbers);
    assertClose(await buffers.get(y), affineReference(data, -2.5, 0.75), {
      atol: 1e-6,
    });
  }
});
