/**
 * Softmax and its logarithm over any axis, and the normalisations of the last
 * one, against plain loops.
 */
import * as kernels from "../../../lib/kernels/mod.ts";
import * as t from "../../../lib/tensor/mod.ts";
import { type Shape, ShapeError, sizeOf } from "../../../lib/util/mod.ts";
import { assertClose, assertFails } from "../../support/assert_close.ts";
import { deviceTest } from "../../support/devices.ts";
import { type Case, operatorTest, randomShapes } from "../operator_case.ts";

const FORMULAS = {
  softmax: kernels.softmaxReference,
  logSoftmax: kernels.logSoftmaxReference,
};

/** The formula for rows, applied to the elements along an axis. */
function alongAxis(
  name: keyof typeof FORMULAS,
  x: ArrayLike<number>,
  shape: Shape,
  axis: number,
): Float64Array {
  const [n, inner] = [shape[axis]!, sizeOf(shape.slice(axis + 1))];
  const out = new Float64Array(x.length);
  for (let first = 0; first < x.length; first++) {
    if (Math.floor(first / inner) % n !== 0) continue;
    const places = Array.from({ length: n }, (_, j) => first + j * inner);
    const row = places.map((i) => x[i]!);
    const y = FORMULAS[name](row, { rows: 1, cols: n });
    places.forEach((to, j) => out[to] = y[j]!);
  }
  return out;
}

for (const name of ["softmax", "logSoftmax"] as const) {
  operatorTest(
    name,
    randomShapes(name, 3).flatMap((shape) =>
      [0, 1, 2].map((axis): Case => ({
        shapes: [shape],
        out: shape,
        run: (x) => t[name](x, axis === 2 ? {} : { axis }),
        exact: (x) => alongAxis(name, x!, shape, axis),
      }))
    ),
  );
}

operatorTest(
  "rmsNorm",
  [
    ...randomShapes("rmsNorm", 3),
    [300, 5],
    [0, 4],
  ].map((shape) => {
    const cols = shape.at(-1)!;
    return {
      shapes: [shape, [cols]],
      out: shape,
      run: (x, w) => t.rmsNorm(x!, w!, 0.1),
      exact: (x, w) =>
        kernels.rmsNormReference(x!, w!, {
          rows: sizeOf(shape) / cols,
          cols,
          eps: 0.1,
        }),
    };
  }),
);

operatorTest(
  "layerNorm",
  [
    ...randomShapes("layerNorm", 3),
    [300, 5],
    [0, 4],
  ].flatMap((shape) => {
    const cols = shape.at(-1)!;
    const sizes = { rows: sizeOf(shape) / cols, cols, eps: 0.1 };
    const withBias: Case = {
      shapes: [shape, [cols], [cols]],
      out: shape,
      run: (x, weight, bias) =>
        t.layerNorm(x!, { weight: weight!, bias: bias!, eps: 0.1 }),
      exact: (x, w, b) => kernels.layerNormReference(x!, w!, b!, sizes),
    };
    return [
      withBias,
      {
        ...withBias,
        shapes: [shape, [cols]],
        run: (x, weight) => t.layerNorm(x!, { weight: weight!, eps: 0.1 }),
        exact: (x, w) =>
          kernels.layerNormReference(x!, w!, new Float64Array(cols), sizes),
      } satisfies Case,
    ];
  }),
);

deviceTest("logSoftmax() keeps digits where softmax is 0", async (device) => {
  await t.scoped(async () => {
    const x = t.tensor([[0, -200, -500]], { device });
    assertClose(await t.logSoftmax(x).data(), [0, -200, -500], { rtol: 1e-6 });
  });
});

deviceTest("operators on rows refuse bad shapes", async (device) => {
  using _ = t.scope();
  const x = t.zeros([2, 3], { device });
  const [two, three] = [2, 3].map((n) => t.zeros([n], { device }));
  const wrong: [() => unknown, RegExp][] = [
    [() => t.softmax(x, { axis: 2 }), /axis 2 of a tensor with 2 axes/],
    [() => t.logSoftmax(t.zeros([3, 0], { device })), /no last axis with/],
    [() => t.softmax(t.zeros([], { device })), /with 0 axes/],
    [() => t.rmsNorm(x, two!, 0), /weight \(2\): it needs 3/],
    [
      () => t.layerNorm(x, { weight: three!, bias: two!, eps: 0 }),
      /bias \(2\): it needs 3/,
    ],
  ];
  for (const [fn, text] of wrong) await assertFails(fn, ShapeError, text);
});
