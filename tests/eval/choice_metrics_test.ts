/** Metrics by hand. */
import assert from "node:assert/strict";
import {
  accuracy,
  bootstrapError,
  choiceMetrics,
  confusionMatrix,
  estimateMean,
  macroF1,
  meanSquaredError,
  pairedDifference,
  pearson,
  truthfulShare,
} from "../../lib/eval/mod.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

Deno.test("choiceMetrics() divides by characters and by bytes", () => {
  // "ação" has 4 characters and 6 bytes, "abcde" 5 of both.
  const choices = ["ação", "abcde"];
  const metrics = (...logs: number[]) => choiceMetrics(logs, choices, 0);
  assert.deepEqual(metrics(-4, -4.5), { acc: 1, acc_norm: 0, acc_bytes: 1 });
  assert.deepEqual(metrics(-5, -4.5), { acc: 0, acc_norm: 0, acc_bytes: 1 });
  assert.deepEqual(metrics(-4, -6), { acc: 1, acc_norm: 1, acc_bytes: 1 });
  // Ties go to the first; one emoji is one character.
  assert.equal(choiceMetrics([-1, -1], ["a", "b"], 0).acc, 1);
  assert.equal(choiceMetrics([-1, -1], ["a", "b"], 1).acc, 0);
  assert.equal(choiceMetrics([-1, -1.5], ["😀", "ab"], 1).acc_norm, 1);
  assert.equal(choiceMetrics([-1, -1.5], ["😀", "ab"], 0).acc_bytes, 1);
});

Deno.test("truthfulShare() goes by the labels, in any order", async () => {
  const logs = [Math.log(0.1), Math.log(0.2), Math.log(0.3)];
  assertClose([truthfulShare(logs, [1, 1, 0])], [0.5], { rtol: 1e-12 });
  assertClose([truthfulShare(logs, [0, 1, 0])], [1 / 3], { rtol: 1e-12 });
  assertClose([truthfulShare(logs, [0, 1, 1])], [5 / 6], { rtol: 1e-12 });
  // Far below the smallest double.
  assertClose([truthfulShare([-2000, -2000 - Math.log(3)], [1, 0])], [0.75], {
    rtol: 1e-9,
  });
  await assertFails(() => truthfulShare(logs, [1, 1, 1]), DataError, /mc2/);
});

Deno.test("estimateMean() has the errors of the published scores", () => {
  // ARC-pt: 1,170 items at 26.15 and 29.40 % (facts on evaluation, D).
  for (const [right, error] of [[306, 1.285], [344, 1.332]] as const) {
    const values = Array.from({ length: 1170 }, (_, i) => Number(i < right));
    const { mean, standardError, count } = estimateMean(values);
    assert.equal(count, 1170);
    assertClose([mean], [right / 1170], { rtol: 1e-12 });
    assertClose([100 * standardError], [error], { atol: 1e-3 });
  }
});

Deno.test("pairedDifference() is tighter than two errors", async () => {
  const a = [1, 0, 1, 0, 1, 0, 1, 0, 1, 0];
  const b = [1, 0, 1, 0, 1, 0, 1, 0, 1, 1];
  const { mean, standardError, z } = pairedDifference(a, b);
  assertClose([mean, standardError], [0.1, 0.1], { rtol: 1e-12 });
  assertClose([z], [1], { rtol: 1e-12 });
  assert.ok(standardError < estimateMean(a).standardError);
  await assertFails(() => pairedDifference([1], [1, 2]), DataError, /1 items/);
});

Deno.test("label metrics are those of the text books", async () => {
  const gold = ["a", "a", "b", "b", "b", "c"];
  const given = ["a", "b", "b", "b", "?", "c"];
  assertClose([accuracy(gold, given)], [4 / 6], { rtol: 1e-12 });
  // F1: a 2/3, b 2·2/(4 + 1 + 1) = 2/3, c 1, and the unreadable answer 0.
  assertClose([macroF1(gold, given)], [(2 / 3 + 2 / 3 + 1 + 0) / 4], {
    rtol: 1e-12,
  });
  assert.deepEqual(confusionMatrix(gold, given), {
    labels: ["?", "a", "b", "c"],
    counts: [[0, 0, 0, 0], [0, 1, 1, 0], [1, 0, 2, 0], [0, 0, 0, 1]],
  });
  // Always one class of a balanced pair: the floor of 33.33 in TTL's table.
  assertClose([macroF1([0, 1, 0, 1], [0, 0, 0, 0])], [1 / 3], { rtol: 1e-12 });
  assertClose([pearson([1, 2, 3], [2, 4, 6.5])], [0.9979487157886733], {
    rtol: 1e-12,
  });
  assert.equal(pearson([1, 2, 3], [5, 5, 5]), 0);
  assertClose([meanSquaredError([1, 2], [2, 4])], [2.5], { rtol: 1e-12 });
  await assertFails(() => accuracy(["a"], []), DataError, /0 answers with 1/);
});

Deno.test("bootstrapError() of a mean nears its closed form", () => {
  const values = Array.from({ length: 200 }, (_, i) => Number(i % 3 === 0));
  const error = bootstrapError(
    200,
    (indices) => indices.reduce((sum, i) => sum + values[i]!, 0) / 200,
    { draws: 4000 },
  );
  // 1 / √(2 · 4000) is its own relative error; four of them.
  assertClose([error], [estimateMean(values).standardError], { rtol: 0.045 });
});
