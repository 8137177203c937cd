/**
 * Fine-tuning on preferences. A fresh model of three small blocks is shown
 * which of two spellings agrees; of documents that it has not seen it must
 * then prefer the right one more than it did.
 */
import assert from "node:assert/strict";
import {
  type ChatModel,
  ChatTemplate,
  encodePreference,
  type Preference,
  preferencesOfStories,
  TTL_CHAT_TEMPLATE,
  TTL_CHAT_TOKENS,
} from "../../lib/chat/mod.ts";
import { type Device, openDevice } from "../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { noGrad, scoped } from "../../lib/tensor/mod.ts";
import {
  syntheticCorpus,
  type SyntheticStory,
  trainBpe,
} from "../../lib/text/mod.ts";
import {
  answerLogProbs,
  fineTunePreferences,
  type FineTunePreferencesOptions,
  LoraAdapters,
  type PreferenceEpochRecord,
  type PreferenceRecord,
} from "../../lib/train/mod.ts";
import {
  ConfigError,
  DataError,
  InterruptedError,
} from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

const STORIES = [...syntheticCorpus({ seed: 1, documents: 300 })];
const UNSEEN = syntheticCorpus({ seed: 1, documents: 100, split: "heldOut" });
const TOKENIZER = trainBpe(STORIES.slice(0, 200).map(({ text }) => text), {
  vocabSize: 500,
}).withSpecialTokens(TTL_CHAT_TOKENS);
const TEMPLATE = new ChatTemplate(TTL_CHAT_TEMPLATE, TOKENIZER);

/** Which of two spellings agrees. */
function spellings(stories: Iterable<SyntheticStory>): Preference[] {
  return preferencesOfStories(
    Array.from(stories, (story) => ({
      ...story,
      multipleChoice: story.multipleChoice.filter(({ kind }) =>
        kind === "agreement" || kind === "plural"
      ),
    })),
  );
}

const PAIRS = spellings(STORIES);

/** A model that has read nothing. */
function chatOf(device: Device, hiddenSize = 16): ChatModel {
  const config = llamaConfig("tiny-64", {
    ...{ vocabSize: TOKENIZER.vocabSize, hiddenSize },
    ...{ intermediateSize: 3 * hiddenSize, maxPositionEmbeddings: 64 },
  });
  const model = Llama.create(config, { seed: 0, device });
  return { model, tokenizer: TOKENIZER, template: TEMPLATE };
}

function recordsOf(
  chat: ChatModel,
  options: FineTunePreferencesOptions,
): Promise<PreferenceRecord[]> {
  return Array.fromAsync(fineTunePreferences(chat, options));
}

/** Differences ln π(chosen) - ln π(rejected) of pairs. */
async function leads(
  chat: ChatModel,
  pairs: readonly Preference[],
): Promise<number[]> {
  const tokens = pairs.map((pair) => encodePreference(pair, chat));
  const sums = async (which: "chosen" | "rejected") => {
    const answers = tokens.map((pair) => pair[which]);
    return await scoped(() =>
      noGrad(() => answerLogProbs(chat.model, answers).data())
    );
  };
  const [chosen, rejected] = [await sums("chosen"), await sums("rejected")];
  return Array.from(chosen, (sum, i) => sum - rejected[i]!);
}

Deno.test("fineTunePreferences() teaches what is preferred, of unseen texts too", async () => {
  const chat = chatOf(await openDevice("cpu"), 48);
  using _model = chat.model;
  const unseen = spellings(UNSEEN);
  const before = await leads(chat, unseen);
  const records = await recordsOf(chat, {
    train: PAIRS,
    recipe: {
      ...{ batchSize: 16, learningRate: 3e-3, warmupSteps: 10 },
    },
  });
  const after = await leads(chat, unseen);
  const share = after.filter((lead, i) => lead > before[i]!).length /
    unseen.length;
  const epoch = records.at(-1) as PreferenceEpochRecord;
  console.log(`reward accuracy on ${unseen.length} unseen pairs: ${share};`);
  console.log("held out of training:", epoch);
  // Chance is 0.5 with a standard error of 0.04 on 170 pairs.
  assert.ok(unseen.length > 150 && share > 0.7);
  assert.ok(epoch.accuracy > 0.6 && epoch.loss < 0.6 && epoch.margin > 0);
  assert.ok(epoch.isBest);
  const [data, ...rest] = records;
  assert.deepEqual(data, { kind: "data", pairs: PAIRS.length, unused: [] });
  const read = rest.filter((record) => record.kind === "reference");
  assert.equal(read.at(-1)!.pairs, PAIRS.length);
  assert.equal(read.length, Math.ceil(PAIRS.length / 16));
  const steps = rest.filter((record) => record.kind === "step");
  // At first the model is its own reference; rounding differs by the batch.
  assert.ok(Math.abs(steps[0]!.loss - Math.LN2) < 1e-4);
  assert.ok(Math.abs(steps[0]!.margin) < 1e-4);
  for (const { chosenReward, rejectedReward, margin } of steps) {
    assert.equal(margin, chosenReward - rejectedReward);
  }
});

