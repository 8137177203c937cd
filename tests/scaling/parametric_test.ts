/**
 * The fit against published refits of the 245 public points, an independent
 * refit in float64 (`expected.json`), and runs made from known constants.
 */
import assert from "node:assert/strict";
import {
  allocateBudget,
  budgetOf,
  chinchillaObservations,
  dropHighestLosses,
  EPOCH_GRID_LAW,
  EPOCH_LAW,
  fitLaw,
  fitObjective,
  HOFFMANN_LAW,
  HOFFMANN_ROUNDED_LAW,
  hoffmannStarts,
  type LawConstants,
  LAWS,
  type Observation,
  predictLoss,
  readObservations,
  takanoObservations,
} from "../../lib/scaling/mod.ts";
import { ConfigError, DataError, Random } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { referencePath, referenceTest } from "../support/reference.ts";
import { expectedTest } from "./expected.ts";

const NAMES = ["E", "A", "B", "alpha", "beta"] as const;

const runs245 = await chinchillaObservations();
const runs240 = dropHighestLosses(runs245);

/** Runs on a grid of sizes, with log-normal noise on the loss. */
function simulate(law: LawConstants, noise = 0, seed = 1): Observation[] {
  const random = new Random(seed, "noise");
  return Array.from({ length: 48 }, (_, i) => {
    const size = {
      parameters: 10 ** (6 + 0.4 * (i % 8)),
      tokens: 10 ** (8 + 0.6 * Math.floor(i / 8)),
    };
    const factor = Math.exp(noise * random.normal());
    return { ...size, loss: predictLoss(law, size) * factor };
  });
}

function assertSameLaw(
  actual: LawConstants,
  expected: LawConstants,
  rtol: number,
): void {
  for (const name of NAMES) {
    assertClose(actual[name], expected[name], { rtol, name });
  }
}

/** Tolerance that `expected.json` states for an optimum of these points. */
function assertNearOptimum(law: LawConstants, expected: LawConstants): void {
  assertClose(law.A, expected.A, { rtol: 0.002, name: "A" });
  assertClose(law.B, expected.B, { rtol: 0.005, name: "B" });
  for (const name of ["E", "alpha", "beta"] as const) {
    assertClose(law[name], expected[name], { atol: 5e-4, name });
  }
}

expectedTest(
  "fitLaw() finds the optimum of 240 points from all 4500 starts",
  "chinchilla_extracted",
  ({ optimum_240_computed: optimum, published_best_lbfgs: published }) => {
    const fit = fitLaw(runs240, { starts: hoffmannStarts() });
    assert.ok(fit.objective <= 0.00101827405, `objective ${fit.objective}`);
    assertClose(fit.objective, optimum.objective, { rtol: 1e-12 });
    assertNearOptimum(fit.law, optimum);
    assertSameLaw(fit.law, optimum, 1e-6); // its printed digits
    // The published fit stopped at a higher objective, in the 8th digit.
    assert.ok(fit.objective < published.objective);
    assert.equal(fit.starts.total, 4500);
    assert.ok(fit.starts.reachedBest > 900, `${fit.starts.reachedBest}`);
    assert.equal(fit.starts.impossible, 0);
    assert.deepEqual([fit.atBounds, fit.unmoved], [[], []]);
  },
);

expectedTest(
  "fitLaw() finds the optimum of all 245 points",
  "chinchilla_extracted",
  ({ optimum_245_computed: optimum }) => {
    const fit = fitLaw(runs245);
    assertClose(fit.objective, optimum.objective, { rtol: 1e-12 });
    assertSameLaw(fit.law, optimum, 1e-6);
  },
);

expectedTest(
  "fitLaw() has the least absolute deviation, and tends to it for small delta",
  "chinchilla_extracted",
  ({ lad_240_computed, lad_245 }) => {
    const small = { delta: 1e-8 };
    for (const options of [small, { misfit: "absolute" } as const]) {
      const fit = fitLaw(runs240, options);
      // Printed to five decimals, alpha and beta are the shortest.
      assertSameLaw(fit.law, lad_240_computed, 2e-5);
      assertClose(
        options === small ? fit.objective / small.delta : fit.objective,
        lad_240_computed.sum_abs_log_residual,
        { rtol: 1e-6 }, // the kink is rounded off over 1e-8, delta / 2 a term
      );
      const { E, A, B, alpha, beta } = fitLaw(runs245, options).law;
      assertClose(
        [Math.log(A), Math.log(B), Math.log(E), alpha, beta],
        lad_245.published_in_comment,
        { atol: 2e-6 },
      );
    }
  },
);

