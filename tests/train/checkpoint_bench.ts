/**
 * A checkpoint of TTL-160m's shape: how long it takes beside what the disk
 * needs for as many bytes (written and flushed, in the same run), and how long
 * the training stands still for it beside a copy of the tensors. Each is
 * measured in turn, since other programs, and memory that is touched for the
 * first time, can make any of them several times slower.
 *
 * Bars: at most 2 times the disk; no pause longer than the copy. Beside the
 * training the thread that writes shares the cores with it, and what it needs
 * of them is in the second row alone.
 */
import { join } from "node:path";
import { openDevice } from "../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import { TokenBatches } from "../../lib/text/mod.ts";
import {
  checkpointContent,
  CheckpointWriter,
  planMemory,
  resolveTrainConfig,
  train,
} from "../../lib/train/mod.ts";
import { formatBytes, formatTable, writeAll } from "../../lib/util/mod.ts";
import { inFolder } from "../support/in_folder.ts";

const MODEL = llamaConfig("ttl-160m");
const SIZES = { batchSize: 1, contextLength: 16 };
const ROUNDS = 4;
/** Steps of a round: long enough for the checkpoint of its first one. */
const ROUND_STEPS = 16;

const secondsSince = (begun: number) => (performance.now() - begun) / 1000;
const median = (xs: readonly number[]) =>
  xs.toSorted((a, b) => a - b)[xs.length >> 1]!;

/** Seconds to write so many bytes to a file of the folder and flush it. */
async function diskSeconds(folder: string, bytes: number): Promise<number> {
  const path = join(folder, "plain");
  const piece = new Uint8Array(64 << 20).map((_, i) => i * 31 >> 3);
  const begun = performance.now();
  {
    using file = await Deno.open(path, { write: true, create: true });
    for (let left = bytes; left > 0; left -= piece.length) {
      await writeAll(file, piece.subarray(0, Math.min(left, piece.length)));
    }
    await file.syncData();
  }
  const seconds = secondsSince(begun);
  await Deno.remove(path);
  return seconds;
}

/** Seconds until a checkpoint is whole while nothing is trained. */
async function restingSeconds(folder: string, model: Llama): Promise<number> {
  using optimizer = new AdamW(model.parameters);
  using writer = new CheckpointWriter(join(folder, "resting"), {
    keep: 1,
    keepEvery: 0,
  });
  const state = { step: 1, position: 1, seconds: 1 };
  const begun = performance.now();
  await writer.begin(checkpointContent({ model, optimizer }, state));
  const { path } = (await writer.finish())!;
  const seconds = secondsSince(begun);
  await Deno.remove(path, { recursive: true });
  return seconds;
}

/** Seconds to copy the weights three times, as if with two moments. */
async function copySeconds(model: Llama): Promise<number> {
  const copies: Float32Array<ArrayBuffer>[] = [];
  const begun = performance.now();
  for (let i = 0; i < 3; i++) {
    for (const parameter of model.parameters.values()) {
      copies.push(await parameter.data() as Float32Array<ArrayBuffer>);
    }
  }
  const seconds = secondsSince(begun);
  for (const { buffer } of copies) buffer.transfer(0);
  return seconds;
}

await inFolder(async (folder) => {
  const config = resolveTrainConfig({
    tokens: (ROUNDS * ROUND_STEPS + 1) * SIZES.contextLength,
    ...SIZES,
    checkpointEvery: ROUND_STEPS,
    keepCheckpoints: 1,
  }, MODEL);
  const { checkpointBytes } = await planMemory(MODEL, config, "cpu");
  using device = await openDevice("cpu");
  using model = Llama.create(MODEL, { seed: 0, device });
  const stream = new Uint16Array(4000).map((_, i) => i * 7919 % 32_000);
  const batches = new TokenBatches(stream, {
    ...SIZES,
    vocabSize: MODEL.vocabSize,
    seed: 0,
  });

  const disk: number[] = [], copy: number[] = [], resting: number[] = [];
  const whole: number[] = [], paused: number[] = [], gaps: number[] = [];
  let rssPeak = 0;
  let stepEnd = 0;
  const endOfStep = new Map<number, number>();
  for await (const record of train({ model, batches, config, folder })) {
    rssPeak = Math.max(rssPeak, Deno.memoryUsage().rss);
    if (record.kind === "step") {
      if (stepEnd > 0) gaps.push(secondsSince(stepEnd));
      endOfStep.set(record.step, Date.now());
      stepEnd = performance.now();
    }
    if (record.kind !== "checkpoint" || record.step === config.steps) continue;
    const { ctime } = await Deno.stat(record.path); // it was renamed then
    whole.push((ctime!.getTime() - endOfStep.get(record.step)!) / 1000);
    paused.push(record.pausedSeconds!);
    disk.push(await diskSeconds(folder, checkpointBytes));
    resting.push(await restingSeconds(folder, model));
    copy.push(await copySeconds(model));
    stepEnd = 0; // what was measured here is no pause
  }
  const row = (
    name: string,
    xs: readonly number[],
    peer: readonly number[],
  ) => [
    name,
    xs.map((seconds) => seconds.toFixed(2)).join(" "),
    median(xs).toFixed(2),
    peer === xs ? "" : (median(xs) / median(peer)).toFixed(2),
  ];
  console.log(`${formatBytes(checkpointBytes)} in each round`);
  console.log(formatTable([
    ["seconds", "rounds", "median", "ratio"],
    row("written and flushed alone", disk, disk),
    row("checkpoint, training at rest", resting, disk),
    row("checkpoint beside the training", whole, disk),
    row("copied alone", copy, copy),
    row("training stood still", paused, copy),
  ]));
  const longest = Math.max(...gaps) - median(gaps);
  console.log(
    `step ${median(gaps).toFixed(2)} s, longest one ${longest.toFixed(2)} s ` +
      `more; resident at the peak: ${formatBytes(rssPeak)}`,
  );
});
