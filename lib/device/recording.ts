/**
 * Work that a device gives itself again. A step of a training is the same
 * launches over the same buffers each time; written down once, it can be given
 * without the program making its tensors and tape anew, which takes most of the
 * time that the program needs for a step.
 *
 * The numbers of the launches are those of the first time: what changes from
 * step to step has to be written into buffers, or given to the replay.
 *
 * @module
 */

/** Work that was written down; disposing of it gives its memory back. */
export interface Recording extends Disposable {
  /** Launches, copies, fills and writes. */
  readonly length: number;
  /** Whether the buffers that it found are all still there. */
  readonly isAlive: boolean;
  /**
   * Gives the work again; returns at once, as `run` does.
   *
   * @param params numbers of parameters by name, for all launches that have one
   * of that name, from now on
   * @throws {DeviceError} when it is not alive any more, or no launch has such a
   * parameter
   */
  replay(params?: Readonly<Record<string, number>>): void;
}

/** A device that can write down what it is given. */
export interface Recorder {
  /**
   * Runs `fn`, which gives work and awaits nothing, and writes that work down.
   * Memory that `fn` allocates belongs to the recording until it is disposed:
   * what `fn` frees is used again within the recording alone, and what it leaves
   * is written anew by each replay.
   *
   * @returns what `fn` returns, and the recording
   * @throws {DeviceError} when `fn` reads from the device or waits for it
   */
  record<T>(fn: () => T): readonly [result: T, recording: Recording];
}
