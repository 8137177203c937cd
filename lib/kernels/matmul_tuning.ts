/**
 * Measuring variants of the matrix product against each other. Drivers are not
 * free of defects and some units round more than they say, so a variant must
 * agree with the plain one before its time counts.
 *
 * @module
 */
import type { Device, DeviceBuffer } from "../device/mod.ts";
import { DeviceError, Random } from "../util/mod.ts";
import { directVariant } from "./matmul_direct.ts";
import {
  type MatmulBuffers,
  runMatmulVariant,
  splitParts,
} from "./matmul_launch.ts";
import {
  hasWholeVectors,
  type MatmulSizes,
  type MatmulVariant,
} from "./matmul_variant.ts";

/** What is measured. */
export interface MatmulContest {
  /** Candidates; the first one is taken when none can be measured. */
  readonly names: readonly string[];
  /** The variant of a name for some sizes. */
  readonly variant: (name: string, sizes: MatmulSizes) => MatmulVariant;
  /** Error allowed per step of k, for factors between -1 and 1. */
  readonly tolerance: number;
}

/** Seconds of work that are timed at once, and how often. */
const ROUND_SECONDS = 0.01;
const ROUNDS = 2;
/** A variant this much slower than the best is not timed again. */
const HOPELESS = 2;

/** Runs `fn` with buffers of these sizes in bytes. */
async function withBuffers<T>(
  device: Device,
  bytes: readonly number[],
  fn: (buffers: readonly DeviceBuffer[]) => Promise<T>,
): Promise<T> {
  const buffers: DeviceBuffer[] = [];
  try {
    for (const size of bytes) buffers.push(device.allocate(size, "tuning"));
    return await fn(buffers);
  } finally {
    buffers.forEach((buffer) => device.free(buffer));
  }
}

/** Bytes of A, B and C. */
function bytesOf({ batch, m, n, k, strideA, strideB }: MatmulSizes): number[] {
  return [
    strideA === 0 ? m * k : batch * m * k,
    strideB === 0 ? k * n : batch * k * n,
    batch * m * n,
  ].map((elements) => 4 * elements);
}

/** A small product of the same kind, with edges on every side. */
function smallProduct(sizes: MatmulSizes): MatmulSizes {
  const odd = hasWholeVectors(sizes) ? 0 : 1;
  const [m, n, k] = [132 + odd, 140 + odd, 100 + odd];
  const { transposeA, transposeB } = sizes;
  return { batch: 1, m, n, k, transposeA, transposeB, strideA: 0, strideB: 0 };
}

/** Names of the variants whose result is that of the plain one. */
async function agreeing(
  device: Device,
  sizes: MatmulSizes,
  { names, variant, tolerance }: MatmulContest,
): Promise<string[]> {
  const small = smallProduct(sizes);
  return await withBuffers(device, bytesOf(small), async ([a, b, c]) => {
    const random = new Random(0, "tuning");
    for (const buffer of [a!, b!]) {
      const values = Float32Array.from(
        { length: buffer.bytes / 4 },
        () => 2 * random.uniform() - 1,
      );
      device.write(buffer, values);
    }
    const product = async (variant: MatmulVariant) => {
      runMatmulVariant(device, { a: a!, b: b!, c: c! }, small, variant);
      return new Float32Array(await device.read(c!, 0, c!.bytes));
    };
    const expected = await product(directVariant(small));
    const good: string[] = [];
    for (const name of names) {
      device.clear(c!);
      try {
        const actual = await product(variant(name, small));
        const isClose = actual.every((x, i) =>
          Math.abs(x - expected[i]!) <= tolerance * small.k
        );
        if (isClose) good.push(name);
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
      }
    }
    return good;
  });
}

/** Seconds of one product, or Infinity when it cannot run. */
async function secondsOf(
  device: Device,
  run: () => void,
  best: number,
): Promise<number> {
  const round = async (count: number) => {
    const begin = performance.now();
    for (let i = 0; i < count; i++) run();
    await device.sync();
    return (performance.now() - begin) / 1000 / count;
  };
  try {
    await round(1); // compiles
    let seconds = await round(1);
    const count = Math.min(64, Math.ceil(ROUND_SECONDS / seconds));
    for (let i = 0; i < ROUNDS && seconds < HOPELESS * best; i++) {
      seconds = Math.min(seconds, await round(count));
    }
    return seconds;
  } catch (error) {
    if (error instanceof DeviceError) return Infinity;
    throw error;
  }
}

/**
 * The name of the fastest variant that is right.
 *
 * @param sizes what is multiplied; its matrices are allocated for a moment
 */
export async function fastestMatmul(
  device: Device,
  sizes: MatmulSizes,
  contest: MatmulContest,
): Promise<string> {
  const names = await agreeing(device, sizes, contest);
  const parts = device.isSoftware ? 1 : splitParts(sizes);
  return await withBuffers(device, bytesOf(sizes), async ([a, b, c]) => {
    const buffers: MatmulBuffers = { a: a!, b: b!, c: c! };
    let fastest = contest.names[0]!;
    let best = Infinity;
    for (const name of names) {
      const variant = contest.variant(name, sizes);
      const seconds = await secondsOf(
        device,
        () => runMatmulVariant(device, buffers, sizes, variant, parts),
        best,
      );
      if (seconds >= best) continue;
      best = seconds;
      fastest = name;
    }
    return fastest;
  });
}
