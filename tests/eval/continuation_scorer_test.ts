/** Log-likelihoods against PyTorch in float64, and what sharing saves. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  batchesByLength,
  ContinuationScorer,
  readChoiceItems,
  type ScoredSequence,
} from "../../lib/eval/mod.ts";
import { Llama, llamaConfig, loadLlama } from "../../lib/model/mod.ts";
import { DataError, Random } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { devices, deviceTest } from "../support/devices.ts";
import { referenceTest } from "../support/reference.ts";
import { GOLDEN_TASKS, goldenItems } from "./golden_choices.ts";

const GOLDEN = fileURLToPath(new URL("../golden/", import.meta.url));

type Answers = Record<string, Record<string, [number, 0 | 1][]>>;

for (const [name, file, count] of GOLDEN_TASKS) {
  referenceTest(`score() equals PyTorch on ${name}`, file, async (path) => {
    const all: Answers = JSON.parse(
      await Deno.readTextFile(`${GOLDEN}choices.json`),
    );
    const expected = all[name]!;
    const { rows } = goldenItems(name, await readChoiceItems(path), count);
    assert.equal(rows.length, count);
    for (const device of devices) {
      using model = await loadLlama(`${GOLDEN}gqa`, { device });
      using scorer = new ContinuationScorer(model);
      for (const { item, sequences } of rows) {
        const scores = await scorer.score(sequences);
        const wanted = expected[item.id]!;
        assert.equal(scores.length, wanted.length);
        for (const [i, { logLikelihood, isGreedy }] of scores.entries()) {
          const [exact, greedy] = wanted[i]!;
          // Up to 100 terms, each with the rounding of single-precision logits.
          const error = Math.abs(logLikelihood - exact);
          assert.ok(
            error < 2e-5 * Math.abs(exact) + 1e-4,
            `${item.id} ${error}`,
          );
          assert.equal(isGreedy, greedy === 1);
        }
      }
    }
  });
}

const CONFIG = llamaConfig("tiny-64", {
  vocabSize: 50,
  maxPositionEmbeddings: 40,
  initializerRange: 0.3,
});

function randomIds(length: number, seed: number): Int32Array {
  const random = new Random(seed, "ids");
  return Int32Array.from({ length }, () => random.int(50));
}

const join = (...parts: Int32Array[]) =>
  Int32Array.from(parts.flatMap((part) => [...part]));

deviceTest(
  "score() is the same shared or alone, in any order",
  async (device) => {
    using model = Llama.create(CONFIG, { seed: 1, device });
    const head = randomIds(12, 1);
    const groups: ScoredSequence[][] = [
      [3, 7, 1].map((n) => ({ ids: join(head, randomIds(n, n)), scored: n })),
      // The same head, then another tail; then one that shares nothing.
      [4, 24].map((n, i) => ({
        ids: join(head, randomIds(5, 9), randomIds(n, 20 + i)),
        scored: n,
      })),
      [{ ids: randomIds(40, 5), scored: 39 }],
      [{ ids: join(head, randomIds(2, 3)), scored: 2 }],
    ];
    using shared = new ContinuationScorer(model);
    for (const group of groups) {
      const together = await shared.score(group);
      for (const [i, sequence] of group.entries()) {
        using alone = new ContinuationScorer(model);
        const [score] = await alone.score([sequence]);
        const error = together[i]!.logLikelihood - score!.logLikelihood;
        assert.ok(Math.abs(error) < 1e-4, String(error));
        assert.equal(together[i]!.isGreedy, score!.isGreedy);
      }
    }
    assert.deepEqual(await shared.score([]), []);
  },
);

deviceTest("score() computes what sequences share once", async (device) => {
  using model = Llama.create(CONFIG, { seed: 1, device });
  using scorer = new ContinuationScorer(model);
  const head = randomIds(30, 1);
  const live: number[] = [];
  for (let item = 0; item < 5; item++) {
    await scorer.score([1, 2, 3, 4].map((choice) => ({
      ids: join(head, randomIds(2, 10 * item + choice)),
      scored: 2,
    })));
    live.push(device.memory().liveBytes);
  }
  assert.equal(new Set(live).size, 1, "memory is flat over items");
  // The head once, and two tokens for each choice: its last one is not read,
  // the one before its first is.
  assert.equal(scorer.computedTokens, 29 + 5 * 4 * 2);
  assert.equal(scorer.separateTokens, 5 * 4 * 31);
});

Deno.test("batchesByLength() fills up where that is cheaper", () => {
  assert.deepEqual(batchesByLength([3, 5, 4]), [[0, 2, 1]]);
  // 3 x 40 + 16 tokens in one batch, 2 x 4 + 40 + 2 x 16 in two.
  assert.deepEqual(batchesByLength([4, 40, 3]), [[2, 0], [1]]);
  assert.deepEqual(batchesByLength([1, 100, 50]), [[0], [2], [1]]);
  assert.deepEqual(batchesByLength([]), []);
});

deviceTest("score() knows greedy continuations", async (device) => {
  using model = Llama.create(CONFIG, { seed: 1, device });
  using scorer = new ContinuationScorer(model);
  const start = randomIds(4, 2);
  const found: number[] = [];
  for (let i = 0; i < 3; i++) {
    const candidates = Array.from({ length: 50 }, (_, id) => ({
      ids: join(start, Int32Array.from([...found, id])),
      scored: 1,
    }));
    const scores = await scorer.score(candidates);
    const greedy = scores.flatMap(({ isGreedy }, id) => isGreedy ? [id] : []);
    assert.equal(greedy.length, 1);
    // The probabilities of all tokens add up to 1.
    const sum = scores.reduce((s, x) => s + Math.exp(x.logLikelihood), 0);
    assert.ok(Math.abs(sum - 1) < 1e-5);
    found.push(greedy[0]!);
  }
  const ids = join(start, Int32Array.from(found));
  const [whole] = await scorer.score([{ ids, scored: 3 }]);
  assert.equal(whole!.isGreedy, true);
});

deviceTest("score() refuses what it cannot score", async (device) => {
  using model = Llama.create(CONFIG, { seed: 1, device });
  using scorer = new ContinuationScorer(model);
  const fails = (ids: Int32Array, scored: number, text: RegExp) =>
    assertFails(() => scorer.score([{ ids, scored }]), DataError, text);
  await fails(Int32Array.of(1, 2), 2, /2 of 2 tokens: at least one token/);
  await fails(randomIds(42, 1), 1, /42 tokens: the model's context holds 40/);
  await fails(Int32Array.of(1, 50), 1, /token 50: the model has 50/);
});
