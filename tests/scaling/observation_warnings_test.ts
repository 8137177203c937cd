/** Odd runs, each oddity by itself. */
import assert from "node:assert/strict";
import {
  chinchillaObservations,
  EPOCH_LAW,
  type Observation,
  observationWarnings,
  predictLoss,
} from "../../lib/scaling/mod.ts";

/** Sizes and budgets as of a small sweep. */
const sound: Observation[] = [1e7, 3e7, 1e8, 3e8].flatMap((parameters) =>
  [5, 20, 80].map((ratio) => {
    const size = { parameters, tokens: ratio * parameters };
    return { ...size, loss: predictLoss(EPOCH_LAW, size) };
  })
);

/** The one warning that a change to sound runs brings. */
function only(runs: Observation[], pattern: RegExp): void {
  const warnings = observationWarnings(runs);
  assert.equal(warnings.length, 1, warnings.join("\n"));
  assert.match(warnings[0]!, pattern);
}

Deno.test("observationWarnings() is silent about sound runs", async () => {
  assert.deepEqual(observationWarnings(sound), []);
  assert.deepEqual(observationWarnings(await chinchillaObservations()), []);
});

Deno.test("observationWarnings() sees rows in other units", () => {
  const mixed = sound.map((run, i) =>
    i < 3 ? { ...run, parameters: run.parameters / 1e6 } : run
  );
  const [first, ...rest] = observationWarnings(mixed);
  assert.match(first!, /parameters jump from 10 to 30000000/);
  assert.match(rest.join(), /rows 1, 2 and 3: .*are both counts/);
});

Deno.test("observationWarnings() sees tokens in billions in all rows", () => {
  const billions = sound.map((run) => ({ ...run, tokens: run.tokens / 1e9 }));
  only(billions, /rows 1, 2, 3, 4, 5 and 7 more: .*are both counts/);
});

Deno.test("observationWarnings() sees perplexities", () => {
  const perplexities = sound.map((run) => ({
    ...run,
    loss: Math.exp(run.loss),
  }));
  only(perplexities, /loss is above 15 in rows 1.*not a perplexity/);
});

Deno.test("observationWarnings() sees repeated rows", () => {
  only([...sound, sound[2]!, sound[4]!], /rows 13 and 14 repeat/);
});

Deno.test("observationWarnings() sees too few sizes and a single budget", () => {
  const twoSizes = sound.slice(0, 6);
  only(twoSizes, /parameters take 2 different values/);
  const oneBudget = sound.map((run) => (
    { ...run, tokens: 1e17 / run.parameters }
  )).filter((_, i) => i % 3 === 0);
  only(oneBudget, /one budget/);
});
