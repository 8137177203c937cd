/** Figures of a machine: roofs, colours by way, units of the axes. */
import assert from "node:assert/strict";
import {
  plotMachineRoofline,
  plotTrainingSpeeds,
  plotTrainingTimes,
} from "../../lib/plots/mod.ts";

Deno.test("plotMachineRoofline() draws each way below its own roof", () => {
  const kernels = [
    { kernel: "slope", flops: 1e9, bytes: 1e9, seconds: 0.2 },
    { kernel: "flat", flops: 50e9, bytes: 1e9, seconds: 1 },
  ];
  const { data } = plotMachineRoofline([
    {
      way: "A",
      limits: { bytesPerSecond: 10e9, flopsPerSecond: 100e9 },
      kernels,
    },
    {
      way: "B",
      limits: { bytesPerSecond: 10e9, flopsPerSecond: 200e9 },
      kernels,
    },
  ]);
  const [roofA, spotsA, roofB, spotsB] = data;
  assert.deepEqual(roofA!.x, [0.5, 10, 200]);
  assert.deepEqual(roofA!.y, [5, 100, 100]);
  assert.deepEqual(roofB!.y, [5, 200, 200]);
  assert.deepEqual(spotsA!.x, [1, 50]);
  assert.deepEqual(spotsA!.y, [5, 50]);
  // Names stand once, at the way with the highest roof.
  assert.deepEqual([spotsA!.mode, spotsB!.mode], ["markers", "markers+text"]);
  assert.deepEqual(spotsB!.textposition, ["middle right", "bottom right"]);
});

Deno.test("plotTrainingSpeeds() orders models by size and marks what is published", () => {
  const about = { way: "CPU", flopsPerSecond: 1, peakBytes: 1 };
  const { data, layout } = plotTrainingSpeeds([
    { ...about, model: "tiny-128", parameters: 1.3e6, tokensPerSecond: 20 },
    { ...about, model: "tiny-64", parameters: 2e5, tokensPerSecond: 90 },
  ], [{
    ...{ name: "TTL-160m", model: "ttl-160m" },
    ...{ parameters: 1.6e8, tokensPerSecond: 7 },
  }]);
  const { categoryarray } = layout.xaxis as Record<string, unknown>;
  assert.deepEqual(categoryarray, ["tiny-64", "tiny-128", "ttl-160m"]);
  assert.deepEqual(data.map(({ name, y }) => [name, y]), [
    ["CPU", [20, 90]],
    ["TTL-160m, published", [7]],
  ]);
});

Deno.test("plotTrainingTimes() is in hours, with the night across", () => {
  const time = (parameters: number, seconds: number, isMeasured: boolean) => (
    { parameters, tokens: 20 * parameters, seconds, isMeasured }
  );
  const { data } = plotTrainingTimes(
    [{
      way: "CPU",
      times: [time(1e5, 36, false), time(1e6, 3600, true)],
    }],
    {
      hours: 8,
      marks: [{ name: "TTL", parameters: 1.6e8, seconds: 7200 }],
    },
  );
  const [curve, measured, night, marks] = data;
  assert.deepEqual(curve!.y, [0.01, 1]);
  assert.deepEqual(measured!.x, [1e6]);
  assert.deepEqual([night!.x, night!.y], [[1e5, 1.6e8], [8, 8]]);
  assert.deepEqual([marks!.y, marks!.text], [[2], ["TTL"]]);
});
