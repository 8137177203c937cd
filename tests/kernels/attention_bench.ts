/**
 * Attention forward and backward at three lengths, fused beside the same from
 * matmul and softmax: time, its ratio, and the memory beside inputs, results
 * and gradients, which grows with T for the one and with its square for the
 * other. Heads of 64, as in TeenyTinyLlama. Where the adapter has matrix units,
 * with factors of 16 bits too.
 *
 * The limit is a square matrix product of the same device and precision in the
 * same run; attention does its exponentials on top.
 */
import { type Device, openDevice } from "../../lib/device/mod.ts";
import { matrixVariants } from "../../lib/kernels/attention_choose.ts";
import type { MatmulPrecision } from "../../lib/kernels/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import {
  formatBytes,
  formatPercent,
  formatTable,
  messageOf,
} from "../../lib/util/mod.ts";

const D = 64;

/** What a device is asked, as much as it can do in a minute. */
interface Load {
  readonly batch: number;
  readonly heads: number;
  readonly times: readonly number[];
  /** Rows of the square product. */
  readonly square: number;
  readonly count: number;
}

const LOADS = {
  cpu: { batch: 1, heads: 4, times: [512, 1024, 2048], square: 1024, count: 5 },
  software: {
    ...{ batch: 1, heads: 4, times: [128, 256, 512] },
    ...{ square: 256, count: 2 },
  },
  hardware: {
    ...{ batch: 4, heads: 12, times: [512, 1024, 2048] },
    ...{ square: 4096, count: 10 },
  },
} satisfies Record<string, Load>;

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

/** Median time of `count` runs after a first one, in seconds. */
async function medianSeconds(
  device: Device,
  count: number,
  fn: () => void,
): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i <= count; i++) {
    const begin = performance.now();
    fn();
    await device.sync();
    if (i > 0) seconds.push((performance.now() - begin) / 1000);
  }
  return seconds.sort((a, b) => a - b)[count >> 1]!;
}

/** Time of forward and backward, and the memory that comes on top. */
async function measure(
  device: Device,
  { batch, heads, count }: Load,
  time: number,
  attention: Attention,
): Promise<Cost> {
  const shape = [batch, time, heads, D];
  return await t.scoped(async () => {
    const inputs = [1, 2, 3].map((seed) =>
      t.randomNormal(shape, { device, seed, requiresGrad: true })
    ) as [t.Tensor, t.Tensor, t.Tensor];
    const gradient = t.ones(shape, { device });
    const before = device.memory().liveBytes;
    const results = 4 * 4 * gradient.size;
    const seconds = await medianSeconds(device, count, () => {
      t.scoped(() => t.backward(attention(...inputs), { gradient }));
      for (const input of inputs) {
        input.grad?.dispose();
        input.grad = undefined;
      }
    });
    const bytes = device.memory().peakBytes - before - results;
    return { seconds, bytes };
  });
}

/** Rate of a square product, in operations a second. */
async function squareRate(
  device: Device,
  { square, count }: Load,
): Promise<number> {
  return await t.scoped(async () => {
    const shape = [square, square];
    const [a, b] = [1, 2].map((seed) =>
      t.randomNormal(shape, { device, seed })
    ) as [t.Tensor, t.Tensor];
    const seconds = await medianSeconds(device, count, () => {
      t.scoped(() => void t.matmul(a, b));
    });
    return 2 * square ** 3 / seconds;
  });
}

/** Rows of the table for a device and a precision. */
async function rowsOf(
  kind: "cpu" | "webgpu",
  precision: MatmulPrecision,
  load: Load,
): Promise<string[][]> {
  // A device of its own for each, for a peak of its own.
  const on = async <T>(fn: (device: Device) => Promise<T>) => {
    using device = await openDevice(kind);
    return await t.withMatmulPrecision(precision, () => fn(device));
  };
  const { batch, heads } = load;
  const limit = await on((device) => squareRate(device, load));
  const rows: string[][] = [];
  for (const time of load.times) {
    const fused = await on((device) =>
      measure(device, load, time, t.attention)
    );
    const apart = await on((device) =>
      measure(device, load, time, composed(causalMask(device, time)))
    );
    // Half of the pairs are masked: 2 products forward, 5 backward.
    const flops = batch * heads * time ** 2 / 2 * D * 2 * 7;
    rows.push([
      `${kind}, ${precision}`,
      String(time),
      (fused.seconds * 1e3).toFixed(1),
      (flops / fused.seconds / 1e9).toFixed(1),
      formatPercent(flops / fused.seconds / limit),
      (apart.seconds * 1e3).toFixed(1),
      (apart.seconds / fused.seconds).toFixed(2),
      formatBytes(fused.bytes),
      formatBytes(apart.bytes),
    ]);
  }
  return rows;
}

/** What a WebGPU device is asked, and in which precisions. */
async function webgpuLoad(): Promise<[Load, MatmulPrecision[]]> {
  using device = await openDevice("webgpu");
  const hasUnits = matrixVariants(device.gpu!, D, "backward").length > 0;
  const load = device.isSoftware ? LOADS.software : LOADS.hardware;
  return [load, hasUnits ? ["float32", "float16"] : ["float32"]];
}

const rows: string[][] = [[
  "device",
  "T",
  "fused ms",
  "GFLOP/s",
  "of matmul",
  "composed ms",
  "ratio",
  "fused memory",
  "composed memory",
]];
for (const kind of ["cpu", "webgpu"] as const) {
  try {
    const [load, precisions] = kind === "cpu"
      ? [LOADS.cpu, ["float32"] as const]
      : await webgpuLoad();
    for (const precision of precisions) {
      rows.push(...await rowsOf(kind, precision, load));
    }
  } catch (error) {
    rows.push([kind, `not measured: ${messageOf(error).split("\n")[0]}`]);
  }
}
console.log(formatTable(rows));
