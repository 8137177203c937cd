/** Coordinates of a fit, free and with one exponent. */
import assert from "node:assert/strict";
import { EPOCH_LAW, LAWS, type Observation } from "../../lib/scaling/mod.ts";
import { lawCoordinates, tieExponents } from "../../lib/scaling/coordinates.ts";
import { huberObjective } from "../../lib/scaling/huber_objective.ts";
import { assertClose } from "../support/assert_close.ts";

const runs: Observation[] = [
  { parameters: 1e7, tokens: 1e10, loss: 3.5 },
  { parameters: 1e8, tokens: 3e9, loss: 3.2 },
  { parameters: 1e9, tokens: 1e9, loss: 3.3 },
];

Deno.test("lawCoordinates() centres the logarithms of the runs", () => {
  const { xs, ys, encode } = lawCoordinates(runs);
  assertClose(xs, [-Math.log(10), 0, Math.log(10)], { atol: 1e-14 });
  assertClose(ys.reduce((a, b) => a + b), 0, { atol: 1e-14 });
  // The first coordinate is the term of size at the mean size, 1e8.
  const term = EPOCH_LAW.A * 1e8 ** -EPOCH_LAW.alpha;
  assertClose(Math.exp(encode(EPOCH_LAW)[0]!), term, { rtol: 1e-12 });
});

Deno.test("tieExponents() has the value and the slope of equal exponents", () => {
  const free = huberObjective(runs, 0.1);
  const tied = tieExponents(free);
  for (const law of LAWS) {
    const p = tied.encode(law);
    assert.equal(p.length, 4);
    const back = tied.decode(p);
    assertClose(back.alpha, (law.alpha + law.beta) / 2, { rtol: 1e-15 });
    assert.equal(back.beta, back.alpha);
    const gradient = new Float64Array(4);
    const value = tied.evaluate(p, gradient);
    const full = new Float64Array(5);
    assert.equal(value, free.evaluate(Float64Array.of(...p, p[3]!), full));
    assertClose(gradient, [...full.slice(0, 3), full[3]! + full[4]!], {
      rtol: 1e-15,
    });
  }
});
