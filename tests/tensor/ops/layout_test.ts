/**
 * Operators that move elements, against the same moves of plain numbers, and
 * of int32, which they carry unharmed.
 */
import assert from "node:assert/strict";
import * as t from "../../../lib/tensor/mod.ts";
import {
  DTypeError,
  type Shape,
  ShapeError,
  sizeOf,
  stridesOf,
} from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { deviceTest } from "../../support/devices.ts";
import {
  type Case,
  operatorTest,
  randomShapes,
  stretch,
  view,
} from "../operator_case.ts";

function transposeCase(shape: Shape, axes?: readonly number[]): Case {
  const rank = shape.length;
  const order = axes ??
    [...shape.keys()].with(-1, rank - 2).with(-2, rank - 1);
  const out = order.map((a) => shape[a]!);
  const strides = order.map((a) => stridesOf(shape)[a]!);
  return {
    shapes: [shape],
    out,
    run: (x) => t.transpose(x, axes),
    exact: (x) => view(x!, out, strides),
  };
}

function sliceCase(
  shape: Shape,
  axis: number,
  range: { start?: number; end?: number; step?: number },
): Case {
  const { start = 0, end = shape.at(axis)!, step = 1 } = range;
  const at = axis < 0 ? axis + shape.length : axis;
  const strides = stridesOf(shape);
  const out = shape.with(at, Math.ceil((end - start) / step));
  return {
    shapes: [shape],
    out,
    run: (x) => t.slice(x, axis, range),
    exact: (x) =>
      view(
        x!,
        out,
        strides.with(at, strides[at]! * step),
        start * strides[at]!,
      ),
  };
}

/** Concatenation along an axis, as slices of the result. */
function concatCase(shapes: readonly Shape[], axis: number): Case {
  const sizes = shapes.map((shape) => shape[axis]!);
  const out = shapes[0]!.with(axis, sizes.reduce((a, b) => a + b));
  const inner = sizeOf(out.slice(axis + 1));
  return {
    shapes,
    out,
    run: (...x) => t.concat(x, axis),
    exact: (...x) => {
      const outer = sizeOf(out.slice(0, axis));
      return Array.from(
        { length: outer },
        (_, o) =>
          x.flatMap((part, i) => {
            const run = sizes[i]! * inner;
            return Array.from(part).slice(o * run, (o + 1) * run);
          }),
      ).flat();
    },
  };
}

function padCase(
  shape: Shape,
  widths: readonly (readonly [number, number])[],
  value = 0,
): Case {
  const out = shape.map((n, i) => n + widths[i]![0] + widths[i]![1]);
  const strides = stridesOf(out);
  const offset = widths.reduce((at, [n], i) => at + n * strides[i]!, 0);
  const places = Array.from({ length: sizeOf(out) }, (_, i) => i);
  return {
    shapes: [shape],
    out,
    run: (x) => t.pad(x, widths, value),
    exact: (x) => {
      const result = new Float64Array(sizeOf(out)).fill(value);
      const inside = view(places, shape, strides, offset);
      inside.forEach((to, i) => result[to] = x![i]!);
      return result;
    },
  };
}

operatorTest("reshape", [
  {
    shapes: [[2, 6]],
    out: [3, 4],
    run: (x) => t.reshape(x, [3, -1]),
    exact: (x) => x!,
  },
  { shapes: [[]], out: [1, 1], run: (x) => t.reshape(x, [1, 1]), exact: id },
  { shapes: [[0, 3]], out: [0], run: (x) => t.reshape(x, [0]), exact: id },
]);

function id(x?: ArrayLike<number>): ArrayLike<number> {
  return x!;
}

operatorTest("transpose", [
  ...randomShapes("transpose", 2).map((shape) => transposeCase(shape)),
  ...randomShapes("transpose by axes", 3).flatMap((shape) => [
    transposeCase(shape),
    transposeCase(shape, [2, 0, 1]),
    transposeCase(shape, [2, 1, 0]),
  ]),
  transposeCase([2, 3, 1, 5, 2, 3], [5, 1, 3, 0, 2, 4]),
  transposeCase([0, 3]),
]);

operatorTest("slice", [
  sliceCase([3, 5], -1, { start: 1, end: 3 }),
  sliceCase([3, 5], 0, { start: 2 }),
  sliceCase([67, 3], 0, { step: 2 }),
  sliceCase([3, 131], 1, { start: 1, end: 130, step: 5 }),
  sliceCase([2, 7, 3], 1, { start: 6 }),
  sliceCase([2, 7, 3], 1, { start: 3, end: 3 }),
]);

operatorTest("concat", [
  concatCase([[2, 3], [2, 1], [2, 2]], 1),
  concatCase([[2, 3], [1, 3]], 0),
  concatCase([[2, 65, 3], [2, 0, 3], [2, 17, 3]], 1),
  concatCase([[4]], 0),
]);

