/**
 * Encoding on several threads, for corpora: texts go out in batches, ids come
 * back in the order of the texts, and no more batches are under way than keep
 * the threads busy, so that a stream of any length takes little memory.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { ConfigError, DataError, messageOf } from "../util/mod.ts";
import type {
  EncodeFailure,
  EncodeJob,
  EncodeResult,
} from "./encode_worker.ts";
import type { EncodeOptions, Tokenizer } from "./tokenizer.ts";

/** UTF-16 units of a batch: some milliseconds of work, many a message. */
const BATCH_UNITS = 1 << 18;
/** Batches under way for each thread: one at work, one that waits. */
const BATCHES_AHEAD = 2;

interface Waiting {
  readonly resolve: (result: EncodeResult) => void;
  readonly reject: (error: Error) => void;
}

/** One worker and the jobs that it has not answered yet. */
class EncodeThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #numJobs = 0;
  /** Why the worker takes no more jobs. */
  #end: string | undefined;

  /** @param worker one that has said that it is ready */
  constructor(worker: Worker) {
    this.#worker = worker;
    worker.unref(); // a pool that nobody ended keeps no program alive
    worker.on("message", (answer: EncodeResult | EncodeFailure) => {
      const waiting = this.#take(answer.job);
      if ("error" in answer) waiting?.reject(new DataError(answer.error));
      else waiting?.resolve(answer);
    });
    worker.on("error", (error) => this.#endWith(messageOf(error)));
  }

  /** Jobs that are not answered yet. */
  get numWaiting(): number {
    return this.#waiting.size;
  }

  send(
    texts: readonly string[],
    options: EncodeOptions,
  ): Promise<EncodeResult> {
    const job: EncodeJob = { job: this.#numJobs++, texts, options };
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(new Error(this.#end));
      this.#waiting.set(job.job, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage(job);
    });
  }

  stop(): void {
    this.#endWith("the pool was ended");
    this.#worker.terminate();
  }

  #take(job: number): Waiting | undefined {
    const waiting = this.#waiting.get(job);
    this.#waiting.delete(job);
    if (this.#waiting.size === 0) this.#worker.unref();
    return waiting;
  }

  #endWith(reason: string): void {
    this.#end = `Cannot encode: ${reason}`;
    for (const job of [...this.#waiting.keys()]) {
      this.#take(job)?.reject(new Error(this.#end));
    }
  }
}

/**
 * Threads that encode with one tokenizer. Declare it with `using`.
 *
 * @example
 * ```ts
 * using pool = await EncodePool.start(tokenizer);
 * for await (const ids of pool.encodeAll(texts, { bos: true })) count += ids.length;
 * ```
 */
export class EncodePool implements Disposable {
  readonly #threads: readonly EncodeThread[];

  private constructor(threads: readonly EncodeThread[]) {
    this.#threads = threads;
  }

  /**
   * Starts the threads.
   *
   * @param options.threads how many, from 1; by default one for each core
   * @throws {ConfigError} when the number is not a whole one from 1
   */
  static async start(
    tokenizer: Tokenizer,
    { threads = availableParallelism() }: { readonly threads?: number } = {},
  ): Promise<EncodePool> {
    if (!Number.isInteger(threads) || threads < 1) {
      throw new ConfigError(
        `Cannot encode on ${threads} threads: wanted a whole number from 1`,
      );
    }
    const start = () =>
      new Promise<EncodeThread>((resolve, reject) => {
        const worker = new Worker(
          new URL("./encode_worker.ts", import.meta.url),
          { workerData: tokenizer.model },
        );
        worker.once("message", () => resolve(new EncodeThread(worker)));
        worker.once("error", reject);
      });
    return new EncodePool(
      await Promise.all(Array.from({ length: threads }, start)),
    );
  }

  /**
   * The ids of each text, in the order of the texts.
   *
   * @param texts read only as far as the threads need them
   * @throws {DataError} when a text cannot be encoded
   * @throws {Error} when the pool was ended
   */
  async *encodeAll(
    texts: Iterable<string> | AsyncIterable<string>,
    options: EncodeOptions = {},
  ): AsyncGenerator<Int32Array, void> {
    const limit = BATCHES_AHEAD * this.#threads.length;
    const underWay: Promise<EncodeResult>[] = [];
    try {
      for await (const batch of batchesOf(texts)) {
        if (underWay.length === limit) yield* idsOf(await underWay.shift()!);
        underWay.push(this.#leastBusy().send(batch, options));
      }
      while (underWay.length > 0) yield* idsOf(await underWay.shift()!);
    } finally {
      // Left early: what is still under way may fail unheard.
      for (const result of underWay) result.catch(() => {});
    }
  }

  #leastBusy(): EncodeThread {
    return this.#threads.reduce((a, b) => b.numWaiting < a.numWaiting ? b : a);
  }

  /** Ends the threads; what they had not answered is lost. */
  [Symbol.dispose](): void {
    for (const thread of this.#threads) thread.stop();
  }
}

async function* batchesOf(
  texts: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<string[], void> {
  let batch: string[] = [];
  let size = 0;
  for await (const text of texts) {
    batch.push(text);
    size += text.length;
    if (size < BATCH_UNITS) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}

function* idsOf(
  { ids, lengths }: EncodeResult,
): Generator<Int32Array, void> {
  let start = 0;
  for (const length of lengths) yield ids.subarray(start, start += length);
}
