/**
 * Checkpoints beside the training: it stands still while its tensors are
 * copied, and goes on while a thread of its own writes the copy, flushes it and
 * gives it its name. One checkpoint is under way at a time.
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
  CopiedTensor,
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

/** All tensors in host memory. */
async function copyFiles(
  { files }: CheckpointContent,
): Promise<Map<string, CopiedTensor[]>> {
  const copies = new Map<string, CopiedTensor[]>();
  for (const [file, tensors] of files) {
    const copied: CopiedTensor[] = [];
    for (const { name, shape, data } of tensors) {
      copied.push({ name, shape, values: await data() });
    }
    copies.set(file, copied);
  }
  return copies;
}

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
    const answer = this.#send(content, await copyFiles(content));
    const paused = pause();
    this.#isSettled = false;
    this.#underWay = answer.then((path) => ({ ...paused, path }))
      .finally(() => this.#isSettled = true);
    this.#underWay.catch(() => {}); // finish() tells
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

  /** Hands a copy to the thread; resolves to the folder. */
  #send(
    { config, state }: CheckpointContent,
    files: ReadonlyMap<string, readonly CopiedTensor[]>,
  ): Promise<string> {
    const worker = this.#worker ??= new Worker(
      new URL("./checkpoint_worker.ts", import.meta.url),
    );
    worker.ref(); // what is under way keeps the program alive, only that
    const job: CheckpointJob = {
      folder: this.#folder,
      policy: this.#policy,
      config,
      state,
      files,
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
    const all = [...files.values()].flat();
    worker.postMessage(job, all.map(({ values }) => values.buffer));
    return promise;
  }

  /** Ends the thread; what it had not written is lost. */
  [Symbol.dispose](): void {
    this.#worker?.terminate();
  }
}
