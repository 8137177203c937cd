/** Predictions for TTL's runs against those worked out by hand. */
import assert from "node:assert/strict";
import {
  EPOCH_LAW,
  HOFFMANN_ROUNDED_LAW,
  LAWS,
  predictLoss,
  predictTtlRuns,
  TTL_LAW,
  ttlRuns,
} from "../../lib/scaling/mod.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const runs = await ttlRuns();

Deno.test("predictTtlRuns() has the losses of three laws for both runs", () => {
  // With the refit as TTL's neighbours cite it, in its rounding.
  const cited = { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478 };
  const refit = { ...EPOCH_LAW, ...cited, beta: 0.3658 };
  const laws = [TTL_LAW, HOFFMANN_ROUNDED_LAW, refit];
  const rows = predictTtlRuns(runs, laws);
  // Computed independently, to the two digits printed.
  const expected = {
    "TTL-160m": [[3.50, 33.28], [3.20, 24.61], [3.15, 23.23]],
    "TTL-460m": [[3.03, 20.64], [2.80, 16.48], [2.74, 15.54]],
  };
  for (const [model, values] of Object.entries(expected)) {
    const ours = rows.filter((row) => row.model === model);
    assert.deepEqual(ours.map((row) => row.law), laws.map((law) => law.name));
    for (const [i, [loss, perplexity]] of values.entries()) {
      assertClose(ours[i]!.predictedLoss, loss!, { atol: 0.0051 });
      assertClose(ours[i]!.perplexity, perplexity!, { atol: 0.0051 });
    }
  }
  // What the authors' script would print for TTL's constants.
  assert.deepEqual(
    rows.filter((row) => row.law === TTL_LAW.name)
      .map((row) => row.scriptPerplexity.toFixed(2)),
    ["11.35", "8.15"],
  );
});

Deno.test("predictTtlRuns() compares at the tokens of the last evaluation", () => {
  const row = predictTtlRuns(runs, [TTL_LAW])[0]!;
  const { parameters, checkpoints } = runs[0]!;
  const last = checkpoints.at(-1)!;
  assert.equal(row.observedLoss, 2.79);
  assert.equal(row.observedPerplexity, 16.41);
  assertClose(
    row.gap,
    predictLoss(TTL_LAW, { parameters, tokens: last.tokens }) - 2.79,
    { rtol: 1e-12 },
  );
});

Deno.test("predictTtlRuns() takes all laws by default, all above observed", () => {
  const rows = predictTtlRuns(runs);
  assert.equal(rows.length, 2 * LAWS.length);
  assert.ok(rows.every((row) => row.gap > 0));
});

Deno.test("predictTtlRuns() needs an evaluation to compare with", async () => {
  const bare = { ...runs[0]!, checkpoints: [] };
  await assertFails(
    () => predictTtlRuns([bare]),
    DataError,
    /TTL-160m .* 0 evaluations/,
  );
});
