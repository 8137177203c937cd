/**
 * Misfits against hand calculation, and the likelihoods that Besiroglu et al.
 * print.
 */
import assert from "node:assert/strict";
import {
  chinchillaObservations,
  describeMisfit,
  dropHighestLosses,
  EPOCH_LAW,
  fitLaw,
  fitObjective,
  HOFFMANN_LAW,
  HOFFMANN_ROUNDED_LAW,
  laplaceLogLikelihood,
  logResiduals,
  predictLoss,
  resolveMisfit,
} from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";

const size = { parameters: 1e8, tokens: 1e10 };
const predicted = predictLoss(EPOCH_LAW, size);
/** Predicted too high by 2 nats, and too low by 1. */
const runs = [-2, 1].map((shift) => ({ ...size, loss: predicted + shift }));

Deno.test("logResiduals() is positive where the law predicts too much", () => {
  const run = { ...size, loss: 1 };
  const residuals = logResiduals(EPOCH_LAW, [run, { ...run, loss: predicted }]);
  assertClose(residuals, [Math.log(predicted), 0], { rtol: 1e-15 });
});

Deno.test("fitObjective() has every shape of misfit", () => {
  const residual = "loss";
  const of = (options: Parameters<typeof fitObjective>[2]) =>
    fitObjective(EPOCH_LAW, runs, { residual, ...options });
  assertClose(of({ misfit: "squared" }), 4 + 1, { rtol: 1e-12 });
  assertClose(of({ misfit: "absolute" }), 2 + 1, { rtol: 1e-12 });
  assertClose(of({ misfit: "absolute", overWeight: 10 }), 21, { rtol: 1e-12 });
  // Huber: 1.5 (2 - 0.75) outside and 1 / 2 inside of delta 1.5.
  assertClose(of({ delta: 1.5 }), 1.875 + 0.5, { rtol: 1e-12 });
  assertClose(of({ delta: 1.5, overWeight: 2 }), 3.75 + 0.5, { rtol: 1e-12 });
  const logs = runs.map((run) => Math.log(predicted / run.loss));
  assertClose(
    fitObjective(EPOCH_LAW, runs, { misfit: "squared" }),
    logs[0]! ** 2 + logs[1]! ** 2,
    { rtol: 1e-12 },
  );
});

Deno.test("describeMisfit() names what was made small", () => {
  assert.equal(
    describeMisfit(resolveMisfit()),
    "Huber misfit (delta 0.001) of log loss",
  );
  assert.equal(
    describeMisfit(resolveMisfit({
      misfit: "absolute",
      residual: "loss",
      overWeight: 10,
    })),
    "absolute misfit of loss, predictions too high weigh 10",
  );
});

Deno.test("resolveMisfit() rejects what it does not know", async () => {
  await assertFails(
    () => resolveMisfit({ misfit: "cubed" as "squared" }),
    ConfigError,
    /"cubed".*huber, absolute, squared/,
  );
  await assertFails(
    () => resolveMisfit({ residual: "bits" as "log" }),
    ConfigError,
    /"bits".*log, loss/,
  );
  await assertFails(() => resolveMisfit({ delta: -1 }), ConfigError, /delta/);
  await assertFails(
    () => resolveMisfit({ overWeight: 0 }),
    ConfigError,
    /overWeight/,
  );
});

expectedTest(
  "laplaceLogLikelihood() has the six published values",
  "chinchilla_extracted",
  async ({ log_likelihoods: expected }) => {
    const all = await chinchillaObservations();
    const kept = dropHighestLosses(all);
    // The headline law with more digits than the five that are printed.
    const headline = fitLaw(kept, { misfit: "absolute" }).law;
    const laws = {
      hoffmann_rounded: HOFFMANN_ROUNDED_LAW,
      hoffmann_exact: HOFFMANN_LAW,
      headline,
    };
    for (
      const [key, runs] of [["240_rows", kept], ["245_rows", all]] as const
    ) {
      for (const [name, law] of Object.entries(laws)) {
        assertClose(laplaceLogLikelihood(law, runs), expected[key][name], {
          atol: 0.0101, // two decimals, computed to 0.005
          name: `${key} ${name}`,
        });
      }
    }
  },
);
