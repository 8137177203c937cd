/**
 * Measuring variants of a kernel against each other. Drivers are not free of
 * defects and some units round more than they say, so a variant must agree with
 * the plain one before its time counts.
 *
 * @module
 */
import type { Device, DeviceBuffer } from "../device/mod.ts";
import { DeviceError, Random } from "../util/mod.ts";

/** A piece of work for every variant. */
export interface ContestTrial {
  /** Lengths of the buffers that are read, in elements of f32. */
  readonly inputs: readonly number[];
  /** Lengths of the buffers that are written. */
  readonly results: readonly number[];
  /** Runs a variant, or the plain one, with inputs and results in that order. */
  run(name: string | undefined, buffers: readonly DeviceBuffer[]): void;
}

/** What is measured. */
export interface VariantContest {
  /** Candidates; the first one is taken when none can be measured. */
  readonly names: readonly string[];
  /** What they must agree in, for inputs between -1 and 1. */
  readonly small: ContestTrial;
  /** What is timed; its inputs are whatever lies in memory. */
  readonly large: ContestTrial;
  /** Error allowed in a result that should be `expected`. */
  tolerance(expected: Float32Array): number;
}

/** Seconds of work that are timed at once, and how often. */
const ROUND_SECONDS = 0.01;
const ROUNDS = 2;
/** A variant this much slower than the best is not timed again. */
const HOPELESS = 2;

/** Runs `fn` with the buffers of a trial. */
async function withBuffers<T>(
  device: Device,
  { inputs, results }: ContestTrial,
  fn: (buffers: readonly DeviceBuffer[]) => Promise<T>,
): Promise<T> {
  const buffers: DeviceBuffer[] = [];
  try {
    for (const length of [...inputs, ...results]) {
      buffers.push(device.allocate(4 * length, "tuning"));
    }
    return await fn(buffers);
  } finally {
    buffers.forEach((buffer) => device.free(buffer));
  }
}

/** Names of the variants whose results are those of the plain one. */
async function agreeing(
  device: Device,
  { names, small, tolerance }: VariantContest,
): Promise<string[]> {
  return await withBuffers(device, small, async (buffers) => {
    const random = new Random(0, "tuning");
    for (const buffer of buffers.slice(0, small.inputs.length)) {
      const values = Float32Array.from(
        { length: buffer.bytes / 4 },
        () => 2 * random.uniform() - 1,
      );
      device.write(buffer, values);
    }
    const results = buffers.slice(small.inputs.length);
    const resultsOf = async (name?: string) => {
      results.forEach((buffer) => device.clear(buffer));
      small.run(name, buffers);
      const all: Float32Array[] = [];
      for (const buffer of results) {
        all.push(new Float32Array(await device.read(buffer, 0, buffer.bytes)));
      }
      return all;
    };
    const expected = await resultsOf();
    const allowed = expected.map(tolerance);
    const good: string[] = [];
    for (const name of names) {
      try {
        const isClose = (await resultsOf(name)).every((actual, r) =>
          actual.every((x, i) => Math.abs(x - expected[r]![i]!) <= allowed[r]!)
        );
        if (isClose) good.push(name);
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
      }
    }
    return good;
  });
}

/** Seconds of one run, or Infinity when it cannot run. */
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
 * @throws {DeviceError} when the device has no room for the buffers, which are
 * allocated for a moment
 */
export async function fastestVariant(
  device: Device,
  contest: VariantContest,
): Promise<string> {
  const names = await agreeing(device, contest);
  return await withBuffers(device, contest.large, async (buffers) => {
    let fastest = contest.names[0]!;
    let best = Infinity;
    for (const name of names) {
      const run = () => contest.large.run(name, buffers);
      const seconds = await secondsOf(device, run, best);
      if (seconds >= best) continue;
      best = seconds;
      fastest = name;
    }
    return fastest;
  });
}
