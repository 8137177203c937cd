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
  readonly #pipelines: Pipelines;
  /** Kept, since asking the GPU's object for it costs as much as a launch. */
  readonly #mostGroups: number;
  /** Raw buffers that waiting commands use. */
  readonly #used = new Set<GPUBuffer>();
  #slots = 0;
  #times: Timestamps | undefined;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;

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

  /** Whether a waiting command uses the buffer. */
  uses(buffer: GpuBuffer): boolean {
    return this.#used.has(buffer.raw);
  }

  /** Whether kernels are timed. */
  get isTimed(): boolean {
    return this.#times !== undefined;
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

  /** Adds a kernel. */
  dispatch(
    kernel: Kernel,
    named: Readonly<Record<string, DeviceBuffer>>,
    params: Readonly<Record<string, number>>,
    { groups, flops = 0 }: Launch,
  ): void {
    if (groups === 0) return;
    if (this.#slots === SLOTS) this.flush();
    const pipeline = this.#pipelines.get(kernel);
    const buffers: GpuBuffer[] = [];
    for (const name in kernel.buffers) {
      const buffer = named[name] as GpuBuffer;
      buffers.push(buffer);
      this.#used.add(buffer.raw);
    }
    const offset = this.#slots++ * SLOT_BYTES;
    packParams(kernel, params, this.#view, offset);
    if (this.#times) this.#beginTimedPass(kernel.name, flops, buffers);
    this.#pass ??= this.#encode().beginComputePass();
    this.#pass.setPipeline(pipeline.pipeline);
    this.#pass.setBindGroup(0, this.#pipelines.bind(pipeline, buffers), [
      offset,
    ]);
    // One dimension is too short for large launches: fold into two.
    const x = Math.min(groups, this.#mostGroups);
    this.#pass.dispatchWorkgroups(x, Math.ceil(groups / x));
  }

  /** Adds a copy. */
  copy(
    from: GPUBuffer,
    fromOffset: number,
    to: GPUBuffer,
    toOffset: number,
    bytes: number,
  ): void {
    this.#endPass();
    this.#encode().copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
    this.#used.add(from).add(to);
  }

  /** Adds a fill with zeros. */
  clear(buffer: GPUBuffer): void {
    this.#endPass();
    this.#encode().clearBuffer(buffer);
    this.#used.add(buffer);
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

  #encode(): GPUCommandEncoder {
    return this.#encoder ??= this.#device.createCommandEncoder();
  }

  #beginTimedPass(
    kernel: string,
    flops: number,
    buffers: readonly GpuBuffer[],
  ): void {
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
