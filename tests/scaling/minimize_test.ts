/**
 * L-BFGS on functions whose minimum is known. Tolerances follow from the
 * stopping rule: near a minimum f is flat, so x is known to about the root of
 * the relative change of f at which the search stops.
 */
import assert from "node:assert/strict";
import { minimize, type Objective } from "../../lib/scaling/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

/** Rosenbrock's valley in any even number of variables. */
const rosenbrock: Objective = (x, gradient) => {
  let value = 0;
  for (let i = 0; i < x.length; i += 2) {
    const a = 1 - x[i]!, b = x[i + 1]! - x[i]! ** 2;
    value += a * a + 100 * b * b;
    gradient[i] = -2 * a - 400 * x[i]! * b;
    gradient[i + 1] = 200 * b;
  }
  return value;
};

/** sum_i c_i (x_i - i)^2 with c from 1 to 1e6, plus 7. */
const bowl: Objective = (x, gradient) => {
  let value = 7;
  for (let i = 0; i < x.length; i++) {
    const c = 10 ** (6 * i / (x.length - 1));
    value += c * (x[i]! - i) ** 2;
    gradient[i] = 2 * c * (x[i]! - i);
  }
  return value;
};

Deno.test("minimize() walks along Rosenbrock's valley", () => {
  for (const size of [2, 10, 50]) {
    const start = Array.from({ length: size }, (_, i) => i % 2 ? 1 : -1.2);
    const end = minimize(rosenbrock, start, { valueTolerance: 0 });
    assertClose(end.x, Array(size).fill(1), { atol: 1e-7 });
    assert.ok(end.iterations < 200, `${end.iterations} iterations`);
    assert.ok(end.evaluations >= end.iterations);
  }
});

Deno.test("minimize() solves an ill-conditioned quadratic", () => {
  const end = minimize(bowl, new Float64Array(6).fill(-3));
  assertClose(end.x, [0, 1, 2, 3, 4, 5], { atol: 1e-4 });
  assertClose(end.value, 7, { rtol: 1e-9 });
});

Deno.test("minimize() reaches a kink that has no gradient at its bottom", () => {
  // |x| + 10 |y - 2|: what a Huber sum looks like from far away.
  const kink: Objective = (x, gradient) => {
    gradient[0] = Math.sign(x[0]!);
    gradient[1] = 10 * Math.sign(x[1]! - 2);
    return Math.abs(x[0]!) + 10 * Math.abs(x[1]! - 2);
  };
  const end = minimize(kink, [3, -1], { valueTolerance: 0 });
  assertClose(end.x, [0, 2], { atol: 1e-6 });
});

Deno.test("minimize() steps back from where the objective overflows", () => {
  // exp(x) - 2x: a first step to the right runs into infinity.
  const steep: Objective = (x, gradient) => {
    gradient[0] = 1e3 * (Math.exp(1e3 * x[0]!) - 2);
    return Math.exp(1e3 * x[0]!) - 2e3 * x[0]!;
  };
  const end = minimize(steep, [-5]);
  assertClose(end.x[0]!, Math.log(2) / 1e3, { rtol: 1e-4 });
});

Deno.test("minimize() says why it stopped", () => {
  assert.equal(minimize(bowl, [0, 1, 2]).reason, "gradient");
  assert.equal(minimize(bowl, [0, 1, 2]).iterations, 0);
  const start = [-1.2, 1];
  const cut = minimize(rosenbrock, start, { maxIterations: 3 });
  assert.equal(cut.reason, "iterations");
  assert.equal(cut.iterations, 3);
  const loose = minimize(bowl, [9, 9, 9], { valueTolerance: 0.5 });
  assert.equal(loose.reason, "value");
  const wrongGradient: Objective = (x, gradient) => {
    gradient[0] = -1;
    return x[0]! ** 2;
  };
  assert.equal(minimize(wrongGradient, [1]).reason, "line search");
});

Deno.test("minimize() does not change its start", () => {
  const start = Float64Array.of(-1.2, 1);
  minimize(rosenbrock, start);
  assert.deepEqual([...start], [-1.2, 1]);
});

Deno.test("minimize() rejects options and starts that cannot work", async () => {
  for (
    const options of [
      { memory: 0 },
      { maxIterations: 1.5 },
      { gradientTolerance: -1 },
      { valueTolerance: NaN },
    ]
  ) {
    await assertFails(
      () => minimize(bowl, [1, 2], options),
      ConfigError,
      new RegExp(Object.keys(options)[0]!),
    );
  }
  await assertFails(() => minimize(bowl, [NaN, 1]), DataError, /NaN/);
});
