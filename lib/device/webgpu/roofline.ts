/**
 * What a GPU gives at best, measured by the two plainest kernels: a copy for
 * its memory, independent multiply-adds in registers for its arithmetic. Other
 * kernels are shown as shares of that (Williams et al. 2009, "Roofline").
 *
 * @module
 */
import { DeviceError, formatPercent, formatTable } from "../../util/mod.ts";
import type { Device, DeviceBuffer } from "../device.ts";
import { defineKernel, type Kernel, type Launch } from "../kernel.ts";
import { profile, type ProfileRow } from "../profile.ts";

/** The measured limits of a GPU. */
export interface Roofline {
  /** Memory, bytes read plus bytes written. */
  readonly bytesPerSecond: number;
  /** Arithmetic of single precision; a multiply-add counts twice. */
  readonly flopsPerSecond: number;
}

const WORKGROUP = 256;
/** Independent sums of an invocation: enough to hide the latency of one. */
const CHAINS = 8;
const ROUNDS = 5;

const rooflineCopy = defineKernel({
  name: "rooflineCopy",
  buffers: { x: "read vec4f", y: "write vec4f" },
  params: { size: "u32" },
  workgroupSize: WORKGROUP,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i < p.size) { y[i] = x[i]; }
}`,
});

const chains = (text: (i: number) => string) =>
  Array.from({ length: CHAINS }, (_, i) => text(i)).join("\n  ");

const rooflineMultiplyAdd = defineKernel({
  name: "rooflineMultiplyAdd",
  buffers: { y: "write vec4f" },
  params: { size: "u32", steps: "u32", factor: "f32" },
  workgroupSize: WORKGROUP,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  let factor = vec4f(p.factor);
  ${chains((i) => `var x${i} = vec4f(f32(lane) + ${i}.0);`)}
  for (var step = 0u; step < p.steps; step++) {
    ${chains((i) => `x${i} = fma(x${i}, factor, factor);`)}
  }
  y[i] = ${Array.from({ length: CHAINS }, (_, i) => `x${i}`).join(" + ")};
}`,
});

/** Seconds of one launch: the least of some. */
async function launchSeconds<B extends string, P extends string>(
  device: Device,
  kernel: Kernel<B, P>,
  buffers: Record<B, DeviceBuffer>,
  params: Record<P, number>,
  launch: Launch,
): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const rows = await profile(device, () => {
      device.run(kernel, buffers, params, launch);
    });
    least = Math.min(least, rows[0]!.seconds);
  }
  return least;
}

/**
 * Measures what a GPU gives at best, in about a tenth of a second; needs memory
 * of 128 MiB (32 MiB on a software driver) for that long.
 *
 * @throws {DeviceError} when the device is no GPU or has no timestamps
 */
export async function measureRoofline(device: Device): Promise<Roofline> {
  if (!device.gpu) {
    throw new DeviceError(
      `Cannot measure the limits of "${device.description}": it is no GPU`,
    );
  }
  const bytes = device.isSoftware ? 16 << 20 : 64 << 20;
  const [x, y] = ["x", "y"].map(() => device.allocate(bytes, "roofline"));
  try {
    const size = bytes / 16;
    const launch = { groups: size / WORKGROUP, items: size, work: size };
    const copy = { x: x!, y: y! };
    const copySeconds = await launchSeconds(
      device,
      rooflineCopy,
      copy,
      { size },
      launch,
    );
    const lanes = device.isSoftware ? 1 << 14 : 1 << 20;
    const steps = 256;
    const arithmeticSeconds = await launchSeconds(
      device,
      rooflineMultiplyAdd,
      { y: y! },
      { size: lanes, steps, factor: 0.5 },
      { groups: lanes / WORKGROUP, items: lanes, work: lanes * steps },
    );
    return {
      bytesPerSecond: 2 * bytes / copySeconds,
      flopsPerSecond: lanes * steps * CHAINS * 4 * 2 / arithmeticSeconds,
    };
  } finally {
    device.free(x!);
    device.free(y!);
  }
}

/**
 * A profile as a text table, with each kernel's rates as shares of the limits.
 * Bytes are the sizes of its buffers: a kernel that reads them more than once,
 * or in part, shows another share than it has.
 */
export function formatRoofline(
  rows: readonly ProfileRow[],
  { bytesPerSecond, flopsPerSecond }: Roofline,
): string {
  const total = rows.reduce((sum, { seconds }) => sum + seconds, 0);
  const rates = (amount: number | undefined, seconds: number, most: number) =>
    amount === undefined || seconds === 0 ? ["–", "–"] : [
      (amount / seconds / 1e9).toFixed(1),
      formatPercent(amount / seconds / most),
    ];
  return formatTable([
    ["kernel", "calls", "ms", "share", "GB/s", "of copy", "GFLOP/s", "of FMA"],
    ...rows.map(({ kernel, calls, seconds, bytes, flops }) => [
      kernel,
      calls,
      Number((seconds * 1e3).toFixed(3)),
      formatPercent(total > 0 ? seconds / total : 0),
      ...rates(bytes, seconds, bytesPerSecond),
      ...rates(flops, seconds, flopsPerSecond),
    ]),
  ]);
}
