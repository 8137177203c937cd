/**
 * The multi-power law at published constants on nine published curves, and
 * against plain double loops.
 */
import assert from "node:assert/strict";
import { type MultiPowerLaw, multiPowerLoss } from "../../lib/scaling/mod.ts";
import { ConfigError, numberCell, readCsv } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";

const PEAK = 3e-4, END = 3e-5, WARMUP = 2160;

/** The schedules of the published curves, one rate a step. */
function schedule(name: string): Float64Array {
  const [kind, argument] = name.split("_");
  const steps = kind!.startsWith("wsd") && kind !== "wsdcon"
    ? 24_000
    : kind === "wsdcon"
    ? 16_000
    : Number(argument);
  return Float64Array.from({ length: steps }, (_, t) => {
    if (t < WARMUP) return PEAK * t / (WARMUP - 1);
    if (kind === "constant") return PEAK;
    if (kind === "wsdcon") return t < 8000 ? PEAK : Number(argument) * 1e-5;
    if (kind === "cosine") {
      const share = (t - WARMUP) / (steps - WARMUP);
      return END + (PEAK - END) * (1 + Math.cos(Math.PI * share)) / 2;
    }
    if (t < 20_000) return PEAK;
    const share = (t - 20_000) / (steps - 20_000);
    return kind === "wsdld"
      ? PEAK + (END - PEAK) * share
      : PEAK * (END / PEAK) ** share;
  });
}

interface Curve {
  steps: number[];
  rates: number[];
  losses: number[];
}

async function readCurves(): Promise<Map<string, Curve>> {
  const { rows } = await readCsv(
    new URL("../../data/scaling/mpl_100M.csv", import.meta.url),
  );
  const curves = new Map<string, Curve>();
  for (const row of rows) {
    const name = row["schedule"]!;
    const step = numberCell(row, "step");
    if (step >= schedule(name).length) continue; // one past the end
    const curve = curves.get(name) ?? { steps: [], rates: [], losses: [] };
    curves.set(name, curve);
    curve.steps.push(step);
    curve.rates.push(numberCell(row, "lr"));
    curve.losses.push(numberCell(row, "loss"));
  }
  return curves;
}

expectedTest(
  "multiPowerLoss() has the published errors on six unseen schedules",
  "mpl_100M",
  async ({
    published_params: law,
    train_schedules: seen,
    published_mean_over_6_test_schedules: expected,
  }) => {
    const curves = [...await readCurves()];
    assert.equal(curves.length, 9);
    const tests = curves.filter(([name]) => !seen.includes(name));
    assert.equal(tests.length, 6);
    const scores = tests.map(([name, { steps, rates, losses }]) => {
      const full = schedule(name);
      assertClose(rates, steps.map((step) => full[step]!), {
        rtol: 1e-3, // cosines of one step more or less
        name,
      });
      const predicted = multiPowerLoss(law as MultiPowerLaw, full, steps);
      const errors = losses.map((loss, i) => Math.abs(predicted[i]! - loss));
      const mean = losses.reduce((a, b) => a + b) / losses.length;
      const sum = (f: (i: number) => number) =>
        losses.reduce((total, _, i) => total + f(i), 0);
      const relative = errors.map((error, i) => error / losses[i]!);
      return {
        r2: 1 -
          sum((i) => errors[i]! ** 2) / sum((i) => (losses[i]! - mean) ** 2),
        mae: sum((i) => errors[i]!) / losses.length,
        rmse: Math.sqrt(sum((i) => errors[i]! ** 2) / losses.length),
        pred_e: sum((i) => relative[i]!) / losses.length,
        worst_e: Math.max(...relative),
      };
    });
    for (const key of Object.keys(expected) as (keyof typeof scores[0])[]) {
      const mean = scores.reduce((sum, score) => sum + score[key], 0) / 6;
      const digit = key === "r2" ? 1e-4 : 1e-5;
      assertClose(mean, expected[key], { atol: 0.51 * digit, name: key });
    }
  },
);

const rates = [0, 0.1, 0.2, 0.2, 0.15, 0.1, 0.05];

Deno.test("multiPowerLoss() equals the formula in plain loops", () => {
  const law = {
    L0: 2,
    A: 0.5,
    alpha: 0.4,
    B: 3,
    C: 2,
    beta: 0.6,
    gamma: 0.5,
  };
  const S = (t: number) => rates.slice(0, t + 1).reduce((a, b) => a + b, 0);
  const steps = [1, 3, 6];
  const expected = steps.map((t) => {
    let loss = law.L0 + law.A * S(t) ** -law.alpha;
    for (let k = 1; k <= t; k++) {
      const reach = 1 + law.C * rates[k]! ** -law.gamma * (S(t) - S(k - 1));
      loss += law.B * (rates[k]! - rates[k - 1]!) * (1 - reach ** -law.beta);
    }
    return loss;
  });
  assertClose(multiPowerLoss(law, rates, steps), expected, { rtol: 1e-13 });
});

Deno.test("multiPowerLoss() rejects steps and rates that are none", async () => {
  const law = { L0: 2, A: 1, alpha: 1, B: 1, C: 1, beta: 1, gamma: 1 };
  const cases: [number[], number, RegExp][] = [
    [[1, -1], 1, /rate -1 at step 1/],
    [rates, 7, /step 7 of a schedule of 7/],
    [rates, 0, /step 0/],
  ];
  for (const [schedule, step, message] of cases) {
    const predict = () => multiPowerLoss(law, schedule, [step]);
    await assertFails(predict, ConfigError, message);
  }
});
