/**
 * The rule of the loss scale against its reference, step by step. Tolerance:
 * the corrections are sums of a few numbers in single precision, all else is
 * exact (scales are powers of two).
 */
import assert from "node:assert/strict";
import {
  LOSS_SCALE_NUMBERS,
  lossScale,
  type LossScaleNumbers,
  lossScaleReference,
} from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers } from "../support/kernel_buffers.ts";

const RULE = {
  betas: [0.9, 0.999],
  growth: 2,
  backoff: 0.5,
  interval: 3,
  most: 128,
} as const;

const NORMS = [
  ...[5, 8, NaN, 1, 2, 3, 4, 5, 6, Infinity, Infinity, 3],
  ...[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], // up to the highest scale
];

deviceTest("lossScale() equals its reference", async (device) => {
  using buffers = new KernelBuffers(device);
  const numbers = buffers.put(new Float32Array(LOSS_SCALE_NUMBERS.length));
  const scale = buffers.put(Float32Array.of(32));
  let exact = {
    numbers: Object.fromEntries(
      LOSS_SCALE_NUMBERS.map((name) => [name, 0]),
    ) as LossScaleNumbers,
    scale: 32,
  };
  const scales: number[] = [];
  for (const norm of NORMS) {
    device.write(numbers, Float32Array.of(norm)); // the first of them
    lossScale(device, { numbers, scale }, RULE);
    exact = lossScaleReference(exact.numbers, exact.scale, norm, RULE);
    const [actualScale] = await buffers.get(scale);
    assert.equal(actualScale, exact.scale);
    scales.push(exact.scale);
    const actual = await buffers.get(numbers);
    for (const [i, name] of LOSS_SCALE_NUMBERS.entries()) {
      const wanted = exact.numbers[name];
      if (!Number.isFinite(wanted)) assert.ok(!Number.isFinite(actual[i]));
      else assertClose(actual[i]!, wanted, { rtol: 1e-6, name });
    }
  }
  assert.deepEqual(scales, [
    ...[32, 32, 16, 16, 16, 32, 32, 32, 64, 32, 16, 16],
    ...[16, 32, 32, 32, 64, 64, 64, 128, 128, 128, 128],
  ]);
  // 20 updates: skipped steps do not count.
  assert.equal(exact.numbers.skipped, 3);
  const correction = exact.numbers.correction1;
  assertClose(correction, 1 - 0.9 ** (NORMS.length - 3), { atol: 1e-12 });
});
