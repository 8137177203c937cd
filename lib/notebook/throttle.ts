/**
 * Sends the newest of many values, a few times a second: what is too early
 * waits, what was overtaken is dropped, the last one goes out unless cancelled.
 * What takes long to send is sent less often, so that it costs a loop little.
 *
 * @module
 */

/** Least pause after a value, as a multiple of the time that sending it took. */
const PAUSE_SHARE = 10;

/**
 * Passes values on to `send`, at least `intervalMs` after the one before was
 * out, and ten times as long as that took.
 */
export class Throttle<T> {
  readonly #send: (value: T) => Promise<void>;
  readonly #intervalMs: number;
  readonly #now: () => number;
  #waiting: { value: T } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  #nextMs = -Infinity;

  /** @param now clock in milliseconds, for tests */
  constructor(
    send: (value: T) => Promise<void>,
    intervalMs: number,
    now: () => number = () => performance.now(),
  ) {
    this.#send = send;
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /** Sends the value now, or later unless a newer one comes before. */
  push(value: T): void {
    this.#waiting = { value };
    if (this.#sending) return; // looked at again when that one is out
    // Asking the clock as well lets a loop that starves the timer come through.
    const delay = this.#nextMs - this.#now();
    if (delay <= 0) void this.#sendWaiting();
    else this.#timer ??= setTimeout(() => void this.#sendWaiting(), delay);
  }

  /** Drops what waits and resolves when everything else is out. */
  async cancel(): Promise<void> {
    this.#waiting = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#sending;
  }

  async #sendWaiting(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#waiting) return;
    const { value } = this.#waiting;
    this.#waiting = undefined;
    const begunMs = this.#now();
    this.#sending = this.#send(value);
    try {
      await this.#sending;
    } finally {
      this.#sending = undefined;
      const now = this.#now();
      const pause = Math.max(this.#intervalMs, PAUSE_SHARE * (now - begunMs));
      this.#nextMs = now + pause;
    }
    if (this.#waiting) this.push((this.#waiting as { value: T }).value);
  }
}
