/**
 * What each kernel costs on a device: calls, time, arithmetic and memory
 * traffic, from which the table makes GFLOP/s and GB/s.
 *
 * A device that can measure its kernels is a `Profiler`: on the CPU by the
 * clock around each launch, on WebGPU by timestamps. `profile` runs a function
 * with the profiler on; a `ProfileMeter` adds the launches up by name.
 *
 * @module
 */
import { DeviceError, formatPercent, formatTable } from "../util/mod.ts";

/** What all launches of one kernel cost together. */
export interface ProfileRow {
  /** Name of the kernel. */
  readonly kernel: string;
  /** Launches. */
  readonly calls: number;
  /** Time on the device, in seconds. */
  readonly seconds: number;
  /** Floating-point operations, where the launches say how many. */
  readonly flops?: number;
  /** Sizes of the buffers that the launches were given, each counted once. */
  readonly bytes?: number;
}

/** A device that measures its kernels. */
export interface Profiler {
  /** Measures every launch from now on; what was measured before is dropped. */
  startProfile(): void;
  /**
   * Stops measuring.
   *
   * @returns a row for each kernel, the longest time first
   * @throws {DeviceError} when no profile was started
   */
  stopProfile(): Promise<readonly ProfileRow[]>;
}

/** Adds launches up, for the devices. */
export class ProfileMeter {
  readonly #rows = new Map<string, Required<ProfileRow>>();

  /** Adds one launch; `flops` is 0 where they are not known. */
  add(kernel: string, seconds: number, flops: number, bytes: number): void {
    const row = this.#rows.get(kernel);
    this.#rows.set(kernel, {
      kernel,
      calls: (row?.calls ?? 0) + 1,
      seconds: (row?.seconds ?? 0) + seconds,
      flops: (row?.flops ?? 0) + flops,
      bytes: (row?.bytes ?? 0) + bytes,
    });
  }

  /** A row for each kernel, the longest time first. */
  rows(): ProfileRow[] {
    return [...this.#rows.values()]
      .sort((a, b) => b.seconds - a.seconds)
      .map(({ flops, ...row }) => flops > 0 ? { ...row, flops } : row);
  }
}

/**
 * Runs `fn` and tells what each kernel cost in it.
 *
 * @param device a device, {@link Profiler} or not
 * @throws {DeviceError} when the device cannot measure its kernels
 *
 * @example
 * ```ts
 * console.log(formatProfile(await profile(device, () => step())));
 * ```
 */
export async function profile(
  device: Partial<Profiler> & { readonly description: string },
  fn: () => unknown,
): Promise<readonly ProfileRow[]> {
  if (!device.startProfile || !device.stopProfile) {
    throw new DeviceError(
      `Cannot profile "${device.description}": it does not measure kernels`,
    );
  }
  device.startProfile();
  try {
    await fn();
  } catch (error) {
    await device.stopProfile();
    throw error;
  }
  return await device.stopProfile();
}

/** The rows as a text table: time, share of the whole, GFLOP/s and GB/s. */
export function formatProfile(rows: readonly ProfileRow[]): string {
  const total = rows.reduce((sum, { seconds }) => sum + seconds, 0);
  const rate = (amount: number | undefined, seconds: number) =>
    amount === undefined ? "–" : (amount / seconds / 1e9).toFixed(1);
  return formatTable([
    ["kernel", "calls", "ms", "share", "GFLOP/s", "GB/s"],
    ...rows.map(({ kernel, calls, seconds, flops, bytes }) => [
      kernel,
      calls,
      Number((seconds * 1e3).toFixed(3)),
      formatPercent(total > 0 ? seconds / total : 0),
      rate(flops, seconds),
      rate(bytes, seconds),
    ]),
  ]);
}
