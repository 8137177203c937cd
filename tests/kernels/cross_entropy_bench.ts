/**
 * A head of 32,000 tokens and its loss, forward and backward, in chunks beside
 * the whole logits at once: time, its ratio, and memory beside inputs, results
 * and gradients.
 */
import { openDevice } from "../../lib/device/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import { formatBytes, formatTable } from "../../lib/util/mod.ts";

const [C, V] = [256, 32_000];

type Loss = (x: t.Tensor, weight: t.Tensor, targets: t.Tensor) => t.Tensor;

/** Best of three, and the memory that comes on top. */
async function measure(rows: number, loss: Loss) {
  using device = await openDevice("cpu"); // for a peak of its own
  return await t.scoped(async () => {
    const make = (shape: number[], seed: number) =>
      t.randomNormal(shape, { device, seed, std: 0.3, requiresGrad: true });
    const [x, weight] = [make([rows, C], 1), make([V, C], 2)];
    const ids = Int32Array.from({ length: rows }, (_, r) => r * 7 % V);
    const targets = t.tensor(ids, { device });
    const before = device.memory().liveBytes;
    let best = Infinity;
    for (let i = 0; i < 3; i++) {
      const begin = performance.now();
      t.scoped(() => t.backward(loss(x, weight, targets)));
      await device.sync();
      best = Math.min(best, (performance.now() - begin) / 1000);
      for (const input of [x, weight]) {
        input.grad?.dispose();
        input.grad = undefined;
      }
    }
    const gradients = 4 * (x.size + weight.size);
    return {
      seconds: best,
      bytes: device.memory().peakBytes - before - gradients,
    };
  });
}

const rows: string[][] = [[
  "rows",
  "chunks ms",
  "whole ms",
  "ratio",
  "chunks memory",
  "whole memory",
]];
for (const count of [512, 1024, 2048]) {
  const chunks = await measure(count, t.linearCrossEntropy);
  const whole = await measure(
    count,
    (x, weight, targets) => t.crossEntropy(t.linear(x, weight), targets),
  );
  rows.push([
    String(count),
    (chunks.seconds * 1e3).toFixed(0),
    (whole.seconds * 1e3).toFixed(0),
    (whole.seconds / chunks.seconds).toFixed(2),
    formatBytes(chunks.bytes),
    formatBytes(whole.bytes),
  ]);
}
console.log(formatTable(rows));
