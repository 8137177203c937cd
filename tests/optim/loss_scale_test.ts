/**
 * Optimizers with a loss scale: the same steps as without, but for those whose
 * gradients are not finite, which change nothing.
 */
import assert from "node:assert/strict";
import type { Device } from "../../lib/device/mod.ts";
import {
  AdamW,
  LossScale,
  Muon,
  type Optimizer,
  WeightAverage,
} from "../../lib/optim/mod.ts";
import { type Tensor, tensor } from "../../lib/tensor/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { randomData } from "../support/kernel_buffers.ts";

type Parameters = ReadonlyMap<string, Tensor>;

function makeParameters(device: Device): Parameters {
  const options = { device, requiresGrad: true };
  return new Map([
    ["up.weight", tensor(randomData(15, 1), { ...options, shape: [5, 3] })],
    ["down.weight", tensor(randomData(15, 2), { ...options, shape: [3, 5] })],
    ["norm.weight", tensor(randomData(3, 3), { ...options, shape: [3] })],
  ]);
}

/** One update with gradients of that seed, times a factor. */
function advance(
  optimizer: Optimizer,
  parameters: Parameters,
  seed: number,
  factor: number,
): void {
  for (const [i, x] of [...parameters.values()].entries()) {
    const data = randomData(x.size, seed + i).map((g) => g * factor);
    x.grad = tensor(data, { shape: x.shape, device: x.device });
  }
  optimizer.update(0.05);
  optimizer.clearGradients();
}

const dataOf = (tensors: Iterable<Tensor>) =>
  Promise.all(Array.from(tensors, (x) => x.data()));

function disposeAll(...all: Parameters[]): void {
  for (const tensors of all) tensors.forEach((x) => x.dispose());
}

const KINDS = { AdamW, Muon };
const OPTIONS = { clip: 2, weightDecay: 0.1 };

for (const [name, Kind] of Object.entries(KINDS)) {
  deviceTest(`${name} skips an overflow and goes on`, async (device) => {
    const [plain, scaled] = [makeParameters(device), makeParameters(device)];
    using expected = new Kind(plain, OPTIONS);
    using optimizer = new Kind(scaled, {
      ...OPTIONS,
      lossScale: { initial: 1024, interval: 3 },
    });
    using average = new WeightAverage(scaled, 0.9);
    const lossScale = optimizer.lossScale!;
    const seen: number[][] = [];
    let scale = 1024;
    for (const seed of [10, 20, -1, 30, -2, -3, 40, 50, 60, 70]) {
      const before = [
        ...scaled.values(),
        ...[...optimizer.state].flatMap(([key, x]) =>
          key.startsWith("lossScale") ? [] : [x]
        ),
        ...average.weights.values(),
      ];
      const data = await dataOf(before);
      // -1, -2, -3: one of many gradients is infinite, or all are NaN.
      const factor = seed > 0 ? scale : seed === -2 ? NaN : 3e38;
      advance(optimizer, scaled, Math.abs(seed), factor);
      average.update(5, lossScale);
      const report = await lossScale.read();
      seen.push([report.scale, report.skippedSteps, report.skippedInRow]);
      assert.equal(report.isSkipped, seed < 0);
      const norm = await optimizer.gradientNorm.item();
      if (seed > 0) {
        advance(expected, plain, seed, 1);
        const wanted = await expected.gradientNorm.item();
        assertClose(norm, wanted, { rtol: 1e-6, name: "norm" });
      } else {
        assert.ok(!Number.isFinite(norm));
        assert.deepEqual(await dataOf(before), data);
      }
      scale = await lossScale.scale.item();
    }
    // scale, skipped, skipped in a row
    assert.deepEqual(seen, [
      ...[[1024, 0, 0], [1024, 0, 0], [1024, 1, 1], [512, 1, 0]],
      ...[[512, 2, 1], [256, 3, 2], [128, 3, 0], [128, 3, 0], [128, 3, 0]],
      [256, 3, 0],
    ]);
    for (const [key, x] of scaled) {
      // Seven updates; Muon's are thirty products of single precision each.
      const wanted = await plain.get(key)!.data();
      assertClose(await x.data(), wanted, { atol: 2e-5, name: key });
    }
    disposeAll(plain, scaled);
  });

  deviceTest(`${name} resumes its loss scale to the bit`, async (device) => {
    const [first, second] = [makeParameters(device), makeParameters(device)];
    const options = { ...OPTIONS, lossScale: { interval: 2 } };
    using whole = new Kind(first, options);
    using resumed = new Kind(second, options);
    for (const factor of [1, 3e38, 1]) advance(whole, first, 10, factor);
    for (const [key, x] of [...first, ...whole.state]) {
      const target = second.get(key) ?? resumed.state.get(key)!;
      target.write(await x.data());
    }
    resumed.step = whole.step;
    for (const factor of [1, 1, NaN]) {
      advance(whole, first, 20, factor);
      advance(resumed, second, 20, factor);
    }
    const wanted = await whole.lossScale!.read();
    assert.deepEqual(await resumed.lossScale!.read(), wanted);
    assert.deepEqual(
      await dataOf([...second.values(), ...resumed.state.values()]),
      await dataOf([...first.values(), ...whole.state.values()]),
    );
    disposeAll(first, second);
  });
}

deviceTest("LossScale refuses settings out of range", async (device) => {
  const make = (options: object) => () =>
    new LossScale(device, [0.9, 0.999], options);
  await assertFails(make({ initial: 0 }), ConfigError, /initial 0: wanted/);
  await assertFails(
    make({ initial: 2 ** 25 }),
    ConfigError,
    /at most 16777216/,
  );
  await assertFails(make({ growth: 0.5 }), ConfigError, /growth 0\.5/);
  await assertFails(make({ backoff: 1 }), ConfigError, /backoff 1/);
  await assertFails(make({ interval: 0.5 }), ConfigError, /interval 0\.5/);
});

for (const [name, Kind] of Object.entries(KINDS)) {
  deviceTest(`${name} without a scale skips NaN too`, async (device) => {
    const parameters = makeParameters(device);
    using optimizer = new Kind(parameters, OPTIONS);
    advance(optimizer, parameters, 10, 1);
    const all = [...parameters.values(), ...optimizer.state.values()];
    const before = await dataOf(all);
    for (const factor of [NaN, 3e38]) { // one of many gradients is infinite
      advance(optimizer, parameters, 20, factor);
      assert.ok(!Number.isFinite(await optimizer.gradientNorm.item()));
      assert.deepEqual(await dataOf(all), before);
    }
    advance(optimizer, parameters, 20, 1);
    assert.notDeepEqual(await dataOf(all), before);
    disposeAll(parameters);
  });
}
