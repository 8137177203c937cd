/**
 * Reading ahead of the training: a thread reads the places that come next, so
 * that they lie in the operating system's cache when their turn comes. Nothing
 * is handed over: what is read, and in which order, stays as it is without it.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import type { FilePiece } from "./read_ahead_worker.ts";

/** A thread that reads files ahead; it starts with the first order. */
export class ReadAhead implements Disposable {
  readonly #paths: readonly string[];
  #worker: Worker | undefined;

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Returns at once; the pieces are read in their order. */
  read(pieces: readonly FilePiece[]): void {
    if (!this.#worker) {
      this.#worker = new Worker(
        new URL("./read_ahead_worker.ts", import.meta.url),
        { workerData: this.#paths },
      );
      this.#worker.unref();
    }
    this.#worker.postMessage(pieces);
  }

  [Symbol.dispose](): void {
    this.#worker?.terminate();
  }
}
