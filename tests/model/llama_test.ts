/**
 * Llama beyond the goldens: fresh weights, the cache against the whole, files
 * in and out, sampling, bad input.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openDevice } from "../../lib/device/mod.ts";
import {
  generate,
  type GenerateOptions,
  KvCache,
  Llama,
  llamaConfig,
  loadLlama,
  saveLlama,
} from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import { noGrad, scoped, tensor } from "../../lib/tensor/mod.ts";
import {
  ConfigError,
  DataError,
  DTypeError,
  FormatError,
  InterruptedError,
  ShapeError,
} from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";

const CONFIG = llamaConfig("tiny-64", {
  vocabSize: 50,
  hiddenSize: 24,
  intermediateSize: 40,
  numAttentionHeads: 4,
  numKeyValueHeads: 2,
  maxPositionEmbeddings: 20,
});
const IDS = Int32Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8);

async function collect(ids: AsyncIterable<number>): Promise<number[]> {
  return await Array.fromAsync(ids);
}

deviceTest("Llama.create() draws weights by name and seed", async (device) => {
  using model = Llama.create(CONFIG, { seed: 1, device });
  using twin = Llama.create(CONFIG, { seed: 1, device });
  using other = Llama.create(CONFIG, { seed: 2, device });
  const name = "model.layers.1.mlp.up_proj.weight";
  const read = (m: Llama, n = name) => m.parameter(n).data();
  const weights = await read(model);
  assert.deepEqual(await read(twin), weights);
  assert.notDeepEqual(await read(other), weights);
  const gate = await read(model, "model.layers.1.mlp.gate_proj.weight");
  assert.notDeepEqual(gate, weights);
  const n = weights.length;
  const std = Math.sqrt([...weights].reduce((s, w) => s + w * w, 0) / n);
  assertClose(std, 0.02, { rtol: 5 / Math.sqrt(2 * n) }); // five standard errors
  const norm = await read(model, "model.norm.weight");
  assert.ok(norm.every((w) => w === 1));
});

deviceTest("the cache gives the logits of the whole", async (device) => {
  using model = Llama.create(CONFIG, { seed: 1, device });
  using cache = new KvCache(CONFIG, { device, batch: 2, capacity: 9 });
  await scoped(() =>
    noGrad(async () => {
      const rows = (from: number, to: number) => {
        const ids = Int32Array.of(
          ...IDS.subarray(from, to),
          ...IDS.toReversed().subarray(from, to),
        );
        return tensor(ids, { shape: [2, to - from], device });
      };
      const whole = await model.forward(rows(0, 9)).data();
      const V = CONFIG.vocabSize;
      for (const [from, to] of [[0, 5], [5, 6], [6, 9]] as const) {
        const part = await model.forward(rows(from, to), { cache }).data();
        const wanted = [0, 1].flatMap((b) => [
          ...whole.subarray((b * 9 + from) * V, (b * 9 + to) * V),
        ]);
        assertClose(part, wanted, {
          atol: 1e-5,
          name: `tokens ${from}..${to}`,
        });
      }
      assert.equal(cache.length, 9);
      const last = model.forward(rows(0, 9), { lastOnly: true });
      assert.deepEqual(last.shape, [2, 1, V]);
      const wanted = [8, 17].flatMap((i) => [
        ...whole.subarray(i * V, (i + 1) * V),
      ]);
      assertClose(await last.data(), wanted, { atol: 1e-5 });
    })
  );
});

deviceTest("loss() of packed documents is that of each", async (device) => {
  using model = Llama.create(CONFIG, { seed: 1, device });
  await scoped(() =>
    noGrad(async () => {
      const ids = (from: number, to: number) =>
        tensor(IDS.slice(from, to), { shape: [1, to - from], device });
      const loss = (from: number, to: number) =>
        model.loss(ids(from, to), ids(from + 1, to + 1)).item();
      const numbers = Int32Array.from({ length: 10 }, (_, t) => t < 4 ? 0 : 1);
      const documents = tensor(numbers, { shape: [1, 10], device });
      const packed = model.loss(ids(0, 10), ids(1, 11), { documents });
      const apart = (4 * await loss(0, 4) + 6 * await loss(4, 10)) / 10;
      assertClose(await packed.item(), apart, { atol: 1e-6 });
      const mixed = await loss(0, 10);
      assert.ok(Math.abs(mixed - apart) > 1e-5, "it matters");
    })
  );
});

Deno.test("saveLlama() and loadLlama() keep every bit", async () => {
  using device = await openDevice("cpu");
  for (const tieWordEmbeddings of [false, true]) {
    await inFolder(async (folder) => {
      const config = { ...CONFIG, tieWordEmbeddings };
      using model = Llama.create(config, { seed: 1, device });
      await saveLlama(folder, model);
      using loaded = await loadLlama(folder, { device });
      assert.deepEqual(loaded.config, model.config);
      for (const [name, parameter] of model.parameters) {
        const read = await loaded.parameter(name).data();
        assert.deepEqual(read, await parameter.data(), name);
      }
      const names: string[] = [];
      for await (const { name } of Deno.readDir(folder)) names.push(name);
      assert.deepEqual(names.sort(), [
        "config.json",
        "generation_config.json",
        "model.safetensors",
      ]);
    });
  }
});

deviceTest(
  "loadLlama() stores matrices in 16 bits when asked",
  async (device) => {
    await inFolder(async (folder) => {
      using model = Llama.create(CONFIG, { seed: 1, device });
      for (
        const [dtype, file] of [["float16", "F16"], [
          "bfloat16",
          "BF16",
        ]] as const
      ) {
        await saveLlama(folder, model, { dtype: file });
        using wide = await loadLlama(folder, { device });
        const before = device.memory().liveBytes;
        using half = await loadLlama(folder, { device, dtype });
        const bytes = device.memory().liveBytes - before;
        let [two, four] = [0, 4 * CONFIG.maxPositionEmbeddings * 6]; // angles
        for (const [name, parameter] of half.parameters) {
          const isMatrix = parameter.shape.length === 2;
          assert.equal(parameter.dtype, isMatrix ? dtype : "float32");
          if (isMatrix) two += 2 * parameter.size;
          else four += 4 * parameter.size;
          // The file's numbers, to the bit.
          const expected = await wide.parameter(name).data();
          assert.deepEqual(await parameter.data(), expected, name);
        }
        assert.equal(bytes, two + four);
        await scoped(() =>
          noGrad(async () => {
            const ids = tensor(IDS, { shape: [1, IDS.length], device });
            const [logits, expected] = [half, wide].map((m) => m.forward(ids));
            assertClose(await logits!.data(), await expected!.data(), {
              atol: 1e-5,
            });
            const loss = [half, wide].map((m) => m.loss(ids, ids).item());
            assertClose(await loss[0]!, await loss[1]!, { atol: 1e-5 });
          })
        );
        const prompt = IDS.subarray(0, 3);
        const options = { maxTokens: 8, stopIds: [] };
        assert.deepEqual(
          await collect(generate(half, prompt, options)),
          await collect(generate(wide, prompt, options)),
        );
        await assertFails(
          () => new AdamW(half.parameters),
          DTypeError,
          /float32/,
        );
      }
    });
  },
);

Deno.test("loadLlama() names what is wrong and leaves no memory", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    using model = Llama.create(CONFIG, { seed: 1, device });
    await saveLlama(folder, model);
    const before = device.memory().liveBuffers;
    const change = async (fields: Record<string, unknown>) => {
      const path = join(folder, "config.json");
      const json = JSON.parse(await Deno.readTextFile(path));
      await Deno.writeTextFile(path, JSON.stringify({ ...json, ...fields }));
    };
    const fails = (text: RegExp) =>
      assertFails(() => loadLlama(folder, { device }), FormatError, text);
    await change({ num_hidden_layers: 3 });
    await fails(/9 tensors are missing: model\.layers\.2\./);
    await change({ num_hidden_layers: 1 });
    await fails(/9 tensors are not of this configuration: model\.layers\.1\./);
    await change({ num_hidden_layers: 2, vocab_size: 51 });
    await fails(/"model\.embed_tokens\.weight".*\(50, 24\).*\(51, 24\)/);
    await change({ vocab_size: 50, tie_word_embeddings: true });
    await fails(/has lm_head\.weight.*tie_word_embeddings/);
    await Deno.writeTextFile(join(folder, "config.json"), "{");
    await fails(/config\.json/);
    await Deno.remove(join(folder, "config.json"));
    await assertFails(() => loadLlama(folder), DataError, /no file .*config/);
    assert.equal(device.memory().liveBuffers, before);
  });
});

deviceTest(
  "generate() repeats with a seed and heeds its settings",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 1, device });
    const run = (options: GenerateOptions) =>
      collect(generate(model, IDS.subarray(0, 4), { stopIds: [], ...options }));
    const sampled = await run({ temperature: 1, seed: 5, maxTokens: 10 });
    assert.equal(sampled.length, 10);
    assert.deepEqual(
      await run({ temperature: 1, seed: 5, maxTokens: 10 }),
      sampled,
    );
    assert.notDeepEqual(
      await run({ temperature: 1, seed: 6, maxTokens: 10 }),
      sampled,
    );
    const greedy = await run({ maxTokens: 10 });
    // One token to choose from, or a share that only the first one reaches.
    assert.deepEqual(
      await run({ temperature: 1, topK: 1, maxTokens: 10 }),
      greedy,
    );
    assert.deepEqual(
      await run({ temperature: 1, topP: 1e-9, maxTokens: 10 }),
      greedy,
    );
    assert.equal((await run({ maxTokens: 100 })).length, 16); // the context ends
    const stopped = await run({ maxTokens: 10, stopIds: [greedy[3]!] });
    assert.deepEqual(stopped, greedy.slice(0, greedy.indexOf(greedy[3]!)));
  },
);

Deno.test("generate() and forward() refuse what they cannot take", async () => {
  using device = await openDevice("cpu");
  using model = Llama.create(CONFIG, { seed: 1, device });
  const start = (prompt: number[], options: GenerateOptions = {}) => () =>
    collect(generate(model, prompt, options));
  await assertFails(start([]), DataError, /prompt of 0 tokens: wanted 1\.\.20/);
  await assertFails(start(new Array(21).fill(1)), DataError, /21 tokens/);
  await assertFails(start([1], { temperature: -1 }), ConfigError, /-1/);
  await assertFails(start([1], { topK: 0.5 }), ConfigError, /0\.5/);
  await assertFails(start([1], { topP: 0 }), ConfigError, /topP/);
  const signal = AbortSignal.abort();
  await assertFails(
    start([1], { signal }),
    InterruptedError,
    /Stopped after 0/,
  );
  using flat = tensor(Int32Array.of(1, 2), { device });
  await assertFails(() => model.forward(flat), ShapeError, /wanted \(B, T\)/);
  using long = tensor(new Int32Array(21), { shape: [1, 21], device });
  await assertFails(() => model.forward(long), ShapeError, /holds 20/);
});
