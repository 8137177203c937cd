/**
 * Numbers of 16 bits: rounding against the reference and, where the host can,
 * against Float16Array, to the bit; what reads them against the same in plain
 * loops.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

const FORMATS = ["float16", "bfloat16"] as const;

/** Ties, subnormals, the edges of the range, and numbers of all sizes. */
const HARD = [
  ...[0, -0, 1, -2, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -8, 2 ** -14],
  ...[2 ** -24, 2 ** -25, 1.5 * 2 ** -25, 3 * 2 ** -25, -(2 ** -26), 1e-30],
  ...[65504, 65519, 65520, -65536, 1e30, 3.4e38, Infinity, -Infinity],
  ...Array.from(randomData(151, 1, 1e-6)),
  ...Array.from(randomData(200, 2, 3)),
];

deviceTest("halve() and widen() round to the nearest", async (device) => {
  for (const format of FORMATS) {
    for (const size of [1, 2, HARD.length]) {
      using buffers = new KernelBuffers(device);
      const data = Float32Array.from(HARD.slice(0, size));
      const [x, y] = [buffers.put(data), buffers.empty(size)];
      const bits = buffers.empty(Math.ceil(size / 2));
      kernels.halve(device, { x, y: bits }, size, format);
      kernels.widen(device, { x: bits, y }, size, format);
      const actual = await buffers.get(y);
      const expected = kernels.halfReference(data, format);
      assert.deepEqual([...actual], [...expected], format);
      if (format === "bfloat16") continue;
      const words = await device.read(bits, 0, bits.bytes);
      const halves = new Uint16Array(words);
      const host = new Uint16Array(Float16Array.from(data).buffer);
      assert.deepEqual([...halves.slice(0, size)], [...host]);
      if (size % 2 === 1) assert.equal(halves[size], 0);
    }
  }
});

deviceTest("halve() and widen() keep NaN", async (device) => {
  using buffers = new KernelBuffers(device);
  for (const format of FORMATS) {
    const x = buffers.put(Float32Array.of(NaN, 1));
    const [bits, y] = [buffers.empty(1), buffers.empty(2)];
    kernels.halve(device, { x, y: bits }, 2, format);
    kernels.widen(device, { x: bits, y }, 2, format);
    const [nan, one] = await buffers.get(y);
    assert.ok(Number.isNaN(nan));
    assert.equal(one, 1);
  }
});

deviceTest("halfLinear() equals plain products", async (device) => {
  for (const format of FORMATS) {
    for (const [n, k] of [[1, 2], [70, 24], [5, 138]] as const) {
      using buffers = new KernelBuffers(device);
      const data = [randomData(k, 1), randomData(n * k, 2)];
      const [x, wide] = data.map((d) => buffers.put(d));
      const [weight, y] = [buffers.empty(n * k / 2), buffers.empty(n)];
      kernels.halve(device, { x: wide!, y: weight }, n * k, format);
      kernels.halfLinear(device, { x: x!, weight, y }, { n, k }, format);
      const rounded = kernels.halfReference(data[1]!, format);
      const expected = kernels.matmulReference(data[0]!, rounded, {
        batch: 1,
        m: 1,
        n,
        k,
        transposeA: false,
        transposeB: true,
        strideA: 0,
        strideB: 0,
      });
      assertClose(await buffers.get(y), expected, { rtol: 1e-5, atol: 1e-5 });
    }
  }
});

deviceTest("halfLinear() takes numbers of all sizes", async (device) => {
  for (const format of FORMATS) {
    const [n, k] = [9, 42];
    const scales = [1e-7, 1e-5, 1e-3, 1]; // from zeros and subnormals on
    const weights = randomData(n * k, 2)
      .map((w, i) => w * scales[(i * 7 >> 3) % 4]!);
    weights.fill(0, 0, k);
    weights[5 * k + 3] = Infinity; // and no other row has one
    weights[7 * k + 40] = NaN;
    using buffers = new KernelBuffers(device);
    const data = randomData(k, 1);
    const [weight, y] = [buffers.empty(n * k / 2), buffers.empty(n)];
    const wide = { x: buffers.put(weights), y: weight };
    kernels.halve(device, wide, n * k, format);
    const x = buffers.put(data);
    kernels.halfLinear(device, { x, weight, y }, { n, k }, format);
    const rounded = kernels.halfReference(weights, format);
    const dot = (row: number) =>
      data.reduce((sum, value, i) => sum + value * rounded[row * k + i]!, 0);
    for (const [row, value] of (await buffers.get(y)).entries()) {
      if (row === 5 || row === 7) assert.ok(!Number.isFinite(value));
      else assertClose(value, dot(row), { rtol: 1e-5, atol: 1e-6 });
    }
  }
}, ["cpu"]); // WGSL leaves open what arithmetic makes of infinities

deviceTest("halfEmbedding() takes rows", async (device) => {
  for (const format of FORMATS) {
    for (const [vocab, cols] of [[3, 1], [7, 9], [5, 66]] as const) {
      using buffers = new KernelBuffers(device);
      const data = randomData(vocab * cols);
      const indices = Int32Array.of(2, 0, -1, vocab, 1, 2);
      const sizes = { count: indices.length, cols, vocab };
      const weight = buffers.empty(Math.ceil(data.length / 2));
      const y = buffers.empty(indices.length * cols);
      kernels.halve(
        device,
        { x: buffers.put(data), y: weight },
        data.length,
        format,
      );
      const ids = buffers.put(indices);
      kernels.halfEmbedding(device, { weight, ids, y }, sizes, format);
      const rounded = kernels.halfReference(data, format);
      const expected = [...indices].flatMap((id) =>
        id >= 0 && id < vocab
          ? [...rounded.slice(id * cols, (id + 1) * cols)]
          : new Array<number>(cols).fill(0)
      );
      assertClose(await buffers.get(y), expected, { atol: 0 });
    }
  }
});
