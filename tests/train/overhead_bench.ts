/**
 * What a step of `train()` costs beside its loss, backward and update: each
 * step of a run with a log is followed by a bare one of a twin, on each device.
 * And what the batches cost: from memory, from shards that the disk's cache
 * holds, and from shards that it does not.
 *
 * Bars: at most 3 % of a step for all of it; the data are never waited for.
 * `train()` replays its steps on WebGPU, the twin launches them one by one, so
 * that there the difference may be below zero.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { join } from "node:path";
import {
  type Device,
  type DeviceKind,
  openDevice,
} from "../../lib/device/mod.ts";
import { Llama, llamaConfig, type LlamaPreset } from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import { backward, scoped, tensor } from "../../lib/tensor/mod.ts";
import { ShardWriter } from "../../lib/text/corpus/shard_writer.ts";
import { ShardedTokens } from "../../lib/text/corpus/sharded_tokens.ts";
import { TokenBatches, type TokenSource } from "../../lib/text/mod.ts";
import { resolveTrainConfig, train } from "../../lib/train/mod.ts";
import { formatTable, messageOf } from "../../lib/util/mod.ts";
import { inFolder } from "../support/in_folder.ts";

const SIZES = { batchSize: 8, contextLength: 256 };
const STREAM = new Uint16Array(100_000).map((_, i) => i * i % 1021);

const median = (xs: readonly number[]) =>
  xs.toSorted((a, b) => a - b)[xs.length >> 1]!;

/** Forward, backward, update, and the loss. */
function bareStep(device: Device, model: Llama, optimizer: AdamW) {
  const { batchSize, contextLength } = SIZES;
  const ids = Int32Array.from(STREAM.subarray(0, batchSize * contextLength));
  const shape = [batchSize, contextLength];
  return scoped(async () => {
    const inputs = tensor(ids, { shape, device });
    const loss = model.loss(inputs, inputs);
    backward(loss);
    optimizer.update(1e-4);
    optimizer.clearGradients();
    await loss.item();
  });
}

async function measure(preset: LlamaPreset, device: Device): Promise<string[]> {
  const config = llamaConfig(preset);
  const rounds = device.isSoftware ? 12 : 60;
  using model = Llama.create(config, { seed: 0, device });
  using twin = Llama.create(config, { seed: 0, device });
  using optimizer = new AdamW(twin.parameters, { clip: 1 });
  const batches = new TokenBatches(STREAM, {
    ...SIZES,
    vocabSize: config.vocabSize,
    seed: 0,
  });
  const knobs = { tokens: 1e9, learningRate: 1e-4, ...SIZES };
  const times = { run: [] as number[], bare: [] as number[] };
  await inFolder(async (folder) => {
    const run = train({
      model,
      batches,
      config: resolveTrainConfig(knobs, config),
      folder: join(folder, "run"),
    });
    for (let round = -3; round < rounds; round++) {
      const begun = performance.now();
      await run.next();
      const between = performance.now();
      await bareStep(device, twin, optimizer);
      const end = performance.now();
      if (round < 0) continue; // compiles
      times.run.push(between - begun);
      times.bare.push(end - between);
    }
    await run.return();
  });
  const [run, bare] = [median(times.run), median(times.bare)];
  // Of two steps side by side, so that a slow moment of the machine hits both.
  const ratios = times.run.map((time, i) => time / times.bare[i]!);
  return [
    preset,
    device.kind,
    run.toFixed(2),
    bare.toFixed(2),
    `${(100 * (run / bare - 1)).toFixed(1)} %`,
    `${(100 * (median(ratios) - 1)).toFixed(1)} %`,
  ];
}

/** Shards of 200 MB of tokens. */
async function writeShards(folder: string): Promise<string[]> {
  const writer = new ShardWriter({
    folder,
    prefix: "bench",
    vocabSize: 1024,
    vocabulary: "00".repeat(32),
    shardTokens: 5e7,
  });
  const piece = new Int32Array(1e6).map((_, i) => i % 1021);
  for (let i = 0; i < 100; i++) await writer.append(piece, [0]);
  const shards = await writer.end();
  return shards.map(({ file }) => join(folder, file));
}

/** Takes files out of the operating system's cache, where that can be done. */
async function forget(paths: readonly string[]): Promise<void> {
  const run = (command: string, args: string[]) =>
    new Deno.Command(command, { args, stderr: "null" }).output();
  await run("sync", []); // what is not on the disk yet cannot be forgotten
  for (const path of paths) {
    await run("dd", [`if=${path}`, "iflag=nocache", "count=0"]);
  }
}

/** Milliseconds that batches take, each before a step of the smallest preset. */
async function measureData(device: Device): Promise<void> {
  const { batchSize, contextLength } = SIZES;
  using model = Llama.create(llamaConfig("tiny-64"), { seed: 0, device });
  using optimizer = new AdamW(model.parameters, { clip: 1 });
  const rows: string[][] = [];
  const time = async (
    name: string,
    tokens: TokenSource,
    take: (batches: TokenBatches, index: number) => unknown,
  ) => {
    const batches = new TokenBatches(tokens, {
      batchSize,
      contextLength,
      vocabSize: 1024,
      seed: 0,
    });
    take(batches, 0); // makes the order of the epoch
    const data: number[] = [], steps: number[] = [];
    for (let index = 1; index <= 60; index++) {
      const begun = performance.now();
      take(batches, index);
      const between = performance.now();
      await bareStep(device, model, optimizer);
      await nextTurn();
      data.push(between - begun);
      steps.push(performance.now() - between);
    }
    const mean = data.reduce((a, b) => a + b) / data.length;
    rows.push([
      name,
      median(data).toFixed(3),
      mean.toFixed(3),
      Math.max(...data).toFixed(3),
      `${(100 * mean / median(steps)).toFixed(2)} %`,
    ]);
  };
  await time("memory", STREAM, (batches) => batches.next());
  await inFolder(async (folder) => {
    const paths = await writeShards(folder);
    using tokens = new ShardedTokens(paths);
    for (const path of paths) await Deno.readFile(path);
    await time("shards in the cache", tokens, (batches) => batches.next());
    await forget(paths);
    // at() does not read ahead.
    await time("cold shards", tokens, (batches, i) => batches.at(i));
    await forget(paths);
    await time("cold, read ahead", tokens, (batches) => batches.next());
  });
  console.log(formatTable([
    ["batch from", "median ms", "mean ms", "longest ms", "of a tiny-64 step"],
    ...rows,
  ]));
}

const rows: string[][] = [];
for (const kind of ["cpu", "webgpu"] satisfies DeviceKind[]) {
  try {
    using device = await openDevice(kind);
    if (kind === "cpu") await measureData(device);
    for (const preset of ["tiny-64", "tiny-256"] as const) {
      if (device.isSoftware && preset === "tiny-256") continue; // minutes
      rows.push(await measure(preset, device));
    }
  } catch (error) {
    console.log(`${kind} was not measured: ${messageOf(error)}`);
  }
}
console.log(formatTable([
  ["model", "device", "train() ms", "bare ms", "more", "pair by pair"],
  ...rows,
]));
