/** Units of the tables, by hand. */
import assert from "node:assert/strict";
import {
  generationRows,
  kernelRows,
  limitRows,
  roofOf,
  trainingRows,
} from "../../lib/train/mod.ts";

/** 10 GB/s and 100 GFLOP/s: in balance at 10 operations for each byte. */
const LIMITS = { bytesPerSecond: 10e9, flopsPerSecond: 100e9 };
const SPEEDS = [{
  way: "CPU",
  limits: LIMITS,
  kernels: [
    { kernel: "slope", flops: 1e9, bytes: 1e9, seconds: 0.2 },
    { kernel: "flat", flops: 50e9, bytes: 1e9, seconds: 1 },
  ],
}];

Deno.test("kernelRows() divides by the roof above each kernel", () => {
  assert.equal(roofOf(LIMITS, 1), 10e9);
  assert.equal(roofOf(LIMITS, 50), 100e9);
  assert.deepEqual(kernelRows(SPEEDS), [
    {
      ...{ way: "CPU", kernel: "slope", time: 200 },
      ...{ arithmetic: 5, memory: 5, ofRoof: "50 %" },
    },
    {
      ...{ way: "CPU", kernel: "flat", time: 1000 },
      ...{ arithmetic: 50, memory: 1, ofRoof: "50 %" },
    },
  ]);
});

Deno.test("limitRows() tells where arithmetic becomes the limit", () => {
  assert.deepEqual(limitRows(SPEEDS), [
    { way: "CPU", memory: 10, arithmetic: 100, balance: 10 },
  ]);
});

Deno.test("trainingRows() and generationRows() are shares of their own way", () => {
  const about = { way: "CPU", model: "tiny-256", parameters: 5261568 } as const;
  const training = { tokensPerSecond: 1234.4, flopsPerSecond: 25e9 };
  assert.deepEqual(
    trainingRows([{ ...about, ...training, peakBytes: 2 ** 28 }], SPEEDS),
    [{
      ...{ ...about, parameters: "5.26M", tokensPerSecond: 1234 },
      ...{ arithmetic: 25, ofPeak: "25 %", memory: 256 },
    }],
  );
  const generation = { tokensPerSecond: 500, bytesPerSecond: 20e9 };
  assert.deepEqual(generationRows([{ ...about, ...generation }], SPEEDS), [{
    ...{ ...about, parameters: "5.26M", tokensPerSecond: 500 },
    ...{ memory: 20, ofMemory: "200 %" },
  }]);
});
