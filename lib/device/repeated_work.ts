/**
 * Work that is the same every time but for what stands in its buffers: launched
 * at first, then given while it is written down, and from then on replayed.
 *
 * @module
 */
import type { Device } from "./device.ts";
import type { Recording } from "./recording.ts";

/** Times before one is recorded: in them kernels are compiled and measured. */
const WARM_UP = 2;

/** Decides how such work is given; owns the recording. */
export class RepeatedWork implements Disposable {
  readonly #device: Device;
  readonly #canReplay: boolean;
  #recording: Recording | undefined;
  #given = 0;

  /** @param isAlike whether each time is the same, so that it may be replayed */
  constructor(device: Device, isAlike: boolean) {
    this.#device = device;
    this.#canReplay = isAlike && device.record !== undefined;
  }

  /** Whether the next time will be a replay. */
  get isRecorded(): boolean {
    return this.#recording?.isAlive ?? false;
  }

  /** Whether the next time takes as long as all that follow. */
  get isWarm(): boolean {
    return this.#canReplay ? this.isRecorded : this.#given > 0;
  }

  /**
   * Gives the work by a replay, or by `work` while that is recorded.
   *
   * @param params numbers that a replay changes, see `Recording.replay`
   * @returns false when nothing was given: the caller launches it
   */
  repeat(
    work: () => void,
    params?: Readonly<Record<string, number>>,
  ): boolean {
    const isFirst = this.#given++ < WARM_UP;
    if (!this.#canReplay) return false;
    if (this.isRecorded) this.#recording!.replay(params);
    else if (isFirst) return false;
    else {
      this.release();
      [, this.#recording] = this.#device.record!(work);
    }
    return true;
  }

  /** Gives the memory of what is recorded back; it is made again. */
  release(): void {
    this.#recording?.[Symbol.dispose]();
    this.#recording = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
