/**
 * A linear layer with its weight in float32, bfloat16, 8 and 4 bits, for one
 * row, as in generation, and for more: best times, and how many times as fast
 * as float32. `widened` is what more than 16 rows do.
 */
import { type Device, openDevice } from "../../lib/device/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import { formatTable } from "../../lib/util/mod.ts";

const [N, K] = [3072, 768];
/** So many weights in turn, which do not fit into a core's cache. */
const WEIGHTS = 6;

/** Best of ten, in seconds a layer. */
async function seconds(
  device: Device,
  weights: readonly t.Tensor[],
  run: (weight: t.Tensor) => void,
): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < 10; i++) {
    const begin = performance.now();
    for (const weight of weights) t.scoped(() => run(weight));
    await device.sync();
    best = Math.min(best, (performance.now() - begin) / 1000);
  }
  return best / weights.length;
}

using device = await openDevice("cpu");
const rows = [["rows", "type", "µs", "Gweights/s", "x float32", "x widened"]];
for (const m of [1, 2, 4, 8, 16, 32]) {
  using x = t.randomNormal([m, K], { device, seed: 2 });
  let plain = 0;
  for (const dtype of ["float32", "bfloat16", "int8", "int4"] as const) {
    const weights = Array.from({ length: WEIGHTS }, (_, seed) => {
      using weight = t.randomNormal([N, K], { device, seed });
      return t.cast(weight, dtype);
    });
    const time = await seconds(device, weights, (w) => t.linear(x, w));
    const widened = await seconds(
      device,
      weights,
      (w) => t.linear(x, t.cast(w, "float32")),
    );
    if (dtype === "float32") plain = time;
    rows.push([
      String(m),
      dtype,
      (time * 1e6).toFixed(0),
      (N * K / time / 1e9).toFixed(2),
      (plain / time).toFixed(2),
      (widened / time).toFixed(2),
    ]);
    for (const weight of weights) weight.dispose();
  }
}
console.log(device.description);
console.log(formatTable(rows));
