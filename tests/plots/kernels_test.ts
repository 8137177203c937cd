/** The roof bends where it should, and units are those of the axes. */
import assert from "node:assert/strict";
import { plotRoofline, plotTraffic } from "../../lib/plots/mod.ts";

Deno.test("plotRoofline() bends where memory and arithmetic meet", () => {
  const { data } = plotRoofline(
    { bytesPerSecond: 10e9, flopsPerSecond: 80e9 },
    [
      { kernel: "norm", intensity: 0.5, flopsPerSecond: 4e9 },
      { kernel: "matmul", intensity: 100, flopsPerSecond: 70e9 },
    ],
  );
  const [roof, kernels] = data;
  assert.deepEqual(roof!.x, [0.25, 8, 400]);
  assert.deepEqual(roof!.y, [2.5, 80, 80]);
  assert.deepEqual(kernels!.y, [4, 70]);
  assert.deepEqual(kernels!.text, ["norm", "matmul"]);
});

Deno.test("plotTraffic() draws a line a kernel", () => {
  const { data } = plotTraffic([
    { kernel: "a", bytes: 1e6, bytesPerSecond: 5e9 },
    { kernel: "b", bytes: 1e6, bytesPerSecond: 7e9 },
    { kernel: "a", bytes: 2e6, bytesPerSecond: 6e9 },
  ]);
  assert.deepEqual(data.map(({ name }) => name), ["a", "b"]);
  assert.deepEqual(data[0]!.x, [1, 2]);
  assert.deepEqual(data[0]!.y, [5, 6]);
});
