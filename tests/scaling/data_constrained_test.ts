/** The data-constrained law against its authors' numbers and its limits. */
import assert from "node:assert/strict";
import {
  allocateBudget,
  allocateRepeated,
  C4_REPETITION_LAW as law,
  effectiveSizes,
  lossFloorOfCorpus,
  optimalTokens,
  predictLoss,
  predictRepeatedLoss,
} from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";

expectedTest(
  "predictRepeatedLoss() has the published losses",
  "data_constrained",
  ({ constants, checks }) => {
    assertClose(
      [Math.log(law.A), Math.log(law.B), Math.log(law.E), law.alpha, law.beta],
      [
        constants.ln_A,
        constants.ln_B,
        constants.ln_E,
        constants.alpha,
        constants.beta,
      ],
      { rtol: 1e-14 },
    );
    assert.equal(law.tokenHalfLife, constants.RD);
    assert.equal(law.parameterHalfLife, constants.RN);
    for (const { N, D, U, L } of checks) {
      const run = { parameters: N, tokens: D, uniqueTokens: U };
      assertClose(predictRepeatedLoss(law, run), L, { rtol: 1e-13 });
    }
  },
);

expectedTest(
  "allocateRepeated() has the published best size for 25B tokens",
  "data_constrained",
  ({
    optimum_C_1e22_U_25e9: { published_grid, computed_continuous },
    gopher_budget_unconstrained: gopher,
  }) => {
    const best = allocateRepeated(law, { budget: 1e22, uniqueTokens: 25e9 });
    assertClose(
      [best.parameters, best.tokens, best.loss],
      [computed_continuous.N, computed_continuous.D, computed_continuous.L],
      { rtol: 1e-5 }, // the valley is flat: the size is known to the root of ulps
    );
    // The authors' grid has steps of a few per mille.
    assertClose(
      [best.parameters, best.tokens, best.epochs],
      [published_grid.N, published_grid.D, published_grid.epochs],
      { rtol: 2e-3 },
    );
    const free = allocateBudget(law, gopher.C);
    assertClose([free.parameters, free.tokens], [gopher.N, gopher.D], {
      rtol: 1e-12,
    });
  },
);

Deno.test("predictRepeatedLoss() is the plain law while nothing repeats", () => {
  for (const tokens of [1e10, 1e11]) {
    const size = { parameters: 1e8, tokens };
    for (const uniqueTokens of [tokens, 2 * tokens, 1e14]) {
      assertClose(
        predictRepeatedLoss(law, { ...size, uniqueTokens }),
        predictLoss(law, size),
        { rtol: 1e-14 },
      );
    }
  }
  // A size beyond what its tokens can use counts for less even then.
  const large = { parameters: 1e10, tokens: 1e9 };
  assert.ok(
    predictRepeatedLoss(law, { ...large, uniqueTokens: 1e9 }) >
      predictLoss(law, large),
  );
});

Deno.test("effectiveSizes() saturates at 1 + half-life times the unique part", () => {
  const uniqueTokens = 1e9;
  const { tokens, parameters } = effectiveSizes(law, {
    parameters: 1e15,
    tokens: 1e15,
    uniqueTokens,
  });
  assertClose(tokens, uniqueTokens * (1 + law.tokenHalfLife), { rtol: 1e-12 });
  // U_N is the size whose best tokens are the unique ones.
  const usable = parameters / (1 + law.parameterHalfLife);
  assertClose(optimalTokens(law, usable), uniqueTokens, { rtol: 1e-9 });
  // A few repeats are worth nearly as much as new tokens.
  const four = effectiveSizes(law, {
    parameters: 1e7,
    tokens: 4e9,
    uniqueTokens,
  });
  assertClose(four.tokens, 4e9, { rtol: 0.08 });
  assert.ok(four.tokens < 4e9);
});

Deno.test("allocateRepeated() is free with plenty, and bounded by the corpus", () => {
  const plenty = allocateRepeated(law, { budget: 1e20, uniqueTokens: 1e13 });
  const free = allocateBudget(law, 1e20);
  assertClose(plenty.loss, free.loss, { rtol: 1e-12 });
  assertClose(plenty.parameters, free.parameters, { rtol: 1e-4 });
  const floor = lossFloorOfCorpus(law, 25e9);
  let before = Infinity;
  for (const budget of [1e21, 1e22, 1e23, 1e24, 1e25]) {
    const { loss, epochs } = allocateRepeated(law, {
      budget,
      uniqueTokens: 25e9,
    });
    assert.ok(loss < before && loss > floor && epochs > 1);
    before = loss;
  }
  assertClose(before, floor, { rtol: 0.001 });
});

Deno.test("predictRepeatedLoss() and allocateRepeated() reject sizes of 0", async () => {
  await assertFails(
    () =>
      predictRepeatedLoss(law, { parameters: 1, tokens: 1, uniqueTokens: 0 }),
    ConfigError,
    /uniqueTokens 0/,
  );
  await assertFails(
    () => allocateRepeated(law, { budget: -1, uniqueTokens: 1 }),
    ConfigError,
    /budget -1/,
  );
  await assertFails(
    () => lossFloorOfCorpus({ ...law, tokenHalfLife: 0 }, 1e9),
    ConfigError,
    /half-lives 0/,
  );
});
