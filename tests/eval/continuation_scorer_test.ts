/** Log-likelihoods against PyTorch in float64, and what sharing saves. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { DryDevice } from "../../lib/device/mod.ts";
import {
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

/** Items of few tokens, of many, and one without anything in common. */
function mixedItems(count: number, head: Int32Array): ScoredSequence[][] {
  const random = new Random(7, "sizes");
  return Array.from({ length: count }, (_, i) => {
    const own = randomIds(i % 5 === 4 ? 0 : 1 + random.int(9), 100 + i);
    const start = i % 7 === 6 ? randomIds(3, i) : head;
    return Array.from({ length: 1 + i % 4 }, (_, choice) => {
      const scored = 1 + random.int(5);
      const end = randomIds(scored, 1000 + 10 * i + choice);
      return { ids: join(start, own, end), scored };
    });
  });
}

deviceTest("scoreEach() is score() of each, in order", async (device) => {
  const config = { ...CONFIG, initializerRange: 0.1 };
  using model = Llama.create(config, { seed: 1, device });
  for (const head of [1, 20]) {
    const items = mixedItems(30, randomIds(head, 1));
    using batched = new ContinuationScorer(model);
    using single = new ContinuationScorer(model);
    const groups = items.map((sequences, id) => ({ id, sequences }));
    let next = 0;
    for await (const [{ id, sequences }, scores] of batched.scoreEach(groups)) {
      assert.equal(id, next++);
      const alone = await single.score(sequences);
      assert.equal(scores.length, sequences.length);
      for (const [i, { logLikelihood, isGreedy }] of scores.entries()) {
        // The last digits of a product depend on its shape, so those of a
        // log-probability near -4 do: some 1e-6, and up to 5 are added up.
        const error = Math.abs(logLikelihood - alone[i]!.logLikelihood);
        assert.ok(error < 1e-5, String(error));
        assert.equal(isGreedy, alone[i]!.isGreedy);
      }
    }
    assert.equal(next, 30);
    assert.equal(batched.separateTokens, single.separateTokens);
  }
});

deviceTest("scoreEach() asks for what fits and no more", async (device) => {
  using model = Llama.create(CONFIG, { seed: 1, device });
  using scorer = new ContinuationScorer(model);
  let asked = 0;
  const groups = function* () {
    // Four choices of 5 tokens: two items fill a context of 40.
    for (; asked < 16; asked++) {
      const ids = randomIds(5, asked);
      yield { sequences: Array(4).fill({ ids, scored: 1 }) };
    }
  };
  const seen: number[] = [];
  const live: number[] = [];
  for await (const _ of scorer.scoreEach(groups())) {
    seen.push(asked);
    live.push(device.memory().liveBytes);
  }
  const most = device.kind === "cpu" || device.isSoftware ? 2 : 8;
  const wanted = Array.from({ length: 16 }, (_, i) => i - i % most + most);
  assert.deepEqual(seen, wanted);
  assert.equal(new Set(live).size, 1, "memory is flat over windows");
});

Deno.test("scoreEach() takes fewer launches on a GPU", async () => {
  const launches = async (isBatched: boolean) => {
    using device = new DryDevice("webgpu");
    using model = Llama.create(CONFIG, { seed: 1, device });
    using scorer = new ContinuationScorer(model);
    const groups = mixedItems(12, randomIds(1, 1))
      .map((sequences) => ({ sequences }));
    const count = () => device.launches.values().reduce((a, b) => a + b, 0);
    const before = count();
    if (isBatched) await Array.fromAsync(scorer.scoreEach(groups));
    else for (const { sequences } of groups) await scorer.score(sequences);
    return count() - before;
  };
  assert.ok(await launches(true) < await launches(false) / 3);
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
