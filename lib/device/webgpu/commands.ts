/**
 * Commands as they are given to the GPU: all is looked up, so that one that was
 * written down can be given again.
 *
 * @module
 */
import type { ParamType } from "../kernel.ts";
import type { GpuBuffer } from "./buffers.ts";

/** A launch. */
export interface Dispatch {
  readonly kind: "dispatch";
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  /** Workgroups in two dimensions. */
  readonly x: number;
  readonly y: number;
  readonly buffers: readonly GpuBuffer[];
  /** Name of the kernel and its arithmetic, for the profiler. */
  readonly kernel: string;
  readonly flops: number;
}

/** A launch with its parameters, packed in the order of their names. */
export interface RecordedDispatch extends Dispatch {
  readonly params: Uint8Array<ArrayBuffer>;
  readonly types: Readonly<Record<string, ParamType>>;
}

/** A copy between buffers. */
export interface Copy {
  readonly kind: "copy";
  readonly from: GpuBuffer;
  readonly fromOffset: number;
  readonly to: GpuBuffer;
  readonly toOffset: number;
  readonly bytes: number;
}

/** A fill with zeros. */
export interface Clear {
  readonly kind: "clear";
  readonly buffer: GpuBuffer;
}

/** Data from the host. */
export interface Write {
  readonly kind: "write";
  readonly buffer: GpuBuffer;
  readonly offset: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A command that was written down. */
export type Command = RecordedDispatch | Copy | Clear | Write;

/** The buffers of a command. */
export function buffersOf(command: Command): readonly GpuBuffer[] {
  switch (command.kind) {
    case "dispatch":
      return command.buffers;
    case "copy":
      return [command.from, command.to];
    default:
      return [command.buffer];
  }
}
