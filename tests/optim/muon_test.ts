/**
 * Muon against plain loops in double precision, and against what Newton-Schulz
 * does to singular values, worked out by a polynomial of numbers.
 */
import assert from "node:assert/strict";
import { adamwReference } from "../../lib/kernels/mod.ts";
import { Muon, orthogonalize } from "../../lib/optim/mod.ts";
import { type Tensor, tensor } from "../../lib/tensor/mod.ts";
import { ConfigError, Random } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

/** Rows of a matrix. */
type Rows = number[][];

const times = (a: Rows, b: Rows): Rows =>
  a.map((row) =>
    b[0]!.map((_, j) => row.reduce((s, x, k) => s + x * b[k]![j]!, 0))
  );
const turned = (a: Rows): Rows => a[0]!.map((_, j) => a.map((row) => row[j]!));
const mapped = (a: Rows, f: (x: number, i: number, j: number) => number) =>
  a.map((row, i) => row.map((x, j) => f(x, i, j)));

/** Five steps as in the reference of Jordan et al., on the smaller side. */
function orthogonalReference(matrix: Rows): Rows {
  if (matrix.length > matrix[0]!.length) {
    return turned(orthogonalReference(turned(matrix)));
  }
  const norm = Math.hypot(...matrix.flat());
  let x = mapped(matrix, (v) => v / (norm + 1e-7));
  for (let step = 0; step < 5; step++) {
    const gram = times(x, turned(x));
    const squared = times(gram, gram);
    const terms = mapped(
      gram,
      (v, i, j) => -4.775 * v + 2.0315 * squared[i]![j]!,
    );
    const moved = times(terms, x);
    x = mapped(x, (v, i, j) => 3.4445 * v + moved[i]![j]!);
  }
  return x;
}

function randomRows([n, m]: readonly [number, number], seed: number): Rows {
  const random = new Random(seed, "rows");
  return Array.from(
    { length: n },
    () => Array.from({ length: m }, () => Math.fround(random.normal())),
  );
}

deviceTest("orthogonalize() equals its reference", async (device) => {
  for (const [n, m] of [[1, 1], [1, 7], [5, 3], [16, 40], [33, 33]] as const) {
    const all = [randomRows([n, m], 1), randomRows([n, m], 2)];
    using x = tensor(all, { device });
    using y = orthogonalize(x);
    assert.deepEqual(y.shape, [2, n, m]);
    // Thirty products of single precision.
    assertClose(
      await y.data(),
      all.flatMap((a) => orthogonalReference(a).flat()),
      {
        atol: 2e-5,
      },
    );
  }
});

deviceTest(
  "orthogonalize() moves singular values by its polynomial",
  async (device) => {
    const values = [3, 1, 0.25];
    using x = tensor(
      values.map((v, i) => values.map((_, j) => i === j ? v : 0)),
      {
        device,
      },
    );
    using y = orthogonalize(x);
    const data = await y.data();
    for (const [i, value] of values.entries()) {
      let s = value / Math.hypot(...values);
      for (let step = 0; step < 5; step++) {
        s = 3.4445 * s - 4.775 * s ** 3 + 2.0315 * s ** 5;
      }
      assertClose(data[4 * i]!, s, { atol: 1e-5 });
      assert.ok(s > 0.68 && s < 1.14, `${s}`);
    }
  },
);

/** Parameters as a Llama names them: two shapes of matrices, and the rest. */
const SHAPES = {
  "model.embed_tokens.weight": [6, 4],
  "layers.0.q_proj.weight": [4, 4],
  "layers.0.k_proj.weight": [4, 4],
  "layers.0.up_proj.weight": [7, 4],
  "model.norm.weight": [1, 4],
  "lm_head.weight": [6, 4],
} as const;
const HIDDEN = Object.keys(SHAPES).filter((name) => name.includes("_proj"));

