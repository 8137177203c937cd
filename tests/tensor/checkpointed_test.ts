/** Gradient checkpointing changes the memory, and nothing else. */
import assert from "node:assert/strict";
import type { Device } from "../../lib/device/mod.ts";
import {
  backward,
  checkpointed,
  keep,
  linear,
  noGrad,
  randomNormal,
  scoped,
  silu,
  sum,
  type Tensor,
} from "../../lib/tensor/mod.ts";
import { deviceTest } from "../support/devices.ts";

const LAYERS = 6;
const SHAPE = [64, 32];

function random(device: Device, shape: number[], stream: string): Tensor {
  const options = { device, seed: 1, stream, requiresGrad: true };
  return keep(randomNormal(shape, { ...options, std: 0.3 }));
}

type Part = (fn: (x: Tensor) => Tensor, x: Tensor) => Tensor;

/** Loss, gradients of input and weights, and the bytes that the tape held. */
async function run(device: Device, part: Part) {
  const x = random(device, SHAPE, "x");
  const weights = Array.from(
    { length: LAYERS },
    (_, i) => random(device, [32, 32], `w${i}`),
  );
  const before = device.memory().liveBytes;
  let tapeBytes = 0;
  const loss = await scoped(() => {
    let y = x;
    for (const w of weights) {
      y = part((y) => scoped(() => silu(linear(silu(y), w))), y);
    }
    const loss = sum(y);
    tapeBytes = device.memory().liveBytes - before;
    backward(loss);
    return loss.item();
  });
  const all = [x, ...weights];
  const gradients = await Promise.all(all.map((t) => t.grad!.data()));
  for (const tensor of all) tensor.dispose();
  return { loss, gradients, tapeBytes };
}

const plainly: Part = (fn, x) => fn(x);

deviceTest(
  "checkpointed() gives the same gradients in less memory",
  async (device) => {
    const live = device.memory().liveBytes;
    const plain = await run(device, plainly);
    const saved = await run(device, checkpointed);
    assert.equal(saved.loss, plain.loss);
    assert.deepEqual(saved.gradients, plain.gradients);
    assert.ok(saved.tapeBytes < plain.tapeBytes / 2);
    assert.equal(device.memory().liveBytes, live);
  },
);

deviceTest("checkpointed() works inside of itself", async (device) => {
  const nested: Part = (fn, x) => checkpointed((x) => checkpointed(fn, x), x);
  const plain = await run(device, plainly);
  assert.deepEqual((await run(device, nested)).gradients, plain.gradients);
});

deviceTest(
  "checkpointed() reaches weights behind an input without a gradient",
  async (device) => {
    const w = random(device, [32, 32], "w");
    await scoped(async () => {
      const x = randomNormal(SHAPE, { device, seed: 2 });
      backward(sum(checkpointed((x) => linear(x, w), x)));
      const gradient = await w.grad!.data();
      w.grad!.dispose();
      w.grad = undefined;
      backward(sum(linear(x, w)));
      assert.deepEqual(gradient, await w.grad!.data());
    });
    w.dispose();
  },
);

deviceTest("checkpointed() is fn alone under noGrad()", (device) => {
  const x = random(device, [2, 2], "x");
  scoped(() => {
    const y = noGrad(() => checkpointed((x) => silu(x), x));
    assert.equal(y.node, undefined);
    assert.equal(checkpointed((x) => x, x), x);
  });
  x.dispose();
});
