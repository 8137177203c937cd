/**
 * What the WebGPU device costs and gives: the program's time for a launch and for
 * a step, given anew and replayed, latency of a read, load when idle, the limits
 * of the GPU, the variants of the product as shares of them, and a profile of a
 * training step with the CPU's share of it.
 *
 *     deno task bench webgpu            # VK_ICD_FILENAMES chooses the driver
 */
import {
  type Device,
  DryDevice,
  formatRoofline,
  measureRoofline,
  openDevice,
  profile,
  type Roofline,
} from "../../lib/device/mod.ts";
import { affine } from "../../lib/kernels/mod.ts";
import { directVariant } from "../../lib/kernels/matmul_direct.ts";
import { runMatmulVariant } from "../../lib/kernels/matmul_launch.ts";
import {
  MATRIX_TILE_NAMES,
  matrixVariant,
} from "../../lib/kernels/matmul_matrix.ts";
import {
  MATMUL_TILES,
  type MatmulTileName,
  tiledVariant,
} from "../../lib/kernels/matmul_tiled.ts";
import type {
  MatmulSizes,
  MatmulVariant,
} from "../../lib/kernels/matmul_variant.ts";
import { DecodeStep } from "../../lib/model/decode_step.ts";
import {
  KvCache,
  Llama,
  llamaConfig,
  type LlamaPreset,
} from "../../lib/model/mod.ts";
import type { TokenBatch } from "../../lib/text/mod.ts";
import { resolveTrainConfig } from "../../lib/train/mod.ts";
import { trainOptimizer } from "../../lib/train/train_optimizer.ts";
import { TrainStep } from "../../lib/train/train_step.ts";
import {
  formatDuration,
  formatPercent,
  formatSi,
  formatTable,
} from "../../lib/util/mod.ts";
import { openNullDevice } from "../support/null_gpu.ts";

/** CPU and wall seconds of `fn`, per call; the CPU's with all of its threads. */
async function costs(count: number, fn: () => unknown) {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  for (let i = 0; i < count; i++) await fn();
  const wall = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wall: wall / count, cpu: (user + system) / 1e6 / count };
}

/** An empty kernel: what a launch costs the program, and what it costs in all. */
async function launchCosts(device: Device): Promise<void> {
  const [x, y] = [device.allocate(4, "x"), device.allocate(4, "y")];
  const launch = () =>
    affine(device, { x, y }, { size: 1, scale: 1, shift: 0 });
  launch();
  await device.sync();
  const count = 20_000;
  const begin = performance.now();
  for (let i = 0; i < count; i++) launch();
  const given = (performance.now() - begin) / 1000 / count;
  await device.sync();
  const whole = (performance.now() - begin) / 1000 / count;
  console.log(
    `launch: ${formatDuration(given)} of the program's thread, ` +
      `${formatDuration(whole)} until it is done`,
  );
  const read = await costs(200, () => device.read(y, 0, 4));
  const idle = await costs(1, () => new Promise((r) => setTimeout(r, 2000)));
  console.log(
    `read of 4 bytes: ${formatDuration(read.wall)}; ` +
      `idle: ${formatPercent(idle.cpu / idle.wall)} of a core`,
  );
  device.free(x);
  device.free(y);
}

/** Steps of a model on a device, without the time that the device takes. */
class GivenSteps implements Disposable {
  readonly #stack = new DisposableStack();
  readonly #work: TrainStep;
  readonly #batch: TokenBatch;

