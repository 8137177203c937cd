/**
 * Finds the kernel that made the first NaN or infinity. A device is wrapped so
 * that after every launch the floats it may have written are looked at, on the
 * device; the next read tells. Slow (a pass over memory for every launch), so
 * it is for runs that have gone wrong.
 *
 *     found = launch    if found = 0 and some x[i] is not finite
 *
 * The test is on bits (all exponent bits set): WGSL may assume that there are
 * no NaNs when it compares floats.
 *
 * @module
 */
import {
  type BufferRole,
  defineKernel,
  type Device,
  type DeviceBuffer,
  type GpuFacts,
  type Kernel,
  type Launch,
} from "../device/mod.ts";
import { DataError } from "../util/mod.ts";

/** The formula in plain loops: whether some number is NaN or infinite. */
export function isAllFiniteReference(x: ArrayLike<number>): boolean {
  return Array.from(x).every(Number.isFinite);
}

/** Numbers that one invocation (WebGPU) or a quarter item (CPU) looks at. */
const SHARE = 16;

const markNonFinite = defineKernel({
  name: "markNonFinite",
  buffers: { x: "read u32", found: "write u32" },
  params: { size: "u32", launch: "u32" },
  workgroupSize: 64,
  cpu: {
    family: "check_numbers",
    source: `export function markNonFinite(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const x = load<usize>(args), found = load<usize>(args, 4);
  const size = load<i32>(args, 8), launch = load<i32>(args, 12);
  const stop = min(size, end * ${SHARE});
  for (let i = begin * ${SHARE}; i < stop; i++) {
    const bits = load<u32>(x + ((i as usize) << 2));
    if ((bits & 0x7f800000) == 0x7f800000 && load<i32>(found) == 0) {
      store<i32>(found, launch);
      return;
    }
  }
}
`,
  },
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let first = (group * WORKGROUP + lane) * ${SHARE}u;
  var isFinite = true;
  for (var i = first; i < min(first + ${SHARE}u, p.size); i++) {
    isFinite = isFinite && (x[i] & 0x7f800000u) != 0x7f800000u;
  }
  // Every invocation of one launch writes the same number.
  if (!isFinite && found[0] == 0u) { found[0] = p.launch; }
}`,
});

/** A launch that was looked at. */
interface Checked {
  readonly kernel: string;
  readonly label: string;
}

/** A device that looks at what its kernels write. */
class CheckedDevice implements Device {
  readonly gpu?: GpuFacts;
  readonly #inner: Device;
  readonly #found: DeviceBuffer;
  #checked: Checked[] = [];

  constructor(inner: Device) {
    this.#inner = inner;
    if (inner.gpu) this.gpu = inner.gpu;
    this.#found = inner.allocate(4, "check of numbers");
    inner.clear(this.#found);
  }

  get kind() {
    return this.#inner.kind;
  }

  get description(): string {
    return `${this.#inner.description}, every number checked`;
  }

  get isSoftware(): boolean {
    return this.#inner.isSoftware;
  }

  get isClosed(): boolean {
    return this.#inner.isClosed;
  }

  /** Zeros, since what is partly written later must not look like NaN. */
  allocate(bytes: number, label: string): DeviceBuffer {
    const buffer = this.#inner.allocate(bytes, label);
    this.#inner.clear(buffer);
    return buffer;
  }

  free(buffer: DeviceBuffer): void {
    this.#inner.free(buffer);
  }

  write(buffer: DeviceBuffer, data: ArrayBufferView, offset?: number): void {
    this.#inner.write(buffer, data, offset);
  }

  copy(...args: Parameters<Device["copy"]>): void {
    this.#inner.copy(...args);
  }

  clear(buffer: DeviceBuffer): void {
    this.#inner.clear(buffer);
  }

  run<B extends string, P extends string>(
    kernel: Kernel<B, P>,
    buffers: Readonly<Record<B, DeviceBuffer>>,
    params: Readonly<Record<P, number>>,
    launch: Launch,
  ): void {
    this.#inner.run(kernel, buffers, params, launch);
    for (const name in kernel.buffers) {
      const role: BufferRole = kernel.buffers[name];
      if (role !== "write f32" && role !== "write vec4f") continue;
      this.#check(kernel.name, buffers[name]);
    }
  }

  async read(
    buffer: DeviceBuffer,
    byteOffset: number,
    bytes: number,
  ): Promise<ArrayBuffer> {
    const data = await this.#inner.read(buffer, byteOffset, bytes);
    await this.#tell();
    return data;
  }

  async sync(): Promise<void> {
    await this.#inner.sync();
    await this.#tell();
  }

  memory() {
    return this.#inner.memory();
  }

  resetPeak(): void {
    this.#inner.resetPeak();
  }

  close(): void {
    this.#inner.close();
  }

  /** Leaves the device itself open. */
  [Symbol.dispose](): void {
    if (!this.#inner.isClosed) this.#inner.free(this.#found);
  }

  #check(kernel: string, buffer: DeviceBuffer): void {
    const size = Math.floor(buffer.bytes / 4);
    const shares = Math.ceil(size / SHARE);
    this.#checked.push({ kernel, label: buffer.label });
    this.#inner.run(
      markNonFinite,
      { x: buffer, found: this.#found },
      { size, launch: this.#checked.length },
      { groups: Math.ceil(shares / 64), items: shares, work: size },
    );
  }

  /** Throws when something was found, and begins anew. */
  async #tell(): Promise<void> {
    const checked = this.#checked;
    const count = checked.length;
    const bytes = await this.#inner.read(this.#found, 0, 4);
    const [launch] = new Uint32Array(bytes);
    // Launches that came while this waited keep their numbers.
    if (!launch && checked.length > count) return;
    this.#checked = [];
    if (!launch) return;
    this.#inner.clear(this.#found);
    const { kernel, label } = checked[launch - 1]!;
    throw new DataError(
      `Found a number that is not finite: the kernel "${kernel}" wrote it to ` +
        `"${label}"`,
    );
  }
}

/**
 * The same device, looking at every float that kernels write. Reading from it
 * throws as soon as a NaN or an infinity was made, and names the kernel and the
 * tensor; the device stays usable.
 *
 *     using device = checkNumbers(await openDevice());
 *     const model = Llama.create(config, { seed: 0, device });
 *
 * Disposing of it ends the checks and leaves the device itself open.
 *
 * @throws {DataError} from `read` and `sync`, not from here
 */
export function checkNumbers(device: Device): Device {
  return new CheckedDevice(device);
}
