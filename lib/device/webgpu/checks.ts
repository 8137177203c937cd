/**
 * Errors of a GPU arrive later than the call that caused them. They are kept
 * here until the next `sync` or `read`, which throws the one that says most.
 *
 * @module
 */
import { DeviceError } from "../../util/mod.ts";

/** Errors of one device that nobody was told of yet. */
export class Checks {
  readonly #device: GPUDevice;
  /** Why something failed, told by a check around it. */
  #cause: string | undefined;
  /** What failed in consequence. */
  #effect: string | undefined;
  readonly #pending = new Set<Promise<void>>();

  constructor(device: GPUDevice) {
    this.#device = device;
    device.addEventListener("uncapturederror", (event) => {
      const { error } = event as GPUUncapturedErrorEvent;
      this.#effect ??= `WebGPU reported: ${error.message}`;
    });
  }

  /** Keeps an error for the next `settle`. */
  report(message: string): void {
    this.#cause ??= message;
  }

  /**
   * Runs `fn`; `explain` turns an error of that kind into a message when it is
   * known, and may clean up after it.
   */
  around<T>(
    kind: GPUErrorFilter,
    explain: (message: string, result: T) => string,
    fn: () => T,
  ): T {
    this.#device.pushErrorScope(kind);
    const result = fn();
    const check: Promise<void> = this.#device.popErrorScope()
      .then((error) => {
        if (error) this.report(explain(error.message, result));
      }, () => {}) // the device was closed meanwhile
      .finally(() => this.#pending.delete(check));
    this.#pending.add(check);
    return result;
  }

  /** @throws {DeviceError} the first error since the last call */
  async settle(): Promise<void> {
    await Promise.all(this.#pending);
    const message = this.#cause ?? this.#effect;
    this.#cause = this.#effect = undefined;
    if (message !== undefined) throw new DeviceError(message);
  }
}
