/** The envelope of curves that follow a law at every step. */
import assert from "node:assert/strict";
import {
  EPOCH_LAW,
  fitEnvelope,
  frontierShape,
  geometricSteps,
  HOFFMANN_LAW,
  type LawConstants,
  predictLoss,
  type TrainingCurve,
} from "../../lib/scaling/mod.ts";
import { ConfigError, DataError, Random } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

/** Curves of many sizes as if each step were the end of a run. */
function curves(law: LawConstants, noise = 0, numSizes = 25): TrainingCurve[] {
  const random = new Random(2, "curve noise");
  return geometricSteps([1e7, 1e10], numSizes).map((parameters) => {
    const tokens = geometricSteps([0.2 * parameters, 500 * parameters], 400);
    const loss = tokens.map((D) =>
      predictLoss(law, { parameters, tokens: D }) *
      (1 + noise * random.normal())
    );
    return { parameters, tokens, loss };
  });
}

Deno.test("fitEnvelope() has the exponent of the law's frontier", () => {
  for (const law of [EPOCH_LAW, HOFFMANN_LAW]) {
    const { parameters, tokens } = fitEnvelope(curves(law), { smoothing: 0 });
    const { a, b } = frontierShape(law);
    // Sizes a third apart: the winner is off by up to a sixth either way.
    assertClose([parameters.exponent, tokens.exponent], [a, b], { atol: 0.01 });
  }
});

Deno.test("fitEnvelope() smooths noise that would win otherwise", () => {
  const noisy = curves(EPOCH_LAW, 0.01);
  const { a } = frontierShape(EPOCH_LAW);
  const smooth = fitEnvelope(noisy, { smoothing: 10 });
  assertClose(smooth.parameters.exponent, a, { atol: 0.05 });
  const at = (points: typeof smooth.points) =>
    points.reduce(
      (sum, point) => sum + point.loss / predictLoss(EPOCH_LAW, point) - 1,
      0,
    ) / points.length;
  const rough = fitEnvelope(noisy, { smoothing: 0 });
  // The lowest of several noisy losses is too low by most of a deviation.
  assert.ok(at(rough.points) < -0.005);
  assert.ok(Math.abs(at(smooth.points)) < 0.001);
});

Deno.test("fitEnvelope() takes the lowest loss of each budget", () => {
  const made = curves(EPOCH_LAW, 0, 5);
  const { points, warnings } = fitEnvelope(made, {
    smoothing: 0,
    numBudgets: 100,
    dropEdges: false,
  });
  assert.equal(points.length, 100);
  for (const { budget, parameters, tokens, loss, curve } of points) {
    assert.equal(made[curve]!.parameters, parameters);
    assertClose(6 * parameters * tokens, budget, { rtol: 1e-12 });
    for (const other of made) {
      const size = {
        parameters: other.parameters,
        tokens: budget / 6 / other.parameters,
      };
      const ratio = size.tokens / size.parameters;
      if (ratio < 0.2 || ratio > 500) continue; // not on that curve
      assert.ok(loss <= predictLoss(EPOCH_LAW, size) * (1 + 1e-3));
    }
  }
  assert.match(warnings[0]!, /won by the smallest or the largest size/);
  const inner = fitEnvelope(made, { smoothing: 0 }).points;
  const ends = [made[0]!.parameters, made.at(-1)!.parameters];
  assert.ok(inner.every((point) => !ends.includes(point.parameters)));
});

Deno.test("fitEnvelope() rejects curves that are none", async () => {
  const [curve, other] = curves(EPOCH_LAW, 0, 2) as [
    TrainingCurve,
    TrainingCurve,
  ];
  await assertFails(() => fitEnvelope([curve, curve]), DataError, /two sizes/);
  await assertFails(
    () => fitEnvelope([curve, { ...other, loss: [3] }]),
    DataError,
    /curve 2 with 400 token counts and 1 losses/,
  );
  await assertFails(
    () => fitEnvelope([{ ...curve, tokens: [2, 1], loss: [3, 3] }, other]),
    DataError,
    /curve 1/,
  );
  await assertFails(() => fitEnvelope([curve, other]), DataError, /between/);
  await assertFails(
    () => fitEnvelope([curve, other], { smoothing: -1 }),
    ConfigError,
    /-1 steps/,
  );
});
