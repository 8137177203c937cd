/**
 * Kernels that work on rows or columns: reductions, softmax, RMS
 * normalisation, cross-entropy, embedding. Forward against the references,
 * backward against central differences of them. Tolerance: sums of n terms of
 * single precision, n up to 20,000.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

const GRADIENT = { rtol: 1e-4, atol: 1e-5 };
// rows, columns: ones, odd, wider than a workgroup
const SHAPES: readonly [number, number][] = [
  [1, 1],
  [3, 7],
  [5, 64],
  [33, 100],
  [2, 1025],
];

/** Also more rows than a chunk of the weight's gradient holds. */
const TALL = [...SHAPES, [300, 37]] as const;

for (const reduction of ["sum", "max", "min"] as const) {
  deviceTest(`reduce() ${reduction} equals plain loops`, async (device) => {
    const shapes = [
      [1, 1, 1],
      [1, 20000, 1],
      [3, 7, 1],
      [4, 33, 5],
      [1, 300, 64],
      [2, 9000, 3],
      [1, 128, 66],
      [3, 0, 5],
      [2, 0, 1],
      [0, 4, 1],
    ];
    for (const [outer, n, inner] of shapes as [number, number, number][]) {
      using buffers = new KernelBuffers(device);
      const data = randomData(outer * n * inner);
      const sizes = { outer, n, inner };
      const y = buffers.empty(outer * inner);
      kernels.reduce(device, reduction, { x: buffers.put(data), y }, sizes);
      if (n === 0 && reduction !== "sum") continue; // undefined
      const expected = kernels.reduceReference(reduction, data, sizes);
      const options = {
        rtol: 1e-5,
        atol: 1e-4,
        name: `${outer} ${n} ${inner}`,
      };
      assertClose(await buffers.get(y), expected, options);
    }
  });
}

for (const reduction of ["argmax", "argmin"] as const) {
  deviceTest(`argReduce() ${reduction} finds the first`, async (device) => {
    const shapes = [
      [1, 1, 1],
      [3, 7, 1],
      [4, 33, 5],
      [2, 1025, 1],
      [1, 200, 66],
    ];
    for (const [outer, n, inner] of shapes as [number, number, number][]) {
      using buffers = new KernelBuffers(device);
      // Whole numbers: most results are ties.
      const data = randomData(outer * n * inner).map((x) => Math.round(x));
      const sizes = { outer, n, inner };
      const y = buffers.empty(outer * inner);
      const x = buffers.put(data);
      kernels.argReduce(device, reduction, { x, y }, sizes);
      const expected = kernels.argReduceReference(reduction, data, sizes);
      const actual = new Int32Array((await buffers.get(y)).buffer);
      assert.deepEqual([...actual], [...expected], `${outer} ${n} ${inner}`);
    }
  });
}

deviceTest("softmax() equals its reference, both ways", async (device) => {
  for (const [rows, cols] of SHAPES) {
    using buffers = new KernelBuffers(device);
    const data = randomData(rows * cols, 1, 3);
    const weights = randomData(rows * cols, 2);
    const [y, dX] = [buffers.empty(data.length), buffers.empty(data.length)];
    const sizes = { rows, cols };
    kernels.softmax(device, { x: buffers.put(data), y }, sizes);
    const dY = buffers.put(weights);
    kernels.softmaxBackward(device, { y, dY, dX }, sizes);
    const f = (x: ArrayLike<number>) => kernels.softmaxReference(x, sizes);
    assertClose(await buffers.get(y), f(data), { rtol: 1e-5, atol: 1e-7 });
    assertGradient(f, [data], weights, 0, await buffers.get(dX), GRADIENT);
  }
});

