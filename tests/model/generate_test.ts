/** Texts side by side are those that come one by one. */
import assert from "node:assert/strict";
import { checkNumbers } from "../../lib/kernels/mod.ts";
import {
  generate,
  type GenerateOptions,
  generateSideBySide,
  generateText,
  GenerationTiming,
  Llama,
  llamaConfig,
  PromptCache,
  sampleTexts,
} from "../../lib/model/mod.ts";
import { trainBpe } from "../../lib/text/mod.ts";
import {
  ConfigError,
  DataError,
  InterruptedError,
} from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

const tokenizer = trainBpe(["Era uma vez um gato que comia pão."], {
  vocabSize: 290,
});
const CONFIG = llamaConfig("tiny-64", {
  vocabSize: tokenizer.vocabSize,
  numHiddenLayers: 1,
  numKeyValueHeads: 2,
  maxPositionEmbeddings: 64,
  initializerRange: 0.3, // random weights that say something
});
const PROMPTS = [[1, 270, 30], [1, 31, 275], [1, 8, 9], [1, 8, 9], [1, 200, 7]];

/** Tokens of each row, as far as they came. */
async function rowsOf(
  model: Llama,
  prompts: readonly number[][],
  options: GenerateOptions,
): Promise<number[][]> {
  const rows = prompts.map((): number[] => []);
  for await (const step of generateSideBySide(model, prompts, options)) {
    for (const [i, id] of step.entries()) {
      if (id !== undefined) rows[i]!.push(id);
    }
  }
  return rows;
}

deviceTest(
  "generateSideBySide() gives what generate() does",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 2, device });
    const all = { stopIds: [], maxTokens: 12 };
    const alone = await Promise.all(
      PROMPTS.map((prompt) => Array.fromAsync(generate(model, prompt, all))),
    );
    assert.deepEqual(await rowsOf(model, PROMPTS, all), alone);
    assert.notDeepEqual(alone[0], alone[1]);
    // A token that ends some rows and not others.
    const stop = alone[0]![4]!;
    const options = { ...all, stopIds: [stop] };
    const cut = alone.map((ids) =>
      ids.includes(stop) ? ids.slice(0, ids.indexOf(stop)) : ids
    );
    assert.deepEqual(await rowsOf(model, PROMPTS, options), cut);
  },
);

deviceTest(
  "generateSideBySide() draws different rows from one prompt",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 2, device });
    const options = { temperature: 1, seed: 3, stopIds: [], maxTokens: 10 };
    const prompts = Array.from({ length: 4 }, () => PROMPTS[0]!);
    const rows = await rowsOf(model, prompts, options);
    const first = await Array.fromAsync(generate(model, prompts[0]!, options));
    assert.deepEqual(rows[0], first);
    assert.equal(new Set(rows.map(String)).size, 4);
    assert.deepEqual(await rowsOf(model, prompts, options), rows);
    // As long as the context holds.
    const long = { ...options, maxTokens: 1000 };
    const full = await rowsOf(model, prompts.slice(2), long);
    assert.deepEqual(full.map((ids) => ids.length), [61, 61]);
  },
);

/** Tokens that a model reads while something runs, on a device of no replays. */
async function tokensRead(
  model: Llama,
  fn: () => Promise<unknown>,
): Promise<number> {
  const forward = model.forward;
  let tokens = 0;
  model.forward = (ids, options) => {
    tokens += ids.size;
    return forward.call(model, ids, options);
  };
  await fn();
  model.forward = forward;
  return tokens;
}

deviceTest(
  "generateSideBySide() reads once what prompts begin with",
  async (device) => {
    using launched = checkNumbers(device);
    using model = Llama.create(CONFIG, { seed: 2, device: launched });
    const start = Array.from({ length: 20 }, (_, i) => 30 + 7 * i);
    const prompts = [[9, 8], [8, 7], [9, 9]].map((end) => [...start, ...end]);
    const options = { stopIds: [], maxTokens: 6 };
    const alone = await Promise.all(
      prompts.map((prompt) =>
        Array.fromAsync(generate(model, prompt, options))
      ),
    );
    // Other rows of a product, other rounding: the tokens are these all the
    // same.
    const tokens = await tokensRead(model, async () => {
      assert.deepEqual(await rowsOf(model, prompts, options), alone);
    });
    // The start, the two others of each, and five of the new ones of each.
    assert.equal(tokens, 20 + 3 * 2 + 3 * 5);
  },
);

