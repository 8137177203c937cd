/**
 * Cloze and rolling tasks: windows as in the harness' own example, likelihoods
 * against the loss of the model, scores worked out by hand.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  compareSamples,
  evaluateLikelihoods,
  heldOutLoss,
  type KeptLikelihood,
  LIKELIHOOD_TASKS,
  type LikelihoodItem,
  type LikelihoodTask,
  readLikelihoodItems,
  rollingWindows,
  summarizeLikelihoods,
} from "../../lib/eval/mod.ts";
import { generate, Llama, llamaConfig } from "../../lib/model/mod.ts";
import { syntheticCorpus, trainBpe } from "../../lib/text/mod.ts";
import {
  DataError,
  FormatError,
  InterruptedError,
} from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";

const [CLOZE, TEXTS] = LIKELIHOOD_TASKS as [LikelihoodTask, LikelihoodTask];

Deno.test("rollingWindows() predicts each token once, with full context", () => {
  // The example of the harness: 10 tokens behind a prefix (99), 4 of context.
  const ids = Int32Array.of(99, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  const windows = rollingWindows(ids, 4).map(({ ids, scored }) => [
    [...ids],
    scored,
  ]);
  assert.deepEqual(windows, [
    [[99, 0, 1, 2, 3], 4],
    [[3, 4, 5, 6, 7], 4],
    [[5, 6, 7, 8, 9], 2],
  ]);
  assert.deepEqual(rollingWindows(ids.slice(0, 1), 4), []);
});

const texts = [...syntheticCorpus({ seed: 3, documents: 6 })]
  .map(({ text }) => text.slice(0, 200));
const tokenizer = trainBpe(texts, { vocabSize: 400 });
const CONFIG = llamaConfig("tiny-64", {
  vocabSize: tokenizer.vocabSize,
  numHiddenLayers: 1,
  maxPositionEmbeddings: 128,
  initializerRange: 0.2,
});

const item = (id: string, context: string, target: string): LikelihoodItem => ({
  id,
  split: "test",
  context,
  target,
});

deviceTest("evaluateLikelihoods() knows what is greedy", async (device) => {
  using model = Llama.create(CONFIG, { seed: 0, device });
  /** What the model writes behind a text, if it is encoded as it was written. */
  const goOn = async (
    context: string,
  ): Promise<[string, string] | undefined> => {
    const ids = tokenizer.encode(context, { bos: true });
    const [id] = await Array.fromAsync(generate(model, ids, { maxTokens: 1 }));
    const whole = tokenizer.decode(Int32Array.from([...ids, id!]));
    const again = tokenizer.encode(whole, { bos: true });
    const isSame = again.length === ids.length + 1 && again.at(-1) === id;
    return isSame ? [context, whole.slice(context.length)] : undefined;
  };
  let found: [string, string] | undefined;
  for (let end = 20; !found; end++) {
    found = await goOn(texts[0]!.slice(0, end).trimEnd());
  }
  const [context, next] = found;
  // Whatever stands at the border belongs to the target: no space between.
  const task: LikelihoodTask = { ...CLOZE, layout: { beforeAnswer: "" } };
  const items = [item("a", context, next), item("b", context, " Zebra!")];
  const run = (options = {}) =>
    Array.fromAsync(
      evaluateLikelihoods({ model, tokenizer }, task, items, options),
    );
  const [a, b] = await run();
  assert.deepEqual([a!.isGreedy, b!.isGreedy], [true, false]);
  assert.ok(a!.logLikelihood > b!.logLikelihood);
  assert.deepEqual((await run({ done: new Set(["a"]) }))[0], b);
  assert.equal((await run({ limit: 1 })).length, 1);
  const shown = await run({ shots: 1 });
  assert.equal(shown[0]!.context, `${context} Zebra!\n\n${context}`);
  await assertFails(
    () => run({ signal: AbortSignal.abort() }),
    InterruptedError,
    /before item a/,
  );
  const none = evaluateLikelihoods({ model, tokenizer }, CLOZE, []);
  await assertFails(
    () => Array.fromAsync(none),
    DataError,
    /asks test or validation, the data has no items/,
  );
});

