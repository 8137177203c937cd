/**
 * The quick objective against the plain sum in float64 (`fitObjective`), and
 * its gradient against central differences of that plain sum.
 */
import { fitObjective, LAWS, type Observation } from "../../lib/scaling/mod.ts";
import { huberObjective } from "../../lib/scaling/huber_objective.ts";
import { Random } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";

/** Runs strewn over three decades, losses 2 to 4, unlike any law. */
function strewn(count: number): Observation[] {
  const random = new Random(7, "strewn runs");
  return Array.from({ length: count }, () => ({
    parameters: 10 ** (7 + 3 * random.uniform()),
    tokens: 10 ** (9 + 3 * random.uniform()),
    loss: 2 + 2 * random.uniform(),
  }));
}

Deno.test("huberObjective() equals the plain sum of Huber terms", () => {
  // Counts around the block of 16 rows; deltas on both paths of the logarithm
  // and at the limit of squares.
  for (const count of [5, 16, 17, 31, 64, 100]) {
    const runs = strewn(count);
    for (const delta of [1e-8, 1e-3, 0.01, 0.011, 0.3, 100]) {
      const { evaluate, encode } = huberObjective(runs, delta);
      for (const law of LAWS) {
        const value = evaluate(encode(law), new Float64Array(5)) * delta;
        assertClose(value, fitObjective(law, runs, { delta }), {
          rtol: 1e-11, // the series at 0.01 is exact to 1e-12
          name: `${count} runs, delta ${delta}, ${law.name}`,
        });
      }
    }
  }
});

Deno.test("huberObjective() survives starts far from any run", () => {
  const runs = strewn(100);
  const far = { E: Math.exp(-1), A: 1, B: Math.exp(25), alpha: 2, beta: 0 };
  const { evaluate, encode } = huberObjective(runs, 1e-3);
  const value = evaluate(encode(far), new Float64Array(5)) * 1e-3;
  assertClose(value, fitObjective(far, runs), { rtol: 1e-12 });
});

Deno.test("huberObjective() has the gradient of central differences", () => {
  const runs = strewn(50);
  for (const delta of [0.02, 0.3, 100]) { // kinks far apart for differences
    const { evaluate, encode, decode } = huberObjective(runs, delta);
    for (const law of LAWS) {
      const p = encode(law);
      const gradient = new Float64Array(5);
      evaluate(p, gradient);
      const plain = (p: Float64Array) => [
        fitObjective(decode(p), runs, { delta }) / delta,
      ];
      // Rounding of the values over 2h, and h times the curvature at kinks.
      const tolerance = { rtol: 1e-5, atol: 1e-4 };
      assertGradient(plain, [p], [1], 0, gradient, tolerance);
    }
  }
});

Deno.test("huberObjective() decodes what it encoded", () => {
  const { encode, decode } = huberObjective(strewn(20), 1e-3);
  for (const law of LAWS) {
    const back = decode(encode(law));
    for (const name of ["E", "A", "B", "alpha", "beta"] as const) {
      // ln A is a difference of numbers of size 10: a few ulps of it.
      assertClose(back[name], law[name], { rtol: 1e-13, name });
    }
  }
});