expectedTest(
  "fitObjective() prices Hoffmann's constants as computed independently",
  "chinchilla_extracted",
  (expected) => {
    for (
      const [law, key] of [
        [HOFFMANN_LAW, "objective_of_hoffmann_exact_240"],
        [HOFFMANN_ROUNDED_LAW, "objective_of_hoffmann_rounded_240"],
      ] as const
    ) {
      assertClose(fitObjective(law, runs240), expected[key], {
        rtol: 1e-7, // the constants are printed to eight digits
        name: key,
      });
    }
    const best = expected.published_best_lbfgs;
    assertClose(fitObjective(best, runs240), best.objective, { rtol: 1e-12 });
    assertClose(
      fitObjective(EPOCH_LAW, runs240),
      expected.published_headline.objective_at_it,
      { rtol: 3e-4 }, // beta is printed to 5e-6: 1e-5 nats in every row
    );
  },
);

Deno.test("fitLaw() finds the listed grid optimum from its 27 starts", () => {
  const fit = fitLaw(runs240, { name: "mine" });
  assertSameLaw(fit.law, EPOCH_GRID_LAW, 1e-6);
  assert.deepEqual([fit.law.name, fit.numObservations], ["mine", 240]);
  assert.equal(fit.starts.total, 27);
  assert.equal(fit.starts.reachedBest, 27);
  assertClose(fit.objective, fitObjective(fit.law, runs240), { rtol: 1e-9 });
  assertClose(allocateBudget(fit.law, 5.76e23).tokensPerParameter, 17.9, {
    atol: 0.05,
  });
});

Deno.test("fitLaw() returns the constants of runs without noise", () => {
  const tied = { E: 1.7, A: 40, B: 40, alpha: 0.1, beta: 0.1 };
  const steep = { E: 2.5, A: 1e6, B: 1e5, alpha: 0.9, beta: 0.6 };
  for (const law of [...LAWS, tied, steep]) {
    const fit = fitLaw(simulate(law));
    assertSameLaw(fit.law, law, 1e-6);
    assert.equal(fit.starts.reachedBest, 27);
  }
});

Deno.test("fitLaw() ends where all 4500 starts end, on noisy runs", () => {
  for (const [i, law] of [HOFFMANN_LAW, EPOCH_LAW].entries()) {
    for (const noise of [0.003, 0.03]) {
      const runs = simulate(law, noise, i);
      const few = fitLaw(runs),
        all = fitLaw(runs, { starts: hoffmannStarts() });
      assertClose(few.objective, all.objective, { rtol: 1e-10 });
    }
  }
});

for (
  const [file, loss] of [
    ["chinchilla_takano.csv", "loss"],
    ["porian_tuned_rw_isoflop_points.csv", "loss"],
    ["gadre_redpajama.csv", "loss_c4_val"],
  ] as const
) {
  referenceTest(
    `fitLaw() ends where all 4500 starts end, on ${file}`,
    `scaling/${file}`,
    async () => {
      const runs = await readObservations(referencePath(`scaling/${file}`), {
        parameters: "params",
        loss,
      });
      const few = fitLaw(runs),
        all = fitLaw(runs, { starts: hoffmannStarts() });
      assertClose(few.objective, all.objective, { rtol: 1e-10 });
    },
  );
}

Deno.test("fitLaw() does not care about the order of the runs", () => {
  const { law } = fitLaw(runs240);
  for (const seed of [1, 2, 3]) {
    const shuffled = new Random(seed, "order").shuffle([...runs240]);
    // The objective is flat to 1e-15 within about the root of that.
    assertSameLaw(fitLaw(shuffled).law, law, 1e-6);
  }
});

Deno.test("fitLaw() maps A to A c^alpha when N is counted c times", () => {
  const { law } = fitLaw(runs240);
  const scaled = fitLaw(runs240.map((run) => ({
    ...run,
    parameters: run.parameters * 1e-6,
    tokens: run.tokens * 1e-9,
  }))).law;
  const expected = {
    ...law,
    A: law.A * 1e-6 ** law.alpha,
    B: law.B * 1e-9 ** law.beta,
  };
  assertSameLaw(scaled, expected, 1e-6);
});

Deno.test("fitLaw() says when a term vanished", () => {
  // The loss does not depend on N: its term turns into a constant.
  const flat = fitLaw(simulate({ ...HOFFMANN_LAW, A: 1e-30 }));
  assert.ok(flat.atBounds.some((name) => name === "A" || name === "alpha"));
  // The loss grows with N: the exponent changes its sign.
  const runs = simulate({ ...HOFFMANN_LAW, A: 0.001, alpha: -0.3 });
  assert.deepEqual(fitLaw(runs).atBounds, ["alpha"]);
  // No constant under the loss at all.
  assert.deepEqual(
    fitLaw(simulate({ ...HOFFMANN_LAW, E: 1e-9 }, 0.001)).atBounds,
    ["E"],
  );
});

