/**
 * Copies between a contiguous buffer and a strided view of another: what
 * transpose, slice, broadcast and concatenation need.
 *
 *     gather:  out[i] = x[offset + Σ_a index_a(i) stride_a]
 *     scatter: out[offset + Σ_a index_a(i) stride_a] = x[i]
 *
 * index(i) counts through `shape` in row-major order, at most six axes.
 * Elements are moved as 32-bit words, so integers pass unharmed.
 *
 * @module
 */
import {
  defineKernel,
  type Device,
  type DeviceBuffer,
  type ParamType,
} from "../device/mod.ts";
import { type Shape, ShapeError, sizeOf } from "../util/mod.ts";

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

const MAX_AXES = 6;
const AXES = Array.from({ length: MAX_AXES }, (_, axis) => axis);
const PARAMS = Object.fromEntries([
  ["size", "u32"],
  ["offset", "u32"],
  ...AXES.flatMap((a) => [[`n${a}`, "u32"], [`s${a}`, "u32"]]),
]) as Record<string, ParamType>;

/** Address of element i; axes are padded with size 1 in front. */
const WGSL_PLACE = /* wgsl */ `
fn place(i: u32) -> u32 {
  var rest = i;
  var at = p.offset;
  ${
  AXES.toReversed().map((a) =>
    `at += (rest % p.n${a}) * p.s${a}; rest /= p.n${a};`
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
  if (shape.length > MAX_AXES) {
    throw new ShapeError(
      `Cannot copy a view of ${shape.length} axes: at most ${MAX_AXES}`,
    );
  }
  const size = sizeOf(shape);
  const params: Record<string, number> = { size, offset };
  const padding = MAX_AXES - shape.length;
  for (const axis of AXES) {
    params[`n${axis}`] = shape[axis - padding] ?? 1;
    params[`s${axis}`] = strides[axis - padding] ?? 0;
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
  run(gatherKernel, device, buffers, view);
}

/** The view of y = x; the rest of y stays as it is. */
export function scatterStrided(
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  view: StridedView,
): void {
  run(scatterKernel, device, buffers, view);
}
