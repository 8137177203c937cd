/**
 * Cross-entropy with its options, whole and in chunks of the vocabulary:
 * forward against the reference, backward against central differences.
 * Tolerance: single precision, sums of some hundred terms.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

const CLOSE = { rtol: 1e-5, atol: 1e-6 };
const GRADIENT = { rtol: 1e-4, atol: 1e-5 };

const NUMBERS: readonly kernels.CrossEntropyNumbers[] = [
  { ignoreIndex: -100, zLoss: 0, labelSmoothing: 0.1 },
  { ignoreIndex: 2, zLoss: 0.02, labelSmoothing: 0 },
  { ignoreIndex: 0, zLoss: 0.01, labelSmoothing: 0.3 },
];

/** Targets of which every fifth lies outside of the vocabulary. */
function targetsOf(rows: number, vocab: number): Int32Array {
  return Int32Array.from(
    { length: rows },
    (_, r) => r % 5 === 4 ? vocab + r : (r * 7) % vocab,
  );
}

deviceTest("crossEntropy() smooths, skips and squares", async (device) => {
  for (const numbers of NUMBERS) {
    for (const [rows, cols] of [[1, 3], [7, 5], [6, 130]] as const) {
      using buffers = new KernelBuffers(device);
      const data = randomData(rows * cols, 1, 3);
      const ids = targetsOf(rows, cols);
      const [logits, targets] = [buffers.put(data), buffers.put(ids)];
      const [lse, stats] = [buffers.empty(rows), buffers.empty(2)];
      const dLogits = buffers.empty(rows * cols);
      const dLoss = buffers.put(Float32Array.of(1.5));
      const forward = { logits, targets, lse, stats };
      const sizes = { rows, cols };
      kernels.crossEntropy(device, forward, sizes, numbers);
      const backward = { ...forward, dLoss, dLogits };
      kernels.crossEntropyBackward(device, backward, sizes, numbers);
      const f = (z: ArrayLike<number>) => [
        kernels.crossEntropyReference(z, ids, sizes, numbers),
      ];
      const counted = ids.filter((id) =>
        id !== numbers.ignoreIndex && id < cols
      ).length;
      const expected = [f(data)[0]!, counted];
      assertClose(await buffers.get(stats), expected, CLOSE);
      const gradient = await buffers.get(dLogits);
      assertGradient(f, [data], [1.5], 0, gradient, GRADIENT);
    }
  }
});

// rows, channels, vocab, chunk: one; chunks that do not divide; wider than the
// vocabulary; more than a workgroup
const LAYERS: readonly [number, number, number, number][] = [
  [1, 1, 1, 1],
  [5, 3, 11, 4],
  [4, 6, 9, 64],
  [70, 8, 140, 36],
];

deviceTest(
  "linearCrossEntropy() equals its reference, both ways",
  async (device) => {
    for (const [rows, channels, vocab, chunk] of LAYERS) {
      for (const numbers of [kernels.PLAIN_CROSS_ENTROPY, NUMBERS[2]!]) {
        using buffers = new KernelBuffers(device);
        const sizes = { rows, channels, vocab, chunk };
        const data = [
          randomData(rows * channels, 1),
          randomData(vocab * channels, 2),
        ];
        const ids = targetsOf(rows, vocab);
        const forward = {
          x: buffers.put(data[0]!),
          weight: buffers.put(data[1]!),
          targets: buffers.put(ids),
          lse: buffers.empty(rows),
          stats: buffers.empty(2),
        };
        kernels.linearCrossEntropy(device, forward, sizes, numbers);
        const f = (x: ArrayLike<number>, w: ArrayLike<number>) => [
          kernels.linearCrossEntropyReference(x, w, ids, sizes, numbers),
        ];
        const name = `${rows} x ${channels} x ${vocab} by ${chunk}`;
        const [loss] = await buffers.get(forward.stats);
        assertClose(loss!, f(data[0]!, data[1]!)[0]!, { ...CLOSE, name });
        const [dX, dWeight] = data.map((d) => buffers.empty(d.length));
        const dLoss = buffers.put(Float32Array.of(-2));
        const gradients = { dX: dX!, dWeight: dWeight! };
        const backward = { ...forward, dLoss };
        // Both at once, then each alone: the same numbers.
        for (
          const wanted of [["dX", "dWeight"], ["dX"], ["dWeight"]] as const
        ) {
          const asked = Object.fromEntries(
            wanted.map((d) => [d, gradients[d]]),
          );
          for (const d of wanted) {
            device.write(
              gradients[d],
              new Float32Array(gradients[d].bytes / 4).fill(NaN),
            );
          }
          kernels.linearCrossEntropyBackward(
            device,
            { ...backward, ...asked },
            sizes,
            numbers,
          );
          for (const d of wanted) {
            const which = d === "dX" ? 0 : 1;
            const gradient = await buffers.get(gradients[d]);
            const options = { ...GRADIENT, name: `${name}, ${d}` };
            assertGradient(f, data, [-2], which, gradient, options);
          }
        }
      }
    }
  },
);

Deno.test("crossEntropyChunk() keeps within 64 MiB at 4096 rows", () => {
  for (const channels of [64, 768, 1024, 2048]) {
    const chunk = kernels.crossEntropyChunk(4096, channels);
    assert.ok(chunk >= 64 && chunk % 64 === 0);
    const chunks = 2 * 4 * chunk * (4096 + channels);
    const part = 4 * 4096 * channels;
    assert.ok(chunks + part <= 64 * 2 ** 20, `${channels} channels`);
  }
  // More rows take more, and are not read for narrower chunks.
  assert.equal(kernels.crossEntropyChunk(4 * 4096, 768), 960);
  assert.equal(kernels.crossEntropyChunk(100, 1e6), 64);
});

deviceTest("accumulate() adds in place", async (device) => {
  for (const size of [1, 5, 130]) {
    using buffers = new KernelBuffers(device);
    const data = [randomData(size, 1), randomData(size, 2)];
    const [x, y] = data.map((d) => buffers.put(d));
    kernels.accumulate(device, { x: x!, y: y! }, size);
    const expected = kernels.accumulateReference(data[0]!, data[1]!);
    assertClose(await buffers.get(y!), expected, { rtol: 1e-7, atol: 1e-7 });
  }
});
