/** Grids for plots. */
import assert from "node:assert/strict";
import {
  EPOCH_LAW,
  geometricSteps,
  lossSurface,
  predictLoss,
} from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

Deno.test("geometricSteps() has equal ratios and exact ends", () => {
  const steps = geometricSteps([1e17, 1e23], 7);
  assertClose(steps, [1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23], {
    rtol: 1e-14,
  });
  assert.equal(steps[0], 1e17);
  assert.equal(steps[6], 1e23);
});

Deno.test("geometricSteps() rejects ends and counts that make no steps", async () => {
  await assertFails(() => geometricSteps([0, 1], 3), ConfigError, /range 0/);
  await assertFails(() => geometricSteps([1, 2], 1), ConfigError, /1 steps/);
});

Deno.test("lossSurface() has tokens in rows and parameters in columns", () => {
  const surface = lossSurface(EPOCH_LAW, {
    parameters: [1e7, 1e9],
    tokens: [1e9, 1e11],
    steps: 3,
  });
  assertClose(surface.parameters, [1e7, 1e8, 1e9], { rtol: 1e-14 });
  assert.equal(surface.loss.length, 3);
  assert.equal(
    surface.loss[2]![0],
    predictLoss(EPOCH_LAW, { parameters: 1e7, tokens: 1e11 }),
  );
});
