/**
 * The objectives that a search sees against the plain sums, and their
 * gradients against central differences of those.
 */
import {
  fitObjective,
  LAWS,
  type MisfitOptions,
  type Observation,
  resolveMisfit,
} from "../../lib/scaling/mod.ts";
import { KINK, misfitObjective } from "../../lib/scaling/misfit_objective.ts";
import { Random } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";

const random = new Random(3, "strewn runs");
const runs = Array.from({ length: 40 }, (): Observation => ({
  parameters: 10 ** (7 + 3 * random.uniform()),
  tokens: 10 ** (9 + 3 * random.uniform()),
  loss: 2 + 2 * random.uniform(),
}));

const CASES: MisfitOptions[] = [
  { misfit: "squared" },
  { misfit: "squared", residual: "loss" },
  { misfit: "squared", residual: "loss", overWeight: 5 },
  { misfit: "absolute" },
  { misfit: "absolute", residual: "loss", overWeight: 10 },
  { delta: 0.3 },
  { delta: 0.3, overWeight: 3 },
  { delta: 0.3, residual: "loss" },
];

Deno.test("misfitObjective() equals the plain sum", () => {
  for (const options of CASES) {
    const { evaluate, encode, scale } = misfitObjective(
      runs,
      resolveMisfit(options),
    );
    for (const law of LAWS) {
      const value = evaluate(encode(law), new Float64Array(5)) * scale;
      assertClose(value, fitObjective(law, runs, options), {
        rtol: 1e-11,
        // The kink is rounded off by half its width in each run.
        atol: options.misfit === "absolute" ? 10 * runs.length * KINK : 0,
        name: JSON.stringify(options),
      });
    }
  }
});

Deno.test("misfitObjective() has the gradient of central differences", () => {
  for (const options of CASES) {
    const { evaluate, encode, decode, scale } = misfitObjective(
      runs,
      resolveMisfit(options),
    );
    for (const law of LAWS) {
      const p = encode(law);
      const gradient = new Float64Array(5);
      evaluate(p, gradient);
      const plain = (p: Float64Array) => [
        fitObjective(decode(p), runs, options) / scale,
      ];
      // Rounding of the values over 2h; no residual is as near to a kink.
      const tolerance = { rtol: 1e-5, atol: 1e-5 };
      assertGradient(plain, [p], [1], 0, gradient, tolerance);
    }
  }
});
