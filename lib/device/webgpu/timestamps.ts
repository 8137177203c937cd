/**
 * Times of kernels by the GPU's own clock. While a profile runs each launch is
 * a compute pass of its own, with a timestamp at either end; the timestamps of
 * a submission come back together.
 *
 * @module
 */
import { ProfileMeter, type ProfileRow } from "../profile.ts";
import { waitPatiently } from "./polling.ts";

/** A launch that is measured. */
interface Launched {
  readonly kernel: string;
  readonly flops: number;
  readonly bytes: number;
}

/** Bytes of a timestamp: nanoseconds in 64 bits. */
const STAMP_BYTES = 8;

/** The launches of one submission. */
class SubmissionTimes {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #launches: Launched[] = [];

  constructor(device: GPUDevice, most: number) {
    this.#device = device;
    this.#queries = device.createQuerySet({
      type: "timestamp",
      count: 2 * most,
    });
  }

  /** Where the pass of a launch puts its timestamps. */
  next(launch: Launched): GPUComputePassTimestampWrites {
    const at = 2 * this.#launches.length;
    this.#launches.push(launch);
    return {
      querySet: this.#queries,
      beginningOfPassWriteIndex: at,
      endOfPassWriteIndex: at + 1,
    };
  }

  /** Adds the commands that bring the timestamps back. */
  resolve(encoder: GPUCommandEncoder): (meter: ProfileMeter) => Promise<void> {
    const count = 2 * this.#launches.length;
    const size = count * STAMP_BYTES;
    const { COPY_SRC, COPY_DST, QUERY_RESOLVE, MAP_READ } = GPUBufferUsage;
    const resolved = this.#device.createBuffer({
      size,
      usage: QUERY_RESOLVE | COPY_SRC,
    });
    const staging = this.#device.createBuffer({
      size,
      usage: COPY_DST | MAP_READ,
    });
    encoder.resolveQuerySet(this.#queries, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    return async (meter) => {
      try {
        await waitPatiently(staging.mapAsync(GPUMapMode.READ));
        const stamps = new BigInt64Array(staging.getMappedRange());
        this.#launches.forEach(({ kernel, flops, bytes }, i) => {
          const nanoseconds = Number(stamps[2 * i + 1]! - stamps[2 * i]!);
          // Clocks of some GPUs step back when they change their power state.
          meter.add(kernel, Math.max(0, nanoseconds) / 1e9, flops, bytes);
        });
      } finally {
        staging.destroy();
        resolved.destroy();
        this.#queries.destroy();
      }
    };
  }
}

/** The profile of one device while it runs. */
export class Timestamps {
  readonly #device: GPUDevice;
  readonly #most: number;
  readonly #meter = new ProfileMeter();
  readonly #collected: Promise<void>[] = [];
  #submission: SubmissionTimes | undefined;
  #collect: ((meter: ProfileMeter) => Promise<void>) | undefined;

  /** @param most launches that a submission holds */
  constructor(device: GPUDevice, most: number) {
    this.#device = device;
    this.#most = most;
  }

  /** Where the pass of a launch puts its timestamps. */
  next(launch: Launched): GPUComputePassTimestampWrites {
    this.#submission ??= new SubmissionTimes(this.#device, this.#most);
    return this.#submission.next(launch);
  }

  /** Adds commands to a submission that is about to go. */
  beforeSubmit(encoder: GPUCommandEncoder): void {
    this.#collect = this.#submission?.resolve(encoder);
    this.#submission = undefined;
  }

  /** Asks for the times of a submission that has gone. */
  afterSubmit(): void {
    if (this.#collect) this.#collected.push(this.#collect(this.#meter));
    this.#collect = undefined;
  }

  /** All rows, once every submission is done. */
  async rows(): Promise<readonly ProfileRow[]> {
    await Promise.all(this.#collected);
    return this.#meter.rows();
  }
}
