/**
 * The bootstrap of Besiroglu et al. draw for draw, threads against no threads,
 * and what happens to resamples that no law fits.
 */
import assert from "node:assert/strict";
import {
  bootstrapLaw,
  chinchillaObservations,
  dropHighestLosses,
  EPOCH_LAW,
  HOFFMANN_LAW,
  predictLoss,
  resampleClusters,
  summarizeBootstrap,
} from "../../lib/scaling/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const runs = dropHighestLosses(await chinchillaObservations());

Deno.test("bootstrapLaw() gives the same laws with any number of threads", async () => {
  const options = { count: 120, seed: 3 };
  const alone = await bootstrapLaw(runs, { ...options, threads: 1 });
  const together = await bootstrapLaw(runs, { ...options, threads: 2 });
  assert.equal(alone.laws.length, 120);
  assert.deepEqual(together, alone);
  assert.deepEqual(alone.failures, []);
});

Deno.test("bootstrapLaw() keeps to the misfit and the tie of its fit", async () => {
  const { fit, laws } = await bootstrapLaw(runs, {
    count: 20,
    isTied: true,
    misfit: "squared",
  });
  assert.equal(fit.misfit.misfit, "squared");
  for (const law of laws) assert.equal(law.alpha, law.beta);
});

Deno.test("bootstrapLaw() has no scatter without noise", async () => {
  const exact = runs.map((run) => ({
    ...run,
    loss: predictLoss(EPOCH_LAW, run),
  }));
  const bootstrap = await bootstrapLaw(exact, { count: 20 });
  for (
    const { name, estimate, standardError } of summarizeBootstrap(bootstrap)
      .intervals
  ) {
    assertClose(standardError, 0, { atol: 1e-6 * estimate, name });
  }
});

Deno.test("bootstrapLaw() by cluster is wider when runs of a cluster agree", async () => {
  // 12 sizes, each with an offset of its own that its 20 runs share.
  const shared = Array.from({ length: 240 }, (_, i) => {
    const cluster = Math.floor(i / 20);
    const size = {
      parameters: 1e7 * 2 ** cluster,
      tokens: 1e9 * 1.5 ** (i % 20),
    };
    const factor = 1 + 0.01 * Math.sin(7 * cluster);
    return { ...size, loss: predictLoss(HOFFMANN_LAW, size) * factor, cluster };
  });
  const rows = await bootstrapLaw(shared, { count: 150 });
  const resamples = resampleClusters(shared.map((run) => run.cluster), {
    count: 150,
  });
  const clusters = await bootstrapLaw(shared, { resamples });
  const error = (bootstrap: typeof rows) =>
    summarizeBootstrap(bootstrap).intervals.find(({ name }) =>
      name === "alpha"
    )!.standardError;
  assert.ok(error(clusters) > 2 * error(rows));
});

Deno.test("bootstrapLaw() counts resamples that no law fits", async () => {
  const one = new Int32Array(10); // ten times row 0
  const all = Int32Array.from(runs.keys());
  const { laws, failures } = await bootstrapLaw(runs, {
    resamples: [one, all],
  });
  assert.equal(laws.length, 1);
  assert.equal(failures.length, 1);
  assert.match(failures[0]!, /parameters is .* in all of rows/);
});

Deno.test("bootstrapLaw() rejects what it cannot do", async () => {
  await assertFails(
    () => bootstrapLaw(runs, { resamples: [Int32Array.of(0, 240)] }),
    ConfigError,
    /resample 1: it names row 240, wanted indices in 0..239/,
  );
  await assertFails(
    () => bootstrapLaw(runs, { resamples: [new Int32Array(9)] }),
    DataError,
    /any of 1 resamples/,
  );
  await assertFails(
    () => bootstrapLaw(runs, { count: 2, threads: 0 }),
    ConfigError,
    /0 threads/,
  );
  await assertFails(
    () => bootstrapLaw(runs, { count: 0 }),
    ConfigError,
    /0 re/,
  );
});
