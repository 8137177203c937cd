/**
 * The CPU device: kernels as WebAssembly SIMD over one shared linear memory.
 * Work is done when `run` returns, so `read` and `sync` have nothing to wait
 * for.
 *
 * Memory from the bottom: constants of the kernel families, the control block
 * of the threads, the argument block, then the heap.
 *
 * @module
 */
import { cpus } from "node:os";
import { DeviceError, formatBytes } from "../../util/mod.ts";
import {
  type Device,
  type DeviceBuffer,
  MemoryMeter,
  type MemoryReport,
} from "../device.ts";
import {
  type AssemblySource,
  type Kernel,
  type Launch,
  packParams,
  registeredKernels,
} from "../kernel.ts";
import { ProfileMeter, type ProfileRow } from "../profile.ts";
import { type Blas, findBlas } from "./blas.ts";
import { chooseTile } from "./choose_tile.ts";
import { compileFamily, STATIC_BYTES } from "./compile.ts";
import { CONTROL_BYTES } from "./control.ts";
import { Heap } from "./heap.ts";
import { Pool } from "./pool.ts";
import { tileSource } from "./tile.ts";

const PAGE = 65536;
/** WebAssembly's 32-bit addresses end here. */
const MAX_PAGES = 65536;
/** Most kernel families that fit below the heap. */
const MAX_FAMILIES = 62;
const CONTROL = (MAX_FAMILIES + 1) * STATIC_BYTES;
const SCRATCH_WORDS = CONTROL + CONTROL_BYTES;
const MAX_THREADS = 64;
const ARGS = SCRATCH_WORDS + 4 * MAX_THREADS;
const HEAP = ARGS + 1024;

interface CpuBuffer extends DeviceBuffer {
  readonly address: number;
}

/** Families of the kernels that are defined, each once, in order of name. */
function families(): AssemblySource[] {
  const sources = new Map<string, AssemblySource>();
  for (const { cpu } of registeredKernels()) {
    if (cpu) sources.set(cpu.family, cpu);
  }
  return [...sources.values()].sort((a, b) => a.family < b.family ? -1 : 1);
}

/** Number of threads: CADERNO_THREADS or one a processor. */
function threadCount(): number {
  const wanted = Number(Deno.env.get("CADERNO_THREADS"));
  const count = wanted > 0 ? wanted : navigator.hardwareConcurrency;
  return Math.max(1, Math.min(MAX_THREADS, Math.floor(count)));
}

/** Threads of WebAssembly SIMD. */
export class CpuDevice implements Device {
  readonly kind = "cpu";
  readonly isSoftware = false;
  readonly description: string;
  readonly #memory: WebAssembly.Memory;
  readonly #heap = new Heap(HEAP, MAX_PAGES * PAGE);
  readonly #meter = new MemoryMeter();
  readonly #pool: Pool;
  #bytes: Uint8Array;
  #view: DataView;
  #scratchBytes = 0;
  #scratchStart = 0;
  #isClosed = false;
  #profile: ProfileMeter | undefined;

  private constructor(
    memory: WebAssembly.Memory,
    pool: Pool,
    blas: Blas | undefined,
  ) {
    this.#memory = memory;
    this.#pool = pool;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
    const model = cpus()[0]?.model?.trim() || Deno.build.arch;
    this.description = `CPU: WebAssembly SIMD, ${pool.threads} threads, ` +
      `${blas ? `${blas.name}, ` : ""}${model}`;
  }

