/**
 * A linear layer of one row, as in generation, and of more, with its weight in
 * float32 and in 16 bits: time and GB/s of the weight that is read.
 */
import { type Device, openDevice } from "../../lib/device/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import { formatTable, messageOf } from "../../lib/util/mod.ts";

const [N, K] = [4096, 2048];

/** Best of ten, in seconds. */
async function seconds(device: Device, run: () => void): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < 10; i++) {
    const begin = performance.now();
    t.scoped(run);
    await device.sync();
    best = Math.min(best, (performance.now() - begin) / 1000);
  }
  return best;
}

const rows: string[][] = [[
  "device",
  "rows",
  "type",
  "ms",
  "GB/s",
  "x float32",
]];
for (const kind of ["cpu", "webgpu"] as const) {
  try {
    using device = await openDevice(kind);
    using weight = t.randomNormal([N, K], { device, seed: 1 });
    for (const m of [1, 4, 64]) {
      using x = t.randomNormal([m, K], { device, seed: 2 });
      let plain = 0;
      for (const dtype of ["float32", "float16", "bfloat16"] as const) {
        using stored = t.cast(weight, dtype);
        const time = await seconds(device, () => t.linear(x, stored));
        if (dtype === "float32") plain = time;
        const bytes = N * K * (dtype === "float32" ? 4 : 2);
        rows.push([
          kind,
          String(m),
          dtype,
          (time * 1e3).toFixed(2),
          (bytes / time / 1e9).toFixed(1),
          (plain / time).toFixed(2),
        ]);
      }
    }
  } catch (error) {
    rows.push([kind, `not measured: ${messageOf(error).split("\n")[0]}`]);
  }
}
console.log(formatTable(rows));
