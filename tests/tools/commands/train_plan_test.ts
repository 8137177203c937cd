/** From options to configurations, and from texts to what is held out. */
import assert from "node:assert/strict";
import { llamaConfig } from "../../../lib/model/mod.ts";
import {
  depthPlan,
  resolveTrainConfig,
  type StepRecord,
} from "../../../lib/train/mod.ts";
import { packDocuments, trainBpe } from "../../../lib/text/mod.ts";
import { ConfigError } from "../../../lib/util/mod.ts";
import { parseCommandLine } from "../../../tools/commands/command.ts";
import { trainCommand } from "../../../tools/commands/train.ts";
import {
  cutTail,
  type TrainingData,
} from "../../../tools/commands/train_data.ts";
import { planTraining } from "../../../tools/commands/train_plan.ts";
import { batchesOf } from "../../../tools/commands/train_session.ts";
import { trainingRate } from "../../../tools/commands/train_summary.ts";
import { assertClose, assertFails } from "../../support/assert_close.ts";

const plan = (...args: string[]) =>
  planTraining(parseCommandLine(trainCommand, args));

Deno.test("planTraining() has the library's defaults", () => {
  const { model, train } = plan("--tokens", "100k");
  assert.deepEqual(model, llamaConfig("tiny-128"));
  assert.deepEqual(train, resolveTrainConfig({ tokens: 100_000 }, model));
});

Deno.test("planTraining() derives widths as the presets have them", () => {
  for (const [name, width] of [["tiny-64", 64], ["tiny-256", 256]] as const) {
    const { model } = plan("--tokens", "1k", "--hidden", `${width}`);
    assert.equal(model.intermediateSize, llamaConfig(name).intermediateSize);
  }
  const { model, train } = plan(
    ...["--tokens", "1k", "--preset", "ttl-1.1b", "--heads", "16"],
    ...["--context", "64", "--tie-embeddings", "--clip", "off"],
  );
  assert.equal(model.numKeyValueHeads, 16);
  assert.equal(model.tieWordEmbeddings, true);
  assert.equal(train.contextLength, 64);
  assert.equal(train.clip, Infinity);
  assert.equal(
    plan("--tokens", "1k", "--heads", "8", "--kv-heads", "2").model
      .numKeyValueHeads,
    2,
  );
});

Deno.test("planTraining() takes optimizer, loss and average", () => {
  const { train } = plan(
    ...["--tokens", "1k", "--optimizer", "muon", "--momentum", "0.9"],
    ...["--z-loss", "1e-4", "--label-smoothing", "0.1", "--mask-documents"],
    ...["--average-decay", "0.99", "--divergence-margin", "off"],
    ...["--precision", "float16"],
  );
  assert.equal(train.precision, "float16");
  assert.equal(train.optimizer, "muon");
  assert.equal(train.momentum, 0.9);
  assert.equal(train.zLoss, 1e-4);
  assert.equal(train.labelSmoothing, 0.1);
  assert.equal(train.maskDocuments, true);
  assert.equal(train.averageDecay, 0.99);
  assert.equal(train.divergenceMargin, Infinity);
});

Deno.test("batchesOf() numbers documents from the tokens that begin them", () => {
  const documents = ["um dois", "três", "quatro cinco seis"];
  const tokenizer = trainBpe(documents, { vocabSize: 300 });
  const texts = documents.map((text) => ({ text }));
  const tokens = packDocuments(texts, tokenizer);
  const numbersOf = (...options: string[]) => {
    const sizes = ["--sequence", `${tokens.length - 1}`, "--batch", "1"];
    const line = ["--tokens", "1k", "--context", "64", ...sizes, ...options];
    const data = { tokens, tokenizer } as unknown as TrainingData;
    return batchesOf(plan(...line), data).at(0).documents;
  };
  assert.equal(numbersOf(), undefined);
  let document = -1;
  const wanted = Array.from(
    tokens.subarray(0, -1),
    (id) => id === tokenizer.bosId ? ++document : document,
  );
  assert.equal(document, 2);
  assert.deepEqual([...numbersOf("--mask-documents")!], wanted);
});

