/** What a fit is warned of, on runs made to be doubtful. */
import assert from "node:assert/strict";
import {
  chinchillaObservations,
  diagnoseFit,
  dropHighestLosses,
  EPOCH_LAW,
  fitLaw,
  HOFFMANN_LAW,
  type LawConstants,
  type Observation,
  predictLoss,
} from "../../lib/scaling/mod.ts";
import { assertClose } from "../support/assert_close.ts";

const runs245 = await chinchillaObservations();
const runs240 = dropHighestLosses(runs245);

/** Losses of a law with noise that alternates, at given sizes. */
function made(law: LawConstants, sizes: [number, number][]): Observation[] {
  return sizes.map(([parameters, tokens], i) => ({
    parameters,
    tokens,
    loss: predictLoss(law, { parameters, tokens }) *
      (1 + 0.01 * Math.cos(9 * i)),
  }));
}

Deno.test("diagnoseFit() finds the scatter and the outliers of the points", () => {
  const runs = runs245;
  const { outliers, warnings, scatter } = diagnoseFit(fitLaw(runs), runs);
  // Four of the five that Besiroglu et al. leave out, and one more.
  assert.deepEqual(outliers.slice(0, 4), [0, 1, 2, 3]);
  assert.ok(scatter > 0.003 && scatter < 0.01);
  assert.ok(warnings.some((text) => /rows 1, 2, 3, 4/.test(text)));
});

Deno.test("diagnoseFit() has little to say about a good fit", () => {
  const runs = runs240.map((run) => (
    { ...run, loss: predictLoss(EPOCH_LAW, run) }
  ));
  const { warnings, outliers, ridgeLength } = diagnoseFit(fitLaw(runs), runs);
  assert.deepEqual([warnings, outliers], [[], []]);
  assert.ok(ridgeLength < 1e-3);
});

Deno.test("diagnoseFit() has the flattest direction of the information", () => {
  const fit = fitLaw(runs240);
  const { flattest, conditionNumber, ridgeLength, scatter } = diagnoseFit(
    fit,
    runs240,
  );
  assertClose(Math.hypot(...flattest), 1, { rtol: 1e-12 });
  assert.ok(conditionNumber > 1e6);
  // Along it the losses change by the scatter in all, once gone that far.
  const moved = {
    A: fit.law.A * Math.exp(ridgeLength * flattest[0]!),
    B: fit.law.B * Math.exp(ridgeLength * flattest[1]!),
    E: fit.law.E * Math.exp(ridgeLength * flattest[2]!),
    alpha: fit.law.alpha + ridgeLength * flattest[3]!,
    beta: fit.law.beta + ridgeLength * flattest[4]!,
  };
  const change = Math.hypot(
    ...runs240.map((run) =>
      Math.log(predictLoss(moved, run) / predictLoss(fit.law, run))
    ),
  );
  assertClose(change, scatter, { rtol: 0.1 }); // first order in ridgeLength
});

Deno.test("diagnoseFit() sees a ridge when sizes hardly differ", () => {
  const sizes = Array.from({ length: 12 }, (_, i): [number, number] => [
    1e8 * 1.02 ** (i % 4),
    1e9 * 2 ** Math.floor(i / 4),
  ]);
  const runs = made(HOFFMANN_LAW, sizes);
  const { warnings, ridgeLength } = diagnoseFit(fitLaw(runs), runs);
  assert.ok(ridgeLength > 1);
  assert.ok(warnings.some((text) => /a ridge: the runs leave/.test(text)));
});

Deno.test("diagnoseFit() tells of bounds, unmoved starts and lonely ends", () => {
  const flat = runs240.map((run) => ({
    ...run,
    loss: predictLoss({ ...HOFFMANN_LAW, A: 1e-30 }, run),
  }));
  const atBounds = diagnoseFit(fitLaw(flat), flat).warnings;
  assert.ok(atBounds.some((text) => /ran to the edge of sense/.test(text)));

  const exact = runs240.map((run) => (
    { ...run, loss: predictLoss(HOFFMANN_LAW, run) }
  ));
  const start = { starts: [HOFFMANN_LAW], delta: 1 };
  const unmoved = diagnoseFit(fitLaw(exact, start), exact).warnings;
  assert.ok(unmoved.some((text) => /did not move from the start/.test(text)));

  const far = Array.from({ length: 20 }, (_, i) => (
    { E: 1, A: 1e-3 / (i + 1), B: 1e-3, alpha: 2, beta: 2 }
  ));
  const fit = fitLaw(runs240, { starts: [...far, EPOCH_LAW] });
  assert.equal(fit.starts.reachedBest, 1);
  const { warnings } = diagnoseFit(fit, runs240);
  assert.ok(
    warnings.some((text) => /1 of 21 starts/.test(text)),
    `${warnings}`,
  );
});
