/**
 * Model folders: several files with an index, half precision, and what is
 * refused. Round trips in one file of single precision are in llama_test.ts.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Device } from "../../lib/device/mod.ts";
import {
  Llama,
  llamaConfig,
  loadLlama,
  SafetensorsFile,
  saveLlama,
  toBfloat16,
} from "../../lib/model/mod.ts";
import { DataError, FormatError, Random } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";

const CONFIG = llamaConfig("tiny-64", { vocabSize: 100, numKeyValueHeads: 2 });

const INDEX = "model.safetensors.index.json";

async function names(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}

async function weightsOf(model: Llama): Promise<Map<string, Float32Array>> {
  const all = new Map<string, Float32Array>();
  for (const [name, tensor] of model.parameters) {
    all.set(name, await tensor.data() as Float32Array);
  }
  return all;
}

/** Runs with a saved model of several shards. */
function withShards(
  device: Device,
  fn: (folder: string, model: Llama) => Promise<void>,
): Promise<void> {
  return inFolder(async (folder) => {
    using model = Llama.create(CONFIG, { seed: 3, device });
    await saveLlama(folder, model, { maxShardBytes: 60_000 });
    await fn(folder, model);
  });
}

deviceTest(
  "saveLlama() cuts large models into files with an index",
  async (device) => {
    await withShards(device, async (folder, model) => {
      const index = JSON.parse(await Deno.readTextFile(join(folder, INDEX)));
      const files = (await names(folder)).filter((n) => /^model-/.test(n));
      assert.ok(files.length > 2);
      assert.match(files[0]!, /^model-00001-of-000\d\d\.safetensors$/);
      assert.deepEqual([...new Set(Object.values(index.weight_map))], files);
      assert.deepEqual(
        Object.keys(index.weight_map),
        [...model.parameters.keys()],
      );
      let total = 0;
      for (const { size } of model.parameters.values()) total += 4 * size;
      assert.equal(index.metadata.total_size, total);
      for (const file of files) {
        const { size } = await Deno.stat(join(folder, file));
        assert.ok(size < 62_000, `${file} has ${size} bytes`); // and a header
      }
      using loaded = await loadLlama(folder, { device });
      assert.deepEqual(await weightsOf(loaded), await weightsOf(model));
    });
  },
);

deviceTest("saveLlama() leaves one form of the weights", async (device) => {
  await withShards(device, async (folder, model) => {
    await saveLlama(folder, model);
    assert.ok(!(await names(folder)).includes(INDEX));
    using whole = await loadLlama(folder, { device });
    assert.deepEqual(await weightsOf(whole), await weightsOf(model));
    await saveLlama(folder, model, { maxShardBytes: 60_000 });
    assert.ok(!(await names(folder)).includes("model.safetensors"));
  });
});

deviceTest(
  "saveLlama() in half precision rounds to the nearest",
  async (device) => {
    const roundings = {
      F16: (x: number) => Math.f16round(x),
      BF16: (x: number) => {
        const [half] = toBfloat16(Float32Array.of(x));
        return new Float32Array(Uint32Array.of(half! << 16).buffer)[0]!;
      },
    };
    using model = Llama.create(CONFIG, { seed: 3, device });
    const exact = await weightsOf(model);
    for (const dtype of ["F16", "BF16"] as const) {
      await inFolder(async (folder) => {
        await saveLlama(folder, model, { dtype });
        const config = JSON.parse(
          await Deno.readTextFile(join(folder, "config.json")),
        );
        assert.equal(
          config.torch_dtype,
          { F16: "float16", BF16: "bfloat16" }[dtype],
        );
        const path = join(folder, "model.safetensors");
        using file = await SafetensorsFile.open(path);
        assert.equal(file.entry("model.norm.weight").dtype, dtype);
        using loaded = await loadLlama(folder, { device });
        for (const [name, values] of await weightsOf(loaded)) {
          assert.deepEqual(values, exact.get(name)!.map(roundings[dtype]));
        }
      });
    }
  },
);

Deno.test("toBfloat16() takes the nearest, of two the even one", () => {
  const widen = (half: number) =>
    new Float32Array(Uint32Array.of(half << 16).buffer)[0]!;
  const random = new Random(1, "bfloat16");
  const values = Float32Array.from(
    { length: 2000 },
    () => random.normal() * 10 ** (random.uniform() * 60 - 30),
  );
  for (const [i, half] of toBfloat16(values).entries()) {
    const error = Math.abs(widen(half) - values[i]!);
    for (const other of [half - 1, half + 1]) {
      assert.ok(error <= Math.abs(widen(other) - values[i]!));
    }
  }
  const of = (x: number) => toBfloat16(Float32Array.of(x))[0];
  assert.equal(of(1 + 2 ** -8), 0x3f80); // half way down to an even half
  assert.equal(of(1 + 3 * 2 ** -8), 0x3f82); // half way up to one
  assert.equal(of(Infinity), 0x7f80);
  assert.equal(of(-Infinity), 0xff80);
  assert.equal(of(3.4e38), 0x7f80); // above the largest: infinity
  assert.ok(Number.isNaN(widen(of(NaN)!)));
  assert.equal(of(-0), 0x8000);
});

deviceTest(
  "loadLlama() refuses shards that are missing or misplaced",
  async (device) => {
    await withShards(device, async (folder) => {
      const load = () => loadLlama(folder, { device });
      const path = join(folder, INDEX);
      const index = JSON.parse(await Deno.readTextFile(path));
      const write = (map: unknown) =>
        Deno.writeTextFile(path, JSON.stringify({ ...index, weight_map: map }));
      const map = index.weight_map as Record<string, string>;
      const norm = "model.norm.weight";

      await write({ ...map, [norm]: "../model.safetensors" });
      await assertFails(load, FormatError, /weight_map does not name a \.safe/);
      await write({});
      await assertFails(load, FormatError, /weight_map does not name/);
      await write({ ...map, [norm]: map["model.embed_tokens.weight"] });
      await assertFails(load, FormatError, /there is no tensor "model\.norm\./);
      const { [norm]: _, ...without } = map;
      await write(without);
      await assertFails(
        load,
        FormatError,
        /1 tensors are missing: model\.norm/,
      );
      await Deno.writeTextFile(path, "{");
      await assertFails(load, FormatError, /index\.json/);
      await write(map);
      await Deno.remove(join(folder, map[norm]!));
      await assertFails(load, DataError, /there is no file .*model-0000/);
    });
  },
);

Deno.test("SafetensorsFile opens a large file without reading it", async () => {
  await inFolder(async (folder) => {
    // 2 GB with a hole: only the header takes room on the disk.
    const path = join(folder, "large.safetensors");
    const count = 500_000_000;
    const header = new TextEncoder().encode(
      JSON.stringify({
        large: { dtype: "F32", shape: [count], data_offsets: [0, 4 * count] },
      }).padEnd(120),
    );
    const head = new Uint8Array(8 + header.length);
    head.set(header, 8);
    new DataView(head.buffer).setBigUint64(0, BigInt(header.length), true);
    await Deno.writeFile(path, head);
    await Deno.truncate(path, head.length + 4 * count);
    const before = Deno.memoryUsage().rss;
    using file = await SafetensorsFile.open(path);
    assert.deepEqual(file.entry("large").shape, [count]);
    assert.ok(Deno.memoryUsage().rss - before < 1e8);
  });
});