  constructor(device: Device, preset: LlamaPreset, [B, T]: [number, number]) {
    const config = llamaConfig(preset);
    const knobs = { tokens: 1e9, batchSize: B, contextLength: T };
    const parts = { config: resolveTrainConfig(knobs, config) };
    const model = this.#stack.use(Llama.create(config, { seed: 0, device }));
    const optimizer = this.#stack.use(trainOptimizer(model, parts.config));
    this.#work = this.#stack.use(
      new TrainStep({ ...parts, model, optimizer }),
    );
    const ids = new Int32Array(B * T);
    this.#batch = { inputs: ids, targets: ids, B, T };
  }

  /** Median of the milliseconds that the program takes to give a step. */
  async milliseconds(rounds: number, before = () => {}): Promise<number> {
    const all: number[] = [];
    for (let round = 0; round < rounds; round++) {
      before();
      const begin = performance.now();
      const { report } = await this.#work.give([this.#batch], {
        ...{ step: 1, learningRate: 1e-3 },
      });
      all.push(performance.now() - begin);
      await report;
    }
    return all.sort((a, b) => a - b)[rounds >> 1]!;
  }

  /** Forgets the recorded step. */
  release(): void {
    this.#work.release();
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

/** Launches of a step. */
async function launchesOf(
  preset: LlamaPreset,
  sizes: [number, number],
): Promise<number> {
  using device = new DryDevice("webgpu");
  using steps = new GivenSteps(device, preset, sizes);
  const count = () =>
    [...device.launches.values()].reduce((sum, calls) => sum + calls, 0);
  const before = count();
  await steps.milliseconds(1);
  return count() - before;
}

/**
 * What the program's thread does in a step: on Dawn's null back end, which
 * checks everything and computes nothing, launch by launch (written down as it
 * goes, which is a few percent of it) and replayed. Of the 162M model, which
 * does not fit there, by the number of its launches, at TTL's own 29,000
 * tokens/s of an A100.
 */
async function hostShare(): Promise<void> {
  using device = await openNullDevice();
  const sizes: [number, number] = [8, 256];
  using steps = new GivenSteps(device, "tiny-256", sizes);
  await steps.milliseconds(20);
  const anew = await steps.milliseconds(100, () => steps.release());
  const again = await steps.milliseconds(100);
  const tiny = await launchesOf("tiny-256", sizes);
  const [B, T] = [8, 2048];
  const large = await launchesOf("ttl-160m", [B, T]);
  const row = (name: string, launches: number, tokensPerSecond?: number) => {
    const [first, second] = [anew, again].map((ms) => ms * launches / tiny);
    const share = (ms: number) =>
      tokensPerSecond
        ? formatPercent(ms / 1000 * tokensPerSecond / (B * T))
        : "";
    return [
      ...[name, `${launches}`, `${first!.toFixed(2)} ms`, share(first!)],
      ...[`${second!.toFixed(2)} ms`, share(second!)],
      (first! / second!).toFixed(1),
    ];
  };
  const head = ["step", "launches", "given", "", "replayed", "", "ratio"];
  console.log(`the program's thread (Dawn's null back end)\n${
    formatTable([
      head,
      row("tiny-256, 8 x 256", tiny),
      row("ttl-160m, 8 x 2048", large, 29_000),
    ])
  }`);
}

/** The same of one generated token, twelve layers. */
async function hostToken(): Promise<void> {
  using device = await openNullDevice();
  const numHiddenLayers = 12;
  const maxPositionEmbeddings = 512;
  const config = llamaConfig("tiny-256", {
    ...{ numHiddenLayers, maxPositionEmbeddings },
  });
  using model = Llama.create(config, { seed: 0, device });
  const median = async (count: number, decode: () => DecodeStep) => {
    const all: number[] = [];
    for (let i = 0; i < count; i++) {
      const step = decode();
      const begin = performance.now();
      const reading = step.next([1]);
      all.push(performance.now() - begin);
      await reading;
    }
    return all.sort((a, b) => a - b)[count >> 1]!;
  };
  using stack = new DisposableStack();
  const capacity = maxPositionEmbeddings;
  const cache = stack.use(new KvCache(config, { device, capacity }));
  // The first pass of each is not recorded.
  const anew = await median(
    100,
    () => stack.use(new DecodeStep(model, cache, 1)),
  );
  const same = stack.use(new DecodeStep(model, cache, 1));
  await median(20, () => same);
  const again = await median(200, () => same);
  console.log(
    `a token of ${numHiddenLayers} layers: ${anew.toFixed(2)} ms given, ` +
      `${again.toFixed(2)} ms replayed, ratio ${(anew / again).toFixed(1)}`,
  );
}

/** Each variant that fits, as a share of the GPU's multiply-adds. */
async function products(device: Device, limits: Roofline): Promise<void> {
  const gpu = device.gpu!;
  const n = device.isSoftware ? 512 : 4096;
  const buffers = ["a", "b", "c"].map((name) =>
    device.allocate(4 * n * n, name)
  );
  const [a, b, c] = buffers;
  const noise = Float32Array.from({ length: n * n }, () => Math.random() - 0.5);
  device.write(a!, noise);
  device.write(b!, noise);
  const rows = [["variant", "layout", "time", "rate", "of FMA", "x direct"]];
  for (const layout of ["NN", "NT", "TN"]) {
    const sizes: MatmulSizes = {
      batch: 1,
      m: n,
      n,
      k: n,
      transposeA: layout[0] === "T",
      transposeB: layout[1] === "T",
      strideA: 0,
      strideB: 0,
    };
    const variants: [string, MatmulVariant][] = [
      ["direct", directVariant(sizes)],
    ];
    for (const name of Object.keys(MATMUL_TILES) as MatmulTileName[]) {
      if (name === "flat" || name === "tall") continue;
      variants.push([name, tiledVariant(name, sizes)]);
      if (!gpu.hasF16) continue;
      variants.push([`${name} f16`, tiledVariant(name, sizes, "f16")]);
    }
    for (const unit of gpu.matrixUnits.filter((u) => u.result === "f32")) {
      for (const tile of MATRIX_TILE_NAMES) {
        const choice = { tile, unit, subgroupSize: gpu.subgroupSize };
        variants.push([
          `${tile} ${unit.input} ${unit.m}x${unit.n}x${unit.k}`,
          matrixVariant(choice, sizes),
        ]);
      }
    }
    let direct = 0;
    for (const [name, variant] of variants) {
      let least = Infinity;
      for (let round = 0; round < 4; round++) {
        const [row] = await profile(device, () =>
          runMatmulVariant(
            device,
            { a: a!, b: b!, c: c! },
            sizes,
            variant,
          ));
        least = Math.min(least, row!.seconds);
      }
      if (name === "direct") direct = least;
      const rate = 2 * n ** 3 / least;
      rows.push([
        name,
        layout,
        formatDuration(least),
        formatSi(rate, "FLOP/s"),
        formatPercent(rate / limits.flopsPerSecond),
        (direct / least).toFixed(2),
      ]);
    }
  }
  console.log(`\nproducts of ${n} x ${n} x ${n}\n${formatTable(rows)}`);
  buffers.forEach((buffer) => device.free(buffer));
}

/** A training step: its kernels, its rate, and what of it is the program. */
async function trainingStep(device: Device, limits: Roofline): Promise<void> {
  const [B, T] = [8, 256];
  using steps = new GivenSteps(device, "tiny-256", [B, T]);
  await steps.milliseconds(3);
  let given = 0;
  const step = async () => {
    given = await steps.milliseconds(1) / 1000;
  };
  const count = device.isSoftware ? 2 : 20;
  const { wall } = await costs(count, step);
  console.log(
    `\ntraining step: ${(B * T / wall).toFixed(0)} tokens/s, ` +
      `${formatPercent(given / wall)} of it given by the program`,
  );
  console.log(formatRoofline(await profile(device, step), limits));
}

using device = await openDevice("webgpu");
console.log(device.description);
await hostShare();
await hostToken();
await launchCosts(device);
const limits = await measureRoofline(device);
console.log(
  `limits: ${formatSi(limits.bytesPerSecond, "B/s")} copied, ` +
    `${formatSi(limits.flopsPerSecond, "FLOP/s")}`,
);
await products(device, limits);
await trainingStep(device, limits);
