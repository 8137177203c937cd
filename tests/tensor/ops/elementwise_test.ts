/**
 * Arithmetic, comparisons and functions of elements: every row of the tables
 * with random shapes and all ways to broadcast, against the row's reference.
 */
import assert from "node:assert/strict";
import {
  type BinaryName,
  binaryTable,
  type UnaryName,
  unaryTable,
} from "../../../lib/kernels/mod.ts";
import * as t from "../../../lib/tensor/mod.ts";
import { DTypeError, type Shape, ShapeError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { deviceTest } from "../../support/devices.ts";
import {
  type Case,
  operatorTest,
  randomShapes,
  stretch,
} from "../operator_case.ts";

/** Moves a random number above a bound, or away from kinks at 0. */
function above(lowest: number | undefined): (x: number) => number {
  return lowest === undefined
    ? (x) => x + (x < 0 ? -0.2 : 0.2)
    : (x) => Math.abs(x) + lowest + 0.2;
}

for (const name of Object.keys(unaryTable) as UnaryName[]) {
  const { reference, derivative, lowest } = unaryTable[name];
  operatorTest(
    name,
    [...randomShapes(name, 2), [], [0], [2, 0, 3]].map((shape) => ({
      shapes: [shape],
      out: shape,
      run: t[name],
      exact: (x) => Float64Array.from(x!, reference),
      domain: above(lowest),
      hasGradient: derivative !== 0,
    })),
  );
}

function binaryCase(name: BinaryName, a: Shape, b: Shape, out: Shape): Case {
  const { reference, lowest, compares } = binaryTable[name];
  const inDomain = above(lowest), inAny = above(undefined);
  return {
    shapes: [a, b],
    out,
    run: (x, y) => t[name](x, y),
    exact: (x, y) => {
      const [u, v] = [stretch(x!, a, out), stretch(y!, b, out)];
      return u.map((value, i) => reference(value, v[i]!));
    },
    domain: (x, which) => {
      // Whole numbers meet each other now and then.
      const value = compares ? Math.round(x) : x;
      return which === 0 ? inDomain(value) : inAny(value);
    },
    hasGradient: !compares,
  };
}

for (const name of Object.keys(binaryTable) as BinaryName[]) {
  operatorTest(name, [
    ...randomShapes(name, 3).map((s) => binaryCase(name, s, s, s)),
    binaryCase(name, [2, 3], [3], [2, 3]),
    binaryCase(name, [3], [2, 3], [2, 3]),
    binaryCase(name, [2, 1, 3], [1, 4, 1], [2, 4, 3]),
    binaryCase(name, [], [2, 2], [2, 2]),
    binaryCase(name, [67, 1], [65], [67, 65]),
    binaryCase(name, [1, 1, 3], [3], [1, 1, 3]),
    binaryCase(name, [0, 3], [3], [0, 3]),
  ]);
}

/** Operators with a number, and the same on plain numbers. */
const WITH_NUMBERS: [string, Case["run"], (x: number) => number][] = [
  ["add 2", (x) => t.add(x!, 2), (x) => x + 2],
  ["sub 2", (x) => t.sub(x!, 2), (x) => x - 2],
  ["mul 2", (x) => t.mul(x!, 2), (x) => x * 2],
  ["div 3", (x) => t.div(x!, 3), (x) => x / 3],
  ["pow 2", (x) => t.pow(x!, 2), (x) => x ** 2],
  ["pow 3", (x) => t.pow(x!, 3), (x) => x ** 3],
  ["pow 0.5", (x) => t.pow(x!, 0.5), (x) => x ** 0.5],
  ["pow -0.5", (x) => t.pow(x!, -0.5), (x) => x ** -0.5],
  ["pow -1", (x) => t.pow(x!, -1), (x) => 1 / x],
  ["pow 1.7", (x) => t.pow(x!, 1.7), (x) => x ** 1.7],
  ["maximum 1", (x) => t.maximum(x!, 1), (x) => Math.max(x, 1)],
  ["minimum 1", (x) => t.minimum(x!, 1), (x) => Math.min(x, 1)],
  [
    "clamp",
    (x) => t.clamp(x!, { low: 0.7, high: 1.3 }),
    (x) => Math.min(1.3, Math.max(0.7, x)),
  ],
  ["clamp of one end", (x) => t.clamp(x!, { high: 1 }), (x) => Math.min(x, 1)],
  ["cast to itself", (x) => t.cast(x!, "float32"), (x) => x],
];
for (const [name, run, exact] of WITH_NUMBERS) {
  operatorTest(
    name,
    [[1], [3, 67]].map((shape) => ({
      shapes: [shape],
      out: shape,
      run,
      exact: (x) => Float64Array.from(x!, exact),
      domain: above(0),
    })),
  );
}

/** a where the mask is 1, else b. */
function whereCase(mask: Shape, a: Shape, b: Shape, out: Shape): Case {
  return {
    shapes: [a, b, mask],
    out,
    run: (x, y, m) => t.where(t.greater(m!, 0), x!, y!),
    exact: (x, y, m) => {
      const [u, v] = [stretch(x!, a, out), stretch(y!, b, out)];
      return stretch(m!, mask, out).map((c, i) => c > 0 ? u[i]! : v[i]!);
    },
  };
}
operatorTest("where", [
  ...randomShapes("where", 2).map((s) => whereCase(s, s, s, s)),
  whereCase([3, 1], [3, 4], [4], [3, 4]),
  whereCase([4], [3, 1], [], [3, 4]),
  {
    shapes: [[3, 5]],
    out: [3, 5],
    run: (x) => t.where(t.less(x, 0), 7, x),
    exact: (x) => Float64Array.from(x!, (v) => v < 0 ? 7 : v),
  },
]);

operatorTest("a tensor used twice", {
  shapes: [[3, 4]],
  out: [3, 4],
  run: (x) => t.add(t.mul(x, x), x),
  exact: (x) => Float64Array.from(x!, (v) => v * v + v),
});

operatorTest("a tensor added to itself", {
  shapes: [[5]],
  out: [5],
  run: (x) => t.add(x, x),
  exact: (x) => Float64Array.from(x!, (v) => 2 * v),
});

deviceTest("arithmetic and comparisons take int32", async (device) => {
  await t.scoped(async () => {
    const ids = t.tensor([[1, 2], [3, 20_000_001]], { device, dtype: "int32" });
    const row = t.tensor(Int32Array.of(3, 20_000_002), { device });
    const numbers = async (x: t.Tensor) => [x.dtype, ...await x.data()];
    const f = "float32", i = "int32";
    assert.deepEqual(await numbers(t.add(ids, row)), [
      i,
      ...[4, 20_000_004, 6, 40_000_003],
    ]);
    assert.deepEqual(await numbers(t.sub(ids, 1)), [i, 0, 1, 2, 20_000_000]);
    assert.deepEqual(await numbers(t.mul(ids, 2)), [i, 2, 4, 6, 40_000_002]);
    assert.deepEqual(await numbers(t.less(ids, row)), [f, 1, 1, 0, 1]);
    assert.deepEqual(await numbers(t.equal(ids, 3)), [f, 0, 0, 1, 0]);
    assert.deepEqual(await numbers(t.maximum(ids, 2)), [i, 2, 2, 3, 20000001]);
    const mask = t.greater(ids, 2);
    assert.deepEqual(await numbers(t.where(mask, ids, -100)), [
      i,
      ...[-100, -100, 3, 20_000_001],
    ]);
    assert.deepEqual(await numbers(t.cast(ids, f)), [f, 1, 2, 3, 20_000_000]);
    const halves = t.tensor([-1.5, 1.5], { device });
    assert.deepEqual(await numbers(t.cast(halves, i)), [i, -1, 1]);
  });
});

deviceTest("the tape keeps only what a derivative reads", (device) => {
  using x = t.tensor([1, 2], { device, requiresGrad: true });
  using mask = t.tensor([0, 1], { device });
  const before = device.memory().liveBuffers;
  // Of exp its result, which is the input of the product, and not 2x; of the
  // product the mask alone.
  using y = t.scoped(() => t.mul(t.exp(t.mul(x, 2)), mask));
  assert.equal(device.memory().liveBuffers, before + 2);
  t.backward(y, { gradient: mask });
});

deviceTest("element-wise operators refuse wrong types", async (device) => {
  using _ = t.scope();
  const x = t.zeros([2], { device });
  const ids = t.zeros([2], { device, dtype: "int32" });
  const wrong: [() => unknown, RegExp][] = [
    [() => t.add(x, ids), /add\(\) on "zeros" of int32: it takes float32/],
    [() => t.add(ids, x), /of float32: it takes int32/],
    [() => t.div(ids, ids), /div\(\) on "zeros" of int32/],
    [() => t.pow(ids, 2), /square\(\) on "zeros" of int32/],
    [() => t.add(ids, 0.5), /an int32 of 0\.5/],
    [() => t.gelu(ids), /of int32: it takes float32/],
    [() => t.where(ids, x, x), /where\(\) on "zeros" of int32/],
    [() => t.where(x, x, ids), /where\(\) on "zeros" of int32/],
    [() => t.tensor([1, 2 ** 31], { dtype: "int32" }), /int32 of 2147483648/],
    [
      () => t.tensor(new Float32Array(1), { dtype: "int32" }),
      /of int32 of Float32Array/,
    ],
  ];
  for (const [fn, text] of wrong) await assertFails(fn, DTypeError, text);
  await assertFails(
    () => t.where(x, t.zeros([3], { device }), x),
    ShapeError,
    /\(2\) with \(3\)/,
  );
  // The device has not noticed.
  assert.deepEqual([...await t.add(x, 1).data()], [1, 1]);
});
