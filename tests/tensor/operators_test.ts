/**
 * Every operator against a plain double-precision function, forward, and
 * against central differences of that function, backward. The kernels have
 * tests of their own with more shapes; here it is shapes, broadcasting and the
 * tape. Tolerance: single precision, sums of up to some hundred terms.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import type { Tensor } from "../../lib/tensor/mod.ts";
import { broadcastStrides, type Shape, sizeOf } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";
import { deviceTest } from "../support/devices.ts";
import { randomData } from "../support/kernel_buffers.ts";

type Exact = (...inputs: ArrayLike<number>[]) => ArrayLike<number>;

interface Case {
  readonly name: string;
  readonly shapes: readonly Shape[];
  readonly run: (...inputs: Tensor[]) => Tensor;
  readonly exact: Exact;
  readonly out: Shape;
  /** Moves random data into the domain. */
  readonly domain?: (x: number) => number;
}

/** A view of x as plain numbers. */
function view(
  x: ArrayLike<number>,
  shape: Shape,
  strides: readonly number[],
  offset = 0,
): Float64Array {
  return kernels.gatherReference(x, { shape, strides, offset });
}

const stretch = (x: ArrayLike<number>, from: Shape, to: Shape) =>
  view(x, to, broadcastStrides(from, to));

function binaryCase(
  name: kernels.BinaryName,
  a: Shape,
  b: Shape,
  out: Shape,
): Case {
  const { reference } = kernels.binaryTable[name];
  return {
    name: `${name} (${a}) (${b})`,
    shapes: [a, b],
    out,
    run: (x, y) => t[name](x, y),
    exact: (x, y) => {
      const [u, v] = [stretch(x!, a, out), stretch(y!, b, out)];
      return u.map((value, i) => reference(value, v[i]!));
    },
    // Away from zero, for division.
    domain: (x) => x + Math.sign(x) * 0.5,
  };
}

function unaryCase(name: kernels.UnaryName): Case {
  const { reference } = kernels.unaryTable[name];
  return {
    name,
    shapes: [[3, 5]],
    out: [3, 5],
    run: (x) => t[name](x),
    exact: (x) => Float64Array.from(x!, reference),
    domain: name === "log" || name === "sqrt"
      ? (x) => Math.abs(x) + 0.2
      : (x) => x + Math.sign(x) * 0.1,
  };
}

function reduceCase(
  name: "sum" | "mean" | "max",
  shape: Shape,
  axis: number | number[] | undefined,
  out: Shape,
  keepAxes = false,
): Case {
  const axes = axis === undefined ? [...shape.keys()] : [axis].flat();
  const kept = shape.map((n, i) => axes.includes(i) ? 1 : n);
  return {
    name: `${name} (${shape}) over ${axis ?? "all"}`,
    shapes: [shape],
    out,
    run: (x) => t[name](x, { ...(axis !== undefined && { axis }), keepAxes }),
    exact: (x) => {
      const strides = broadcastStrides(kept, shape);
      const place = view(
        Array.from({ length: sizeOf(kept) }, (_, i) => i),
        shape,
        strides,
      );
      const empty = name === "max" ? -Infinity : 0;
      const result = new Float64Array(sizeOf(kept)).fill(empty);
      const count = sizeOf(shape) / result.length;
      place.forEach((to, i) => {
        if (name === "max") result[to] = Math.max(result[to]!, x![i]!);
        else result[to]! += x![i]! / (name === "mean" ? count : 1);
      });
      return result;
    },
  };
}