Deno.test("planTraining() derives all from --depth but what was typed", () => {
  const dial = depthPlan(3);
  const { model, train } = plan("--depth", "3");
  assert.deepEqual(model, dial.model);
  assert.deepEqual(train, resolveTrainConfig(dial.train, model));
  const other = plan("--depth", "3", "--batch", "5", "--vocab", "300");
  assert.equal(other.train.batchSize, 5);
  assert.equal(other.model.vocabSize, 300);
  assert.ok(other.train.tokens < train.tokens);
});

const NOT_TOGETHER: [string[], RegExp][] = [
  [["--preset", "tiny-64", "--depth", "3"], /--preset and --depth: each choo/],
  [["--layers", "5", "--depth", "3"], /--layers and --depth: the depth is/],
  [["--vocab", "300", "--tokenizer", "x"], /--vocab and --tokenizer: a tok/],
  [["--momentum", "0.9"], /--momentum without --optimizer muon: it is Muon's/],
  [["--decay-share", "0.1"], /--decay-share without --schedule wsd: other/],
  [
    ["--min-rate", "0", "--schedule", "constant"],
    /--min-rate and --schedule constant: a constant rate does not fall/,
  ],
];

for (const [options, pattern] of NOT_TOGETHER) {
  Deno.test(`planTraining() refuses ${options.join(" ")}`, () =>
    assertFails(
      () => plan("--tokens", "1k", ...options),
      ConfigError,
      pattern,
    ));
}

Deno.test("planTraining() takes its length from the epochs of a corpus", async () => {
  const line = parseCommandLine(trainCommand, [
    ...["--epochs", "1.5", "--batch", "2", "--sequence", "10"],
    ...["--warmup", "5"],
  ]);
  // 20 sequences, 10 steps a pass
  assert.equal(planTraining(line, { corpusTokens: 205 }).train.steps, 15);
  await assertFails(
    () => planTraining(line, { corpusTokens: 60 }),
    ConfigError,
    /warmupSteps 5: wanted 0\.\.4 steps/,
  );
});

Deno.test("planTraining() refuses what does not fit together", async () => {
  await assertFails(
    () => plan("--tokens", "1k", "--hidden", "60", "--heads", "7"),
    ConfigError,
    /hiddenSize 60 does not divide by numAttentionHeads 7/,
  );
  await assertFails(() => plan(), ConfigError, /without --tokens/);
});

Deno.test("cutTail() holds out the end, at a line where one is near", () => {
  const whole = (parts: readonly { text: string }[]) =>
    parts.map(({ text }) => text).join("");
  const line = "uma linha de texto\n";
  const one = [{ name: "a", text: line.repeat(100) }];
  const { train, heldOut } = cutTail(one, 0.1);
  assert.equal(whole(train) + whole(heldOut), one[0]!.text);
  assert.equal(whole(heldOut).length, 10 * line.length);
  const flat = cutTail([{ name: "a", text: "x".repeat(5000) }], 0.25);
  assert.equal(whole(flat.heldOut).length, 1250);
  const three = ["a", "b", "c"].map((name) => ({
    name,
    text: name.repeat(10),
  }));
  const cut = cutTail(three, 1 / 3);
  assert.deepEqual(cut, { train: three.slice(0, 2), heldOut: three.slice(2) });
});

Deno.test("trainingRate() leaves out what is between steps", () => {
  const step = (tokens: number, tokensPerSecond: number) =>
    ({ tokens, tokensPerSecond }) as StepRecord;
  // 100 tokens in 1 s, 100 tokens in 4 s.
  assertClose(trainingRate([step(100, 100), step(200, 25)]), 40, {
    rtol: 1e-12,
  });
});
