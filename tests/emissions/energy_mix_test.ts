import assert from "node:assert/strict";
import {
  loadSourceIntensities,
  mixIntensity,
} from "../../lib/emissions/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const perSource = await loadSourceIntensities();

Deno.test("mixIntensity() weights the sources by their shares", () => {
  assert.equal(mixIntensity(perSource, { coal: 1 }), 995);
  // By hand: 0.6 x 26 + 0.3 x 743 + 0.1 x 48 = 15.6 + 222.9 + 4.8.
  assertClose(
    mixIntensity(perSource, {
      hydroelectricity: 0.6,
      natural_gas: 0.3,
      solar: 0.1,
    }),
    243.3,
    { rtol: 1e-14 }, // a few roundings
  );
});

Deno.test("mixIntensity() forgives rounding of published shares", () => {
  const mix = { wind: 0.333, solar: 0.333, nuclear: 0.333 };
  assertClose(mixIntensity(perSource, mix), (26 + 48 + 29) / 3, {
    rtol: 1e-14,
  });
});

Deno.test("mixIntensity() refuses what is no mix", async () => {
  await assertFails(
    () => mixIntensity(perSource, { cole: 1 }),
    ConfigError,
    /"cole": no such source of energy; near names are coal/,
  );
  await assertFails(
    () => mixIntensity(perSource, { coal: 0.5 }),
    ConfigError,
    /add up to 0.5/,
  );
  await assertFails(
    () => mixIntensity(perSource, { coal: 1.5, wind: -0.5 }),
    ConfigError,
    /-0.5 of "wind"/,
  );
  await assertFails(() => mixIntensity(perSource, {}), ConfigError, /up to 0/);
});
