/**
 * Two tiny Llamas against PyTorch in double precision: logits, loss, every
 * gradient, ten AdamW steps and greedy continuations, on both devices.
 * tests/golden/README.md says how the numbers were made and which single
 * precision tolerances they call for.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Device } from "../../lib/device/mod.ts";
import {
  countParameters,
  generate,
  type Llama,
  loadLlama,
  SafetensorsFile,
} from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import { backward, scope, type Tensor, tensor } from "../../lib/tensor/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

const GOLDEN = fileURLToPath(new URL("../golden/", import.meta.url));

interface Expected {
  readonly loss: number;
  readonly hyper: {
    readonly lr: number;
    readonly betas: [number, number];
    readonly eps: number;
    readonly weight_decay: number;
    readonly clip: number;
  };
  readonly train_losses: number[];
  readonly grad_norms: number[];
  readonly greedy_prompt: number[];
  readonly greedy: number[];
  readonly parameters: number;
}

async function load(name: string, device: Device) {
  const folder = join(GOLDEN, name);
  const text = await Deno.readTextFile(join(folder, "expected.json"));
  return {
    expected: JSON.parse(text) as Expected,
    file: await SafetensorsFile.open(join(folder, "expected.safetensors")),
    model: await loadLlama(folder, { device }),
  };
}

/** The batch that all numbers are about, in the current scope. */
async function batchOf(file: SafetensorsFile, { device }: Llama) {
  const { shape } = file.entry("input_ids");
  const read = async (name: string): Promise<Tensor> => {
    const { buffer } = await file.readBytes(name);
    return tensor(new Int32Array(buffer), { shape, device });
  };
  return [await read("input_ids"), await read("targets")] as const;
}

for (const name of ["mha", "gqa"]) {
  deviceTest(
    `Llama ${name} gives PyTorch's logits, loss and gradients`,
    async (device) => {
      const { expected, file, model } = await load(name, device);
      using _file = file;
      using _model = model;
      assert.equal(countParameters(model.config).total, expected.parameters);
      using _ = scope();
      const [ids, targets] = await batchOf(file, model);
      const logits = await model.forward(ids).data();
      assertClose(logits, await file.readFloat32("logits"), {
        atol: 2e-4,
        name: "logits",
      });
      const loss = model.loss(ids, targets);
      assertClose(await loss.item(), expected.loss, {
        atol: 1e-5,
        name: "loss",
      });
      backward(loss);
      for (const [parameter, { grad }] of model.parameters) {
        const exact = await file.readFloat32(`grad.${parameter}`);
        const largest = exact.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
        const actual = await grad!.data();
        assertClose(actual, exact, { atol: 1e-4 * largest, name: parameter });
      }
    },
  );

  deviceTest(
    `Llama ${name} takes PyTorch's ten AdamW steps`,
    async (device) => {
      const { expected, file, model } = await load(name, device);
      using _file = file;
      using _model = model;
      const { lr, betas, eps, weight_decay, clip } = expected.hyper;
      using optimizer = new AdamW(model.parameters, {
        beta1: betas[0],
        beta2: betas[1],
        eps,
        weightDecay: weight_decay,
        clip,
      });
      using _ = scope();
      const [ids, targets] = await batchOf(file, model);
      const losses: number[] = [];
      const norms: number[] = [];
      for (let step = 0; step < expected.train_losses.length; step++) {
        using _ = scope(`step ${step}`);
        const loss = model.loss(ids, targets);
        backward(loss);
        optimizer.update(lr);
        optimizer.clearGradients();
        losses.push(await loss.item());
        norms.push(await optimizer.gradientNorm.item());
      }
      assertClose(losses, expected.train_losses, { atol: 1e-3, name: "loss" });
      assertClose(norms, expected.grad_norms, { rtol: 2e-3, name: "norm" });
    },
  );

  deviceTest(
    `Llama ${name} continues greedily as PyTorch does`,
    async (device) => {
      const { expected, file, model } = await load(name, device);
      using _file = file;
      using _model = model;
      const prompt = expected.greedy_prompt;
      const ids = [...prompt];
      const options = { maxTokens: 24, stopIds: [] };
      for await (const id of generate(model, prompt, options)) ids.push(id);
      assert.deepEqual(ids, expected.greedy);
    },
  );
}
