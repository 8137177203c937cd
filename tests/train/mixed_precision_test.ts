/**
 * Runs in mixed precision: they follow those of single precision, skip what
 * overflows, keep what would vanish, go on to the bit, and are refused where a
 * device cannot. Software drivers have f16, so that this runs without a GPU.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Device, DryDevice, type GpuFacts } from "../../lib/device/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import {
  backward,
  linear,
  mul,
  scoped,
  sum,
  tensor,
  withMatmulPrecision,
} from "../../lib/tensor/mod.ts";
import {
  checkPrecision,
  describeTraining,
  planMemory,
  readLog,
  resolveTrainConfig,
  type StepRecord,
  train,
  type TrainKnobs,
  type TrainRecord,
} from "../../lib/train/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";
import { stepsOf, TINY_MODEL, tinyRun } from "./tiny_run.ts";

/** A fresh run in mixed precision; the model is disposed by the caller. */
const runOf = (device: Device, knobs: Partial<TrainKnobs> = {}) =>
  tinyRun(device, { precision: "float16", ...knobs });

const lossesOf = (records: readonly TrainRecord[]) =>
  stepsOf(records).map(({ loss }) => loss);

/** All records of a run. */
async function recordsOf(
  device: Device,
  knobs: Partial<TrainKnobs>,
): Promise<TrainRecord[]> {
  const options = runOf(device, knobs);
  using _ = options.model;
  return await Array.fromAsync(train(options));
}

const WEBGPU = ["webgpu"] as const;

for (const [optimizer, steps] of [["adamw", 50], ["muon", 20]] as const) {
  deviceTest(
    `train() with ${optimizer} in float16 follows float32`,
    async (device) => {
      const knobs = {
        ...{ optimizer, tokens: 32 * steps },
        averageDecay: 0.9,
        accumulation: 2,
        batchSize: 2,
      };
      const exact = await recordsOf(device, { ...knobs, precision: "float32" });
      const half = await recordsOf(device, knobs);
      assert.equal(stepsOf(half).length, steps);
      // Factors are off by 2^-11 at most, and their errors average out: losses of
      // 2.8 down to 0.2 nats are within that of each other, and not the same.
      assertClose(lossesOf(half), lossesOf(exact), { atol: 2 ** -11 });
      assert.notDeepEqual(lossesOf(half), lossesOf(exact));
      for (const { lossScale, skippedSteps } of stepsOf(half)) {
        assert.deepEqual([lossScale, skippedSteps], [65536, 0]);
      }
      assert.ok(stepsOf(exact).every((r) => !("lossScale" in r)));
    },
    WEBGPU,
  );
}

/** Squared logits weigh so much that their scaled gradients pass 65,504. */
const STEEP = { zLoss: 1000, divergenceMargin: Infinity };

deviceTest("train() skips steps until the loss scale fits", async (device) => {
  const options = runOf(device, { ...STEEP, averageDecay: 0.5, tokens: 640 });
  using model = options.model;
  const name = "model.layers.0.mlp.up_proj.weight";
  const before = await model.parameter(name).data();
  const seen: StepRecord[] = [];
  for await (const record of train(options)) {
    if (record.kind !== "step") continue;
    seen.push(record);
    const after = await model.parameter(name).data();
    const isSkipped = !Number.isFinite(record.gradientNorm);
    if (record.skippedSteps === seen.length) {
      assert.ok(isSkipped);
      assert.deepEqual(after, before);
    } else if (!isSkipped) assert.notDeepEqual(after, before);
  }
  const skipped = seen.at(-1)!.skippedSteps!;
  assert.ok(skipped > 1 && skipped < 10, `${skipped} steps`);
  // Halved at each, and the run goes on: what it learns from is not scaled.
  for (let i = 0; i < skipped; i++) {
    assert.equal(seen[i]!.lossScale, 2 ** (16 - i));
  }
  const [first, last] = [seen[0]!.loss, seen.at(-1)!.loss];
  assert.ok(last < 0.9 * first, `${first} to ${last}`);
}, WEBGPU);

deviceTest(
  "train() in float16 goes on to the bit, its log too",
  async (device) => {
    const knobs = { ...STEEP, tokens: 512, checkpointEvery: 4 };
    const expected = await recordsOf(device, knobs);
    await inFolder(async (folder) => {
      const first = runOf(device, knobs);
      using _first = first.model;
      const stop = new AbortController();
      await assert.rejects(async () => {
        const run = train({ ...first, folder, signal: stop.signal });
        for await (const record of run) {
          if (record.kind === "step" && record.step === 3) stop.abort();
        }
      }, /Stopped after step 3 of 16/);
      const second = runOf(device, knobs);
      using _second = second.model;
      await Array.fromAsync(train({ ...second, folder, resume: true }));
      const told = stepsOf(await readLog(join(folder, "log.jsonl")));
      const pick = (records: readonly TrainRecord[]) =>
        stepsOf(records).map((
          { loss, lossScale, skippedSteps, gradientNorm },
        ) => [
          ...[loss, lossScale, skippedSteps],
          Number.isFinite(gradientNorm) ? gradientNorm : "skipped",
        ]);
      assert.ok(
        told[0]!.skippedSteps === 1 && Number.isNaN(told[0]!.gradientNorm),
      );
      assert.deepEqual(pick(told), pick(expected));
    });
  },
  WEBGPU,
);

