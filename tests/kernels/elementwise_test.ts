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
  cast,
  fill,
  unary,
  unaryBackward,
  type UnaryName,
  unaryTable,
  where,
} from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

const TOLERANCE = { rtol: 3e-6, atol: 3e-7 };
const GRADIENT = { rtol: 3e-5, atol: 3e-6 };
const SIZES = [1, 3, 64, 129, 1000];

/** Arguments within the domain, away from kinks. */
function argument(
  { lowest }: { lowest?: number },
  size: number,
  seed: number,
): Float32Array {
  const x = randomData(size, seed, 2);
  if (lowest !== undefined) return x.map((v) => Math.abs(v) + lowest + 0.1);
  return x.map((v) => Math.abs(v) < 0.05 ? v + 0.1 : v);
}

for (const name of Object.keys(unaryTable) as UnaryName[]) {
  deviceTest(`unary ${name} equals its reference`, async (device) => {
    for (const size of SIZES) {
      using buffers = new KernelBuffers(device);
      const { reference, derivative, ...row } = unaryTable[name];
      const data = argument(row, size, size);
      const x = buffers.put(data);
      const result = buffers.empty(size);
      unary(device, name, { x, result }, size);
      const expected = Float64Array.from(data, reference);
      assertClose(await buffers.get(result), expected, { ...TOLERANCE, name });
      if (typeof derivative === "number") continue;

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
      const row = binaryTable[name];
      const data = [argument(row, xSize, 1), argument({}, ySize, 2)];
      // Ties, for comparisons.
      if (row.compares) data[1]!.fill(data[0]![0]!, 0, (ySize + 1) >> 1);
      const [x, y] = data.map((values) => buffers.put(values));
      const repeats = { xSize, ySize };
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
  assertClose(await of("gelu"), [0, 0, 0, 30, 80], { atol: 1e-5 });
  assertClose(await of("geluTanh"), [0, 0, 0, 30, 80], { atol: 1e-5 });
  // WGSL allows e^-30 an error of 63 units in the last place.
  assertClose(await of("softplus"), [0, Math.exp(-30), Math.LN2, 30, 80], {
    rtol: 5e-6,
  });
});

// Where the obvious formula would lose digits or leave its range.
const HARD: readonly [UnaryName, readonly number[]][] = [
  ["log1p", [-0.999, -0.31, -0.29, -1e-7, 1e-10, 0.29, 0.31, 1e6]],
  ["sin", [-8000, -100, -3.1415927, 1e-6, 1.5707964, 50, 710, 8192]],
  ["cos", [-8000, -100, -3.1415927, 1e-6, 1.5707964, 50, 710, 8192]],
  ["gelu", [-6, -4, -2, -1e-4, 1e-4, 1, 4, 9]],
  ["round", [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.49, 8388609]],
];
for (const [name, values] of HARD) {
  deviceTest(`unary ${name} is right at hard arguments`, async (device) => {
    using buffers = new KernelBuffers(device);
    const data = Float32Array.from(values);
    const result = buffers.empty(data.length);
    unary(device, name, { x: buffers.put(data), result }, data.length);
    const expected = Float64Array.from(data, unaryTable[name].reference);
    // Sines are compared absolutely: π/2 in three parts has 1e-7 left over.
    // GELU's tail at -6 passes through e^-18, which multiplies the error by 18.
    const tolerance = name === "sin" || name === "cos"
      ? { atol: 5e-7 }
      : { rtol: 3e-6 };
    assertClose(await buffers.get(result), expected, tolerance);
  });
}

deviceTest(
  "binary pow takes negative bases to whole powers",
  async (device) => {
    using buffers = new KernelBuffers(device);
    const [xs, ys] = [[-2, -2, -3, 0, 0, -1.5, 1, 4], [
      3,
      2,
      -1,
      0,
      2,
      0,
      70,
      -1,
    ]];
    const x = buffers.put(Float32Array.from(xs));
    const y = buffers.put(Float32Array.from(ys));
    const result = buffers.empty(8);
    const repeats = { xSize: 8, ySize: 8 };
    binary(device, "pow", { x, y, result }, 8, repeats);
    const expected = xs.map((base, i) => base ** ys[i]!);
    assertClose(await buffers.get(result), expected, { rtol: 1e-6 });
    const d = buffers.put(new Float32Array(8).fill(1));
    binaryBackward(device, "pow", "X", { x, y, d, result }, 8, repeats);
    const slopes = xs.map((base, i) =>
      ys[i] ? ys[i]! * base ** (ys[i]! - 1) : 0
    );
    assertClose(await buffers.get(result), slopes, { rtol: 1e-6 });
  },
);

const INTEGER = (Object.keys(binaryTable) as BinaryName[])
  .filter((name) => binaryTable[name].int32 !== undefined);
for (const name of INTEGER) {
  deviceTest(`binary ${name} takes int32`, async (device) => {
    for (const [size, xSize, ySize] of REPEATS) {
      using buffers = new KernelBuffers(device);
      // Neighbours that single precision would take for equal.
      const data = [xSize, ySize].map((n, seed) =>
        Int32Array.from(randomData(n, seed), (v) => 20_000_001 + Math.round(v))
      );
      if (name === "mul") data[1] = data[1]!.map((v) => v - 20_000_000);
      const [x, y] = data.map((values) => buffers.put(values));
      const result = buffers.empty(size);
      const repeats = { xSize, ySize };
      binary(device, name, { x: x!, y: y!, result }, size, repeats, "i32");
      const { reference, compares } = binaryTable[name];
      const expected = Float64Array.from(
        { length: size },
        (_, i) => reference(data[0]![i % xSize]!, data[1]![i % ySize]!),
      );
      const actual = await buffers.get(result);
      const words = compares ? actual : new Int32Array(actual.buffer);
      assertClose(words, expected, { name });
    }
  });
}

deviceTest("where() selects words of any type", async (device) => {
  for (const [size, xSize, ySize] of REPEATS) {
    using buffers = new KernelBuffers(device);
    const condition = randomData(size, 1).map((v) => Number(v > 0));
    const x = Int32Array.from({ length: xSize }, (_, i) => i - 7);
    const y = Int32Array.from({ length: ySize }, (_, i) => i + 1e9);
    const result = buffers.empty(size);
    where(
      device,
      {
        condition: buffers.put(condition),
        x: buffers.put(x),
        y: buffers.put(y),
        result,
      },
      size,
      { conditionSize: size, xSize, ySize },
    );
    const expected = Array.from(
      condition,
      (c, i) => c ? x[i % xSize]! : y[i % ySize]!,
    );
    const actual = new Int32Array((await buffers.get(result)).buffer);
    assert.deepEqual([...actual], expected);
  }
});

deviceTest("cast() truncates, saturates and rounds", async (device) => {
  using buffers = new KernelBuffers(device);
  const numbers = Float32Array.of(0, 1.9, -1.9, 3e9, -3e9, 16777216);
  const result = buffers.empty(6);
  cast(device, "int32", { x: buffers.put(numbers), result }, 6);
  assert.deepEqual(
    [...new Int32Array((await buffers.get(result)).buffer)],
    [0, 1, -1, 2147483647, -2147483648, 16777216],
  );
  const words = Int32Array.of(0, 7, -7, 16777219, -2147483648, 2147483647);
  cast(device, "float32", { x: buffers.put(words), result }, 6);
  assert.deepEqual(
    [...await buffers.get(result)],
    Array.from(words, Math.fround),
  );
});

deviceTest("fill() writes numbers of both types", async (device) => {
  for (const size of SIZES) {
    using buffers = new KernelBuffers(device);
    const x = buffers.empty(size);
    fill(device, x, size, -1.5);
    assert.ok((await buffers.get(x)).every((v) => v === -1.5));
    fill(device, x, size, -7, "int32");
    const words = new Int32Array((await buffers.get(x)).buffer);
    assert.ok(words.every((v) => v === -7));
  }
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