deviceTest(
  "Muon equals its reference, with AdamW for the rest",
  async (device) => {
    const [learningRate, momentum, weightDecay, clip] = [0.03, 0.9, 0.1, 2];
    const names = Object.keys(SHAPES) as (keyof typeof SHAPES)[];
    const exact = new Map(
      names.map((name, i) => [name, randomRows(SHAPES[name], i)]),
    );
    const parameters = new Map<string, Tensor>();
    for (const [name, rows] of exact) {
      const data = name.includes("norm") ? rows[0]! : rows;
      parameters.set(name, tensor(data, { device, requiresGrad: true }));
    }
    const memory = new Map(
      names.map((name) => [name, mapped(exact.get(name)!, () => 0)]),
    );
    const moments = new Map(names.map((name) => {
      const size = exact.get(name)!.flat().length;
      return [name, { m: new Float64Array(size), v: new Float64Array(size) }];
    }));
    using optimizer = new Muon(parameters, {
      momentum,
      weightDecay,
      clip,
      beta2: 0.95,
    });
    assert.deepEqual(optimizer.hiddenNames, HIDDEN);
    for (let step = 1; step <= 4; step++) {
      const grads = names.map((name, i) =>
        randomRows(SHAPES[name], 100 * step + i)
      );
      const norm = Math.hypot(...grads.flat(2));
      const share = Math.min(1, clip / (norm + 1e-6));
      for (const [i, name] of names.entries()) {
        const parameter = parameters.get(name)!;
        const grad = grads[i]!;
        parameter.grad = tensor(Float32Array.from(grad.flat()), {
          shape: parameter.shape,
          device,
        });
        const weight = exact.get(name)!;
        if (HIDDEN.includes(name)) {
          const before = memory.get(name)!;
          const now = mapped(
            before,
            (b, i, j) => momentum * b + share * grad[i]![j]!,
          );
          memory.set(name, now);
          const move = orthogonalReference(
            mapped(now, (b, i, j) => share * grad[i]![j]! + momentum * b),
          );
          const length = 0.2 * Math.sqrt(Math.max(...SHAPES[name]));
          exact.set(
            name,
            mapped(
              weight,
              (w, i, j) =>
                w - learningRate * (weightDecay * w + length * move[i]![j]!),
            ),
          );
          continue;
        }
        const flat = Float64Array.from(weight.flat());
        const numbers = {
          learningRate,
          beta1: 0.9,
          beta2: 0.95,
          eps: 1e-8,
          clip,
          step,
        };
        adamwReference(
          {
            weight: flat,
            grad: Float64Array.from(grad.flat()),
            ...moments.get(name)!,
          },
          norm,
          name.includes("norm") ? 0 : weightDecay,
          numbers,
        );
        const cols = weight[0]!.length;
        exact.set(name, mapped(weight, (_, i, j) => flat[i * cols + j]!));
      }
      optimizer.update(learningRate);
      optimizer.clearGradients();
      assertClose(await optimizer.gradientNorm.item(), norm, { rtol: 1e-6 });
    }
    assert.equal(optimizer.step, 4);
    for (const [name, parameter] of parameters) {
      // Four updates, each of thirty products of single precision.
      const wanted = exact.get(name as keyof typeof SHAPES)!.flat();
      assertClose(await parameter.data(), wanted, { atol: 1e-5, name });
      parameter.dispose();
    }
  },
);

deviceTest("Muon leaves alone what has no gradient", async (device) => {
  using a = tensor([[1, 2], [3, 4]], { device, requiresGrad: true });
  using b = tensor([[1, 2], [3, 4]], { device, requiresGrad: true });
  using optimizer = new Muon(new Map([["a", a], ["b", b]]), { weightDecay: 1 });
  optimizer.update(0.1);
  assert.equal(optimizer.step, 0);
  a.grad = tensor([[1, 0], [0, 1]], { device });
  optimizer.update(0.1);
  optimizer.clearGradients();
  assert.equal(a.grad, undefined);
  assert.deepEqual([...await b.data()], [1, 2, 3, 4]);
  assert.equal((await a.data())[1], Math.fround(2 * 0.9));
});

deviceTest(
  "Muon goes on from its state as if it had never stopped",
  async (device) => {
    const start = () =>
      new Map([
        [
          "up.weight",
          tensor(randomRows([5, 3], 1), { device, requiresGrad: true }),
        ],
        ["norm.weight", tensor([1, 2, 3], { device, requiresGrad: true })],
      ]);
    const advance = (optimizer: Muon, seed: number) => {
      for (const [i, x] of [...optimizer.parameters.values()].entries()) {
        const grad = Float32Array.from(randomRows([1, x.size], seed + i)[0]!);
        x.grad = tensor(grad, { shape: x.shape, device });
      }
      optimizer.update(0.1);
      optimizer.clearGradients();
    };
    const first = start(), second = start();
    using whole = new Muon(first);
    using resumed = new Muon(second);
    advance(whole, 10);
    for (const [name, x] of [...first, ...whole.state]) {
      const target = second.get(name) ?? resumed.state.get(name)!;
      target.write(await x.data());
    }
    resumed.step = whole.step;
    advance(whole, 20);
    advance(resumed, 20);
    for (const [name, x] of first) {
      assert.deepEqual(await second.get(name)!.data(), await x.data(), name);
      x.dispose();
      second.get(name)!.dispose();
    }
  },
);

deviceTest("Muon refuses what it cannot update", async (device) => {
  using matrix = tensor([[1, 2]], { device, requiresGrad: true });
  using vector = tensor([1, 2], { device, requiresGrad: true });
  const make = (x: Tensor, options: object) => () =>
    new Muon(new Map([["x", x]]), options);
  await assertFails(
    make(matrix, { momentum: 1 }),
    ConfigError,
    /momentum 1 is/,
  );
  await assertFails(make(matrix, { beta2: 1 }), ConfigError, /beta2 1/);
  await assertFails(make(vector, {}), ConfigError, /no hidden matrix/);
  await assertFails(
    make(vector, { hidden: () => true }),
    ConfigError,
    /"x" \(2\) is no matrix/,
  );
});
