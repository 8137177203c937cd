import assert from "node:assert/strict";
import {
  gramsFromEnergy,
  joulesFromKwh,
  kwhFromJoules,
  meanRate,
} from "../../lib/emissions/mod.ts";
import { assertClose } from "../support/assert_close.ts";

Deno.test("joulesFromKwh() and kwhFromJoules() use 3.6 MJ exactly", () => {
  assert.equal(joulesFromKwh(1), 3_600_000);
  assert.equal(kwhFromJoules(3_600_000), 1);
  // CodeCarbon's 2.77778e-7 is off by 8e-7; the exact one is 1 / 3.6e6.
  assert.equal(kwhFromJoules(1), 1 / 3.6e6);
});

Deno.test("gramsFromEnergy() gives a hand-made example", () => {
  // 250 W for 8 h = 2 kWh; at 98.348 g/kWh 196.696 g.
  assertClose(gramsFromEnergy(250 * 8 * 3600, 98.348), 196.696, {
    rtol: 1e-15, // one rounding of each operation
  });
});

Deno.test("meanRate() does not divide by a tiny time", () => {
  assert.equal(meanRate(100, 0), undefined);
  assert.equal(meanRate(100, 0.049), undefined);
  assert.equal(meanRate(100, 0.05), 2000);
  assert.equal(meanRate(0, 10), 0);
});
