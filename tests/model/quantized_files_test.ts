/**
 * Quantized models in folders: written and read to the bit, a file that plain
 * loops can read, and what is refused.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Device } from "../../lib/device/mod.ts";
import { quantizedReference } from "../../lib/kernels/mod.ts";
import {
  Llama,
  llamaConfig,
  loadLlama,
  quantizeLlama,
  SafetensorsFile,
  saveLlama,
  type StoredSource,
  writeSafetensors,
} from "../../lib/model/mod.ts";
import { isHalf, isQuantized, type Tensor } from "../../lib/tensor/mod.ts";
import { FormatError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";
import { logitsOf } from "../support/logits.ts";

const CONFIG = llamaConfig("tiny-64", {
  vocabSize: 60,
  numHiddenLayers: 1,
  intermediateSize: 176, // a whole group and a rest
});
const UP = "model.layers.0.mlp.up_proj.weight";
const DOWN = "model.layers.0.mlp.down_proj.weight";

function make(
  device: Device,
  dtype: "int8" | "int4",
  changes: Partial<typeof CONFIG> = {},
): Llama {
  const config = { ...CONFIG, ...changes };
  return quantizeLlama(Llama.create(config, { seed: 4, device }), dtype);
}

/** The memory of a tensor. */
function memoryOf(x: Tensor): Promise<ArrayBuffer> {
  const buffer = isQuantized(x.dtype)
    ? x.codesFor("test")
    : isHalf(x.dtype)
    ? x.halvesFor("test")
    : x.bufferFor("test");
  return x.device.read(buffer, 0, buffer.bytes);
}

const logits = (model: Llama) => logitsOf(model, [3, 1, 4, 1, 5]);

deviceTest(
  "saveLlama() and loadLlama() keep quantized weights to the bit",
  async (device) => {
    const cases = [
      ["int8", {}, Infinity],
      ["int4", {}, 20_000], // several files
      // Rows of 60 stay float32, and the head is the embedding, in bfloat16.
      ["int4", { intermediateSize: 60, tieWordEmbeddings: true }, Infinity],
    ] as const;
    for (const [dtype, changes, maxShardBytes] of cases) {
      await inFolder(async (folder) => {
        using model = make(device, dtype, changes);
        await saveLlama(folder, model, { dtype: "F16", maxShardBytes });
        using loaded = await loadLlama(folder, { device, dtype: "float16" });
        for (const [name, wanted] of model.parameters) {
          const actual = loaded.parameter(name);
          assert.equal(actual.dtype, wanted.dtype, name);
          assert.equal(actual.requiresGrad, false);
          assert.deepEqual(await memoryOf(actual), await memoryOf(wanted));
        }
        assert.deepEqual(await logits(loaded), await logits(model));
        const path = join(folder, "config.json");
        const json = JSON.parse(await Deno.readTextFile(path));
        assert.equal(json.torch_dtype, "float32");
        assert.deepEqual(json.quantization_config, {
          quant_method: "caderno",
          bits: dtype === "int8" ? 8 : 4,
          group_size: 128,
        });
      });
    }
  },
);

deviceTest("saveLlama() writes codes as documented", async (device) => {
  for (const dtype of ["int8", "int4"] as const) {
    await inFolder(async (folder) => {
      using exact = Llama.create(CONFIG, { seed: 4, device });
      const weights = await exact.parameter(DOWN).data();
      using model = make(device, dtype);
      await saveLlama(folder, model);
      const path = join(folder, "model.safetensors");
      using file = await SafetensorsFile.open(path);
      const codes = await file.readBytes(DOWN);
      const scales = await file.readFloat32(`${DOWN}_scale`);
      const [n, k] = [64, 176];
      assert.deepEqual(file.entry(`${DOWN}_scale`).shape, [n, 2]);
      const code = (row: number, i: number): number => {
        if (dtype === "int8") return new Int8Array(codes.buffer)[row * k + i]!;
        const byte = codes[row * k / 2 + Math.floor(i / 8) * 4 + i % 4]!;
        const half = i % 8 < 4 ? byte % 16 : Math.floor(byte / 16);
        return half > 7 ? half - 16 : half;
      };
      const levels = Array.from({ length: n * k }, (_, at) => {
        const [row, i] = [Math.floor(at / k), at % k];
        return code(row, i) * scales[2 * row + Math.floor(i / 128)]!;
      });
      const wanted = quantizedReference(weights, k, dtype);
      assertClose(levels, wanted, { rtol: 1e-6, atol: 1e-9 });
    });
  }
}, ["cpu"]); // the file is the same from both

