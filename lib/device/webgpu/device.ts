/**
 * The WebGPU device: WGSL on Dawn. Commands are recorded and submitted in
 * batches; errors arrive late and are thrown by the next `sync` or `read`.
 *
 * @module
 */
import { DeviceError, formatBytes, invariant } from "../../util/mod.ts";
import {
  type Device,
  type DeviceBuffer,
  MemoryMeter,
  type MemoryReport,
} from "../device.ts";
import type { GpuFacts } from "../gpu.ts";
import type { Kernel, Launch } from "../kernel.ts";
import type { Profiler, ProfileRow } from "../profile.ts";
import type { Recorder, Recording } from "../recording.ts";
import { Batch } from "./batch.ts";
import { BufferPool, type GpuBuffer } from "./buffers.ts";
import { Checks } from "./checks.ts";
import { type Adapter, gpuFacts, requestDevice } from "./adapter.ts";
import { waitPatiently } from "./polling.ts";
import { Readback } from "./readback.ts";
import { WebGpuRecording } from "./recording.ts";
import { openTuning, type TuningCache } from "./tuning.ts";

/** WGSL kernels on a GPU. */
export class WebGpuDevice implements Device, Profiler, Recorder {
  readonly kind = "webgpu";
  readonly description: string;
  readonly isSoftware: boolean;
  readonly gpu: GpuFacts;
  readonly tuning?: TuningCache;
  readonly #device: GPUDevice;
  readonly #adapter: Adapter;
  readonly #batch: Batch;
  readonly #pool: BufferPool;
  readonly #meter = new MemoryMeter();
  readonly #checks: Checks;
  readonly #readback: Readback;
  #isClosed = false;
  /** Why nothing works any more. */
  #lost: string | undefined;

