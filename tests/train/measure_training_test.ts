/** Speeds against what they are made of, and presets that are left out. */
import assert from "node:assert/strict";
import { openDevice } from "../../lib/device/mod.ts";
import {
  countParameters,
  llamaConfig,
  type LlamaPreset,
  trainingFlopsPerToken,
} from "../../lib/model/mod.ts";
import {
  type MachineWay,
  measureGeneration,
  measureTraining,
  planMemory,
  resolveTrainConfig,
} from "../../lib/train/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

async function withCpu(fn: (way: MachineWay) => Promise<void>) {
  using device = await openDevice("cpu");
  await fn({ name: "CPU", device, precision: "float32" });
  assert.equal(device.memory().liveBuffers, 0);
}

const SMALL = { batchSize: 1, contextLength: 32, seconds: 0 };

Deno.test("measureTraining() gives a speed for each preset it has time for", () =>
  withCpu(async (way) => {
    let metered = 0;
    const { speeds, leftOut } = await measureTraining(
      way,
      ["tiny-64", "tiny-128", "ttl-1.1b"],
      {
        ...SMALL,
        maxStepSeconds: 2, // a step of the largest is 3,000 of the smallest
        around: async (steps) => {
          metered++;
          await steps();
        },
      },
    );
    assert.deepEqual(speeds.map(({ model }) => model), ["tiny-64", "tiny-128"]);
    assert.equal(metered, 2);
    for (const speed of speeds) {
      const config = llamaConfig(speed.model);
      assert.equal(speed.way, "CPU");
      assert.equal(speed.parameters, countParameters(config).total);
      assertClose(
        speed.flopsPerSecond / speed.tokensPerSecond,
        trainingFlopsPerToken(config, 32),
        { rtol: 1e-12 },
      );
      const train = resolveTrainConfig({ tokens: 32, ...SMALL }, config);
      const { peakBytes } = await planMemory(config, train, "cpu");
      assert.equal(speed.peakBytes, peakBytes);
    }
    assert.equal(leftOut.length, 1);
    assert.match(
      leftOut[0]!,
      /^ttl-1\.1b on CPU: (a step would take .*, more than 2\.00 s|it needs .* memory)$/,
    );
  }));

Deno.test("measureGeneration() reads the weights once a token", () =>
  withCpu(async (way) => {
    const { speeds, leftOut } = await measureGeneration(
      way,
      ["tiny-64", "ttl-1.1b"],
      { tokens: 4, maxSeconds: 0.02 }, // 14 GB in that time: no processor
    );
    const [speed] = speeds;
    assert.equal(speeds.length, 1);
    const { total, embedding } = countParameters(llamaConfig("tiny-64"));
    assert.equal(speed!.parameters, total);
    assertClose(
      speed!.bytesPerSecond / speed!.tokensPerSecond,
      4 * (total - embedding),
      { rtol: 1e-12 },
    );
    assert.match(leftOut[0]!, /^ttl-1\.1b on CPU: it would take /);
  }));

Deno.test("measureTraining() refuses an unknown preset", () =>
  withCpu(async (way) => {
    await assertFails(
      () => measureTraining(way, ["large" as LlamaPreset], SMALL),
      ConfigError,
      /Cannot find the preset "large"/,
    );
  }));
