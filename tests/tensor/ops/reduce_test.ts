/**
 * Reductions over one axis, several, all and none, with random shapes, against
 * plain loops over the elements that go into each result.
 */
import assert from "node:assert/strict";
import * as t from "../../../lib/tensor/mod.ts";
import {
  broadcastStrides,
  type Shape,
  ShapeError,
  sizeOf,
} from "../../../lib/util/mod.ts";
import { assertClose, assertFails } from "../../support/assert_close.ts";
import { deviceTest } from "../../support/devices.ts";
import { randomData } from "../../support/kernel_buffers.ts";
import {
  type Case,
  operatorTest,
  randomShapes,
  view,
} from "../operator_case.ts";

const average = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
const spread = (v: number[], correction: number) =>
  v.reduce((a, b) => a + (b - average(v)) ** 2, 0) / (v.length - correction);

/** The operators on the list of numbers that go into one result. */
const REDUCTIONS = {
  sum: (v) => v.reduce((a, b) => a + b, 0),
  mean: average,
  max: (v) => Math.max(...v),
  min: (v) => Math.min(...v),
  logsumexp: (v) => {
    const top = Math.max(...v);
    return top + Math.log(v.reduce((a, b) => a + Math.exp(b - top), 0));
  },
  variance: (v) => spread(v, 0),
  std: (v) => Math.sqrt(spread(v, 0)),
} satisfies Record<string, (values: number[]) => number>;
type ReductionName = keyof typeof REDUCTIONS;

/** The numbers that go into each result. */
function groups(
  x: ArrayLike<number>,
  shape: Shape,
  axes: readonly number[],
): number[][] {
  const kept = shape.map((n, i) => axes.includes(i) ? 1 : n);
  const lists = Array.from({ length: sizeOf(kept) }, () => [] as number[]);
  const place = view(
    lists.map((_, i) => i),
    shape,
    broadcastStrides(kept, shape),
  );
  place.forEach((to, i) => lists[to]!.push(x[i]!));
  return lists;
}

function reduceCase(
  name: ReductionName,
  shape: Shape,
  axis: number | number[] | undefined,
  keepAxes = false,
): Case {
  const axes = axis === undefined
    ? [...shape.keys()]
    : [axis].flat().map((a) => a < 0 ? a + shape.length : a);
  const kept = shape.map((n, i) => axes.includes(i) ? 1 : n);
  return {
    shapes: [shape],
    out: keepAxes ? kept : shape.filter((_, i) => !axes.includes(i)),
    run: (x) => t[name](x, { ...(axis !== undefined && { axis }), keepAxes }),
    exact: (x) =>
      Float64Array.from(groups(x!, shape, axes), (v) => REDUCTIONS[name](v)),
  };
}

for (const name of Object.keys(REDUCTIONS) as ReductionName[]) {
  operatorTest(name, [
    ...randomShapes(name, 3).flatMap((shape) => [
      // The gradient of a deviation is infinite at a single number.
      ...(name === "std" && sizeOf(shape) < 2 ? [] : [
        reduceCase(name, shape, undefined),
      ]),
      ...(name === "std"
        ? []
        : [0, 1, -1].map((axis) => reduceCase(name, shape, axis, axis === 1))),
    ]),
    reduceCase(name, [3, 7, 4], [0, 2], true),
    reduceCase(name, [3, 7, 4], [1, 2]),
    reduceCase(name, [5, 300], 0),
    reduceCase(name, [300, 5], 0),
    reduceCase(name, [2, 150, 67], 1),
    reduceCase(name, [0, 3], 1),
  ]);
}

operatorTest("variance, unbiased", {
  shapes: [[4, 67]],
  out: [4],
  run: (x) => t.variance(x, { axis: 1, correction: 1 }),
  exact: (x) =>
    Float64Array.from(groups(x!, [4, 67], [1]), (v) => spread(v, 1)),
});

deviceTest("sum() of no elements is 0, max() of none fails", async (device) => {
  await t.scoped(async () => {
    const x = t.zeros([2, 0, 3], { device });
    assert.deepEqual([...await t.sum(x, { axis: 1 }).data()], [
      ...[0, 0, 0],
      ...[0, 0, 0],
    ]);
    assert.equal(await t.sum(x).item(), 0);
    assert.ok(Number.isNaN(await t.mean(x).item()));
    for (const fn of [t.max, t.min, t.argmax, t.argmin, t.logsumexp]) {
      await assertFails(() => fn(x, { axis: 1 }), ShapeError, /no elements/);
      await assertFails(() => fn(x, { axis: 3 }), ShapeError, /take axis 3/);
    }
  });
});

deviceTest("max() shares its gradient among equals", async (device) => {
  await t.scoped(async () => {
    const x = t.tensor([[1, 3, 3], [2, 2, 2]], { device, requiresGrad: true });
    t.backward(t.sum(t.max(x, { axis: 1 })));
    assertClose(await x.grad!.data(), [0, 0.5, 0.5, 1 / 3, 1 / 3, 1 / 3], {
      atol: 1e-7,
    });
  });
});

deviceTest("argmax() and argmin() find places", async (device) => {
  await t.scoped(async () => {
    for (const shape of [...randomShapes("argmax", 3), [2, 3, 700]]) {
      const data = randomData(sizeOf(shape));
      const x = t.tensor(data, { shape, device });
      for (const axis of [0, 1, 2]) {
        const places = groups(data, shape, [axis]);
        const top = t.argmax(x, { axis });
        assert.equal(top.dtype, "int32");
        assert.deepEqual(top.shape, shape.toSpliced(axis, 1));
        assert.deepEqual(
          [...await top.data()],
          places.map((v) => v.indexOf(Math.max(...v))),
        );
        assert.deepEqual(
          [...await t.argmin(x, { axis, keepAxes: true }).data()],
          places.map((v) => v.indexOf(Math.min(...v))),
        );
      }
      const first = data.indexOf(Math.max(...data));
      assert.equal(await t.argmax(x).item(), first);
    }
  });
});

deviceTest("logsumexp() neither overflows nor underflows", async (device) => {
  await t.scoped(async () => {
    const x = t.tensor([[1000, 1000], [-1000, -1001], [0, -1e30]], { device });
    assertClose(
      await t.logsumexp(x, { axis: 1 }).data(),
      [1000 + Math.LN2, -1000 + Math.log1p(Math.exp(-1)), 0],
      { rtol: 1e-6 },
    );
  });
});
