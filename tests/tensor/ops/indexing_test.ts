/**
 * Elements by index, forward and backward, and what is said of indices that
 * lie outside.
 */
import assert from "node:assert/strict";
import * as kernels from "../../../lib/kernels/mod.ts";
import * as t from "../../../lib/tensor/mod.ts";
import type { Tensor } from "../../../lib/tensor/mod.ts";
import {
  DataError,
  DeviceError,
  DTypeError,
  FreedError,
  Random,
  type Shape,
  ShapeError,
  sizeOf,
} from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { devices, deviceTest } from "../../support/devices.ts";
import { type Case, operatorTest, randomShapes } from "../operator_case.ts";

function randomIds(count: number, n: number): Int32Array<ArrayBuffer> {
  const random = new Random(3, "ids");
  return Int32Array.from({ length: count }, () => random.int(n));
}

/** Runs an operator with indices that are freed before its backward pass. */
function withIds(
  x: Tensor,
  ids: Int32Array<ArrayBuffer>,
  shape: Shape,
  fn: (ids: Tensor) => Tensor,
): Tensor {
  using tensor = t.tensor(ids, { shape, device: x.device });
  return fn(tensor);
}

function takeCase(shape: Shape, idShape: Shape, axis: number): Case {
  const [n, cols] = [shape[axis]!, sizeOf(shape.slice(axis + 1))];
  const ids = randomIds(sizeOf(idShape), n);
  const tables = sizeOf(shape.slice(0, axis));
  return {
    shapes: [shape],
    out: shape.toSpliced(axis, 1, ...idShape),
    run: (x) => withIds(x!, ids, idShape, (i) => t.take(x!, i, { axis })),
    exact: (x) =>
      kernels.embeddingReference(x!, ids, {
        count: ids.length,
        vocab: n,
        cols,
        tables,
      }),
  };
}

operatorTest("take", [
  ...randomShapes("take", 3).flatMap((shape) =>
    [0, 1, 2].map((axis) => takeCase(shape, [7], axis))
  ),
  takeCase([5], [2, 3], 0),
  takeCase([5, 4], [], 0),
  takeCase([5, 4], [0], 1),
  takeCase([70, 3], [130], 0),
]);

function gatherSizes(
  shape: Shape,
  axis: number,
  count: number,
): kernels.GatherSizes {
  return {
    outer: sizeOf(shape.slice(0, axis)),
    n: shape[axis]!,
    count,
    inner: sizeOf(shape.slice(axis + 1)),
  };
}

function gatherCase(shape: Shape, axis: number, count: number): Case {
  const out = shape.with(axis, count);
  const sizes = gatherSizes(shape, axis, count);
  const ids = randomIds(sizeOf(out), sizes.n);
  return {
    shapes: [shape],
    out,
    run: (x) => withIds(x!, ids, out, (i) => t.gather(x!, i, { axis })),
    exact: (x) => kernels.gatherAxisReference(x!, ids, sizes),
  };
}

function scatterAddCase(shape: Shape, axis: number, count: number): Case {
  const source = shape.with(axis, count);
  const sizes = gatherSizes(shape, axis, count);
  const ids = randomIds(sizeOf(source), sizes.n);
  return {
    shapes: [shape, source],
    out: shape,
    run: (x, y) =>
      withIds(
        x!,
        ids,
        source,
        (i) => t.scatterAdd(x!, { ids: i, source: y!, axis }),
      ),
    exact: (x, y) => kernels.scatterAddReference(x!, y!, ids, sizes),
  };
}

for (
  const [name, make] of [
    ["gather", gatherCase],
    ["scatterAdd", scatterAddCase],
  ] as const
) {
  operatorTest(name, [
    ...randomShapes(name, 3).flatMap((shape) =>
      [0, 1, 2].map((axis) => make(shape, axis, 5))
    ),
    make([131], 0, 300),
    make([5, 67], 1, 1),
    make([5, 67], 1, 0),
  ]);
}

deviceTest("embedding() adds the gradients of a row", async (device) => {
  await t.scoped(async () => {
    const weight = t.tensor([[1, 2], [3, 4], [5, 6]], {
      device,
      requiresGrad: true,
    });
    const ids = t.tensor([[2, 0], [2, 2]], { device, dtype: "int32" });
    const out = t.embedding(weight, ids);
    assert.deepEqual(out.shape, [2, 2, 2]);
    assert.deepEqual([...await out.data()], [5, 6, 1, 2, 5, 6, 5, 6]);
    t.backward(t.sum(out));
    assert.deepEqual([...await weight.grad!.data()], [1, 1, 0, 0, 3, 3]);
  });
});

