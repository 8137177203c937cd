/** A whole training step, two thousand times: memory stays where it was. */
import assert from "node:assert/strict";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import { backward, scope, tensor } from "../../lib/tensor/mod.ts";
import { deviceTest } from "../support/devices.ts";

const CONFIG = llamaConfig("tiny-64", {
  vocabSize: 16,
  hiddenSize: 8,
  intermediateSize: 16,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  numKeyValueHeads: 2,
  maxPositionEmbeddings: 4,
});

deviceTest(
  "two thousand steps of a Llama take no more memory than the third",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 0, device });
    using optimizer = new AdamW(model.parameters, { clip: 1 });
    const ids = Int32Array.of(1, 7, 3, 9, 2);
    const step = () => {
      using _ = scope("step");
      const shape = [1, 4];
      const inputs = tensor(ids.slice(0, -1), { shape, device });
      const targets = tensor(ids.slice(1), { shape, device });
      backward(model.loss(inputs, targets));
      optimizer.update(1e-3);
      optimizer.clearGradients();
    };
    for (let i = 0; i < 3; i++) step();
    const { liveBuffers, liveBytes, peakBytes } = device.memory();
    for (let i = 3; i < 2000; i++) {
      step();
      // What is submitted waits in memory of the driver's own.
      if (i % 100 === 0) await device.sync();
    }
    await device.sync();
    const after = device.memory();
    assert.deepEqual(
      [after.liveBuffers, after.liveBytes, after.peakBytes],
      [liveBuffers, liveBytes, peakBytes],
    );
  },
);
