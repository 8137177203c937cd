/**
 * Copies between a contiguous buffer and a strided view of another: what
 * transpose, slice, broadcast and concatenation need.
 *
 *     gather:  out[i] = x[offset + Σ_a index_a(i) stride_a]
 *     scatter: out[offset + Σ_a index_a(i) stride_a] = x[i]
 *
 * index(i) counts through `shape` in row-major order. Neighbouring axes that
 * form one run are joined first; at most six may be left. A gather whose last
 * two axes are a transposed matrix goes to transpose.ts. Elements are moved as
 * 32-bit words, so integers pass unharmed.
 *
 * @module
 */
import {
  defineKernel,
  type Device,
  type DeviceBuffer,
  type ParamType,
} from "../device/mod.ts";
import { formatShape, type Shape, ShapeError, sizeOf } from "../util/mod.ts";
import { transposePlanes } from "./transpose.ts";

/** A strided view, in elements. */
export interface StridedView {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Elements of the view in row-major order: the formula in plain loops. */
export function gatherReference(
  x: ArrayLike<number>,
  { shape, strides, offset }: StridedView,
): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  for (let i = 0; i < out.length; i++) {
    let rest = i;
    let at = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    out[i] = x[at]!;
  }
  return out;
}

/** The same view with as few axes as possible, at least one. */
function joinAxes({ shape, strides, offset }: StridedView): StridedView {
  const sizes: number[] = [], steps: number[] = [];
  for (const [axis, n] of shape.entries()) {
    if (n === 1) continue;
    const step = strides[axis]!;
    if (sizes.length > 0 && steps.at(-1) === step * n) {
      sizes[sizes.length - 1]! *= n;
      steps[steps.length - 1] = step;
    } else {
      sizes.push(n);
      steps.push(step);
    }
  }
  return sizes.length > 0
    ? { shape: sizes, strides: steps, offset }
    : { shape: [1], strides: [1], offset };
}

const MAX_AXES = 6;
const AXES = Array.from({ length: MAX_AXES }, (_, axis) => axis);
// Axis 0 is the innermost.
const PARAMS = Object.fromEntries([
  ["size", "u32"],
  ["offset", "u32"],
  ["axes", "u32"],
  ...AXES.flatMap((a) => [[`n${a}`, "u32"], [`s${a}`, "u32"]]),
]) as Record<string, ParamType>;

/** Address of element i; the outermost axis needs no division. */
const WGSL_PLACE = /* wgsl */ `
fn place(i: u32) -> u32 {
  var rest = i;
  var at = p.offset;
  ${
  AXES.map((a) =>
    `if (p.axes == ${a + 1}u) { return at + rest * p.s${a}; }
  at += (rest % p.n${a}) * p.s${a}; rest /= p.n${a};`
  ).join("\n  ")
}
  return at;
}`;

function stridedKernel(name: "gatherStrided" | "scatterStrided", move: string) {
  return defineKernel({
    name,
    buffers: { x: "read u32", y: "write u32" },
    params: PARAMS,
    workgroupSize: 64,
    cpu: {
      family: "strided",
      source: new URL("./cpu/strided.ts", import.meta.url),
    },
    wgsl: /* wgsl */ `${WGSL_PLACE}
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  ${move}
}`,
  });
}

const gatherKernel = stridedKernel("gatherStrided", "y[i] = x[place(i)];");
const scatterKernel = stridedKernel("scatterStrided", "y[place(i)] = x[i];");

function run(
  kernel: typeof gatherKernel,
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  { shape, strides, offset }: StridedView,
): void {
  const axes = shape.length;
  if (axes > MAX_AXES) {
    throw new ShapeError(
      `Cannot copy a view ${formatShape(shape)} with strides ` +
        `${formatShape(strides)}: at most ${MAX_AXES} axes`,
    );
  }
  const size = sizeOf(shape);
  const params: Record<string, number> = { size, offset, axes };
  for (const axis of AXES) {
    params[`n${axis}`] = shape[axes - 1 - axis] ?? 1;
    params[`s${axis}`] = strides[axes - 1 - axis] ?? 0;
  }
  device.run(kernel, buffers, params, {
    groups: Math.ceil(size / 64),
    items: size,
    work: size * 4,
  });
}

/** y = the view of x, contiguous. */
export function gatherStrided(
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  view: StridedView,
): void {
  const joined = joinAxes(view);
  const { shape, strides, offset } = joined;
  const [planes, cols, rows] = [1, ...shape].slice(-3);
  const isTransposed = shape.length <= 3 && strides.at(-2) === 1;
  if (isTransposed) {
    transposePlanes(device, buffers, {
      planes: planes!,
      rows: rows!,
      cols: cols!,
      planeStride: strides.at(-3) ?? 0,
      rowStride: strides.at(-1)!,
      offset,
    });
  } else run(gatherKernel, device, buffers, joined);
}

/** The view of y = x; the rest of y stays as it is. */
export function scatterStrided(
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  view: StridedView,
): void {
  run(scatterKernel, device, buffers, joinAxes(view));
}