/** Saves a model, changes its configuration, and loads it. */
async function loadWith(
  device: Device,
  change: (json: Record<string, unknown>) => void,
): Promise<void> {
  await inFolder(async (folder) => {
    using model = make(device, "int8");
    await saveLlama(folder, model);
    const path = join(folder, "config.json");
    const json = JSON.parse(await Deno.readTextFile(path));
    change(json);
    await Deno.writeTextFile(path, JSON.stringify(json));
    using _ = await loadLlama(folder, { device });
  });
}

deviceTest("loadLlama() names a quantization of others", async (device) => {
  for (const method of ["awq", "gptq", "bitsandbytes", "fp8"]) {
    const load = () =>
      loadWith(device, (json) => {
        json["quantization_config"] = { quant_method: method, bits: 4 };
      });
    const pattern = new RegExp(`by the method "${method}"; wanted float32`);
    await assertFails(load, FormatError, pattern);
  }
  const load = (quantization: unknown) => () =>
    loadWith(device, (json) => {
      json["quantization_config"] = quantization;
    });
  await assertFails(load({ bits: 4 }), FormatError, /a method without a name/);
  const group = { quant_method: "caderno", bits: 8, group_size: 64 };
  await assertFails(load(group), FormatError, /64 weights share.*wanted 128/);
  // Codes without a word about them are no weights.
  await assertFails(load(null), FormatError, /_scale/);
}, ["cpu"]);

deviceTest("loadLlama() checks codes and scales", async (device) => {
  const loadWithout = (change: (sources: StoredSource[]) => StoredSource[]) =>
    inFolder(async (folder) => {
      using model = make(device, "int4");
      await saveLlama(folder, model);
      const path = join(folder, "model.safetensors");
      let sources: StoredSource[];
      {
        using file = await SafetensorsFile.open(path);
        sources = await Promise.all([...file.entries].map(
          async ([name, { dtype, shape }]) => {
            const data = await file.readBytes(name);
            return { name, dtype, shape, bytes: () => Promise.resolve(data) };
          },
        ));
      }
      await writeSafetensors(path, change(sources));
      using _ = await loadLlama(folder, { device });
    });
  /** The named tensor with other facts. */
  const replace = (name: string, facts: Partial<StoredSource>) => () =>
    loadWithout((sources) =>
      sources.map((s) => s.name === name ? { ...s, ...facts } : s)
    );
  const norm = "model.norm.weight";
  await loadWithout((sources) => sources);
  const drop = () =>
    loadWithout((sources) => sources.filter((s) => s.name !== `${UP}_scale`));
  await assertFails(
    drop,
    FormatError,
    /1 tensors are missing: .*up_proj.*_scale/,
  );
  const dropNorm = () =>
    loadWithout((sources) => sources.filter((s) => s.name !== norm));
  await assertFails(dropNorm, FormatError, /1 tensors are missing: .*norm/);
  const bytes = (size: number) => ({
    bytes: () => Promise.resolve(new Uint8Array(size)),
  });
  await assertFails(
    replace(UP, { shape: [176, 16], ...bytes(176 * 16) }),
    FormatError,
    /up_proj.* has U8 \(176, 16\), wanted U8 \(176, 32\) for int4 \(176, 64\)/,
  );
  await assertFails(
    replace(`${UP}_scale`, { dtype: "I32" }),
    FormatError,
    /up_proj.weight_scale" .* has I32 \(176, 1\), wanted F32 \(176, 1\)/,
  );
  await assertFails(
    replace(UP, { dtype: "I16", shape: [176, 16] }),
    FormatError,
    /up_proj.*\(176, 64\).* is I16, wanted F32, F16 or BF16, or codes/,
  );
  await assertFails(
    replace(norm, { dtype: "I8", ...bytes(64) }),
    FormatError,
    /norm.*\(64\).* is I8, wanted F32, F16 or BF16$/,
  );
}, ["cpu"]);
