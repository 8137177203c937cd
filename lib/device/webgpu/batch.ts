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
  /** Raw buffers that waiting commands use. */
  readonly #used = new Set<GPUBuffer>();
  #slots = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;

  constructor(device: GPUDevice, checks: Checks) {
    this.#device = device;
    this.#params = device.createBuffer({
      label: "params",
      size: this.#staged.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#pipelines = new Pipelines(device, this.#params, checks);
  }

  /** Whether a waiting command uses the buffer. */
  uses(buffer: GpuBuffer): boolean {
    return this.#used.has(buffer.raw);
  }

  /** Adds a kernel. */
  dispatch(
    kernel: Kernel,
    named: Readonly<Record<string, DeviceBuffer>>,
    params: Readonly<Record<string, number>>,
    { groups }: Launch,
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
    this.#pass ??= this.#encode().beginComputePass();
    this.#pass.setPipeline(pipeline.pipeline);
    this.#pass.setBindGroup(0, this.#pipelines.bind(pipeline, buffers), [
      offset,
    ]);
    // One dimension is too short for large launches: fold into two.
    const most = this.#device.limits.maxComputeWorkgroupsPerDimension;
    const x = Math.min(groups, most);
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
    const { queue } = this.#device;
    queue.writeBuffer(
      this.#params,
      0,
      this.#staged,
      0,
      this.#slots * SLOT_BYTES,
    );
    queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
    this.#slots = 0;
    this.#used.clear();
  }

  #encode(): GPUCommandEncoder {
    return this.#encoder ??= this.#device.createCommandEncoder();
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }
}
