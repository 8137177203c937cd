/** The tail of chi-square against SciPy 1.10's chi2.sf. */
import { chiSquareTail } from "../../lib/scaling/chi_square.ts";
import { assertClose } from "../support/assert_close.ts";

Deno.test("chiSquareTail() agrees with SciPy near and far out", () => {
  const cases = [
    [0.5, 1, 0.47950012218695337],
    [3.84145882, 1, 0.0500000000206984],
    [2, 2, 0.36787944117144245],
    [11.07, 5, 0.050009618622405425],
    [1, 10, 0.9998278843700441],
    [25, 4, 5.0309817823062075e-5],
    // The published test of Hoffmann's constants, p = 1.69e-49.
    [238.4, 5, 1.6917239591137909e-49],
    [0, 3, 1],
  ] as const;
  for (const [statistic, degrees, expected] of cases) {
    assertClose(chiSquareTail(statistic, degrees), expected, { rtol: 1e-12 });
  }
});