  private constructor(
    adapter: Adapter,
    device: GPUDevice,
    tuning: TuningCache | undefined,
  ) {
    this.#adapter = adapter;
    this.#device = device;
    this.isSoftware = adapter.isSoftware;
    this.description = `WebGPU: ${adapter.name}` +
      (adapter.isSoftware ? " (software)" : "");
    this.gpu = gpuFacts(adapter.adapter);
    if (tuning) this.tuning = tuning;
    this.#checks = new Checks(device);
    this.#batch = new Batch(device, this.#checks);
    this.#pool = new BufferPool(device, this.#checks, () => this.#trim());
    this.#readback = new Readback(device);
    device.lost.then(({ message }) => {
      if (this.#isClosed) return;
      const { liveBytes } = this.memory();
      this.#lost = `The GPU ${adapter.name} was lost with ` +
        `${formatBytes(liveBytes)} in use: ${message}`;
      this.#checks.report(this.#lost);
    });
  }

  /**
   * Opens an adapter.
   *
   * @param tuning where measured choices are kept; false: nowhere
   */
  static async open(
    adapter: Adapter,
    tuning: TuningCache | false | undefined = openTuning(adapter),
  ): Promise<WebGpuDevice> {
    const device = await requestDevice(adapter);
    return new WebGpuDevice(adapter, device, tuning || undefined);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  allocate(bytes: number, label: string): GpuBuffer {
    this.#checkOpen();
    const buffer = this.#pool.allocate(bytes, label);
    this.#meter.add(buffer);
    return buffer;
  }

  free(buffer: DeviceBuffer): void {
    if (this.#isClosed) return;
    this.#meter.remove(buffer);
    this.#pool.free(buffer as GpuBuffer);
  }

  write(buffer: DeviceBuffer, data: ArrayBufferView, byteOffset = 0): void {
    const gpu = this.#own(buffer);
    let bytes = new Uint8Array(
      data.buffer as ArrayBuffer,
      data.byteOffset,
      data.byteLength,
    );
    // Writes are whole words; a buffer has room for the last one.
    if (bytes.length % 4 !== 0 && byteOffset + bytes.length === gpu.bytes) {
      const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
      whole.set(bytes);
      bytes = whole;
    }
    this.#batch.write(gpu, byteOffset, bytes);
  }

  async read(
    buffer: DeviceBuffer,
    byteOffset: number,
    bytes: number,
  ): Promise<ArrayBuffer> {
    const gpu = this.#own(buffer);
    this.#checkNotRecording(`read "${buffer.label}"`);
    if (bytes === 0) return new ArrayBuffer(0);
    const reading = this.#readback.read(bytes, (staging, whole) => {
      this.#batch.copyOut(gpu, byteOffset, staging, whole);
      this.#batch.flush();
    });
    const result = await this.#explained(reading);
    await this.#tune();
    return result;
  }

  copy(
    from: DeviceBuffer,
    fromOffset: number,
    to: DeviceBuffer,
    toOffset: number,
    bytes: number,
  ): void {
    this.#batch.copy({
      kind: "copy",
      from: this.#own(from),
      fromOffset,
      to: this.#own(to),
      toOffset,
      bytes,
    });
  }

  clear(buffer: DeviceBuffer): void {
    this.#batch.clear(this.#own(buffer));
  }

  run<B extends string, P extends string>(
    kernel: Kernel<B, P>,
    buffers: Readonly<Record<B, DeviceBuffer>>,
    params: Readonly<Record<P, number>>,
    launch: Launch,
  ): void {
    this.#checkOpen();
    for (const name in kernel.buffers) this.#own(buffers[name]);
    this.#batch.dispatch(kernel, buffers, params, launch);
  }

  record<T>(fn: () => T): readonly [result: T, recording: Recording] {
    this.#checkOpen();
    this.#checkNotRecording("record");
    const [batch, pool, meter] = [this.#batch, this.#pool, this.#meter];
    const [[result, commands], arena] = pool.inArena(() => batch.record(fn));
    invariant(!(result instanceof Promise), "a recording awaits nothing");
    const parts = { batch, pool, meter };
    return [result, new WebGpuRecording(parts, commands, arena)];
  }

  async sync(): Promise<void> {
    this.#checkOpen();
    this.#checkNotRecording("wait");
    this.#batch.flush();
    const { queue } = this.#device;
    await this.#explained(waitPatiently(queue.onSubmittedWorkDone()));
    await this.#tune();
  }

  startProfile(): void {
    this.#checkOpen();
    if (!this.#device.features.has("timestamp-query")) {
      throw new DeviceError(
        `Cannot profile ${this.description}: its driver has no timestamps`,
      );
    }
    this.#batch.startTimes();
  }

  async stopProfile(): Promise<readonly ProfileRow[]> {
    this.#checkOpen();
    const times = this.#batch.stopTimes();
    if (!times) {
      throw new DeviceError(
        `Cannot stop the profile of ${this.description}: none was started`,
      );
    }
    return await this.#explained(times.rows());
  }

  memory(): MemoryReport {
    return this.#meter.report(this.#pool.freeBytes);
  }

  resetPeak(): void {
    this.#meter.resetPeak();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A program that ends without this frees everything too, and must not do
    // it in `unload`: Dawn crashes when a device is destroyed as late as that.
    this.#device.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #checkOpen(): void {
    if (this.#isClosed) {
      throw new DeviceError(
        `Cannot use the WebGPU device ${this.#adapter.name}: it was closed`,
      );
    }
    if (this.#lost) throw new DeviceError(this.#lost);
  }

  #checkNotRecording(what: string): void {
    if (!this.#batch.isRecording) return;
    throw new DeviceError(
      `Cannot ${what} while work is recorded: a replay would not do it again`,
    );
  }

  /**
   * Awaits work of the GPU.
   *
   * @throws {DeviceError} what went wrong with it, or before it
   */
  async #explained<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      await this.#checks.settle();
      return result;
    } catch (error) {
      await this.#checks.settle(); // says more than that work was given up
      this.#checkOpen();
      throw error;
    }
  }

  /** Measures what kernels asked for, then gives the room for it back. */
  async #tune(): Promise<void> {
    if (!this.tuning || this.#batch.isTimed) return;
    if (await this.tuning.settle() > 0) this.#trim();
  }

  /** Gives the GPU back what is held for reuse. */
  #trim(): void {
    if (this.#isClosed) return;
    this.#batch.flush(); // waiting commands may use what was freed
    this.#pool.trim();
  }

  #own(buffer: DeviceBuffer): GpuBuffer {
    this.#checkOpen();
    if (!this.#meter.has(buffer)) {
      throw new DeviceError(
        `Cannot use buffer "${buffer.label}": it is not alive on this device`,
      );
    }
    return buffer as GpuBuffer;
  }
}
