/** Gadre's law: its published predictions, and its Chinchilla form. */
import assert from "node:assert/strict";
import {
  budgetOf,
  EPOCH_LAW,
  fitOverTrainingLaw,
  fromOverTrainingLaw,
  gadreRuns,
  overTrainedLoss,
  predictLoss,
  toOverTrainingLaw,
} from "../../lib/scaling/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";

const runs = await gadreRuns();
/** Four small sizes at M = 20 and the smallest at M = 320. */
const fitted = runs.filter(({ model, multiplier }) =>
  model.startsWith("d=") && multiplier === 20 ||
  model === "d=96_l=8_h=4" && multiplier === 320
);

expectedTest(
  "fitOverTrainingLaw() has the published constants and predictions",
  "gadre_redpajama",
  ({
    computed,
    in_law_symbols: symbols,
    published_relative_errors_percent: errors,
    tolerance_percent: atol,
  }) => {
    assert.equal(fitted.length, 5);
    const { law, chinchilla, objective } = fitOverTrainingLaw(fitted);
    assertClose(
      [chinchilla.A, law.b, -chinchilla.alpha, law.E],
      [computed.alpha_N, computed.beta, computed.exponent, computed.E],
      { rtol: 1e-6 },
    );
    assertClose(objective, computed.sse, { rtol: 1e-6 });
    // The printed symbols have four to five digits; a is told in words.
    assertClose(
      [law.a, law.b, law.eta, law.E],
      [212.2, symbols.b, symbols.eta, symbols.E],
      { rtol: 3e-4 },
    );
    const far = {
      open_lm_1b_multiplier_640: ["open_lm_1b", 640],
      open_lm_7b_multiplier_20: ["open_lm_7b", 20],
    } as const;
    for (const [key, [model, multiplier]] of Object.entries(far)) {
      const run = runs.find((run) =>
        run.model === model && run.multiplier === multiplier
      )!;
      const predicted = overTrainedLoss(law, {
        budget: budgetOf(run),
        tokensPerParameter: run.tokens / run.parameters,
      });
      const percent = 100 * Math.abs(predicted - run.loss) / run.loss;
      assertClose(percent, errors[key], { atol, name: key });
    }
  },
);

Deno.test("overTrainedLoss() is the Chinchilla law with equal exponents", () => {
  const tied = { ...EPOCH_LAW, beta: EPOCH_LAW.alpha };
  const law = toOverTrainingLaw(tied);
  for (const parameters of [1e7, 1e9]) {
    for (const tokensPerParameter of [2, 20, 640]) {
      const size = { parameters, tokens: tokensPerParameter * parameters };
      const budget = budgetOf(size);
      assertClose(
        overTrainedLoss(law, { budget, tokensPerParameter }),
        predictLoss(tied, size),
        { rtol: 1e-13 },
      );
    }
  }
  const back = fromOverTrainingLaw(law);
  for (const name of ["E", "A", "B", "alpha", "beta"] as const) {
    assertClose(back[name], tied[name], { rtol: 1e-13, name });
  }
});

Deno.test("toOverTrainingLaw() and fitOverTrainingLaw() reject what does not fit", async () => {
  await assertFails(
    () => toOverTrainingLaw(EPOCH_LAW),
    DataError,
    /alpha 0.34781 and beta 0.36585/,
  );
  await assertFails(
    () => fitOverTrainingLaw(fitted.slice(0, 3)),
    DataError,
    /3 runs: it has 4 constants/,
  );
  await assertFails(
    () => fromOverTrainingLaw({ E: 1, a: 1, b: 1, eta: 0 }),
    ConfigError,
    /eta 0/,
  );
});