function matmulCase(
  a: Shape,
  b: Shape,
  out: Shape,
  transposeA = false,
  transposeB = false,
): Case {
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

const CASES: readonly Case[] = [
  ...(Object.keys(kernels.unaryTable) as kernels.UnaryName[]).map(unaryCase),
  ...(Object.keys(kernels.binaryTable) as kernels.BinaryName[])
    .filter((name) => name !== "equal")
    .map((name) => binaryCase(name, [2, 3], [2, 3], [2, 3])),
  binaryCase("mul", [2, 3], [3], [2, 3]),
  binaryCase("mul", [3], [2, 3], [2, 3]),
  binaryCase("add", [2, 1, 3], [1, 4, 1], [2, 4, 3]),
  binaryCase("sub", [], [2, 2], [2, 2]),
  binaryCase("div", [4, 1], [3], [4, 3]),
  binaryCase("mul", [1, 1, 3], [3], [1, 1, 3]),
  {
    name: "arithmetic with numbers",
    shapes: [[4]],
    out: [4],
    run: (x) => t.sub(t.div(t.mul(t.add(x, 2), 3), 4), 5),
    exact: (x) => Float64Array.from(x!, (v) => (v + 2) * 3 / 4 - 5),
  },
  {
    name: "a tensor used twice",
    shapes: [[3, 4]],
    out: [3, 4],
    run: (x) => t.add(t.mul(x, x), x),
    exact: (x) => Float64Array.from(x!, (v) => v * v + v),
  },
  {
    name: "a tensor added to itself",
    shapes: [[5]],
    out: [5],
    run: (x) => t.add(x, x),
    exact: (x) => Float64Array.from(x!, (v) => 2 * v),
  },
  reduceCase("sum", [2, 3, 4], undefined, []),
  reduceCase("sum", [2, 3, 4], 1, [2, 4]),
  reduceCase("sum", [2, 3, 4], [0, 2], [1, 3, 1], true),
  reduceCase("sum", [2, 3, 4], [1, 2], [2]),
  reduceCase("mean", [3, 5], 0, [5]),
  reduceCase("mean", [3, 5], undefined, []),
  reduceCase("max", [3, 5], 1, [3]),
  reduceCase("max", [3, 5, 2], [0, 2], [5]),
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
    name: "reshape",
    shapes: [[2, 6]],
    out: [3, 4],
    run: (x) => t.reshape(x, [3, -1]),
    exact: (x) => x!,
  },
  {
    name: "transpose",
    shapes: [[2, 3, 4]],
    out: [2, 4, 3],
    run: (x) => t.transpose(x),
    exact: (x) => view(x!, [2, 4, 3], [12, 1, 4]),
  },
  {
    name: "transpose by axes",
    shapes: [[2, 3, 4]],
    out: [4, 2, 3],
    run: (x) => t.transpose(x, [2, 0, 1]),
    exact: (x) => view(x!, [4, 2, 3], [1, 12, 4]),
  },
  {
    name: "slice",
    shapes: [[3, 5]],
    out: [3, 2],
    run: (x) => t.slice(x, -1, { start: 1, end: 3 }),
    exact: (x) => view(x!, [3, 2], [5, 1], 1),
  },
  {
    name: "concat",
    shapes: [[2, 3], [2, 1], [2, 2]],
    out: [2, 6],
    run: (...x) => t.concat(x, 1),
    exact: (x, y, z) =>
      [0, 1].flatMap((r) => [
        ...[0, 1, 2].map((c) => x![r * 3 + c]!),
        y![r]!,
        ...[0, 1].map((c) => z![r * 2 + c]!),
      ]),
  },
  {
    name: "broadcastTo",
    shapes: [[3, 1]],
    out: [2, 3, 4],
    run: (x) => t.broadcastTo(x, [2, 3, 4]),
    exact: (x) => stretch(x!, [3, 1], [2, 3, 4]),
  },
  {
    name: "softmax",
    shapes: [[3, 5]],
    out: [3, 5],
    run: t.softmax,
    exact: (x) => kernels.softmaxReference(x!, { rows: 3, cols: 5 }),
  },
  {
    name: "rmsNorm",
    shapes: [[2, 3, 5], [5]],
    out: [2, 3, 5],
    run: (x, w) => t.rmsNorm(x, w, 1e-5),
    exact: (x, w) =>
      kernels.rmsNormReference(x!, w!, { rows: 6, cols: 5, eps: 1e-5 }),
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

for (const { name, shapes, run, exact, out, domain } of CASES) {
  deviceTest(`operator ${name} equals plain numbers`, async (device) => {
    const data = shapes.map((shape, i) => {
      const values = randomData(sizeOf(shape), i + 1);
      return domain ? values.map(domain) : values;
    });
    await t.scoped(async () => {
      const inputs = shapes.map((shape, i) =>
        t.tensor(data[i]!, { shape, device, requiresGrad: true })
      );
      const result = run(...inputs);
      assert.deepEqual(result.shape, out);
      const expected = exact(...data);
      assertClose(await result.data(), expected, { rtol: 1e-5, atol: 1e-5 });
      const weights = randomData(expected.length, 9);
      const gradient = t.tensor(weights, { shape: out, device });
      t.backward(result, { gradient });
      for (const [i, input] of inputs.entries()) {
        const actual = await input.grad!.data();
        const options = { rtol: 1e-4, atol: 2e-5, name: `${name}, input ${i}` };
        assertGradient(exact, data, weights, i, actual, options);
      }
    });
  });
}

deviceTest(
  "embedding() looks up rows and adds their gradients",
  async (device) => {
    await t.scoped(async () => {
      const weight = t.tensor([[1, 2], [3, 4], [5, 6]], {
        device,
        requiresGrad: true,
      });
      const ids = t.tensor(Int32Array.of(2, 0, 2, 2), {
        shape: [2, 2],
        device,
      });
      const out = t.embedding(weight, ids);
      assert.deepEqual(out.shape, [2, 2, 2]);
      assert.deepEqual([...await out.data()], [5, 6, 1, 2, 5, 6, 5, 6]);
      t.backward(t.sum(out));
      assert.deepEqual([...await weight.grad!.data()], [1, 1, 0, 0, 3, 3]);
    });
  },
);

deviceTest("equal() compares and has no gradient", async (device) => {
  await t.scoped(async () => {
    const a = t.tensor([1, 2, 3], { device, requiresGrad: true });
    const b = t.tensor([1, 0, 3], { device });
    const out = t.equal(a, b);
    assert.deepEqual([...await out.data()], [1, 0, 1]);
    assert.equal(out.requiresGrad, false);
  });
});
