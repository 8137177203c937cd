/** Kaplan's exponent from Chinchilla laws, its limits, and the optimum. */
import assert from "node:assert/strict";
import {
  EPOCH_LAW,
  HOFFMANN_ROUNDED_LAW,
  kaplanFrontier,
  nonEmbeddingOptimum,
  predictLoss,
  withEmbeddings,
  withoutEmbeddings,
} from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";

expectedTest(
  "kaplanFrontier() has the published exponents",
  "kaplan_vs_chinchilla",
  ({ computed_exponent: computed, published, tolerance: atol }) => {
    const headline = kaplanFrontier(EPOCH_LAW).nonEmbedding.exponent;
    const hoffmann = kaplanFrontier(HOFFMANN_ROUNDED_LAW).nonEmbedding.exponent;
    assertClose(headline, computed.headline_fit_482_2085, { atol });
    assertClose(hoffmann, computed.hoffmann_406_411, { atol });
    assertClose(
      [headline, hoffmann],
      [published.headline, published.hoffmann],
      {
        atol,
      },
    );
  },
);

Deno.test("kaplanFrontier() tends to closed forms for small and large sizes", () => {
  const { alpha, beta } = EPOCH_LAW;
  const exponent = (range: [number, number]) =>
    kaplanFrontier(EPOCH_LAW, { range, steps: 20 }).nonEmbedding.exponent;
  assertClose(exponent([1e-6, 1e-3]), beta / (alpha / 3 + beta), {
    rtol: 1e-3,
  });
  assertClose(exponent([1e15, 1e18]), beta / (alpha + beta), { rtol: 1e-3 });
});

Deno.test("nonEmbeddingOptimum() has a lower loss than its neighbours", () => {
  for (const n of [1e4, 1e7, 1e10]) {
    const best = nonEmbeddingOptimum(EPOCH_LAW, n);
    assertClose(best.budget, 6 * n * best.tokens, { rtol: 1e-14 });
    const lossAt = (factor: number) =>
      predictLoss(EPOCH_LAW, {
        parameters: withEmbeddings(n * factor),
        tokens: best.tokens / factor,
      });
    for (const factor of [0.9, 0.99, 1.01, 1.1]) {
      assert.ok(lossAt(factor) > lossAt(1), `${n} ${factor}`);
    }
  }
});

Deno.test("withoutEmbeddings() undoes withEmbeddings()", () => {
  for (const n of [1, 768, 12345, 1e6, 1e9, 1e12]) {
    assertClose(withoutEmbeddings(withEmbeddings(n)), n, { rtol: 1e-11 });
  }
  assertClose(withEmbeddings(1e9), 1e9 + 47491 * 1000, { rtol: 1e-14 });
});

Deno.test("reconciliation rejects sizes of 0", async () => {
  await assertFails(() => withoutEmbeddings(0), ConfigError, /parameters 0/);
  await assertFails(
    () => nonEmbeddingOptimum(EPOCH_LAW, -1),
    ConfigError,
    /nonEmbedding -1/,
  );
});
