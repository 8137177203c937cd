/**
 * A kernel as data: what it is called, which buffers and numbers it takes, and
 * its text for each device. Both devices see the same buffers in the same
 * order and the same parameters, so one launch serves both.
 *
 * On WebGPU the WGSL text defines `fn kernel(group: u32, lane: u32)`; the
 * bindings and the parameter struct `p` are written from this record. A group
 * past the end must return without a trace, since the number of groups is
 * rounded up. On the CPU an AssemblyScript source exports a function of the
 * kernel's name, `(args: usize, begin: i32, end: i32, scratch: usize)`: `args`
 * points at one 32-bit word a buffer (its address) and then one a parameter.
 *
 * @module
 */
import { invariant } from "../util/mod.ts";

/** How WGSL reads the elements of a buffer. */
export type ElementType = "f32" | "i32" | "u32" | "vec4f";
/** "write" may also read. */
export type BufferRole = `${"read" | "write"} ${ElementType}`;
/** Type of a parameter, one 32-bit word each. */
export type ParamType = "u32" | "i32" | "f32";

/** AssemblyScript text, or the file that holds it. */
export interface AssemblySource {
  /** Name of the family: unique, and the name of the cached module. */
  readonly family: string;
  /** The text, or the file to read it from. */
  readonly source: string | URL;
}

/** A kernel for both devices. */
export interface Kernel<
  B extends string = string,
  P extends string = string,
> {
  /** Label, profiler row, test name and the name of the CPU's function. */
  readonly name: string;
  /** Buffers in binding order. */
  readonly buffers: Readonly<Record<B, BufferRole>>;
  /** Parameters in the order of their words. */
  readonly params: Readonly<Record<P, ParamType>>;
  /**
   * WGSL that defines `kernel(group, lane)` and what it needs; absent when the
   * kernel is for the CPU only.
   */
  readonly wgsl?: string;
  /** WGSL that stands before all else: `enable` and `diagnostic`. */
  readonly directives?: string;
  /** Invocations a workgroup. */
  readonly workgroupSize: number;
  /** Absent when the kernel is one of several variants for WebGPU only. */
  readonly cpu?: AssemblySource;
}

const registry = new Map<string, Kernel>();

/**
 * Makes a kernel and registers it, so that a device that is opened later has
 * it ready.
 */
export function defineKernel<B extends string, P extends string>(
  kernel: Kernel<B, P>,
): Kernel<B, P> {
  invariant(!registry.has(kernel.name), `two kernels named ${kernel.name}`);
  registry.set(kernel.name, kernel);
  return kernel;
}

/** All kernels that the loaded modules defined. */
export function registeredKernels(): readonly Kernel[] {
  return [...registry.values()];
}

/** Size of a launch, in the units of each device. */
export interface Launch {
  /** WebGPU: number of workgroups. */
  readonly groups: number;
  /** CPU: number of independent items, cut into ranges for the threads. */
  readonly items: number;
  /** CPU: ranges start at a multiple of this (4 for vectors of four). */
  readonly align?: number;
  /** Arithmetic operations in all, roughly: small work stays on one thread. */
  readonly work: number;
  /** CPU: bytes of scratch memory that each thread needs. */
  readonly scratch?: number;
  /** Floating-point operations, for the profiler; absent where few matter. */
  readonly flops?: number;
}

/** The complete WGSL module of a kernel. */
export function wgslModule(kernel: Kernel): string {
  invariant(kernel.wgsl !== undefined, `${kernel.name} has no WGSL`);
  const params = Object.entries<ParamType>(kernel.params)
    .map(([name, type]) => `${name}: ${type}`);
  const bindings = Object.entries<BufferRole>(kernel.buffers)
    .map(([name, role], i) => {
      const [access, type] = role.split(" ");
      const mode = access === "read" ? "read" : "read_write";
      return `@group(0) @binding(${i + 1}) ` +
        `var<storage, ${mode}> ${name}: array<${type}>;`;
    });
  const directives = kernel.directives ? `${kernel.directives}\n` : "";
  return `${directives}struct Params { ${params.join(", ")} }
@group(0) @binding(0) var<uniform> p: Params;
${bindings.join("\n")}
const WORKGROUP = ${kernel.workgroupSize}u;
${kernel.wgsl}
@compute @workgroup_size(${kernel.workgroupSize})
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  kernel(id.x + id.y * count.x, lane);
}
`;
}

/** Parameters as 32-bit words in declared order. */
export function packParams<P extends string>(
  kernel: Kernel<string, P>,
  values: Readonly<Record<P, number>>,
  out: DataView,
  byteOffset: number,
): void {
  let offset = byteOffset;
  for (const name in kernel.params) {
    packParam(kernel.params[name], values[name], out, offset);
    offset += 4;
  }
}

/** One parameter as a word. */
export function packParam(
  type: ParamType,
  value: number,
  out: DataView,
  byteOffset: number,
): void {
  if (type === "f32") out.setFloat32(byteOffset, value, true);
  else out.setInt32(byteOffset, value, true); // keeps the low word of a u32
}
