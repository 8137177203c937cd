/**
 * TTL's tables against each other: steps times tokens, and perplexities as
 * e^loss.
 */
import assert from "node:assert/strict";
import {
  tokensPerParameter,
  ttlRuns,
  ttlTokenizers,
  ttlTrainingLoss,
} from "../../lib/scaling/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";

const runs = await ttlRuns();

Deno.test("ttlRuns() has the two runs with steps times 8192 tokens", () => {
  assert.deepEqual(runs.map((run) => run.name), ["TTL-160m", "TTL-460m"]);
  assert.deepEqual(runs.map((run) => run.steps * run.tokensPerStep), [
    3_751_936_000,
    9_830_400_000,
  ]);
  for (const run of runs) {
    assert.equal(run.steps * run.tokensPerStep, run.tokens);
    assert.ok(run.seconds > 0);
  }
  // One epoch of 1,831,873 rows in micro-batches of 4, printed as 458,000.
  assert.equal(Math.ceil(1_831_873 / 4), 457_969);
  assertClose(runs.map(tokensPerParameter), [23.1, 21.0], { atol: 0.05 });
});

Deno.test("ttlRuns() has perplexities that are e^loss, not 2^loss", () => {
  assert.deepEqual(runs.map((run) => run.checkpoints.length), [4, 12]);
  for (const { name, checkpoints } of runs) {
    for (const { step, tokens, loss, perplexity } of checkpoints) {
      assert.equal(tokens, step * 8192);
      // All sixteen losses are cut to two decimals, not rounded; the
      // perplexity is rounded, to 0.0003 of itself at most.
      const digitsCut = Math.log(perplexity) - loss;
      assert.ok(digitsCut > -3e-4 && digitsCut < 0.01, `${name} at ${step}`);
      assert.ok(Math.abs(Math.log2(perplexity) - loss) > 1);
    }
  }
});

Deno.test("ttlTrainingLoss() ends at the annotated 2.80 and 2.66", async () => {
  const last = await Promise.all(runs.map(async (run) => {
    const curve = await ttlTrainingLoss(run);
    assert.ok(
      curve.every((p, i) => i === 0 || p.tokens > curve[i - 1]!.tokens),
    );
    assertClose(curve.at(-1)!.tokens, run.tokens, { rtol: 1e-5 });
    return curve.at(-1)!.loss.toFixed(2);
  }));
  assert.deepEqual(last, ["2.80", "2.66"]);
});

Deno.test("ttlTokenizers() has TTL shortest and Sabiá longest", async () => {
  const tokenizers = await ttlTokenizers();
  const perWord = Object.fromEntries(
    tokenizers.map((t) => [t.name, t.tokensPerWord.toFixed(3)]),
  );
  assert.deepEqual(perWord, {
    "TTL": "1.343",
    "GPorTuguese-2": "1.346",
    "BERTimbau": "1.487",
    "Cabrita-3B": "1.552",
    "Sabia-7B": "2.002",
  });
});

for (
  const file of [
    "models",
    "training",
    "checkpoints_160m",
    "checkpoints_460m",
    "scaling_law",
    "training_loss_160m",
    "training_loss_460m",
    "tokenizers",
  ]
) {
  referenceTest(
    `data/ttl/${file}.csv is the reference with a citation above`,
    `ttl/${file}.csv`,
    async (path) => {
      const ours = new URL(`../../data/ttl/${file}.csv`, import.meta.url);
      const lines = (await Deno.readTextFile(ours)).split("\n");
      const start = lines.findIndex((line) => !line.startsWith("#"));
      assert.ok(start >= 3, "no citation");
      assert.equal(
        lines.slice(start).join("\n"),
        await Deno.readTextFile(path),
      );
    },
  );
}
