/**
 * Attention forward and backward at three lengths, fused beside the same from
 * matmul and softmax: time, its ratio, and the memory beside inputs, results
 * and gradients, which grows with T for the one and with its square for the
 * other. Heads of 64, as in TeenyTinyLlama.
 */
import { type Device, openDevice } from "../../lib/device/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import { formatBytes, formatTable, messageOf } from "../../lib/util/mod.ts";

const [B, H, D] = [1, 4, 64];

type Attention = (q: t.Tensor, k: t.Tensor, v: t.Tensor) => t.Tensor;

/** -1e30 above the diagonal, where a query must not look. */
function causalMask(device: Device, time: number): t.Tensor {
  const mask = new Float32Array(time * time);
  for (let i = 0; i < time; i++) {
    mask.fill(-1e30, i * time + i + 1, (i + 1) * time);
  }
  return t.tensor(mask, { shape: [time, time], device });
}

/** The (T, T) matrix in memory: softmax(q kᵀ / sqrt(D) + mask) v. */
function composed(mask: t.Tensor): Attention {
  const heads = (x: t.Tensor) => t.transpose(x, [0, 2, 1, 3]); // (B, H, T, D)
  return (q, k, v) => {
    const scores = t.matmul(heads(q), heads(k), { transposeB: true });
    const weights = t.softmax(t.add(t.mul(scores, 1 / Math.sqrt(D)), mask));
    return heads(t.matmul(weights, heads(v)));
  };
}

interface Cost {
  readonly seconds: number;
  readonly bytes: number;
}

/** Median time of forward and backward, and the memory that comes on top. */
async function measure(
  device: Device,
  time: number,
  make: (device: Device) => Attention,
  count: number,
): Promise<Cost> {
  const shape = [B, time, H, D];
  return await t.scoped(async () => {
    const [q, k, v] = [1, 2, 3].map((seed) =>
      t.randomNormal(shape, { device, seed, requiresGrad: true })
    ) as [t.Tensor, t.Tensor, t.Tensor];
    const attention = make(device);
    const gradient = t.ones(shape, { device });
    const before = device.memory().liveBytes;
    const results = 4 * 4 * q.size;
    const seconds: number[] = [];
    for (let i = 0; i <= count; i++) {
      const begin = performance.now();
      t.scoped(() => t.backward(attention(q, k, v), { gradient }));
      await device.sync();
      if (i > 0) seconds.push((performance.now() - begin) / 1000);
      for (const input of [q, k, v]) {
        input.grad?.dispose();
        input.grad = undefined;
      }
    }
    return {
      seconds: seconds.sort((a, b) => a - b)[seconds.length >> 1]!,
      bytes: device.memory().peakBytes - before - results,
    };
  });
}

const rows: string[][] = [[
  "device",
  "T",
  "fused ms",
  "GFLOP/s",
  "composed ms",
  "ratio",
  "fused memory",
  "composed memory",
]];
for (const kind of ["cpu", "webgpu"] as const) {
  try {
    for (const time of kind === "cpu" ? [512, 1024, 2048] : [128, 256, 512]) {
      const run = async (make: (device: Device) => Attention) => {
        using device = await openDevice(kind); // for a peak of its own
        return await measure(device, time, make, kind === "cpu" ? 5 : 2);
      };
      const fused = await run(() => t.attention);
      const apart = await run((device) => composed(causalMask(device, time)));
      // Half of the pairs are masked: 2 products forward, 5 backward.
      const flops = B * H * time ** 2 / 2 * D * 2 * 7;
      rows.push([
        kind,
        String(time),
        (fused.seconds * 1e3).toFixed(1),
        (flops / fused.seconds / 1e9).toFixed(1),
        (apart.seconds * 1e3).toFixed(1),
        (apart.seconds / fused.seconds).toFixed(2),
        formatBytes(fused.bytes),
        formatBytes(apart.bytes),
      ]);
    }
  } catch (error) {
    rows.push([kind, `not measured: ${messageOf(error).split("\n")[0]}`]);
  }
}
console.log(formatTable(rows));
