/** Kaplan's laws by hand. */
import { KAPLAN_LAWS, kaplanLoss } from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

Deno.test("kaplanLoss() has the laws of each cause alone", () => {
  // (8.8e13 / 1e9)^0.076 and (5.4e13 / 1e10)^0.095 by logarithms.
  assertClose(
    kaplanLoss(KAPLAN_LAWS.nonEmbedding, 1e9),
    10 ** (0.076 * (Math.log10(8.8) + 4)),
    { rtol: 1e-12 },
  );
  assertClose(
    kaplanLoss(KAPLAN_LAWS.tokens, 1e10),
    10 ** (0.095 * (Math.log10(5.4) + 3)),
    { rtol: 1e-12 },
  );
  assertClose(kaplanLoss(KAPLAN_LAWS.petaflopDays, 3.1e8), 1, { rtol: 1e-15 });
});

Deno.test("kaplanLoss() rejects sizes of 0", async () => {
  await assertFails(
    () => kaplanLoss(KAPLAN_LAWS.tokens, 0),
    ConfigError,
    /x 0/,
  );
});
