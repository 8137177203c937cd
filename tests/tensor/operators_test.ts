/**
 * Products and the operators of the Llama block against plain double-precision
 * functions, forward, and central differences of them, backward. All others
 * are in tests/tensor/ops; the kernels have tests of their own with more
 * shapes.
 */
import * as kernels from "../../lib/kernels/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import { type Shape, sizeOf } from "../../lib/util/mod.ts";
import { type Case, operatorTest } from "./operator_case.ts";

interface NamedCase extends Case {
  readonly name: string;
}

function matmulCase(
  a: Shape,
  b: Shape,
  out: Shape,
  transposeA = false,
  transposeB = false,
): NamedCase {
  const [m, n] = out.slice(-2) as [number, number];
  const k = transposeA ? a.at(-2)! : a.at(-1)!;
  return {
    name: `matmul (${a})${transposeA ? "T" : ""} (${b})${
      transposeB ? "T" : ""
    }`,
    shapes: [a, b],
    out,
    run: (x, y) => t.matmul(x, y, { transposeA, transposeB }),
    exact: (x, y) =>
      kernels.matmulReference(x!, y!, {
        batch: sizeOf(out.slice(0, -2)),
        m,
        n,
        k,
        transposeA,
        transposeB,
        strideA: a.length > 2 ? m * k : 0,
        strideB: b.length > 2 ? k * n : 0,
      }),
  };
}

const angles = kernels.ropeTable(9, 6, 10000);
const heads = {
  batch: 2,
  queries: 5,
  keys: 5,
  heads: 4,
  kvHeads: 2,
  headSize: 6,
  start: 0,
  capacity: 5,
};
const targets = Int32Array.of(2, -100, 0, 6);

const CASES: readonly NamedCase[] = [
  matmulCase([3, 4], [4, 5], [3, 5]),
  matmulCase([4, 3], [4, 5], [3, 5], true, false),
  matmulCase([3, 4], [5, 4], [3, 5], false, true),
  matmulCase([4, 3], [5, 4], [3, 5], true, true),
  matmulCase([2, 3, 4], [2, 4, 5], [2, 3, 5]),
  matmulCase([2, 3, 4], [4, 5], [2, 3, 5]),
  matmulCase([3, 4], [2, 2, 4, 5], [2, 2, 3, 5]),
  {
    name: "linear",
    shapes: [[2, 3, 4], [5, 4]],
    out: [2, 3, 5],
    run: t.linear,
    exact: matmulCase([6, 4], [5, 4], [6, 5], false, true).exact,
  },
  {
    name: "rope",
    shapes: [[2, 4, 3, 6]],
    out: [2, 4, 3, 6],
    run: (x) => {
      using table = t.tensor(angles, { shape: [9, 3, 2], device: x.device });
      return t.rope(x, table, 5);
    },
    exact: (x) =>
      kernels.ropeReference(x!, angles, {
        batch: 2,
        time: 4,
        heads: 3,
        headSize: 6,
        start: 5,
        direction: 1,
      }),
  },
  {
    name: "attention",
    shapes: [[2, 5, 4, 6], [2, 5, 2, 6], [2, 5, 2, 6]],
    out: [2, 5, 4, 6],
    run: (q, k, v) => t.attention(q, k, v),
    exact: (q, k, v) => kernels.attentionReference(q!, k!, v!, heads),
  },
  {
    name: "swiglu",
    shapes: [[2, 3], [2, 3]],
    out: [2, 3],
    run: t.swiglu,
    exact: (g, u) => kernels.swigluReference(g!, u!),
  },
  {
    name: "crossEntropy",
    shapes: [[2, 2, 7]],
    out: [],
    run: (z) => {
      using ids = t.tensor(targets, { device: z.device });
      return t.crossEntropy(z, ids);
    },
    exact: (z) => [
      kernels.crossEntropyReference(z!, targets, { rows: 4, cols: 7 }),
    ],
  },
];

for (const one of CASES) operatorTest(one.name, one);
