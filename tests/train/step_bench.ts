/**
 * One training step (forward, backward, clip, AdamW, loss read) of a small
 * Llama, in tokens per second, beside PyTorch (Debian's python3-torch) in the
 * same run. The bar of the first release: 1,000 tokens/s on two cores.
 */
import { fileURLToPath } from "node:url";
import { type Device, openDevice } from "../../lib/device/mod.ts";
import * as kernels from "../../lib/kernels/mod.ts";
import {
  Llama,
  llamaConfig,
  trainingFlopsPerToken,
} from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import { backward, scope, tensor } from "../../lib/tensor/mod.ts";
import {
  formatBytes,
  formatTable,
  messageOf,
  Random,
} from "../../lib/util/mod.ts";

const CONFIG = llamaConfig("tiny-256"); // 4 layers, 256, 688, 8 heads, 4096
const [B, T] = [8, 256];

const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Tokens per second of a step, median of `count` after one to warm up. */
async function trainingRate(device: Device, count: number): Promise<number> {
  using model = Llama.create(CONFIG, { seed: 0, device });
  using optimizer = new AdamW(model.parameters, { clip: 1 });
  const random = new Random(0);
  const ids = Int32Array.from(
    { length: B * T + 1 },
    () => random.int(CONFIG.vocabSize),
  );
  const seconds: number[] = [];
  for (let step = 0; step <= count; step++) {
    const begin = performance.now();
    using _ = scope("step");
    const shape = [B, T];
    const inputs = tensor(ids.slice(0, -1), { shape, device });
    const targets = tensor(ids.slice(1), { shape, device });
    const loss = model.loss(inputs, targets);
    backward(loss);
    optimizer.update(1e-3);
    optimizer.clearGradients();
    await loss.item();
    if (step > 0) seconds.push((performance.now() - begin) / 1000);
  }
  return B * T / median(seconds);
}

/** GFLOP/s of a product of squares, best of ten. */
async function matmulRate(device: Device, n = 512): Promise<number> {
  const [a, b, c] = [0, 1, 2].map(() => device.allocate(4 * n * n, "bench"));
  const sizes = {
    batch: 1,
    m: n,
    n,
    k: n,
    transposeA: false,
    transposeB: false,
    strideA: 0,
    strideB: 0,
  };
  const seconds: number[] = [];
  for (let i = 0; i < 11; i++) {
    const begin = performance.now();
    kernels.matmul(device, { a: a!, b: b!, c: c! }, sizes);
    await device.sync();
    seconds.push((performance.now() - begin) / 1000);
  }
  [a, b, c].forEach((buffer) => device.free(buffer!));
  return 2 * n ** 3 / Math.min(...seconds) / 1e9;
}

/** PyTorch's rates at the better of one and two threads, or undefined. */
async function torchRates(): Promise<[number, number] | undefined> {
  const script = fileURLToPath(
    new URL("../support/torch_llama.py", import.meta.url),
  );
  const { hiddenSize, intermediateSize, vocabSize } = CONFIG;
  const sizes = [
    CONFIG.numHiddenLayers,
    hiddenSize,
    intermediateSize,
    CONFIG.numAttentionHeads,
    vocabSize,
    B,
    T,
  ];
  let best: [number, number] | undefined;
  for (const threads of [1, 2]) {
    for (const python of ["/usr/bin/python3", "python3"]) {
      try {
        const { success, stdout } = await new Deno.Command(python, {
          args: [script, ...[...sizes, threads].map(String)],
          env: { OMP_NUM_THREADS: String(threads) },
          stderr: "null",
        }).output();
        if (!success) continue;
        const text = new TextDecoder().decode(stdout);
        const [rate, flops] = text.split(" ").map(Number);
        best = [
          Math.max(best?.[0] ?? 0, rate!),
          Math.max(best?.[1] ?? 0, flops!),
        ];
        break;
      } catch {
        // no such program
      }
    }
  }
  return best;
}

const torch = await torchRates();
if (!torch) console.log("no PyTorch here (apt-get install python3-torch)");
const ratio = (ours: number, theirs?: number) =>
  theirs ? (ours / theirs).toFixed(2) : "–";
const rows: string[][] = [[
  "device",
  "tokens/s",
  "x PyTorch",
  "step GFLOP/s",
  "matmul GFLOP/s",
  "x PyTorch",
  "peak memory",
]];
for (const kind of ["cpu", "webgpu"] as const) {
  try {
    using device = await openDevice(kind);
    const matmul = await matmulRate(device);
    const rate = await trainingRate(device, device.isSoftware ? 2 : 5);
    const flops = rate * trainingFlopsPerToken(CONFIG, T) / 1e9;
    rows.push([
      device.description,
      rate.toFixed(0),
      ratio(rate, torch?.[0]),
      flops.toFixed(1),
      matmul.toFixed(1),
      ratio(matmul, torch?.[1]),
      formatBytes(device.memory().peakBytes),
    ]);
  } catch (error) {
    rows.push([kind, `not measured: ${messageOf(error).split("\n")[0]}`]);
  }
}
if (torch) {
  rows.push([
    "PyTorch, best of 1 and 2 threads",
    torch[0].toFixed(0),
    "1.00",
    "",
    torch[1].toFixed(1),
    "1.00",
    "",
  ]);
}
console.log(formatTable(rows));
