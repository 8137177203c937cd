/**
 * A thread of `encode_pool.ts`: has the tokenizer, gets texts, gives ids.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../util/mod.ts";
import { IntList } from "./int_list.ts";
import { type EncodeOptions, Tokenizer } from "./tokenizer.ts";
import type { TokenizerModel } from "./tokenizer_model.ts";

/** Texts for a thread. */
export interface EncodeJob {
  readonly job: number;
  readonly texts: readonly string[];
  readonly options: EncodeOptions;
}

/** What became of them: ids of all texts in a row, and how many of each. */
export interface EncodeResult {
  readonly job: number;
  readonly ids: Int32Array<ArrayBuffer>;
  readonly lengths: Int32Array<ArrayBuffer>;
}

/** Why a job could not be done. */
export interface EncodeFailure {
  readonly job: number;
  readonly error: string;
}

const tokenizer = new Tokenizer(workerData as TokenizerModel);

function encodeAll({ job, texts, options }: EncodeJob): EncodeResult {
  const all = new IntList(1 << 16);
  const lengths = Int32Array.from(texts, (text) => {
    const ids = tokenizer.encode(text, options);
    all.append(ids);
    return ids.length;
  });
  return { job, ids: all.toArray(), lengths };
}

parentPort!.on("message", (job: EncodeJob) => {
  try {
    const result = encodeAll(job);
    parentPort!.postMessage(result, [
      result.ids.buffer,
      result.lengths.buffer,
    ]);
  } catch (error) {
    const failure: EncodeFailure = { job: job.job, error: messageOf(error) };
    parentPort!.postMessage(failure);
  }
});
parentPort!.postMessage("ready");
