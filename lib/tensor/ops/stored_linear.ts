/**
 * A linear layer whose weight is stored in 16, 8 or 4 bits. Few rows, as in
 * generation, read it as it is; more widen it into memory that is freed at
 * once.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { formatShape, ShapeError, sizeOf } from "../../util/mod.ts";
import { record } from "../tape.ts";
import { isHalf, isQuantized, Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";
import { widen } from "./half.ts";
import { dequantize } from "./quantized.ts";

/** Rows up to which reading the codes themselves is faster. */
const QUANTIZED_ROWS = { cpu: 16, webgpu: 8 };

/** Whether only casts and layers that widen it read the weight. */
export function isStored({ dtype }: Tensor): boolean {
  return isHalf(dtype) || isQuantized(dtype);
}

/** A stored weight as float32. */
export function widenStored(weight: Tensor): Tensor {
  return isHalf(weight.dtype) ? widen(weight) : dequantize(weight);
}

/** out = x weightᵀ without widening the weight, if a kernel does that. */
function runAsStored(
  x: Tensor,
  weight: Tensor,
  out: Tensor,
  { m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
): boolean {
  const { device } = x;
  const { dtype } = weight;
  const rows = { x: x.bufferFor("linear()"), y: out.bufferFor("linear()") };
  if (isHalf(dtype)) {
    if (m > 1 || k % 2 !== 0) return false;
    const buffers = { ...rows, weight: weight.halvesFor("linear()") };
    kernels.halfLinear(device, buffers, { n, k }, dtype);
    return true;
  }
  if (!isQuantized(dtype) || m > QUANTIZED_ROWS[device.kind]) return false;
  const buffers = { ...rows, weight: weight.codesFor("linear()") };
  kernels.quantizedLinear(device, buffers, { m, n, k }, dtype);
  return true;
}

/** `linear` with such a weight (N, K), which has no gradient; x has. */
export function storedLinear(x: Tensor, weight: Tensor): Tensor {
  checkInputs("linear", [x]);
  const [n, k] = weight.shape;
  if (weight.shape.length !== 2 || x.shape.at(-1) !== k) {
    throw new ShapeError(
      `Cannot multiply ${formatShape(x.shape)} by ` +
        `${formatShape(weight.shape)}ᵀ: inner sizes must match`,
    );
  }
  const { device } = x;
  const front = x.shape.slice(0, -1);
  const sizes = { m: sizeOf(front), n: n!, k: k! };
  const out = Tensor.empty(device, [...front, n!], { label: "linear" });
  const buffer = (t: Tensor) => t.bufferFor("linear()");
  const product = { ...sizes, batch: 1, strideA: 0, strideB: 0 };
  if (!runAsStored(x, weight, out, sizes)) {
    using wide = widenStored(weight);
    const buffers = { a: buffer(x), b: buffer(wide), c: buffer(out) };
    const layout = { transposeA: false, transposeB: true };
    kernels.matmul(device, buffers, { ...product, ...layout });
  }
  return record(out, [x], [weight], (dOut, [weight]) => {
    using wide = widenStored(weight!);
    const dX = Tensor.empty(device, [...front, k!], {
      label: "linear gradient",
    });
    const buffers = { a: buffer(dOut), b: buffer(wide), c: buffer(dX) };
    const layout = { transposeA: false, transposeB: false };
    kernels.matmul(device, buffers, { ...product, n: k!, k: n!, ...layout });
    return [dX];
  });
}
