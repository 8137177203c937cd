/** Figures of TTL's runs: each point where its record says. */
import assert from "node:assert/strict";
import { plotTtlCurves, plotTtlPredictions } from "../../lib/plots/mod.ts";
import {
  LAWS,
  predictLoss,
  predictTtlRuns,
  TTL_LAW,
  ttlRuns,
  ttlTrainingLoss,
} from "../../lib/scaling/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertSound } from "./sound_figure.ts";

const runs = await ttlRuns();

Deno.test("plotTtlPredictions() has a point for each law and run", () => {
  const predictions = predictTtlRuns(runs);
  const figure = plotTtlPredictions(predictions);
  assertSound(figure, 4);
  assert.deepEqual(
    figure.data[0]!.x,
    predictions.slice(0, LAWS.length).map((row) => row.predictedLoss),
  );
  assert.deepEqual(figure.data[3]!.x, LAWS.map(() => 2.46));
});

Deno.test("plotTtlCurves() thins long curves and keeps their last point", async () => {
  const curves = await Promise.all(runs.map(async (run) => {
    const observed = await ttlTrainingLoss(run);
    const { parameters } = run;
    const predicted = observed.slice(1).map(({ tokens }) => ({
      tokens,
      loss: predictLoss(TTL_LAW, { parameters, tokens }),
    }));
    return { name: run.name, observed, predicted };
  }));
  const figure = plotTtlCurves(curves);
  assertSound(figure);
  for (const [i, { observed }] of curves.entries()) {
    assert.ok(observed.length > 2000);
    const x = figure.data[2 * i]!.x as number[];
    assert.ok(x.length > 100 && x.length <= 150);
    assertClose(x.at(-1)!, observed.at(-1)!.tokens / 1e9, { rtol: 5e-5 });
  }
});
