/** The golden section on functions whose lowest point is known. */
import { lowestBetween } from "../../lib/scaling/golden_section.ts";
import { assertClose } from "../support/assert_close.ts";

Deno.test("lowestBetween() finds the bottom of a valley", () => {
  // f is flat to rounding within the root of 1e-16 of its bottom.
  assertClose(lowestBetween(-3, 10, (x) => (x - 2) ** 2), 2, { atol: 1e-7 });
  assertClose(lowestBetween(0, 9, (x) => Math.abs(x - 5)), 5, { atol: 1e-7 });
});

Deno.test("lowestBetween() goes to the end of a slope", () => {
  assertClose(lowestBetween(1, 4, (x) => x), 1, { atol: 1e-7 });
  assertClose(lowestBetween(1, 4, (x) => -x), 4, { atol: 1e-7 });
});

Deno.test("lowestBetween() takes what is not finite for too high", () => {
  const f = (x: number) => x < 1 ? NaN : (x - 2) ** 2;
  assertClose(lowestBetween(0, 10, f), 2, { atol: 1e-7 });
  const g = (x: number) => x < 1 ? Infinity : (x - 2) ** 2;
  assertClose(lowestBetween(0, 10, g), 2, { atol: 1e-7 });
});