Deno.test("fitLaw() counts starts that cannot move or cannot begin", () => {
  const { law } = fitLaw(runs240);
  const stuck = fitLaw(runs240, { starts: [law] });
  assert.equal(stuck.starts.reachedBest, 1);
  const far = { ...law, A: 1e300, alpha: -60 };
  const some = fitLaw(runs240, { starts: [far, HOFFMANN_LAW] });
  assert.equal(some.starts.impossible, 1);
  assertSameLaw(some.law, law, 1e-6);
  // With delta this wide a start on runs without noise is already the end.
  const done = fitLaw(simulate(HOFFMANN_LAW), {
    starts: [HOFFMANN_LAW],
    delta: 1,
  });
  assert.equal(done.starts.unmoved, 1);
  assert.equal(done.unmoved.length, 5);
});

expectedTest(
  "fitLaw() has the squared-error fit of 217 runs in scaled units",
  "chinchilla_extracted",
  ({ mse_fit_flop_below_1e21: expected }) => {
    const runs = runs240.filter((run) => budgetOf(run) < 1e21).map((run) => ({
      ...run,
      parameters: run.parameters / 1e6,
      tokens: run.tokens / 1e9,
    }));
    assert.equal(runs.length, expected.rows);
    const fit = fitLaw(runs, { misfit: "squared", residual: "loss" });
    for (const name of NAMES) {
      assertClose(fit.law[name], expected[name], { atol: expected.tolerance });
    }
    assertClose(fit.objective, expected.rss, { atol: 5e-7 }); // six digits
  },
);

expectedTest(
  "fitLaw() fits Takano's asymmetric misfit, no worse than published",
  "chinchilla_takano",
  async ({ published, objective_at_published_computed, allocation_1e24 }) => {
    const runs = await takanoObservations();
    const options = {
      misfit: "absolute",
      residual: "loss",
      overWeight: 10,
    } as const;
    assertClose(
      fitObjective(published, runs, options) / runs.length,
      objective_at_published_computed,
      { rtol: 1e-12 },
    );
    const fit = fitLaw(runs, options);
    const mean = fit.objective / runs.length;
    assert.ok(mean <= objective_at_published_computed * (1 + 1e-9), `${mean}`);
    assertSameLaw(fit.law, published, 2e-4); // the valley is this flat
    const best = allocateBudget(fit.law, 1e24);
    // 160B and 1.04T as printed, three digits.
    assertClose(best.parameters, allocation_1e24.N, { rtol: 0.005 });
    assertClose(best.tokens, allocation_1e24.D, { rtol: 0.005 });
  },
);

Deno.test("fitLaw() returns tied exponents from four runs on", () => {
  const tied = { E: 1.8, A: 166, B: 287, alpha: 0.27, beta: 0.27 };
  for (const runs of [simulate(tied), simulate(tied).slice(6, 10)]) {
    for (const misfit of ["huber", "squared"] as const) {
      const fit = fitLaw(runs, { isTied: true, misfit });
      assert.equal(fit.law.alpha, fit.law.beta);
      assertSameLaw(fit.law, tied, 1e-6);
      assert.match(fit.law.source, /alpha = beta/);
    }
  }
  // Of runs that are not tied it is the best compromise, and worse.
  const free = fitLaw(runs240), forced = fitLaw(runs240, { isTied: true });
  assert.ok(forced.objective > free.objective);
  assert.ok(forced.law.alpha > free.law.alpha - 0.01);
});

Deno.test("fitLaw() lists rivals where the runs do not decide", async () => {
  assert.deepEqual(fitLaw(runs240).rivals, []);
  // Absolute errors leave a ridge: B of 900 fits nearly as well as 1600.
  const runs = await takanoObservations();
  const options = {
    misfit: "absolute",
    residual: "loss",
    overWeight: 10,
  } as const;
  const { rivals, law, objective } = fitLaw(runs, options);
  assert.ok(rivals.length >= 1 && rivals.length <= 5);
  for (const rival of rivals) {
    assert.ok(fitObjective(rival, runs, options) <= 1.0101 * objective);
    assert.ok(
      NAMES.some((name) => Math.abs(rival[name] / law[name] - 1) > 0.1),
    );
  }
});

Deno.test("fitLaw() rejects what it cannot fit", async () => {
  await assertFails(() => fitLaw(runs240.slice(0, 4)), DataError, /4 runs/);
  await assertFails(
    () => fitLaw(runs240, { delta: 0 }),
    ConfigError,
    /delta 0/,
  );
  await assertFails(
    () => fitLaw(runs240, { starts: [] }),
    ConfigError,
    /from 0 starts/,
  );
});