deviceTest("logSoftmax() equals its reference, both ways", async (device) => {
  for (const [rows, cols] of SHAPES) {
    using buffers = new KernelBuffers(device);
    const data = randomData(rows * cols, 1, 30);
    const weights = randomData(rows * cols, 2);
    const [z, dX] = [buffers.empty(data.length), buffers.empty(data.length)];
    const sizes = { rows, cols };
    kernels.logSoftmax(device, { x: buffers.put(data), z }, sizes);
    const dZ = buffers.put(weights);
    kernels.logSoftmaxBackward(device, { z, dZ, dX }, sizes);
    const f = (x: ArrayLike<number>) => kernels.logSoftmaxReference(x, sizes);
    // Differences of numbers up to 100, so absolute.
    assertClose(await buffers.get(z), f(data), { rtol: 1e-6, atol: 1e-5 });
    const tolerance = { rtol: 1e-4, atol: 1e-4 };
    assertGradient(f, [data], weights, 0, await buffers.get(dX), tolerance);
  }
});

deviceTest("softmax() gives 0 to -Infinity", async (device) => {
  using buffers = new KernelBuffers(device);
  // A large finite number stands for a mask: WGSL has no infinities.
  const x = buffers.put(Float32Array.of(1, -1e30, 1, -1e30, 1));
  const y = buffers.empty(5);
  kernels.softmax(device, { x, y }, { rows: 1, cols: 5 });
  const third = 1 / 3;
  assertClose(await buffers.get(y), [third, 0, third, 0, third], {
    atol: 1e-6,
  });
});

deviceTest("rmsNorm() equals its reference, both ways", async (device) => {
  for (const [rows, cols] of TALL) {
    using buffers = new KernelBuffers(device);
    const data = [randomData(rows * cols, 1, 2), randomData(cols, 2)];
    const weights = randomData(rows * cols, 3);
    const [x, weight] = data.map((d) => buffers.put(d));
    const dY = buffers.put(weights);
    const y = buffers.empty(rows * cols);
    const scale = buffers.empty(rows);
    const [dX, dWeight] = [buffers.empty(rows * cols), buffers.empty(cols)];
    const sizes = { rows, cols, eps: 1e-5 };
    kernels.rmsNorm(device, { x: x!, weight: weight!, y, scale }, sizes);
    kernels.rmsNormBackward(
      device,
      { x: x!, weight: weight!, scale, dY, dX },
      sizes,
    );
    kernels.normBackwardWeight(device, { x: x!, scale, dY, dWeight }, sizes);
    const f = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      kernels.rmsNormReference(a, b, sizes);
    assertClose(await buffers.get(y), f(data[0]!, data[1]!), {
      rtol: 1e-5,
      atol: 1e-6,
    });
    assertGradient(f, data, weights, 0, await buffers.get(dX), GRADIENT);
    assertGradient(f, data, weights, 1, await buffers.get(dWeight), GRADIENT);
  }
});

deviceTest("crossEntropy() equals its reference, both ways", async (device) => {
  for (const [rows, cols] of [...SHAPES, [300, 9] as const]) {
    using buffers = new KernelBuffers(device);
    const data = randomData(rows * cols, 1, 3);
    const ids = Int32Array.from(
      { length: rows },
      (_, r) => r % 4 === 3 ? kernels.IGNORE_INDEX : (r * 7) % cols,
    );
    const [logits, targets] = [buffers.put(data), buffers.put(ids)];
    const [lse, stats] = [buffers.empty(rows), buffers.empty(2)];
    const dLogits = buffers.empty(rows * cols);
    const dLoss = buffers.put(Float32Array.of(1.5));
    const sizes = { rows, cols };
    kernels.crossEntropy(device, { logits, targets, lse, stats }, sizes);
    const all = { logits, targets, lse, stats, dLoss, dLogits };
    kernels.crossEntropyBackward(device, all, sizes);
    const f = (z: ArrayLike<number>) => [
      kernels.crossEntropyReference(z, ids, sizes),
    ];
    const counted = ids.filter((id) => id >= 0).length;
    assertClose(await buffers.get(stats), [f(data)[0]!, counted], {
      rtol: 1e-5,
      atol: 1e-6,
    });
    const gradient = await buffers.get(dLogits);
    assertGradient(f, [data], [1.5], 0, gradient, GRADIENT);
  }
});

