/** Items scored, resumed, skipped and stopped, and what each record says. */
import assert from "node:assert/strict";
import {
  choiceSequence,
  type ChoiceTask,
  ContinuationScorer,
  evaluateChoices,
  findChoiceTask,
  summarizeChoices,
  syntheticItems,
  truthfulShare,
} from "../../lib/eval/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { DataError, InterruptedError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { sampleItem as item, stories, tokenizer } from "./sample_choices.ts";

const ARC = findChoiceTask("arc_pt");

const synthetic = [
  ...syntheticItems(stories.slice(0, 6), "train"),
  ...syntheticItems(stories.slice(6)),
];
const CONFIG = llamaConfig("tiny-64", {
  vocabSize: tokenizer.vocabSize,
  numHiddenLayers: 1,
  maxPositionEmbeddings: 1024,
});

deviceTest("evaluateChoices() scores, resumes and adds up", async (device) => {
  using model = Llama.create(CONFIG, { seed: 0, device });
  const task: ChoiceTask = { ...findChoiceTask("synthetic"), shots: 1 };
  const run = (options = {}) =>
    Array.fromAsync(
      evaluateChoices({ model, tokenizer }, task, synthetic, {
        limit: 4,
        ...options,
      }),
    );
  const whole = await run();
  assert.equal(whole.length, 4);
  assert.ok(whole.at(-1)!.computedTokens < whole.at(-1)!.separateTokens / 2);
  const done = new Set(whole.slice(0, 2).map(({ id }) => id));
  const rest = await run({ done });
  assert.deepEqual(
    rest.map(({ id }) => id),
    whole.slice(2).map(({ id }) => id),
  );
  for (const [i, { logLikelihoods }] of rest.entries()) {
    for (const [j, ll] of logLikelihoods.entries()) {
      assert.ok(Math.abs(ll - whole[2 + i]!.logLikelihoods[j]!) < 1e-3);
    }
  }
  // Examples of a shuffled run are the same after a pause.
  const okapi = await run({ sampling: "okapi" });
  const again = await run({ sampling: "okapi", done: new Set([okapi[0]!.id]) });
  const contexts = okapi.map(({ context }) => context);
  assert.deepEqual(again.map(({ context }) => context), contexts.slice(1));
  assert.notDeepEqual(contexts, whole.map(({ context }) => context));
  const summary = summarizeChoices(whole);
  assert.equal(summary.items, 4);
  const share = whole.filter(({ metrics }) => metrics.acc === 1).length / 4;
  assert.equal(summary.metrics.acc!.mean, share);
  await assertFails(
    () => run({ signal: AbortSignal.abort() }),
    InterruptedError,
    /Stopped before item/,
  );
});

deviceTest(
  "evaluateChoices() names or skips what cannot be scored",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 0, device });
    const long = item({ id: "long", choices: ["gato ".repeat(1100), "b"] });
    const run = (onSkip?: (id: string, reason: string) => void) =>
      Array.fromAsync(
        evaluateChoices({ model, tokenizer }, ARC, [long, item()], {
          shots: 0,
          ...(onSkip ? { onSkip } : {}),
        }),
      );
    await assertFails(
      () => run(),
      DataError,
      /item long: .* context holds 1024/,
    );
    const skipped: string[] = [];
    const records = await run((id, reason) => skipped.push(`${id}: ${reason}`));
    assert.deepEqual(records.map(({ id }) => id), ["1"]);
    assert.match(skipped[0]!, /^long: Cannot score a continuation of/);
  },
);

/** An item of TruthfulQA; mc2 has the choices of mc1 and one more. */
const truthful = (id: string, labels: readonly number[]) =>
  item({
    id,
    truth: { choices: ["quatro", "quatro patas", "duas"], labels },
    doc: { id, question: "?" },
  });

deviceTest(
  "evaluateChoices() scores what mc1 and mc2 share once",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 0, device });
    const task = findChoiceTask("truthfulqa_pt");
    const skipped: string[] = [];
    const records = await Array.fromAsync(
      evaluateChoices(
        { model, tokenizer },
        { ...task, askedSplits: ["test"] },
        [truthful("a", [1, 1, 0]), truthful("b", [1, 1, 1]), item()],
        { onSkip: (id, reason) => skipped.push(`${id}: ${reason}`) },
      ),
    );
    assert.deepEqual(records.map(({ id }) => id), ["a", "1"]);
    assert.match(skipped.join(), /^b: Cannot compute mc2 of labels 1, 1, 1/);
    const [first, second] = records;
    using scorer = new ContinuationScorer(model);
    const texts = ["duas", "quatro", "quatro patas"];
    const maxLength = CONFIG.maxPositionEmbeddings;
    const sequencesOf = (texts: readonly string[]) =>
      texts.map((text) =>
        choiceSequence(tokenizer, first!.context, ` ${text}`, { maxLength })
      );
    const scores = await scorer.score(sequencesOf(texts));
    const [duas, quatro, patas] = scores.map((x) => x.logLikelihood);
    const wanted = [duas!, quatro!];
    for (const [i, ll] of first!.logLikelihoods.entries()) {
      assert.ok(Math.abs(ll - wanted[i]!) < 1e-5); // single precision
    }
    assert.deepEqual(
      first!.isGreedy,
      scores.slice(0, 2).map((x) => x.isGreedy),
    );
    const share = truthfulShare([quatro!, patas!, duas!], [1, 1, 0]);
    assert.ok(Math.abs(first!.metrics.mc2! - share) < 1e-5);
    assert.equal(first!.metrics.mc1, first!.metrics.acc);
    // Three texts of each of the first two items, and two of the last.
    const own = scorer.separateTokens;
    await scorer.score(sequencesOf(["duas", "quatro"]));
    assert.equal(second!.separateTokens, own + scorer.separateTokens);
    assert.deepEqual(first!.doc, { id: "a", question: "?" });
    assert.deepEqual(second!.doc, { ...item() });
  },
);

deviceTest(
  "evaluateChoices() yields what was scored when it is stopped",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 0, device });
    const stop = new AbortController();
    // A few of them fill what is read together, on any device.
    const choices = [0, 1, 2, 3].map((i) => "gato ".repeat(40) + i);
    const ids = Array.from({ length: 20 }, (_, i) => `${i}`);
    const items = ids.map((id) => item({ id, choices }));
    const seen: string[] = [];
    await assertFails(
      async () => {
        const run = evaluateChoices({ model, tokenizer }, ARC, items, {
          shots: 0,
          signal: stop.signal,
        });
        for await (const { id } of run) {
          seen.push(id);
          stop.abort();
        }
      },
      InterruptedError,
      /Stopped before item \d+/,
    );
    assert.ok(seen.length > 0 && seen.length < 19);
    assert.deepEqual(seen, ids.slice(0, seen.length));
  },
);
