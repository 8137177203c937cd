/**
 * Generative tasks from the prompt to the summary. The model is one that was
 * never trained, so what it writes is compared with `generate`; scores, floors
 * and errors are compared with figures worked out by hand.
 */
import assert from "node:assert/strict";
import {
  type AnswerItem,
  type AnswerTask,
  evaluateAnswers,
  findAnswerTask,
  planAnswers,
  summarizeAnswers,
  UNREADABLE,
} from "../../lib/eval/mod.ts";
import { generate, Llama, llamaConfig } from "../../lib/model/mod.ts";
import { syntheticCorpus, trainBpe } from "../../lib/text/mod.ts";
import { ConfigError, InterruptedError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

const texts = [...syntheticCorpus({ seed: 3, documents: 12 })]
  .map(({ text }) => text);
const tokenizer = trainBpe(texts, { vocabSize: 600 });
const CONFIG = llamaConfig("tiny-64", {
  vocabSize: tokenizer.vocabSize,
  numHiddenLayers: 1,
  maxPositionEmbeddings: 256,
});
const HATE = findAnswerTask("hatebr_offensive");
const items: AnswerItem[] = texts.map((text, i) => ({
  id: `${i}`,
  split: i < 4 ? "train" : "test",
  fields: { text: text.slice(0, 40) },
  gold: i % 2 === 0 ? "Sim" : "Não",
}));

deviceTest("evaluateAnswers() writes, reads and resumes", async (device) => {
  using model = Llama.create(CONFIG, { seed: 0, device });
  const opened = { model, tokenizer };
  const run = (options = {}, task: AnswerTask = HATE) =>
    Array.fromAsync(
      evaluateAnswers(opened, task, items, {
        shots: 2,
        limit: 2,
        maxTokens: 6,
        ...options,
      }),
    );
  const records = await run();
  assert.deepEqual(records.map(({ id }) => id), ["4", "5"]);
  const { head, asked } = planAnswers(HATE, items, { shots: 2 });
  for (const [i, { context, text, isTruncated }] of records.entries()) {
    assert.equal(context, head + HATE.prompt(asked[i]!.fields));
    const ids = tokenizer.encode(context, { bos: true });
    assert.equal(isTruncated, ids.length > 250);
    const written = await Array.fromAsync(
      generate(model, ids.slice(-250), { maxTokens: 6 }),
    );
    const decoded = tokenizer.decode(Int32Array.from([...ids, ...written]))
      .slice(tokenizer.decode(ids).length);
    assert.equal(text.trim(), decoded.trim());
  }
  const rest = await run({ done: new Set(["4"]) });
  assert.deepEqual(rest, records.slice(1));
  const [plain] = await run({ shots: 0, limit: 1 });
  assert.deepEqual([plain, records[0]].map((r) => r!.isTruncated), [
    false,
    true,
  ]);
  await assertFails(
    () => run({ maxTokens: 256 }),
    ConfigError,
    /answers of 256 tokens: the model's context holds 256/,
  );
  await assertFails(
    () => run({ signal: AbortSignal.abort() }),
    InterruptedError,
    /Stopped before item 4/,
  );
});

deviceTest("evaluateAnswers() reads shared examples once", async (device) => {
  using model = Llama.create(CONFIG, { seed: 0, device });
  const asked = Array.from({ length: 8 }, (_, i): AnswerItem => ({
    id: `${i}`,
    split: i < 2 ? "train" : "test",
    fields: { text: `comentário ${i}` },
    gold: i % 2 === 0 ? "Sim" : "Não",
  }));
  const before = device.memory().liveBytes;
  const live: number[] = [];
  const records = evaluateAnswers({ model, tokenizer }, HATE, asked, {
    shots: 2,
    maxTokens: 4,
  });
  for await (const { context, text } of records) {
    live.push(device.memory().liveBytes);
    const ids = tokenizer.encode(context, { bos: true });
    const alone = await Array.fromAsync(
      generate(model, ids, { maxTokens: 4, stopIds: [tokenizer.eosId] }),
    );
    const decoder = tokenizer.streamDecoder({ isContinuation: true });
    const whole = alone.map((id) => decoder.push(id)).join("") + decoder.end();
    assert.equal(text, whole.split("\n\n")[0]);
  }
  assert.equal(live.length, 6);
  assert.equal(new Set(live).size, 1, "memory is flat over items");
  assert.equal(device.memory().liveBytes, before);
});

const kept = (pairs: [string | number, string | number][]) =>
  pairs.map(([gold, answer]) => ({ gold, answer, isTruncated: false }));

Deno.test("summarizeAnswers() scores labels beside their floor", () => {
  const summary = summarizeAnswers(
    HATE,
    kept([["Sim", "Sim"], ["Sim", "Não"], ["Não", "Não"], ["Sim", UNREADABLE]]),
  );
  const { acc, f1_macro } = summary.metrics;
  assert.equal(acc!.mean, 0.5);
  // sqrt(4 x 0.25 / 3) / sqrt(4)
  assertClose(acc!.standardError, Math.sqrt(1 / 12), { rtol: 1e-12 });
  // Sim: 2 / (2 + 2) = 1/2; Não: 2 / (2 + 1) = 2/3; unreadable: 0.
  assertClose(f1_macro!.mean, (1 / 2 + 2 / 3) / 3, { rtol: 1e-12 });
  assert.ok(f1_macro!.standardError > 0.05);
  assert.equal(summary.unreadable, 1);
  // Always "Sim": 3 of 4; F1 of (6/7 + 0) / 2.
  assert.equal(summary.floors.acc, 0.75);
  assertClose(summary.floors.f1_macro!, 3 / 7, { rtol: 1e-12 });
});

Deno.test("summarizeAnswers() scores numbers beside their floor", () => {
  const task = findAnswerTask("assin2_sts");
  const summary = summarizeAnswers(task, kept([[1, 2], [2, 3], [3, 4]]));
  assertClose(summary.metrics.pearson!.mean, 1, { rtol: 1e-12 });
  assert.equal(summary.metrics.mse!.mean, 1);
  assert.equal(summary.metrics.mse!.standardError, 0);
  assert.equal(summary.floors.pearson, 0); // a constant correlates with nothing
  assertClose(summary.floors.mse!, 2 / 3, { rtol: 1e-12 }); // the variance
});

Deno.test("summarizeAnswers() finds the floors of the published tables", () => {
  // FaQuAD-NLI has 510 "Não" of 650: 43.97 is what many models of TTL's table
  // score; 33.33 is the floor of two classes of the same size.
  const constant = (no: number, yes: number) =>
    summarizeAnswers(
      findAnswerTask("faquad_nli"),
      kept([
        ...Array<[string, string]>(no).fill(["Não", "Não"]),
        ...Array<[string, string]>(yes).fill(["Sim", "Não"]),
      ]),
    );
  const { metrics, floors } = constant(510, 140);
  assert.equal((100 * floors.f1_macro!).toFixed(2), "43.97");
  assert.equal(metrics.f1_macro!.mean, floors.f1_macro);
  assert.equal((100 * floors.acc!).toFixed(2), "78.46");
  assert.equal((100 * constant(70, 70).floors.f1_macro!).toFixed(2), "33.33");
});
