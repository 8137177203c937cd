/**
 * Commands that wait to be submitted together. Kernels share one compute pass;
 * their parameters share one uniform buffer, written once a submission.
 *
 * @module
 */
import type { DeviceBuffer } from "../device.ts";
import { type Kernel, type Launch, packParams } from "../kernel.ts";
import type { GpuBuffer } from "./buffers.ts";
import type { Checks } from "./checks.ts";
import type { Clear, Command, Copy, Dispatch, Write } from "./commands.ts";
import { Pipelines } from "./pipelines.ts";
import { Timestamps } from "./timestamps.ts";

/** Launches a submission holds. */
const SLOTS = 1024;
/** Dynamic offsets are multiples of this on every device. */
const SLOT_BYTES = 256;

/** Commands of one device in the order in which they were given. */
export class Batch {
  readonly #device: GPUDevice;
  readonly #params: GPUBuffer;
  readonly #staged = new ArrayBuffer(SLOTS * SLOT_BYTES);
  readonly #view = new DataView(this.#staged);
  readonly #bytes = new Uint8Array(this.#staged);
  readonly #pipelines: Pipelines;
  /** Kept, since asking the GPU's object for it costs as much as a launch. */
  readonly #mostGroups: number;
  /** Raw buffers that waiting commands use. */
  readonly #used = new Set<GPUBuffer>();
  #slots = 0;
  #times: Timestamps | undefined;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** Where commands are written down, while a recording is made. */
  #recorded: Command[] | undefined;

  constructor(device: GPUDevice, checks: Checks) {
    this.#device = device;
    this.#params = device.createBuffer({
      label: "params",
      size: this.#staged.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#mostGroups = device.limits.maxComputeWorkgroupsPerDimension;
    this.#pipelines = new Pipelines(device, this.#params, checks);
  }

  /** Whether kernels are timed. */
  get isTimed(): boolean {
    return this.#times !== undefined;
  }

  /** Whether commands are written down. */
  get isRecording(): boolean {
    return this.#recorded !== undefined;
  }

  /** Times every kernel from now on. */
  startTimes(): void {
    this.flush();
    this.#times = new Timestamps(this.#device, SLOTS);
  }

  /** Ends the times; undefined when none were started. */
  stopTimes(): Timestamps | undefined {
    this.flush();
    const times = this.#times;
    this.#times = undefined;
    return times;
  }

  /** Writes down the commands that `fn` gives, as they are given. */
  record<T>(fn: () => T): readonly [result: T, commands: readonly Command[]] {
    const commands: Command[] = this.#recorded = [];
    try {
      return [fn(), commands];
    } finally {
      this.#recorded = undefined;
    }
  }

  /** Gives commands again. */
  replay(commands: readonly Command[]): void {
    for (const command of commands) {
      switch (command.kind) {
        case "dispatch": {
          const offset = this.#nextSlot();
          this.#bytes.set(command.params, offset);
          this.#dispatch(command, offset);
          break;
        }
        case "copy":
          this.#copy(command);
          break;
        case "clear":
          this.#clear(command);
          break;
        case "write":
          this.#write(command);
      }
    }
  }

  /** Adds a kernel. */
  dispatch(
    kernel: Kernel,
    named: Readonly<Record<string, DeviceBuffer>>,
    params: Readonly<Record<string, number>>,
    { groups, flops = 0 }: Launch,
  ): void {
    if (groups === 0) return;
    const pipeline = this.#pipelines.get(kernel);
    const buffers: GpuBuffer[] = [];
    for (const name in kernel.buffers) buffers.push(named[name] as GpuBuffer);
    const offset = this.#nextSlot();
    packParams(kernel, params, this.#view, offset);
    // One dimension is too short for large launches: fold into two.
    const x = Math.min(groups, this.#mostGroups);
    const command: Dispatch = {
      kind: "dispatch",
      pipeline: pipeline.pipeline,
      group: this.#pipelines.bind(pipeline, buffers),
      x,
      y: Math.ceil(groups / x),
      buffers,
      kernel: kernel.name,
      flops,
    };
    this.#recorded?.push({
      ...command,
      params: this.#bytes.slice(offset, offset + pipeline.paramBytes),
      types: kernel.params,
    });
    this.#dispatch(command, offset);
  }

  /** Adds a copy. */
  copy(copy: Copy): void {
    this.#recorded?.push(copy);
    this.#copy(copy);
  }

  /** Adds a copy to a staging buffer. */
  copyOut(from: GpuBuffer, offset: number, to: GPUBuffer, bytes: number): void {
    this.#endPass();
    this.#encode().copyBufferToBuffer(from.raw, offset, to, 0, bytes);
    this.#used.add(from.raw);
  }

  /** Adds a fill with zeros. */
  clear(buffer: GpuBuffer): void {
    const clear: Clear = { kind: "clear", buffer };
    this.#recorded?.push(clear);
    this.#clear(clear);
  }

  /** Writes data of the host, whole words. */
  write(buffer: GpuBuffer, offset: number, data: Uint8Array<ArrayBuffer>) {
    const write: Write = { kind: "write", buffer, offset, data };
    this.#recorded?.push({ ...write, data: data.slice() });
    this.#write(write);
  }

  /** Submits what waits. */
  flush(): void {
    if (!this.#encoder) return;
    this.#endPass();
    this.#times?.beforeSubmit(this.#encoder);
    const { queue } = this.#device;
    queue.writeBuffer(
      this.#params,
      0,
      this.#staged,
      0,
      this.#slots * SLOT_BYTES,
    );
    queue.submit([this.#encoder.finish()]);
    this.#times?.afterSubmit();
    this.#encoder = undefined;
    this.#slots = 0;
    this.#used.clear();
  }

  /** Where the parameters of the next launch stand. */
  #nextSlot(): number {
    if (this.#slots === SLOTS) this.flush();
    return this.#slots++ * SLOT_BYTES;
  }

  #dispatch(command: Dispatch, offset: number): void {
    const { pipeline, group, x, y, buffers } = command;
    for (const { raw } of buffers) this.#used.add(raw);
    if (this.#times) this.#beginTimedPass(command);
    const pass = this.#pass ??= this.#encode().beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group, [offset]);
    pass.dispatchWorkgroups(x, y);
  }

  #copy({ from, fromOffset, to, toOffset, bytes }: Copy): void {
    this.#endPass();
    const [source, target] = [from.raw, to.raw];
    const encoder = this.#encode();
    encoder.copyBufferToBuffer(source, fromOffset, target, toOffset, bytes);
    this.#used.add(source).add(target);
  }

  #clear({ buffer: { raw } }: Clear): void {
    this.#endPass();
    this.#encode().clearBuffer(raw);
    this.#used.add(raw);
  }

  #write({ buffer: { raw }, offset, data }: Write): void {
    if (data.length === 0) return; // Deno's own WebGPU ends at such a write
    // A queue write overtakes commands that are not submitted yet.
    if (this.#used.has(raw)) this.flush();
    this.#device.queue.writeBuffer(raw, offset, data);
  }

  #encode(): GPUCommandEncoder {
    return this.#encoder ??= this.#device.createCommandEncoder();
  }

  #beginTimedPass({ kernel, flops, buffers }: Dispatch): void {
    this.#endPass();
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.bytes, 0);
    this.#pass = this.#encode().beginComputePass({
      timestampWrites: this.#times!.next({ kernel, flops, bytes }),
    });
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }
}
