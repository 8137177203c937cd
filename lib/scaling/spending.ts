/**
 * What FLOPs cost: hours of devices, money, energy and carbon on a machine and
 * a grid of one's choice, and back. The numbers come from the caller: a price
 * list, a measured rate, a table of grids.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { allocateBudget, type OptimalAllocation } from "./allocate.ts";
import { checkPositive } from "./checks.ts";
import type { LawConstants } from "./law.ts";
import { allocateForServing, type ServingPlan } from "./serving.ts";

/** A machine, its price and its plug. */
export interface ComputeRig {
  /** FLOP/s that one device reaches in training: peak times utilization. */
  readonly flopsPerSecond: number;
  /** Price of one device for an hour, US dollars. */
  readonly dollarsPerHour: number;
  /** Power of one device with its share of the machine, W. */
  readonly powerWatts: number;
  /** Energy of the building by that of the machine, PUE (default 1). */
  readonly pue?: number;
  /** gCO2e for each kWh of the grid. */
  readonly gramsPerKwh: number;
}

/** One amount of computing in five units. */
export interface Spending {
  readonly flops: number;
  /** Hours of one device. */
  readonly deviceHours: number;
  /** US dollars. */
  readonly dollars: number;
  /** kWh, the building's share included. */
  readonly energyKwh: number;
  /** gCO2e. */
  readonly carbonGrams: number;
}

/** A limit in one unit: `{ dollars: 50 }`. */
export type SpendingLimit = {
  [K in keyof Spending]: Pick<Spending, K>;
}[keyof Spending];

const UNITS = [
  "flops",
  "deviceHours",
  "dollars",
  "energyKwh",
  "carbonGrams",
] as const;
const SECONDS = 3600; // in an hour
const WATTS = 1000; // in a kW
/** A reducible loss e^40 times the best is none that anybody would serve. */
const MAX_LN_EXCESS = 40;

/** Each unit that one device spends in an hour; 0 where nothing is spent. */
function spendingPerHour(rig: ComputeRig): Spending {
  checkPositive("flopsPerSecond", rig.flopsPerSecond);
  const { dollarsPerHour, powerWatts, pue = 1, gramsPerKwh } = rig;
  const rest = { dollarsPerHour, powerWatts, gramsPerKwh };
  for (const [name, value] of Object.entries(rest)) {
    if (value >= 0 && value < Infinity) continue;
    throw new ConfigError(
      `Cannot use ${name} ${value}: it must be a finite number of at least 0`,
    );
  }
  if (!(pue >= 1 && pue < Infinity)) {
    throw new ConfigError(`Cannot use a PUE of ${pue}: it is at least 1`);
  }
  const energyKwh = powerWatts / WATTS * pue;
  return {
    flops: rig.flopsPerSecond * SECONDS,
    deviceHours: 1,
    dollars: dollarsPerHour,
    energyKwh,
    carbonGrams: energyKwh * gramsPerKwh,
  };
}

/**
 * Everything that an amount in one unit comes to in the others.
 *
 * @param limit one of FLOPs, hours, dollars, kWh, gCO2e
 * @throws {ConfigError} when the limit does not have exactly one unit, is not
 * above 0, or costs nothing on this rig; or a number of the rig is out of range
 */
export function spendingWithin(
  limit: SpendingLimit,
  rig: ComputeRig,
): Spending {
  const perHour = spendingPerHour(rig);
  const given = Object.entries(limit).filter(([, value]) =>
    value !== undefined
  );
  const [name, amount] = given[0] ?? ["", NaN];
  const unit = UNITS.find((each) => each === name);
  if (given.length !== 1 || unit === undefined) {
    throw new ConfigError(
      `Cannot spend within ${given.map(([key]) => key).join(" and ") || "{}"}` +
        `: wanted exactly one of ${UNITS.join(", ")}`,
    );
  }
  checkPositive(unit, amount);
  if (perHour[unit] === 0) {
    throw new ConfigError(
      `Cannot spend ${amount} ${unit}: an hour on this rig takes 0 of them`,
    );
  }
  const hours = amount / perHour[unit];
  return {
    flops: perHour.flops * hours,
    deviceHours: hours,
    dollars: perHour.dollars * hours,
    energyKwh: perHour.energyKwh * hours,
    carbonGrams: perHour.carbonGrams * hours,
  };
}

/** The best allocation of a limit, and what it costs. */
export interface SpendingPlan extends OptimalAllocation {
  readonly spending: Spending;
}

/**
 * What to train within a limit of FLOPs, hours, dollars, kWh or gCO2e.
 *
 * @throws {ConfigError} as {@linkcode spendingWithin} and
 * {@linkcode allocateBudget}
 */
export function allocateSpending(
  law: LawConstants,
  limit: SpendingLimit,
  rig: ComputeRig,
): SpendingPlan {
  const spending = spendingWithin(limit, rig);
  return { ...allocateBudget(law, spending.flops), spending };
}

/** The best allocation of a limit that also pays for serving. */
export interface ServedSpendingPlan extends ServingPlan {
  readonly spending: Spending;
}

/**
 * The lowest loss within a limit that must pay for the training and for the
 * serving of `servedTokens`, both at the rig's rate.
 *
 * @param options.servedTokens read and written after training, a count
 * @throws {ConfigError} as {@linkcode spendingWithin}, or when the limit is
 * too small to serve any model
 */
export function allocateServedSpending(
  law: LawConstants,
  { limit, servedTokens }: {
    readonly limit: SpendingLimit;
    readonly servedTokens: number;
  },
  rig: ComputeRig,
): ServedSpendingPlan {
  const spending = spendingWithin(limit, rig);
  // Without serving the limit reaches the lowest loss; with it, a higher one.
  // What a plan costs falls as its reducible loss rises: halve between.
  const reducible = allocateBudget(law, spending.flops).loss - law.E;
  const planFor = (lnExcess: number) =>
    allocateForServing(law, {
      loss: law.E + reducible * Math.exp(lnExcess),
      servedTokens,
    });
  let low = 0, high = 1;
  while (planFor(high).totalFlops > spending.flops) {
    high *= 2;
    if (high < MAX_LN_EXCESS) continue;
    throw new ConfigError(
      `Cannot serve ${servedTokens} tokens within ${spending.flops} FLOPs`,
    );
  }
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (planFor(middle).totalFlops > spending.flops) low = middle;
    else high = middle;
  }
  const plan = planFor(high);
  return { ...plan, spending: spendingWithin({ flops: plan.totalFlops }, rig) };
}