deviceTest("crossEntropy() of no target at all is 0", async (device) => {
  using buffers = new KernelBuffers(device);
  const logits = buffers.put(randomData(6));
  const targets = buffers.put(new Int32Array(2).fill(kernels.IGNORE_INDEX));
  const [lse, stats] = [buffers.empty(2), buffers.empty(2)];
  const [dLoss, dLogits] = [buffers.put(Float32Array.of(1)), buffers.empty(6)];
  const sizes = { rows: 2, cols: 3 };
  kernels.crossEntropy(device, { logits, targets, lse, stats }, sizes);
  kernels.crossEntropyBackward(
    device,
    { logits, targets, lse, stats, dLoss, dLogits },
    sizes,
  );
  assert.deepEqual([...await buffers.get(stats)], [0, 0]);
  assert.deepEqual([...await buffers.get(dLogits)], [0, 0, 0, 0, 0, 0]);
});

deviceTest("layerNorm() equals its reference, both ways", async (device) => {
  for (const [rows, cols] of TALL) {
    using buffers = new KernelBuffers(device);
    // Far from 0: the variance must not be a difference of large squares.
    const x = randomData(rows * cols, 1, 2).map((v) => v + 20);
    const data = [x, randomData(cols, 2), randomData(cols, 4)];
    const weights = randomData(rows * cols, 3);
    const [input, weight, bias] = data.map((d) => buffers.put(d));
    const dY = buffers.put(weights);
    const y = buffers.empty(rows * cols);
    const [mean, scale] = [buffers.empty(rows), buffers.empty(rows)];
    const [dX, dWeight] = [buffers.empty(rows * cols), buffers.empty(cols)];
    // Wide enough that a row of one column is not divided by nearly 0.
    const sizes = { rows, cols, eps: 1e-2 };
    const all = { x: input!, weight: weight!, bias: bias!, y, mean, scale };
    kernels.layerNorm(device, all, sizes);
    kernels.layerNormBackward(device, { ...all, dY, dX }, sizes);
    kernels.normBackwardWeight(device, { ...all, dY, dWeight }, sizes);
    const f = (a: ArrayLike<number>, b: ArrayLike<number>, c: typeof a) =>
      kernels.layerNormReference(a, b, c, sizes);
    // Numbers near 20 have lost 20 times as much.
    assertClose(await buffers.get(y), f(data[0]!, data[1]!, data[2]!), {
      rtol: 1e-5,
      atol: 5e-5,
    });
    const tolerance = { rtol: 2e-4, atol: 2e-4 };
    assertGradient(f, data, weights, 0, await buffers.get(dX), tolerance);
    assertGradient(f, data, weights, 1, await buffers.get(dWeight), tolerance);
  }
});

deviceTest("embedding() equals its reference, both ways", async (device) => {
  for (const [vocab, cols, count] of [[1, 1, 1], [7, 5, 20], [70, 36, 130]]) {
    using buffers = new KernelBuffers(device);
    const sizes = { vocab: vocab!, cols: cols!, count: count! };
    const table = randomData(vocab! * cols!);
    const weights = randomData(count! * cols!, 2);
    const indices = Int32Array.from(
      { length: count! },
      (_, n) => (n * n) % vocab!,
    );
    const ids = buffers.put(indices);
    const y = buffers.empty(count! * cols!);
    const dWeight = buffers.empty(vocab! * cols!);
    kernels.embedding(device, { weight: buffers.put(table), ids, y }, sizes);
    const dY = buffers.put(weights);
    kernels.embeddingBackward(device, { ids, dY, dWeight }, sizes);
    const f = (w: ArrayLike<number>) =>
      kernels.embeddingReference(w, indices, sizes);
    assertClose(await buffers.get(y), f(table), { atol: 0 });
    const gradient = await buffers.get(dWeight);
    assertGradient(f, [table], weights, 0, gradient, GRADIENT);
  }
});

deviceTest("embedding() reads zeros outside of the table", async (device) => {
  using buffers = new KernelBuffers(device);
  const weight = buffers.put(Float32Array.of(1, 2, 3, 4));
  const ids = buffers.put(Int32Array.of(1, 2, -1));
  const y = buffers.empty(6);
  kernels.embedding(device, { weight, ids, y }, {
    vocab: 2,
    cols: 2,
    count: 3,
  });
  assert.deepEqual([...await buffers.get(y)], [3, 4, 0, 0, 0, 0]);
});
