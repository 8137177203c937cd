/** Text comes in pieces that add up, and ends at the strings that end it. */
import assert from "node:assert/strict";
import {
  generateText,
  type GenerateTextOptions,
  GenerationTiming,
  Llama,
  llamaConfig,
} from "../../lib/model/mod.ts";
import { trainBpe } from "../../lib/text/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

const tokenizer = trainBpe(["Era uma vez um gato que comia pão."], {
  vocabSize: 290,
});
const CONFIG = llamaConfig("tiny-64", {
  vocabSize: tokenizer.vocabSize,
  numHiddenLayers: 1,
  initializerRange: 0.3, // random weights that say something
});
const OPTIONS = { temperature: 1, seed: 7, maxTokens: 60 };

deviceTest(
  "generateText() ends before a stop string, wherever it is cut",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 2, device });
    const run = async (options: GenerateTextOptions = {}) => {
      const all = generateText({ model, tokenizer }, "Era", {
        ...OPTIONS,
        ...options,
      });
      return await Array.fromAsync(all);
    };
    const whole = (await run()).join("");
    assert.ok(whole.length > 30);
    for (const [from, length] of [[0, 1], [5, 3], [11, 8], [20, 2]] as const) {
      const stop = whole.slice(from, from + length);
      const pieces = await run({ stop: ["never there", stop] });
      assert.equal(pieces.join(""), whole.slice(0, whole.indexOf(stop)));
    }
    // The end of the text is the beginning of a stop string: it comes out.
    assert.equal((await run({ stop: [`${whole}x`] })).join(""), whole);
    assert.equal(
      (await run({ stop: [`${whole.at(-1)}\u0000`] })).join(""),
      whole,
    );
  },
);

deviceTest("generateText() tells how long it took", async (device) => {
  using model = Llama.create(CONFIG, { seed: 2, device });
  const timing = new GenerationTiming();
  const texts = generateText({ model, tokenizer }, "Era uma", OPTIONS, timing);
  await Array.fromAsync(texts);
  assert.equal(timing.promptTokens, tokenizer.encode("Era uma").length + 1);
  assert.ok(timing.newTokens > 1 && timing.newTokens <= 60);
  assert.ok(timing.promptSeconds > 0 && timing.seconds > 0);
  const empty = generateText({ model, tokenizer }, "Era", { stop: [""] });
  await assertFails(() => Array.fromAsync(empty), ConfigError, /empty string/);
});
