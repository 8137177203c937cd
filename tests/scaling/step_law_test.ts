/** The step law by hand. */
import { stepLawSettings } from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

Deno.test("stepLawSettings() has the published power laws", () => {
  const { learningRate, batchTokens } = stepLawSettings({
    parameters: 1e9,
    tokens: 1e11,
  });
  // 1.797 10^(-0.713 9 + 0.307 11) and 0.581 10^(0.571 11).
  assertClose(learningRate, 1.797 * 10 ** -3.04, { rtol: 1e-12 });
  assertClose(batchTokens, 0.581 * 10 ** 6.281, { rtol: 1e-12 });
});

Deno.test("stepLawSettings() rejects sizes of 0", async () => {
  await assertFails(
    () => stepLawSettings({ parameters: 0, tokens: 1 }),
    ConfigError,
    /parameters 0/,
  );
});
