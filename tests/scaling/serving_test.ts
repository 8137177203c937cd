/** Serving costs against Sardana's example and conditions of an optimum. */
import assert from "node:assert/strict";
import {
  allocateBudget,
  allocateForServing,
  budgetOf,
  EPOCH_LAW,
  HOFFMANN_LAW,
  HOFFMANN_ROUNDED_LAW,
  optimalTokens,
  predictLoss,
  servingBreakEven,
  servingSaving,
  tokensForLoss,
} from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";

expectedTest(
  "servingSaving() has the published example of a 13B model",
  "inference_aware",
  ({ constants: law, published, computed }) => {
    const size = { parameters: 13e9, tokens: optimalTokens(law, 13e9) };
    const { baseline, best, savedFlops, savedShare } = servingSaving(
      law,
      size,
      2e12,
    );
    // Printed to four digits.
    assertClose(
      [size.tokens, baseline.loss, baseline.totalFlops, best.parameters],
      [computed.D0, computed.L0, computed.baseline_flop, computed.N],
      { rtol: 2e-4 },
    );
    assertClose([best.tokens, savedFlops, 100 * savedShare], [
      computed.D,
      computed.saving_flop,
      computed.saving_percent,
    ], { rtol: 2e-3 }); // three digits
    assertClose(savedFlops, published.saving_flop, { rtol: 0.01 });
    assertClose(100 * savedShare, published.saving_percent, { atol: 0.5 });
    assertClose(best.parameters, 7e9, { rtol: 0.01 });
    assertClose(best.loss, baseline.loss, { rtol: 1e-12 });
  },
);

Deno.test("servingSaving() depends strongly on the constants", () => {
  // Computed independently: 10.1, 16.3 and 29.0 per cent.
  const laws = [HOFFMANN_ROUNDED_LAW, HOFFMANN_LAW, EPOCH_LAW];
  const shares = laws.map((law) => {
    const size = { parameters: 13e9, tokens: optimalTokens(law, 13e9) };
    return 100 * servingSaving(law, size, 2e12).savedShare;
  });
  assertClose(shares, [10.1, 16.3, 29.0], { atol: 0.051 });
});

Deno.test("allocateForServing() without serving is the best allocation", () => {
  const best = allocateBudget(EPOCH_LAW, 1e20);
  const plan = allocateForServing(EPOCH_LAW, {
    loss: best.loss,
    servedTokens: 0,
  });
  assertClose(plan.totalFlops, 1e20, { rtol: 1e-9 });
  assertClose(plan.parameters, best.parameters, { rtol: 1e-3 });
  assert.equal(plan.servingFlops, 0);
});

Deno.test("allocateForServing() is cheaper than its neighbours", () => {
  const servedTokens = 1e11, loss = 2.8;
  const plan = allocateForServing(EPOCH_LAW, { loss, servedTokens });
  for (const factor of [0.9, 0.99, 1.01, 1.1]) {
    const parameters = factor * plan.parameters;
    const tokens = tokensForLoss(EPOCH_LAW, { parameters, loss });
    assertClose(predictLoss(EPOCH_LAW, { parameters, tokens }), loss, {
      rtol: 1e-12,
    });
    const total = budgetOf({ parameters, tokens }) +
      2 * parameters * servedTokens;
    assert.ok(total > plan.totalFlops);
  }
});

Deno.test("servingBreakEven() is where both models cost the same", () => {
  const large = allocateBudget(EPOCH_LAW, 1e20);
  const parameters = large.parameters / 2;
  const served = servingBreakEven(EPOCH_LAW, large, parameters);
  assert.ok(served > 0);
  const tokens = tokensForLoss(EPOCH_LAW, { parameters, loss: large.loss });
  assertClose(
    budgetOf({ parameters, tokens }) + 2 * parameters * served,
    budgetOf(large) + 2 * large.parameters * served,
    { rtol: 1e-12 },
  );
  // A model that is too large for its tokens is dearer from the first token.
  const wasteful = { parameters: 1e10, tokens: 1e10 };
  assert.ok(servingBreakEven(EPOCH_LAW, wasteful, 3e9) < 0);
});

Deno.test("serving rejects what no model reaches", async () => {
  await assertFails(
    () => tokensForLoss(EPOCH_LAW, { parameters: 1e6, loss: 3 }),
    ConfigError,
    /1000000 parameters: they leave/,
  );
  await assertFails(
    () => allocateForServing(EPOCH_LAW, { loss: 1.5, servedTokens: 1 }),
    ConfigError,
    /loss of 1.5/,
  );
  await assertFails(
    () => allocateForServing(EPOCH_LAW, { loss: 3, servedTokens: -1 }),
    ConfigError,
    /-1 tokens/,
  );
  const size = { parameters: 1e8, tokens: 1e10 };
  await assertFails(
    () => servingBreakEven(EPOCH_LAW, size, 1e8),
    ConfigError,
    /below 100000000/,
  );
});