deviceTest(
  "fineTunePreferences() with LoRA keeps the model it starts from as the reference",
  async (device) => {
    const chat = chatOf(device);
    using model = chat.model;
    using lora = new LoraAdapters(model, { rank: 4 });
    // Adapters that were trained before count as a change.
    for (const { up } of lora.changes.values()) {
      up.write(new Float32Array(up.size).fill(0.05));
    }
    const names = [...model.parameters.keys()];
    const before = new Map<string, ArrayLike<number>>();
    for (const name of names) {
      before.set(name, await model.parameter(name).data());
    }
    const records = await recordsOf(chat, {
      train: PAIRS.slice(0, 48),
      lora,
      labelSmoothing: 0.1,
      recipe: { batchSize: 8, learningRate: 2e-2, warmupSteps: 0, epochs: 2 },
    });
    const steps = records.filter((record) => record.kind === "step");
    assert.notEqual(steps[0]!.chosenReward, 0);
    const losses = records.flatMap((r) => r.kind === "epoch" ? [r.loss] : []);
    assert.ok(losses.length === 2 && Math.min(...losses) < steps[0]!.loss);
    for (const name of names) {
      const data = await model.parameter(name).data();
      const isSame = data.every((x, i) => x === before.get(name)![i]);
      assert.equal(isSame, !name.includes("proj"), name);
      assert.ok(model.parameter(name).requiresGrad, name);
    }
  },
  ["cpu"],
);

Deno.test("fineTunePreferences() names and counts pairs that it cannot use", async () => {
  const chat = chatOf(await openDevice("cpu"));
  using _model = chat.model;
  const [pair] = PAIRS;
  const long = "uma história muito longa ".repeat(20);
  const train = [
    ...PAIRS.slice(0, 10),
    { ...pair!, rejected: ` ${pair!.chosen} ` }, // the template trims
    { ...pair!, rejected: "\n" },
    { ...pair!, chosen: long },
    { ...pair!, prompt: [{ role: "user", content: "" }] },
  ];
  const recipe = { epochs: 1 };
  const [data] = await recordsOf(chat, { train, recipe });
  assert.deepEqual(data, {
    kind: "data",
    pairs: 10,
    unused: [
      { pair: 11, reason: "equal" },
      { pair: 12, reason: "blank" },
      { pair: 13, reason: "long" },
      { pair: 14, reason: "blank" },
    ],
  });
  await assertFails(
    () => recordsOf(chat, { train: train.slice(10) }),
    DataError,
    /on 4 pairs: none can be used within 64 tokens \(2 blank, 1 equal, 1 long\)/,
  );
  const odd = { ...pair!, prompt: [{ role: "system", content: "Oi" }] };
  await assertFails(
    () => recordsOf(chat, { train: [pair!, odd] }),
    DataError,
    /Cannot use pair 2: .*user and assistant only|Cannot use pair 2: .*alternate/,
  );
});

Deno.test("fineTunePreferences() refuses settings out of range, and stops when told", async () => {
  const chat = chatOf(await openDevice("cpu"));
  using model = chat.model;
  const train = PAIRS.slice(0, 10);
  const refused = (
    options: Partial<FineTunePreferencesOptions>,
    pattern: RegExp,
  ) =>
    assertFails(
      () => recordsOf(chat, { train, ...options }),
      ConfigError,
      pattern,
    );
  await refused({ beta: 0 }, /beta 0: wanted a positive number/);
  await refused({ labelSmoothing: 0.5 }, /0\.5: wanted a share in \[0, 0\.5\)/);
  await refused({ recipe: { epochs: 0 } }, /epochs 0/);
  const controller = new AbortController();
  const { signal } = controller;
  const stopAt = async (kind: PreferenceRecord["kind"]) => {
    for await (const record of fineTunePreferences(chat, { train, signal })) {
      if (record.kind === kind) controller.abort();
    }
  };
  await assertFails(
    () => stopAt("step"),
    InterruptedError,
    /after step 1 of 5/,
  );
  await assertFails(
    () => stopAt("data"),
    InterruptedError,
    /the reference read 0 of 10 pairs/,
  );
  for (const { requiresGrad } of model.parameters.values()) {
    assert.ok(requiresGrad);
  }
});
