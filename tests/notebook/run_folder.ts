/**
 * Folders of made-up runs, for tests of whatever reads them.
 *
 * @module
 */
import { join } from "node:path";
import { llamaConfig } from "../../lib/model/mod.ts";
import { resolveTrainConfig, type TrainRecord } from "../../lib/train/mod.ts";
import { appendRecord } from "../../lib/util/mod.ts";

const MODEL = llamaConfig("tiny-64", { vocabSize: 300 });

/** Writes the settings of a run of so many steps of 100 tokens. */
export async function writeRunSettings(
  folder: string,
  steps: number,
): Promise<void> {
  const knobs = { tokens: 100 * steps, batchSize: 1, contextLength: 100 };
  const train = resolveTrainConfig(knobs, MODEL);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    join(folder, "config.json"),
    JSON.stringify({ train, model: MODEL }),
  );
}

/** Appends records to the log of a run. */
export async function writeRecords(
  folder: string,
  records: readonly TrainRecord[],
): Promise<void> {
  for (const record of records) {
    await appendRecord(join(folder, "log.jsonl"), record);
  }
}

/** Makes the log of a run look as if nobody had touched it for an hour. */
export async function makeOld(folder: string): Promise<void> {
  const date = new Date(Date.now() - 3.6e6);
  await Deno.utime(join(folder, "log.jsonl"), date, date);
}
