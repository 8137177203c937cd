/** Money, energy and carbon by hand, and back again. */
import assert from "node:assert/strict";
import {
  allocateBudget,
  allocateServedSpending,
  allocateSpending,
  type ComputeRig,
  EPOCH_LAW,
  type Spending,
  type SpendingLimit,
  spendingWithin,
} from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

/** 100 TFLOP/s, 2 dollars an hour, 0.5 kW in a building of PUE 1.2. */
const rig: ComputeRig = {
  flopsPerSecond: 1e14,
  dollarsPerHour: 2,
  powerWatts: 500,
  pue: 1.2,
  gramsPerKwh: 100,
};
/** Ten hours on it. */
const tenHours: Spending = {
  flops: 3.6e18,
  deviceHours: 10,
  dollars: 20,
  energyKwh: 6,
  carbonGrams: 600,
};

Deno.test("spendingWithin() converts each unit into all others", () => {
  for (const [unit, amount] of Object.entries(tenHours)) {
    const spending = spendingWithin({ [unit]: amount } as SpendingLimit, rig);
    for (const name of Object.keys(tenHours) as (keyof Spending)[]) {
      assertClose(spending[name], tenHours[name], { rtol: 1e-14, name });
    }
  }
});

Deno.test("allocateSpending() spends a limit best", () => {
  const plan = allocateSpending(EPOCH_LAW, { carbonGrams: 600 }, rig);
  const best = allocateBudget(EPOCH_LAW, 3.6e18);
  assertClose(plan.parameters, best.parameters, { rtol: 1e-12 });
  assertClose(plan.spending.energyKwh, 6, { rtol: 1e-14 });
});

Deno.test("allocateServedSpending() pays for training and serving", () => {
  const limit = { dollars: 20 };
  const free = allocateSpending(EPOCH_LAW, limit, rig);
  const none = allocateServedSpending(
    EPOCH_LAW,
    { limit, servedTokens: 0 },
    rig,
  );
  assertClose(none.loss, free.loss, { rtol: 1e-9 });
  let before = none;
  for (const servedTokens of [1e9, 1e10, 1e11]) {
    const plan = allocateServedSpending(
      EPOCH_LAW,
      { limit, servedTokens },
      rig,
    );
    assertClose(plan.totalFlops, 3.6e18, { rtol: 1e-9 });
    assertClose(plan.spending.dollars, 20, { rtol: 1e-9 });
    assertClose(plan.servingFlops, 2 * plan.parameters * servedTokens, {
      rtol: 1e-12,
    });
    assert.ok(plan.loss > before.loss && plan.parameters < before.parameters);
    before = plan;
  }
});

Deno.test("spendingWithin() rejects limits and rigs that make no sense", async () => {
  const reject = (limit: object, other: Partial<ComputeRig>, pattern: RegExp) =>
    assertFails(
      () => spendingWithin(limit as SpendingLimit, { ...rig, ...other }),
      ConfigError,
      pattern,
    );
  await reject({}, {}, /exactly one of flops/);
  await reject({ dollars: 1, flops: 1 }, {}, /dollars and flops/);
  await reject({ euros: 1 }, {}, /euros/);
  await reject({ dollars: 0 }, {}, /dollars 0/);
  await reject({ dollars: 1 }, { dollarsPerHour: 0 }, /takes 0/);
  await reject({ dollars: 1 }, { pue: 0.9 }, /PUE of 0.9/);
  await reject({ dollars: 1 }, { flopsPerSecond: NaN }, /flopsPerSecond NaN/);
  await reject({ dollars: 1 }, { gramsPerKwh: -1 }, /gramsPerKwh -1/);
});