deviceTest("train() gives up when no loss scale helps", async (device) => {
  await assertFails(
    () => recordsOf(device, { ...STEEP, zLoss: 1e30 }),
    DataError,
    /gradients of step 32 is .*no smaller loss scale has helped.* 0\.00003/,
  );
}, WEBGPU);

deviceTest(
  "train() in float16 stops when the loss is not a number",
  async (device) => {
    const options = runOf(device);
    using model = options.model;
    // Factors above 65,504 are infinite, and no scale of the loss can help.
    model.parameter("model.norm.weight").write(new Float32Array(16).fill(1e6));
    await assertFails(
      () => Array.fromAsync(train(options)),
      DataError,
      /the loss of step 1 is NaN, .*checkNumbers/,
    );
  },
  WEBGPU,
);

deviceTest("a loss scale keeps gradients that would vanish", async (device) => {
  const side = 8;
  const x = Float32Array.from({ length: side * side }, (_, i) => 1 + i / 64);
  /** AdamW's mean of the gradients of a weight; all are below 6e-8. */
  const meanOf = async (lossScale: object | undefined) => {
    const shape = [side, side];
    using weight = tensor(new Float32Array(side * side), {
      ...{ shape, device },
      requiresGrad: true,
    });
    using optimizer = new AdamW(new Map([["w", weight]]), { lossScale });
    withMatmulPrecision("float16", () =>
      scoped(() => {
        const out = linear(tensor(x, { shape, device }), weight);
        const loss = mul(sum(out), 1e-9);
        const { scale } = optimizer.lossScale ?? {};
        backward(scale ? mul(loss, scale) : loss);
      }));
    optimizer.update(1e-3);
    optimizer.clearGradients();
    return Array.from(await optimizer.moments.get("w")!.m.data());
  };
  assert.ok((await meanOf(undefined)).every((m) => m === 0));
  // m = (1 - β₁) g, where g is 1e-9 times the sum of a column of x.
  const kept = await meanOf({});
  const wanted = Array.from({ length: side * side }, (_, i) => {
    let column = 0;
    for (let row = 0; row < side; row++) column += x[row * side + i % side]!;
    return 0.1 * 1e-9 * column;
  });
  assertClose(kept, wanted, { rtol: 2 ** -11 });
}, WEBGPU);

deviceTest(
  "train() in float16 computes blocks again to the bit",
  async (device) => {
    const [kept, again] = [
      await recordsOf(device, { tokens: 128 }),
      await recordsOf(device, { tokens: 128, gradientCheckpointing: true }),
    ];
    assert.deepEqual(lossesOf(again), lossesOf(kept));
  },
  WEBGPU,
);

deviceTest("planMemory() of float16 is what a run takes", async (device) => {
  const { liveBytes } = device.memory();
  const options = runOf(device, { tokens: 64 });
  using _ = options.model;
  const plan = await planMemory(TINY_MODEL, options.config, "webgpu");
  for await (const record of train(options)) {
    if (record.kind !== "step") continue;
    assert.equal(device.memory().liveBytes - liveBytes, plan.residentBytes);
  }
}, WEBGPU);

Deno.test("train() refuses float16 where a device lacks it", async () => {
  const gpu: GpuFacts = {
    ...{ vendor: "x", hasF16: false, workgroupBytes: 16384 },
    ...{ workgroupSize: 256, subgroupSize: 32, matrixUnits: [] },
    ...{ storageBuffers: 8 },
  };
  for (
    const [device, pattern] of [
      [new DryDevice("cpu"), /float16 on dry run for cpu: it multiplies in/],
      [
        Object.assign(new DryDevice("webgpu"), { gpu }),
        /float16 on .*: its driver lacks shader-f16; float32 trains everywhere/,
      ],
    ] as const
  ) {
    const run = () => recordsOf(device, {});
    await assertFails(run, ConfigError, pattern);
    checkPrecision({ precision: "float32" }, device);
    device.close();
  }
});

Deno.test("the plan of a run names its precision", async () => {
  const lines = async (precision: "float32" | "float16") => {
    const config = resolveTrainConfig({ tokens: 100, precision }, TINY_MODEL);
    return (await describeTraining(config, TINY_MODEL)).join("\n");
  };
  assert.match(await lines("float32"), /^precision: float32$/m);
  assert.match(await lines("float16"), /^precision: float16 .*shader-f16$/m);
  await assertFails(
    () => lines("bfloat16" as "float16"),
    ConfigError,
    /precision bfloat16: wanted float32, float16/,
  );
});