for (const axis of [0, 1, 2]) {
  const part = [3, 5];
  const joined = concatCase([0, 1].map(() => part.toSpliced(axis, 0, 1)), axis);
  operatorTest(`stack along axis ${axis}`, {
    ...joined,
    shapes: [part, part],
    run: (...x) => t.stack(x, axis),
  });
}

operatorTest("split", [
  {
    shapes: [[3, 6]],
    out: [3, 2],
    // The middle one counts twice: its gradient comes back to its place.
    run: (x) => {
      const [a, b, c] = t.split(x, 1, 3);
      return t.add(t.add(a!, t.mul(b!, 2)), c!);
    },
    exact: (x) =>
      [0, 1, 2].flatMap((r) =>
        [0, 1].map((c) =>
          x![r * 6 + c]! + 2 * x![r * 6 + c + 2]! + x![r * 6 + c + 4]!
        )
      ),
  },
  {
    shapes: [[5]],
    out: [3],
    run: (x) => t.split(x, 0, [1, 3, 1])[1]!,
    exact: (x) => Array.from(x!).slice(1, 4),
  },
]);

operatorTest("pad", [
  padCase([3], [[1, 2]], 7),
  padCase([3, 5], [[0, 0], [2, 0]]),
  padCase([2, 67, 3], [[1, 1], [0, 3], [2, 1]], -1),
  padCase([0, 2], [[1, 1], [0, 0]], 4),
]);

operatorTest("broadcastTo", [
  {
    shapes: [[3, 1]],
    out: [2, 3, 4],
    run: (x) => t.broadcastTo(x, [2, 3, 4]),
    exact: (x) => stretch(x!, [3, 1], [2, 3, 4]),
  },
  {
    shapes: [[]],
    out: [131],
    run: (x) => t.broadcastTo(x, [131]),
    exact: (x) => stretch(x!, [], [131]),
  },
]);

deviceTest("operators that move elements take int32", async (device) => {
  await t.scoped(async () => {
    // Single precision would round it.
    const big = 20_000_001;
    const x = t.tensor([[big, 2, 3], [4, 5, 6]], { device, dtype: "int32" });
    const check = async (result: t.Tensor, expected: number[]) => {
      assert.equal(result.dtype, "int32");
      assert.deepEqual([...await result.data()], expected);
    };
    await check(t.reshape(x, [6]), [big, 2, 3, 4, 5, 6]);
    await check(t.transpose(x), [big, 4, 2, 5, 3, 6]);
    await check(t.slice(x, 1, { step: 2 }), [big, 3, 4, 6]);
    await check(t.concat([x, x], 0), [big, 2, 3, 4, 5, 6, big, 2, 3, 4, 5, 6]);
    await check(t.stack(t.split(x, 1, 3), 0), [big, 4, 2, 5, 3, 6]);
    await check(t.pad(t.slice(x, 1, { end: 1 }), [[0, 0], [1, 0]], -100), [
      ...[-100, big],
      ...[-100, 4],
    ]);
    await check(t.broadcastTo(t.slice(x, 0, { end: 1 }), [2, 3]), [
      ...[big, 2, 3],
      ...[big, 2, 3],
    ]);
  });
});

deviceTest("operators that move elements refuse bad shapes", async (device) => {
  using _ = t.scope();
  const x = t.zeros([2, 3], { device });
  const wrong: [() => unknown, RegExp][] = [
    [() => t.transpose(t.zeros([3], { device })), /axis -2 of a tensor with 1/],
    [() => t.slice(x, 1, { step: 0 }), /in steps of 0/],
    [() => t.slice(x, 2, {}), /axis 2 of a tensor with 2 axes/],
    [() => t.concat([x, t.zeros([2], { device })], 0), /other axes/],
    [() => t.stack([], 0), /no tensors/],
    [
      () => t.stack([x, t.zeros([3, 2], { device })], 0),
      /shapes must be equal/,
    ],
    [() => t.split(x, 1, 2), /axis 1 of \(2, 3\) into 2 equal parts/],
    [() => t.split(x, 1, [2, 2]), /into parts of \(2, 2\)/],
    [() => t.pad(x, [[1, 1]]), /each of 2 axes/],
    [() => t.pad(x, [[1, 1], [0, -1]]), /\(0, -1\): wanted/],
    [() => t.broadcastTo(x, [3]), /\(2, 3\)/],
  ];
  for (const [fn, text] of wrong) await assertFails(fn, ShapeError, text);
  const ids = t.zeros([2, 3], { device, dtype: "int32" });
  await assertFails(() => t.concat([x, ids], 0), DTypeError, /of int32/);
  await assertFails(
    () => ids.write(new Float32Array(6)),
    DTypeError,
    /Cannot write Float32Array to "zeros" of int32/,
  );
});
