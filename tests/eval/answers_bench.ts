/**
 * Generative tasks on a model of TTL-160m's layers (with a small vocabulary):
 * answers with examples that
 * are read once against answers whose prompts are read whole, by the number of
 * examples. The answers are the same.
 */
import { openDevice } from "../../lib/device/mod.ts";
import {
  type AnswerItem,
  evaluateAnswers,
  findAnswerTask,
} from "../../lib/eval/mod.ts";
import { generate, Llama, llamaConfig } from "../../lib/model/mod.ts";
import { syntheticCorpus, trainBpe } from "../../lib/text/mod.ts";
import { formatTable } from "../../lib/util/mod.ts";

const ITEMS = 6;
const MAX_TOKENS = 4; // "Sim" or "Não" and a line break

const texts = [...syntheticCorpus({ seed: 1, documents: 40 })]
  .map(({ text }) => text);
const tokenizer = trainBpe(texts, { vocabSize: 2000 });
const items = texts.slice(0, 26 + ITEMS).map((text, i): AnswerItem => ({
  id: `${i}`,
  split: i < 26 ? "train" : "test",
  fields: { text: text.slice(0, 150).replaceAll("\n", " ") },
  gold: i % 2 === 0 ? "Sim" : "Não",
}));
const task = findAnswerTask("hatebr_offensive");

using device = await openDevice();
const { vocabSize } = tokenizer;
const config = llamaConfig("ttl-160m", { vocabSize });
using model = Llama.create(config, { seed: 0, device });
console.log(device.description);

/** The best of three: other programs only slow one down. */
async function leastSeconds(run: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 3; i++) {
    const begin = performance.now();
    await run();
    least = Math.min(least, (performance.now() - begin) / 1000);
  }
  return least;
}

const rows = [];
for (const shots of [5, 15, 25]) {
  const run = () =>
    Array.fromAsync(
      evaluateAnswers({ model, tokenizer }, task, items, {
        shots,
        maxTokens: MAX_TOKENS,
      }),
    );
  const records = await run();
  const contexts = records.map(({ context }) =>
    tokenizer.encode(context, { bos: true })
  );
  const readWhole = async () => {
    for (const ids of contexts) {
      await Array.fromAsync(generate(model, ids, { maxTokens: MAX_TOKENS }));
    }
  };
  const shared = await leastSeconds(run);
  const whole = await leastSeconds(readWhole);
  const tokens = contexts.reduce((sum, { length }) => sum + length, 0);
  rows.push([
    shots,
    ITEMS,
    Math.round(tokens / ITEMS),
    shared.toFixed(2),
    whole.toFixed(2),
    (whole / shared).toFixed(2),
  ]);
}
console.log(formatTable([
  ["shots", "items", "tokens each", "shared (s)", "whole (s)", "x whole"],
  ...rows,
]));