  /**
   * Compiles the kernels that are defined (once on a machine) and starts the
   * threads.
   *
   * @param kernelFolder where kernel sources find the files they import
   */
  static async open(kernelFolder: URL): Promise<CpuDevice> {
    const sources = families();
    if (sources.length > MAX_FAMILIES) {
      throw new DeviceError(
        `Cannot open the CPU device: ${sources.length} kernel families, at ` +
          `most ${MAX_FAMILIES}`,
      );
    }
    const tile = tileSource(await chooseTile(kernelFolder));
    const modules: WebAssembly.Module[] = [];
    for (const [i, source] of sources.entries()) {
      modules.push(await compileFamily(source, i, kernelFolder, { tile }));
    }
    const memory = new WebAssembly.Memory({
      initial: 64,
      maximum: MAX_PAGES,
      shared: true,
    });
    const blas = findBlas();
    const pool = await Pool.start(memory, modules, {
      blas,
      control: CONTROL,
      scratch: SCRATCH_WORDS,
      threads: threadCount(),
    });
    return new CpuDevice(memory, pool, blas);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  allocate(bytes: number, label: string): CpuBuffer {
    this.#checkOpen();
    const address = this.#reserve(bytes);
    if (address === undefined) {
      const { liveBytes } = this.memory();
      throw new DeviceError(
        `Cannot allocate ${formatBytes(bytes)} for "${label}" on the CPU ` +
          `device: ${formatBytes(liveBytes)} are in use of at most ` +
          formatBytes(MAX_PAGES * PAGE),
      );
    }
    const buffer = { bytes, label, address };
    this.#meter.add(buffer);
    return buffer;
  }

  free(buffer: DeviceBuffer): void {
    if (this.#isClosed) return;
    this.#meter.remove(buffer);
    this.#heap.free((buffer as CpuBuffer).address);
  }

  write(buffer: DeviceBuffer, data: ArrayBufferView, byteOffset = 0): void {
    const start = this.#address(buffer) + byteOffset;
    const source = new Uint8Array(
      data.buffer,
      data.byteOffset,
      data.byteLength,
    );
    this.#bytes.set(source, start);
  }

  // deno-lint-ignore require-await -- errors must reject, not throw
  async read(
    buffer: DeviceBuffer,
    byteOffset: number,
    bytes: number,
  ): Promise<ArrayBuffer> {
    const start = this.#address(buffer) + byteOffset;
    const copy = new Uint8Array(bytes);
    copy.set(this.#bytes.subarray(start, start + bytes));
    return copy.buffer;
  }

  copy(
    from: DeviceBuffer,
    fromOffset: number,
    to: DeviceBuffer,
    toOffset: number,
    bytes: number,
  ): void {
    const start = this.#address(from) + fromOffset;
    this.#bytes.copyWithin(
      this.#address(to) + toOffset,
      start,
      start + bytes,
    );
  }

  clear(buffer: DeviceBuffer): void {
    const start = this.#address(buffer);
    this.#bytes.fill(0, start, start + buffer.bytes);
  }

  run<B extends string, P extends string>(
    kernel: Kernel<B, P>,
    buffers: Readonly<Record<B, DeviceBuffer>>,
    params: Readonly<Record<P, number>>,
    launch: Launch,
  ): void {
    this.#checkOpen();
    const scratch = this.#scratch(launch.scratch ?? 0);
    let offset = ARGS;
    for (const name in kernel.buffers) {
      this.#view.setUint32(offset, this.#address(buffers[name]), true);
      offset += 4;
    }
    packParams(kernel, params, this.#view, offset);
    const begin = this.#profile ? performance.now() : 0;
    this.#pool.run(kernel.name, ARGS, scratch, launch);
    if (!this.#profile) return;
    const seconds = (performance.now() - begin) / 1000;
    let bytes = 0;
    for (const name in kernel.buffers) bytes += buffers[name].bytes;
    this.#profile.add(kernel.name, seconds, launch.flops ?? 0, bytes);
  }

  startProfile(): void {
    this.#checkOpen();
    this.#profile = new ProfileMeter();
  }

  // deno-lint-ignore require-await -- errors must reject, not throw
  async stopProfile(): Promise<readonly ProfileRow[]> {
    if (!this.#profile) {
      throw new DeviceError(
        "Cannot stop the profile of the CPU device: none was started",
      );
    }
    const rows = this.#profile.rows();
    this.#profile = undefined;
    return rows;
  }

  // deno-lint-ignore require-await -- the interface is asynchronous
  async sync(): Promise<void> {
    this.#checkOpen();
  }

  memory(): MemoryReport {
    return this.#meter.report(this.#heap.freeBytes);
  }

  resetPeak(): void {
    this.#meter.resetPeak();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pool.stop();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #checkOpen(): void {
    if (this.#isClosed) {
      throw new DeviceError("Cannot use the CPU device: it was closed");
    }
  }

  #address(buffer: DeviceBuffer): number {
    if (!this.#meter.has(buffer)) {
      throw new DeviceError(
        `Cannot use buffer "${buffer.label}": it is not alive on this device`,
      );
    }
    return (buffer as CpuBuffer).address;
  }

  /** Address of a block, with the memory grown to hold it. */
  #reserve(bytes: number): number | undefined {
    const address = this.#heap.allocate(bytes);
    const missing = this.#heap.end - this.#bytes.byteLength;
    if (address === undefined || missing <= 0) return address;
    try {
      // An eighth more than needed, so that growth is rare.
      const pages = Math.ceil((missing + this.#heap.end / 8) / PAGE);
      const size = this.#bytes.byteLength / PAGE;
      this.#memory.grow(Math.min(pages, MAX_PAGES - size));
    } catch {
      this.#heap.free(address);
      return undefined;
    }
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
    return address;
  }

  /** This thread's scratch; all threads have at least `bytes` of it. */
  #scratch(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      const { threads } = this.#pool;
      if (this.#scratchBytes > 0) this.#heap.free(this.#scratchStart);
      this.#scratchBytes = 0;
      const each = Math.ceil(bytes / 4096) * 4096;
      const start = this.#reserve(each * threads);
      if (start === undefined) {
        throw new DeviceError(
          `Cannot allocate ${formatBytes(each)} of scratch memory for each ` +
            `of ${threads} threads`,
        );
      }
      this.#scratchBytes = each;
      this.#scratchStart = start;
      for (let i = 0; i < threads; i++) {
        this.#view.setUint32(SCRATCH_WORDS + 4 * i, start + i * each, true);
      }
    }
    return this.#scratchStart;
  }
}
