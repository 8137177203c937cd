/**
 * Checkpoints beside the training: it stands still while its tensors are
 * copied, and goes on while a thread of its own writes the copies, which it
 * begins with the first of them, flushes them and gives the folder its name.
 * One checkpoint is under way at a time.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { DataError, formatBytes, invariant, messageOf } from "../util/mod.ts";
import {
  checkpointBytes,
  type CheckpointContent,
  type CheckpointPolicy,
  saveCheckpoint,
} from "./checkpoint.ts";
import type {
  CheckpointAnswer,
  CheckpointJob,
  CheckpointMessage,
} from "./checkpoint_worker.ts";

/** A checkpoint that was begun, or written. */
export interface BegunCheckpoint {
  readonly step: number;
  /** How long the training stood still for it. */
  readonly pausedSeconds: number;
  /** Why it was written while the training stood still, where it was. */
  readonly inPlace?: string;
}

/** A checkpoint that is whole on the disk. */
export interface WrittenCheckpoint extends BegunCheckpoint {
  readonly path: string;
}

/** Bytes of memory that programs can still take. */
const freeMemory = () => Deno.systemMemoryInfo().available;

/** Writes the checkpoints of one run; owns the thread. */
export class CheckpointWriter implements Disposable {
  readonly #folder: string;
  readonly #policy: CheckpointPolicy;
  readonly #freeBytes: () => number;
  #worker: Worker | undefined;
  #underWay: Promise<WrittenCheckpoint> | undefined;
  #isSettled = true;

  /**
   * @param folder of all checkpoints of the run
   * @param options.freeBytes memory that can still be taken, for tests
   */
  constructor(
    folder: string,
    policy: CheckpointPolicy,
    { freeBytes = freeMemory }: { readonly freeBytes?: () => number } = {},
  ) {
    this.#folder = folder;
    this.#policy = policy;
    this.#freeBytes = freeBytes;
  }

  /** Whether {@linkcode finish} would return at once, with a checkpoint. */
  get isReady(): boolean {
    return this.#underWay !== undefined && this.#isSettled;
  }

  /**
   * Copies what there is and lets the thread write it. Where the copy would
   * take more than half of the memory that is free, it is written in place,
   * and the training waits. {@linkcode finish} the one before first.
   *
   * @throws {DataError} when it was written in place and could not be
   * @throws {DeviceError} when a tensor cannot be read; nothing of it is left
   */
  async begin(content: CheckpointContent): Promise<void> {
    invariant(!this.#underWay, "a checkpoint is under way");
    const { step } = content.state;
    const begun = performance.now();
    const pause = () => ({
      step,
      pausedSeconds: (performance.now() - begun) / 1000,
    });
    const bytes = checkpointBytes(content);
    const free = this.#freeBytes();
    if (bytes > free / 2) {
      const path = await saveCheckpoint(this.#folder, content, this.#policy);
      const inPlace = `a copy takes ${formatBytes(bytes)}, ` +
        `${formatBytes(free)} of memory are free`;
      this.#underWay = Promise.resolve({ ...pause(), path, inPlace });
      return;
    }
    const answer = this.#order(content);
    answer.catch(() => {}); // finish() tells
    try {
      for (const { data } of [...content.files.values()].flat()) {
        const { buffer } = await data();
        this.#tell({ tensor: buffer }, [buffer]);
      }
    } catch (error) {
      this.#tell({ lost: messageOf(error) });
      await answer.catch(() => {}); // nothing is left of it
      throw error;
    }
    const paused = pause();
    this.#isSettled = false;
    this.#underWay = answer.then((path) => ({ ...paused, path }))
      .finally(() => this.#isSettled = true);
    this.#underWay.catch(() => {});
  }

  /** Sends to the thread; one that has ended has said so already. */
  #tell(message: CheckpointMessage, transferred: ArrayBuffer[] = []): void {
    this.#worker?.postMessage(message, transferred);
  }

  /**
   * Waits for the checkpoint under way.
   *
   * @returns it, once, or undefined when there is none
   * @throws {DataError} when it could not be written; the one before stays
   */
  async finish(): Promise<WrittenCheckpoint | undefined> {
    const underWay = this.#underWay;
    this.#underWay = undefined;
    return await underWay;
  }

  /** Orders a checkpoint whose tensors follow; resolves to its folder. */
  #order({ config, state, files }: CheckpointContent): Promise<string> {
    const worker = this.#worker ??= new Worker(
      new URL("./checkpoint_worker.ts", import.meta.url),
    );
    worker.ref(); // what is under way keeps the program alive, only that
    const job: CheckpointJob = {
      folder: this.#folder,
      policy: this.#policy,
      config,
      state,
      files: new Map(
        [...files].map(([file, tensors]) => [
          file,
          tensors.map(({ name, shape }) => ({ name, shape })),
        ]),
      ),
    };
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const fail = (reason: string) => {
      this.#worker = undefined;
      reject(
        new DataError(
          `Cannot write the checkpoint of step ${state.step}: ${reason}`,
        ),
      );
    };
    const failed = (error: unknown) => fail(messageOf(error));
    const ended = () => fail("its thread has ended");
    worker.once("error", failed);
    worker.once("exit", ended);
    worker.once("message", (answer: CheckpointAnswer) => {
      worker.off("error", failed);
      worker.off("exit", ended);
      worker.unref();
      if ("path" in answer) resolve(answer.path);
      else reject(new DataError(answer.error));
    });
    this.#tell({ job });
    return promise;
  }

  /** Ends the thread; what it had not written is lost. */
  [Symbol.dispose](): void {
    this.#worker?.terminate();
  }
}
