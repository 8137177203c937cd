/** The kernel that made the first NaN is named; finite numbers pass. */
import assert from "node:assert/strict";
import {
  affine,
  binary,
  checkNumbers,
  isAllFiniteReference,
} from "../../lib/kernels/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import { backward, scoped, tensor } from "../../lib/tensor/mod.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers } from "../support/kernel_buffers.ts";

deviceTest(
  "checkNumbers() finds one bad number wherever it lies",
  async (device) => {
    using checked = checkNumbers(device);
    assert.equal(checked.gpu, device.gpu); // or products would go other ways
    using buffers = new KernelBuffers(checked);
    for (const size of [1, 17, 5000]) {
      for (const bad of [NaN, Infinity, -Infinity, 3e38]) {
        for (const at of [0, size >> 1, size - 1]) {
          const data = new Float32Array(size).fill(0.5);
          data[at] = bad;
          const x = buffers.put(data);
          const y = buffers.empty(size);
          affine(checked, { x, y }, { size, scale: 1, shift: 0 });
          if (isAllFiniteReference(data)) await checked.sync();
          else await assertFails(() => checked.sync(), DataError, /"affine"/);
        }
      }
    }
  },
);

deviceTest(
  "checkNumbers() names the first kernel, then starts anew",
  async (device) => {
    using checked = checkNumbers(device);
    using buffers = new KernelBuffers(checked);
    const x = buffers.put(new Float32Array([1, 2, 3, 4]));
    const zero = buffers.put(new Float32Array(4));
    const y = buffers.empty(4);
    affine(checked, { x, y }, { size: 4, scale: 2, shift: 1 });
    binary(checked, "div", { x, y: zero, result: y }, 4, {
      xSize: 4,
      ySize: 4,
    });
    const z = buffers.empty(4);
    affine(checked, { x: y, y: z }, { size: 4, scale: 2, shift: 1 });
    await assertFails(
      () => checked.read(y, 0, 16),
      DataError,
      /the kernel "binaryDiv" wrote it to "test"/,
    );
    affine(checked, { x, y }, { size: 4, scale: 2, shift: 1 });
    const read = new Float32Array(await checked.read(y, 0, 16));
    assert.deepEqual([...read], [3, 5, 7, 9]);
  },
);

deviceTest(
  "checkNumbers() passes a step of a Llama, and names what breaks it",
  async (device) => {
    using checked = checkNumbers(device);
    const config = llamaConfig("tiny-64", {
      vocabSize: 32,
      numHiddenLayers: 1,
    });
    using model = Llama.create(config, { seed: 0, device: checked });
    using optimizer = new AdamW(model.parameters, { clip: 1 });
    const ids = Int32Array.from({ length: 16 }, (_, i) => i);
    // -100 is a NaN when its bits are read as a float, and must not count.
    const targets = ids.map((id) => id % 2 ? id : -100);
    const step = () =>
      scoped(() => {
        const options = { shape: [1, 16], device: checked };
        const loss = model.loss(tensor(ids, options), tensor(targets, options));
        backward(loss);
        optimizer.update(1e-3);
        optimizer.clearGradients();
        return loss.item();
      });
    for (let i = 0; i < 3; i++) assert.ok(Number.isFinite(await step()));
    const broken = model.parameter("model.layers.0.mlp.up_proj.weight");
    broken.write(new Float32Array(broken.size).fill(Infinity));
    const named = /the kernel "matmul\w*" wrote it to "matmul"/;
    await assertFails(step, DataError, named);
  },
);
