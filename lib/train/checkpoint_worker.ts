/**
 * The thread of `checkpoint_writer.ts`: gets copies of all tensors, writes them
 * and gives their memory back.
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

/** A tensor on its way to the disk. */
export interface CopiedTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array<ArrayBuffer>;
}

/** A checkpoint on its way to the disk. */
export interface CheckpointJob {
  readonly folder: string;
  readonly config: LlamaConfig;
  readonly state: TrainState;
  /** Tensors by the name of their file. */
  readonly files: ReadonlyMap<string, readonly CopiedTensor[]>;
  readonly policy: CheckpointPolicy;
}

/** What became of it: its folder, or why there is none. */
export type CheckpointAnswer =
  | { readonly path: string }
  | { readonly error: string };

async function write(
  { folder, config, state, files, policy }: CheckpointJob,
): Promise<CheckpointAnswer> {
  const sources = [...files].map(([file, tensors]) =>
    [
      file,
      tensors.map(({ values, ...tensor }) => ({
        ...tensor,
        data: () => Promise.resolve(values),
      })),
    ] as const
  );
  const content = { config, state, files: new Map(sources) };
  try {
    return { path: await saveCheckpoint(folder, content, policy) };
  } catch (error) {
    return { error: messageOf(error) };
  } finally {
    // At once, not when it is collected: it is as much as the model itself.
    for (const { values } of [...files.values()].flat()) {
      values.buffer.transfer(0);
    }
  }
}

parentPort!.on("message", async (job: CheckpointJob) => {
  parentPort!.postMessage(await write(job));
});