deviceTest(
  "evaluateLikelihoods() adds up to the held-out loss",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 0, device });
    const short = texts[1]!.slice(0, 80);
    const long = texts.join(" ");
    const ids = tokenizer.encode(short, { bos: true });
    const { loss } = await heldOutLoss(model, ids, {
      batchSize: 1,
      contextLength: ids.length - 1,
    });
    const before = device.memory().liveBytes;
    const records = await Array.fromAsync(
      evaluateLikelihoods({ model, tokenizer }, TEXTS, [
        item("short", "", short),
        item("long", "", long),
      ]),
    );
    assert.equal(device.memory().liveBytes, before);
    const [first, second] = records;
    // Single precision over some 30 tokens.
    assertClose([-first!.logLikelihood / (ids.length - 1)], [loss], {
      rtol: 1e-5,
    });
    assert.equal(first!.bytes, new TextEncoder().encode(short).length);
    assert.equal(second!.words, long.split(/\s+/).length);
    assert.ok(tokenizer.encode(long).length > 2 * 128); // several windows
    assert.ok(second!.logLikelihood < 5 * first!.logLikelihood);
  },
);

const kept = (
  id: string,
  logLikelihood: number,
  isGreedy: boolean,
): KeptLikelihood => ({
  id,
  gold: id,
  kind: "cloze",
  logLikelihood,
  isGreedy,
  words: 2,
  bytes: 10,
  isTruncated: false,
});

Deno.test("summarizeLikelihoods() has the harness' metrics", () => {
  const records = [kept("a", -1, true), kept("b", -3, false)];
  const cloze = summarizeLikelihoods(CLOZE, records).metrics;
  assert.equal(cloze.acc!.mean, 0.5);
  assertClose([cloze.perplexity!.mean], [Math.exp(2)], { rtol: 1e-12 });
  assert.ok(cloze.perplexity!.standardError > 0);
  const { metrics, items } = summarizeLikelihoods(TEXTS, records);
  assert.equal(items, 2);
  // 4 nats over 4 words and 20 bytes.
  assertClose(
    ["bits_per_byte", "byte_perplexity", "word_perplexity"]
      .map((name) => metrics[name]!.mean),
    [0.2 / Math.LN2, Math.exp(0.2), Math.exp(1)],
    { rtol: 1e-12 },
  );
});

Deno.test("compareSamples() compares likelihoods", () => {
  const a = [0, 1, 2, 3].map((i) => kept(`${i}`, -2 - i, false));
  const b = [0, 1, 2, 3].map((i) => kept(`${i}`, -1 - i, i > 0));
  const [acc, perplexity] = compareSamples("own", a, b);
  assert.equal(acc!.difference, 0.75);
  // exp(3.5) and exp(2.5): the means of 2, 3, 4, 5 and 1, 2, 3, 4.
  assertClose([perplexity!.difference], [Math.exp(2.5) - Math.exp(3.5)], {
    rtol: 1e-12,
  });
  assert.ok(perplexity!.high < 0);
});

Deno.test("readLikelihoodItems() reads both layouts and names what fails", () =>
  inFolder(async (folder) => {
    const path = join(folder, "test.jsonl");
    const read = async (task: LikelihoodTask, ...rows: object[]) => {
      const lines = rows.map((row) => JSON.stringify(row)).join("\n");
      await Deno.writeTextFile(path, lines);
      return await readLikelihoodItems(task, path);
    };
    assert.deepEqual(
      await read(
        CLOZE,
        { sentence: "O gato comeu o ", last_word: "rato" },
        { id: 7, text: "O rato fugiu do gato\n" },
      ),
      [
        {
          id: "0",
          split: "test",
          context: "O gato comeu o",
          target: "rato",
          doc: { sentence: "O gato comeu o ", last_word: "rato" },
        },
        {
          id: "7",
          split: "test",
          context: "O rato fugiu do",
          target: "gato",
          doc: { id: 7, text: "O rato fugiu do gato\n" },
        },
      ],
    );
    const [whole] = await read(TEXTS, { text: "Era uma vez." });
    assert.deepEqual(whole, {
      id: "0",
      split: "test",
      context: "",
      target: "Era uma vez.",
      doc: { text: "Era uma vez." },
    });
    const wrong: [LikelihoodTask, object, RegExp][] = [
      [CLOZE, { text: "Era" }, /item 0 .* fewer than two words/],
      [CLOZE, { sentence: "Era", last_word: " " }, /its target is empty/],
      [CLOZE, { x: 1 }, /neither a context with a target nor a text/],
      [TEXTS, { x: 1 }, /no text or content/],
    ];
    for (const [task, row, pattern] of wrong) {
      await assertFails(() => read(task, row), FormatError, pattern);
    }
  }));
