/** The table exponential against `Math.exp`. */
import assert from "node:assert/strict";
import { fastExp } from "../../lib/scaling/fast_exp.ts";
import { assertClose } from "../support/assert_close.ts";

Deno.test("fastExp() is right to 1e-14 over its whole range", () => {
  for (let x = -350; x <= 350; x += 0.00937) {
    // The series leaves out r^5 / 120 with |r| <= 1/256: 7.6e-15.
    assertClose(fastExp(x), Math.exp(x), { rtol: 1e-14, name: `e^${x}` });
  }
});

Deno.test("fastExp() clamps beyond its range and keeps NaN", () => {
  assertClose(fastExp(1e9), Math.exp(350), { rtol: 1e-14 });
  assertClose(fastExp(-Infinity), Math.exp(-350), { rtol: 1e-14 });
  assert.ok(Number.isNaN(fastExp(NaN)));
});
