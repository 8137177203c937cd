/**
 * What the WebGPU device costs and gives: the program's time for a launch, latency of
 * a read, load when idle, the limits of the GPU, the variants of the product as
 * shares of them, and a profile of a training step with the CPU's share of it.
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
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import { backward, scoped, type Tensor, tensor } from "../../lib/tensor/mod.ts";
import {
  formatDuration,
  formatPercent,
  formatSi,
  formatTable,
  Random,
} from "../../lib/util/mod.ts";

/** CPU and wall seconds of `fn`, per call; the CPU's with all of its threads. */
async function costs(count: number, fn: () => unknown) {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  for (let i = 0; i < count; i++) await fn();
  const wall = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wall: wall / count, cpu: (user + system) / 1e6 / count };
}

/**
 * An empty kernel: what a launch costs the program, and what it costs in all.
 *
 * @returns seconds of the program's thread
 */
async function launchCosts(device: Device): Promise<number> {
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
  return given;
}

/**
 * What the program's thread does in a step of the 162M model, 8 x 2048 tokens:
 * tensors and tape on a device that only counts, plus the launches. TTL's own
 * rate on an A100 is 29,000 tokens/s.
 */
function hostShare(launchSeconds: number): void {
  const device = new DryDevice("webgpu");
  const [B, T] = [8, 2048];
  using model = Llama.create(llamaConfig("ttl-160m"), { seed: 0, device });
  using optimizer = new AdamW(model.parameters, { clip: 1 });
  const ids = new Int32Array(B * T);
  const count = () =>
    [...device.launches.values()].reduce((sum, calls) => sum + calls, 0);
  let launches = 0, least = Infinity;
  for (let round = 0; round < 10; round++) {
    const before = count(), begin = performance.now();
    scoped(() => trainOnce(model, optimizer, ids, ids, [B, T], device), "step");
    least = Math.min(least, (performance.now() - begin) / 1000);
    launches = count() - before;
  }
  const seconds = least + launches * launchSeconds;
  console.log(
    `step of 162M parameters, ${B} x ${T} tokens: ${launches} launches, ` +
      `${formatDuration(seconds)} of the program's thread, which is ` +
      `${formatPercent(seconds * 29_000 / (B * T))} at 29,000 tokens/s`,
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

/** Loss, gradients and update of one batch. */
function trainOnce(
  model: Llama,
  optimizer: AdamW,
  inputs: Int32Array<ArrayBuffer>,
  targets: Int32Array<ArrayBuffer>,
  shape: [number, number],
  device: Device,
): Tensor {
  const loss = model.loss(
    tensor(inputs, { shape, device }),
    tensor(targets, { shape, device }),
  );
  backward(loss);
  optimizer.update(1e-3);
  optimizer.clearGradients();
  return loss;
}

/** A training step: its kernels, its rate, and what of it is the program. */
async function trainingStep(device: Device, limits: Roofline): Promise<void> {
  const config = llamaConfig("tiny-256");
  const [B, T] = [8, 256];
  using model = Llama.create(config, { seed: 0, device });
  using optimizer = new AdamW(model.parameters, { clip: 1 });
  const random = new Random(0);
  const ids = Int32Array.from(
    { length: B * T + 1 },
    () => random.int(config.vocabSize),
  );
  let given = 0; // seconds of the program's own, without waiting
  const step = async () => {
    const begin = performance.now();
    const [inputs, targets] = [ids.slice(0, -1), ids.slice(1)];
    using loss = scoped(
      () => trainOnce(model, optimizer, inputs, targets, [B, T], device),
      "step",
    );
    const reading = loss.item();
    given = (performance.now() - begin) / 1000;
    await reading;
  };
  await step();
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
hostShare(await launchCosts(device));
const limits = await measureRoofline(device);
console.log(
  `limits: ${formatSi(limits.bytesPerSecond, "B/s")} copied, ` +
    `${formatSi(limits.flopsPerSecond, "FLOP/s")}`,
);
await products(device, limits);
await trainingStep(device, limits);