deviceTest("take() and gather() carry int32", async (device) => {
  await t.scoped(async () => {
    // Single precision would round it.
    const x = t.tensor([[20_000_001, -2], [3, 4]], { device, dtype: "int32" });
    const ids = t.tensor([1, 0], { device, dtype: "int32" });
    const rows = t.take(x, ids);
    assert.equal(rows.dtype, "int32");
    assert.deepEqual([...await rows.data()], [3, 4, 20_000_001, -2]);
    const picked = t.gather(x, t.reshape(ids, [2, 1]), { axis: 1 });
    assert.deepEqual([...await picked.data()], [-2, 3]);
  });
});

deviceTest("indices from the host are checked", async (device) => {
  await t.scoped(async () => {
    const x = t.tensor([[1, 2], [3, 4]], { device });
    const ids = (values: number[]) =>
      t.tensor(values, { device, dtype: "int32" });
    const outside = ids([0, 2]), below = ids([-1]);
    const wrong: [() => unknown, RegExp][] = [
      [() => t.embedding(x, outside), /embedding\(\) with indices 0\.\.2.*1$/],
      [() => t.embedding(x, below), /indices -1\.\.-1 .* lie in 0\.\.1/],
      [() => t.take(x, outside, { axis: 1 }), /take\(\) with indices 0\.\.2/],
      [() => t.gather(x, t.reshape(outside, [1, 2])), /gather\(\) with/],
      [
        () => t.scatterAdd(x, { ids: t.reshape(outside, [1, 2]), source: x }),
        /scatterAdd\(\) with/,
      ],
    ];
    for (const [fn, text] of wrong) await assertFails(fn, DataError, text);

    // Written anew, the same memory is fine; an alias sees it.
    const alias = t.reshape(outside, [2, 1]);
    outside.write(Int32Array.of(1, 0));
    assert.deepEqual([...await t.embedding(x, alias).data()], [3, 4, 1, 2]);
    // What the device computed is not known: zeros, and nothing added.
    const computed = t.add(ids([0, 5]), 1);
    assert.equal(computed.hostRange, undefined);
    assert.deepEqual([...await t.embedding(x, computed).data()], [3, 4, 0, 0]);
    t.assignSlice(outside, computed, 0, 0);
    assert.equal(outside.hostRange, undefined);
    const sum = t.scatterAdd(x, {
      ids: t.reshape(computed, [1, 2]),
      source: t.ones([1, 2], { device }),
    });
    assert.deepEqual([...await sum.data()], [1, 2, 4, 4]);
  });
});

deviceTest("indexing refuses wrong shapes and types", async (device) => {
  using _ = t.scope();
  const x = t.zeros([2, 3], { device });
  const ids = t.zeros([1, 2], { device, dtype: "int32" });
  const wrong: [
    () => unknown,
    typeof ShapeError | typeof DTypeError,
    RegExp,
  ][] = [
    [() => t.gather(x, ids), ShapeError, /\(2, 3\) with indices \(1, 2\)/],
    [() => t.take(x, ids, { axis: 2 }), ShapeError, /axis 2/],
    [
      () => t.scatterAdd(t.zeros([5, 2], { device }), { ids, source: x }),
      ShapeError,
      /Cannot add \(2, 3\) at indices \(1, 2\)/,
    ],
    [() => t.take(x, x), DTypeError, /take\(\) on "zeros" of float32/],
    [
      () => t.scatterAdd(ids, { ids, source: ids }),
      DTypeError,
      /of int32: it takes float32/,
    ],
  ];
  for (const [fn, type, text] of wrong) await assertFails(fn, type, text);
  const freed = t.zeros([1], { device, dtype: "int32" });
  freed.dispose();
  await assertFails(() => t.take(x, freed), FreedError, /freed by dispose/);
});

Deno.test({
  name: "indexing refuses indices on another device",
  ignore: devices.length < 2,
  fn: async () => {
    const [a, b] = devices;
    using x = t.zeros([2, 2], { device: a! });
    using ids = t.zeros([1], { device: b!, dtype: "int32" });
    await assertFails(() => t.take(x, ids), DeviceError, /two devices/);
  },
});
