/**
 * Matrix products.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import * as kernels from "../../kernels/mod.ts";
import {
  formatShape,
  sameShape,
  type Shape,
  ShapeError,
  sizeOf,
} from "../../util/mod.ts";
import { scoped } from "../scope.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { sumTo } from "./broadcast.ts";
import { checkInputs } from "./check.ts";
import { reshape } from "./layout.ts";
import { isStored, storedLinear } from "./stored_linear.ts";

/** How a product is computed. */
export interface MatmulOptions {
  /** Whether `a` is stored transposed. */
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** What factors are rounded to; see {@link withMatmulPrecision}. */
  readonly precision?: kernels.MatmulPrecision;
}

let defaultPrecision: kernels.MatmulPrecision = "float32";
const precisions = new AsyncLocalStorage<kernels.MatmulPrecision>();

/**
 * Sets what the factors of products are rounded to where neither a call nor
 * {@link withMatmulPrecision} says it; runs of the trainer say it.
 *
 * @returns what it was before
 */
export function setMatmulPrecision(
  precision: kernels.MatmulPrecision,
): kernels.MatmulPrecision {
  const before = defaultPrecision;
  defaultPrecision = precision;
  return before;
}

/**
 * Runs `fn`, and what it awaits, with products whose factors are rounded to
 * `precision` where a call does not say; so are those of their gradients.
 * "float16" on a GPU that has the type f16: 11 bits a factor, sums in single
 * precision, on its matrix units where it has such. Gradients below 6e-8 then
 * vanish and activations above 65,504 become infinite, so losses of
 * mixed-precision training are scaled (`LossScale`). Other devices go on in
 * single precision.
 */
export function withMatmulPrecision<T>(
  precision: kernels.MatmulPrecision,
  fn: () => T,
): T {
  return precisions.run(precision, fn);
}

/** What factors are rounded to, here and now. */
export function currentMatmulPrecision(): kernels.MatmulPrecision {
  return precisions.getStore() ?? defaultPrecision;
}

/** Sizes of the product, or why there is none. */
function sizesOf(
  a: Shape,
  b: Shape,
  { transposeA = false, transposeB = false }: MatmulOptions,
) {
  const fail = (why: string): never => {
    const marks = [transposeA, transposeB].map((t) => t ? "ᵀ" : "");
    throw new ShapeError(
      `Cannot multiply ${formatShape(a)}${marks[0]} by ` +
        `${formatShape(b)}${marks[1]}: ${why}`,
    );
  };
  if (a.length < 2 || b.length < 2) fail("both need two axes or more");
  const [a1, a2] = a.slice(-2) as [number, number];
  const [b1, b2] = b.slice(-2) as [number, number];
  const [m, k] = transposeA ? [a2, a1] : [a1, a2];
  const [k2, n] = transposeB ? [b2, b1] : [b1, b2];
  if (k !== k2) fail(`inner sizes ${k} and ${k2} must match`);
  const [batchA, batchB] = [a.slice(0, -2), b.slice(0, -2)];
  const isShared = batchA.length === 0 || batchB.length === 0;
  if (!isShared && !sameShape(batchA, batchB)) {
    fail("the axes in front must be equal, or one operand has none");
  }
  const front = batchA.length > 0 ? batchA : batchB;
  return {
    shape: [...front, m, n],
    sizes: {
      batch: sizeOf(front),
      m,
      n,
      k,
      transposeA,
      transposeB,
      strideA: batchA.length > 0 ? m * k : 0,
      strideB: batchB.length > 0 ? k * n : 0,
    },
  };
}

/**
 * a (…, M, K) times b (…, K, N) is (…, M, N), without copies; with
 * `transposeA` a is (…, K, M), with `transposeB` b is (…, N, K). The axes in
 * front are equal, or one operand has none and serves the whole batch.
 *
 * @throws {ShapeError} when the shapes do not fit
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  options: MatmulOptions = {},
): Tensor {
  checkInputs("matmul", [a, b]);
  const { shape, sizes } = sizesOf(a.shape, b.shape, options);
  if (a.shape.length > 2 && b.shape.length === 2 && !options.transposeA) {
    return flatMatmul(a, b, shape, options);
  }
  const { device } = a;
  const precision = options.precision ?? currentMatmulPrecision();
  const out = Tensor.empty(device, shape, { label: "matmul" });
  kernels.matmul(
    device,
    {
      a: a.bufferFor("matmul()"),
      b: b.bufferFor("matmul()"),
      c: out.bufferFor("matmul()"),
    },
    sizes,
    { precision },
  );
  const { transposeA, transposeB } = sizes;
  return record(out, [a, b], [a, b], (dOut, [a, b], needs) => {
    const product = (
      x: Tensor,
      y: Tensor,
      transposeA: boolean,
      transposeB: boolean,
    ) => matmul(x, y, { transposeA, transposeB, precision });
    const dA = () =>
      transposeA
        ? product(b!, dOut, transposeB, true)
        : product(dOut, b!, false, !transposeB);
    const dB = () =>
      transposeB
        ? product(dOut, a!, true, transposeA)
        : product(a!, dOut, !transposeA, false);
    return [
      needs[0] ? sumTo(dA(), a!.shape) : undefined,
      needs[1] ? sumTo(dB(), b!.shape) : undefined,
    ];
  });
}

/** Many rows times one matrix: one product, and one for its gradient. */
function flatMatmul(
  a: Tensor,
  b: Tensor,
  shape: Shape,
  options: MatmulOptions,
): Tensor {
  return scoped(() => {
    const rows = [sizeOf(a.shape.slice(0, -1)), a.shape.at(-1) ?? 1];
    return reshape(matmul(reshape(a, rows), b, options), shape);
  }, "matmul");
}

/**
 * A linear layer: x (…, K) times weight (N, K) transposed is (…, N).
 *
 * @throws {ShapeError} when the shapes do not fit
 */
export function linear(x: Tensor, weight: Tensor): Tensor {
  if (isStored(weight)) return storedLinear(x, weight);
  const shape = [...x.shape.slice(0, -1), weight.shape[0]!];
  return flatMatmul(x, weight, shape, { transposeB: true });
}
