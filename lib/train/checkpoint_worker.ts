/**
 * The thread of `checkpoint_writer.ts`: gets copies of tensors one after the
 * other, writes each while the next is copied, and gives its memory back.
 *
 * @module
 */
import { parentPort } from "node:worker_threads";
import type { LlamaConfig } from "../model/mod.ts";
import { messageOf, type Shape } from "../util/mod.ts";
import {
  type CheckpointPolicy,
  saveCheckpoint,
  type TrainState,
} from "./checkpoint.ts";

/** A checkpoint on its way to the disk; its tensors follow in their order. */
export interface CheckpointJob {
  readonly folder: string;
  readonly config: LlamaConfig;
  readonly state: TrainState;
  /** Names and shapes of tensors by the name of their file. */
  readonly files: ReadonlyMap<
    string,
    readonly { readonly name: string; readonly shape: Shape }[]
  >;
  readonly policy: CheckpointPolicy;
}

/**
 * What the thread is told: a job, its next tensor, or why there is none. A
 * tensor comes as a buffer of float32, since Deno takes seconds to receive a
 * large typed array.
 */
export type CheckpointMessage =
  | { readonly job: CheckpointJob }
  | { readonly tensor: ArrayBuffer }
  | { readonly lost: string };

/** What became of a job: its folder, or why there is none. */
export type CheckpointAnswer =
  | { readonly path: string }
  | { readonly error: string };

/** Tensors of a job between their arrival and the disk. */
class Arrivals {
  readonly #arrived: ArrayBuffer[] = [];
  #wanted: PromiseWithResolvers<void> | undefined;
  #written: ArrayBuffer | undefined;
  #lost: string | undefined;
  #isClosed = false;

  add(tensor: ArrayBuffer): void {
    this.#arrived.push(tensor);
    if (this.#isClosed) this.close();
    this.#wanted?.resolve();
  }

  lose(reason: string): void {
    this.#lost = reason;
    this.#wanted?.resolve();
  }

  /** The next tensor; the one before is written by then, and freed. */
  async take(): Promise<Float32Array<ArrayBuffer>> {
    this.#free();
    while (this.#arrived.length === 0) {
      if (this.#lost !== undefined) throw new Error(this.#lost);
      this.#wanted = Promise.withResolvers();
      await this.#wanted.promise;
    }
    this.#written = this.#arrived.shift()!;
    return new Float32Array(this.#written);
  }

  /** Frees what is here and what still comes. */
  close(): void {
    this.#isClosed = true;
    this.#free();
    for (const tensor of this.#arrived.splice(0)) tensor.transfer(0);
  }

  /** At once, not when it is collected: all are as much as the model itself. */
  #free(): void {
    this.#written?.transfer(0);
    this.#written = undefined;
  }
}

async function write(
  { folder, config, state, files, policy }: CheckpointJob,
  arrivals: Arrivals,
): Promise<CheckpointAnswer> {
  const sources = [...files].map(([file, tensors]) =>
    [
      file,
      tensors.map((tensor) => ({ ...tensor, data: () => arrivals.take() })),
    ] as const
  );
  const content = { config, state, files: new Map(sources) };
  try {
    return { path: await saveCheckpoint(folder, content, policy) };
  } catch (error) {
    return { error: messageOf(error) };
  } finally {
    arrivals.close();
  }
}

let arrivals = new Arrivals();

parentPort!.on("message", async (message: CheckpointMessage) => {
  if ("tensor" in message) return arrivals.add(message.tensor);
  if ("lost" in message) return arrivals.lose(message.lost);
  arrivals = new Arrivals();
  parentPort!.postMessage(await write(message.job, arrivals));
});