deviceTest(
  "PromptCache keeps a text for the next that begins like it",
  async (device) => {
    using launched = checkNumbers(device);
    using model = Llama.create(CONFIG, { seed: 2, device: launched });
    using cache = new PromptCache();
    const options = { stopIds: [], maxTokens: 5 };
    const start = Array.from({ length: 12 }, (_, i) => 30 + 7 * i);
    // The same, one that goes on, one that is longer than the memory so far,
    // and another.
    const prompts = [[], [], [3], Array<number>(30).fill(4)]
      .map((end) => [...start, ...end]).concat([[1, 2, 3]]);
    const counts: number[] = [];
    for (const prompt of prompts) {
      const alone = await Array.fromAsync(generate(model, prompt, options));
      counts.push(
        await tokensRead(model, async () => {
          const all = { ...options, cache };
          const ids = await Array.fromAsync(generate(model, prompt, all));
          assert.deepEqual(ids, alone);
        }),
      );
      // The last new token is not read.
      assert.equal(cache.length, prompt.length + 4);
    }
    // One token of the prompt at least, and four new ones.
    assert.deepEqual(counts, [12 + 4, 1 + 4, 1 + 4, 30 + 4, 3 + 4]);
    // Rows side by side leave what they begin with.
    await rowsOf(model, [[...start, 3], [...start, 3]], { ...options, cache });
    assert.equal(cache.length, 13);
    // Another model does not take over what it has not read.
    using other = Llama.create(CONFIG, { seed: 3, device: launched });
    const alone = await Array.fromAsync(generate(other, start, options));
    const all = { ...options, cache };
    const ids = await Array.fromAsync(generate(other, start, all));
    assert.deepEqual(ids, alone);
  },
);

deviceTest("generateSideBySide() refuses what does not fit", async (device) => {
  using model = Llama.create(CONFIG, { seed: 2, device });
  const run = (prompts: number[][], options: GenerateOptions = {}) =>
    Array.fromAsync(generateSideBySide(model, prompts, options));
  const uneven = () => run([[1, 2], [1, 2, 3]]);
  await assertFails(uneven, DataError, /of 2 and 3 tokens side by side/);
  await assertFails(() => run([]), DataError, /a prompt of 0 tokens/);
  const long = () => run([new Array<number>(65).fill(1)]);
  await assertFails(long, DataError, /of 65 tokens: wanted 1\.\.64/);
  const wrong = () => run(PROMPTS, { topP: 0 });
  await assertFails(wrong, ConfigError, /share of 0/);
  const signal = AbortSignal.abort();
  await assertFails(
    () => run(PROMPTS, { signal }),
    InterruptedError,
    /after 0/,
  );
});

deviceTest("sampleTexts() begins with generateText()'s", async (device) => {
  using model = Llama.create(CONFIG, { seed: 2, device });
  const opened = { model, tokenizer };
  const options = { temperature: 1, seed: 7, maxTokens: 30 };
  const run = (samples: number, stop: string[], timing?: GenerationTiming) =>
    sampleTexts(opened, "Era", { ...options, samples, stop }, timing);
  const alone = async (stop: string[]) => {
    const pieces = generateText(opened, "Era", { ...options, stop });
    return (await Array.fromAsync(pieces)).join("");
  };
  const timing = new GenerationTiming();
  const texts = await run(3, [], timing);
  assert.equal(texts[0], await alone([]));
  assert.equal(new Set(texts).size, 3);
  assert.equal(timing.samples, 3);
  assert.ok(timing.newTokens > 3 && timing.newTokens <= 90);
  assert.ok(timing.promptSeconds > 0 && timing.seconds > 0);
  // Each text ends by itself.
  const stop = [texts[0]!.slice(4, 6)];
  const cut = await run(3, stop);
  assert.equal(cut[0], await alone(stop));
  for (const [i, text] of texts.entries()) {
    assert.equal(cut[i], text.split(stop[0]!)[0]);
  }
  await assertFails(() => run(0, []), ConfigError, /0 texts: wanted 1/);
});
