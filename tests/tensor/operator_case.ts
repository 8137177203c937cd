/**
 * What an operator must fulfil, as data: the shapes of its arguments, a plain
 * double-precision function, and how it is called. `operatorTest` compares
 * forward with that function and backward with its central differences, on
 * both devices, and sees that nothing stays in memory.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Device } from "../../lib/device/mod.ts";
import { gatherReference } from "../../lib/kernels/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import type { Tensor } from "../../lib/tensor/mod.ts";
import {
  broadcastStrides,
  formatShape,
  Random,
  type Shape,
  sizeOf,
} from "../../lib/util/mod.ts";
import { assertClose, type Tolerance } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";
import { deviceTest } from "../support/devices.ts";
import { randomData } from "../support/kernel_buffers.ts";

/** The operator on plain numbers, without loss of digits. */
export type Exact = (...inputs: ArrayLike<number>[]) => ArrayLike<number>;

/** One call of an operator. */
export interface Case {
  /** Arguments that have a gradient, float32. */
  readonly shapes: readonly Shape[];
  readonly run: (...inputs: Tensor[]) => Tensor;
  readonly exact: Exact;
  readonly out: Shape;
  /** Moves random data of argument `which` into its domain. */
  readonly domain?: (x: number, which: number) => number;
  /** False for functions that leave the tape. */
  readonly hasGradient?: boolean;
}

/** Single precision, sums of up to some hundred terms. */
const FORWARD = { rtol: 1e-5, atol: 1e-5 };
/** The same, and central differences, which lose half of the digits. */
const BACKWARD = { rtol: 1e-4, atol: 2e-5 };

/** Runs one case on one device. */
async function check(
  name: string,
  { shapes, run, exact, out, domain, hasGradient = true }: Case,
  device: Device,
): Promise<void> {
  const data = shapes.map((shape, i) => {
    const values = randomData(sizeOf(shape), i + 1);
    return domain ? values.map((x) => domain(x, i)) : values;
  });
  const label = `${name} of ${shapes.map(formatShape).join(", ")}`;
  const near = (tolerance: Tolerance, what: string) => ({
    ...tolerance,
    name: `${label}, ${what}`,
  });
  await t.scoped(async () => {
    const inputs = shapes.map((shape, i) =>
      t.tensor(data[i]!, { shape, device, requiresGrad: true })
    );
    const result = run(...inputs);
    assert.deepEqual(result.shape, out, label);
    const expected = exact(...data);
    assertClose(await result.data(), expected, near(FORWARD, "result"));
    assert.equal(result.requiresGrad, hasGradient, label);
    if (!hasGradient) return;
    const weights = randomData(expected.length, 9);
    const gradient = t.tensor(weights, { shape: out, device });
    t.backward(result, { gradient });
    for (const [i, input] of inputs.entries()) {
      // An argument that only a condition uses has none: zero, that is.
      const actual = await input.grad?.data() ?? new Float32Array(input.size);
      assert.deepEqual(input.grad?.shape ?? shapes[i], shapes[i], label);
      const tolerance = near(BACKWARD, `gradient ${i}`);
      assertGradient(exact, data, weights, i, actual, tolerance);
    }
  });
}

/** A test on every device of one operator with one or more calls of it. */
export function operatorTest(name: string, cases: Case | Case[]): void {
  deviceTest(`operator ${name} equals plain numbers`, async (device) => {
    for (const one of [cases].flat()) await check(name, one, device);
  });
}

/** Sizes of an axis: one, odd, and longer than a workgroup. */
const SIZES = [1, 1, 2, 3, 5, 8, 17, 67, 131];

/**
 * Random shapes with that number of axes, the same on every run; the first is
 * all ones, and none has more than 3000 elements.
 */
export function randomShapes(name: string, rank: number, count = 5): Shape[] {
  const random = new Random(11, name);
  const shapes: Shape[] = [new Array<number>(rank).fill(1)];
  while (shapes.length < count) {
    const shape = Array.from({ length: rank }, () => random.pick(SIZES));
    if (sizeOf(shape) <= 3000) shapes.push(shape);
  }
  return shapes;
}

/** A view of x as plain numbers. */
export function view(
  x: ArrayLike<number>,
  shape: Shape,
  strides: readonly number[],
  offset = 0,
): Float64Array {
  return gatherReference(x, { shape, strides, offset });
}

/** x broadcast from one shape to another. */
export function stretch(
  x: ArrayLike<number>,
  from: Shape,
  to: Shape,
): Float64Array {
  return view(x, to, broadcastStrides(from, to));
}
