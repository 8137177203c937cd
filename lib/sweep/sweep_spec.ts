/**
 * What a sweep is: lists of sizes, tokens, learning rates and seeds, of which
 * every combination is one training, and what all of these trainings share.
 * Tokens are given as counts, for each parameter, or by budgets: then each
 * budget is spent on every size (IsoFLOP, Hoffmann et al. 2022, section 3.2).
 *
 * @module
 */
import { ConfigError, describeNearNames } from "../util/mod.ts";

/** What a person chooses; every field has a default. */
export interface SweepSpec {
  /** Blocks of each size; 32 numbers of width a block. 1, 2 and 3. */
  readonly depths?: readonly number[];
  /** Widths of each size in place of that rule, all with the one depth. */
  readonly widths?: readonly number[];
  /** Training tokens D of each size; 125 k, 250 k, 500 k and 1 M. */
  readonly tokens?: readonly number[];
  /** D over N, all parameters counted, in place of `tokens`. */
  readonly tokensPerParameter?: readonly number[];
  /** Budgets 6ND in FLOPs, in place of `tokens`. */
  readonly budgets?: readonly number[];
  /** Peak rates; without them one for each width, see `planSweep`. */
  readonly learningRates?: readonly number[];
  /** Seeds of weights and order; 0. */
  readonly seeds?: readonly number[];
  /** Sequences of a step, B; 2: short runs need many steps. */
  readonly batchSize?: number;
  /** Tokens of a sequence, T; 64. */
  readonly contextLength?: number;
  /** V, pieces of the tokenizer; 512. */
  readonly vocabSize?: number;
  /** Held-out tokens that every run is measured on; 32,768. */
  readonly heldOutTokens?: number;
  /** Seed of the synthetic corpus; 0. */
  readonly corpusSeed?: number;
  /** Folder of packed shards in place of the synthetic corpus. */
  readonly shards?: string;
  /**
   * Watts of a run on a cluster, its share of a node: for what is predicted of
   * Slurm's jobs, and in place of their meters. Without it a run is taken to
   * use what its cores of a machine like this one would at full load.
   */
  readonly slurmWattsPerRun?: number;
}

/** How a sweep sets the tokens of a run. */
const TOKEN_RULES = ["tokens", "tokensPerParameter", "budgets"] as const;

/** What all runs of a sweep share: rows of two sweeps compare when it is equal. */
export interface SweepCommon {
  readonly batchSize: number;
  readonly contextLength: number;
  readonly vocabSize: number;
  readonly heldOutTokens: number;
  readonly corpusSeed: number;
  /** "" for the synthetic corpus. */
  readonly shards: string;
}

/** A sweep with every default filled in. */
export interface Sweep {
  readonly common: SweepCommon;
  readonly sizes: readonly { readonly depth: number; readonly width: number }[];
  readonly tokenRule: (typeof TOKEN_RULES)[number];
  /** Values of that rule. */
  readonly amounts: readonly number[];
  /** Empty where the rate follows from the width. */
  readonly learningRates: readonly number[];
  readonly seeds: readonly number[];
  /** Undefined where it is not given. */
  readonly slurmWattsPerRun: number | undefined;
}

/** Width of a head, and by how much a block widens the model. */
export const SWEEP_HEAD_SIZE = 32;

const DEFAULTS = {
  depths: [1, 2, 3],
  tokens: [125_000, 250_000, 500_000, 1_000_000],
  learningRates: [],
  seeds: [0],
  batchSize: 2,
  contextLength: 64,
  vocabSize: 512,
  heldOutTokens: 32768,
  corpusSeed: 0,
  shards: "",
} as const satisfies SweepSpec;

const SWEEP_FIELDS = [
  ...Object.keys(DEFAULTS),
  "widths",
  "tokensPerParameter",
  "budgets",
  "slurmWattsPerRun",
] as readonly (keyof SweepSpec)[];

function fail(name: string, value: unknown, wanted: string): never {
  throw new ConfigError(
    `Cannot sweep with ${name} ${JSON.stringify(value)}: wanted ${wanted}`,
  );
}

function checkFields(spec: SweepSpec): void {
  for (const name of Object.keys(spec)) {
    if (SWEEP_FIELDS.includes(name as keyof SweepSpec)) continue;
    throw new ConfigError(
      `Cannot sweep with the field "${name}": ` +
        `${describeNearNames(name, SWEEP_FIELDS)}; there are ` +
        SWEEP_FIELDS.join(", "),
    );
  }
}

const isCount = (x: unknown) => Number.isSafeInteger(x) && (x as number) >= 1;
const isSeed = (x: unknown) =>
  Number.isInteger(x) && (x as number) >= 0 && (x as number) < 2 ** 32;
const isPositive = (x: unknown) => Number.isFinite(x) && (x as number) > 0;

/** The list, checked: no value twice, each as `isGood` says. */
function listOf(
  spec: SweepSpec,
  name: keyof typeof LISTS,
): readonly number[] {
  const { isGood, wanted } = LISTS[name];
  const values: unknown = spec[name];
  if (
    !Array.isArray(values) || values.length === 0 || !values.every(isGood) ||
    new Set(values).size < values.length
  ) fail(name, values, `a list of ${wanted}, none twice`);
  return values;
}

const COUNTS = { isGood: isCount, wanted: "whole numbers from 1" };
const POSITIVES = { isGood: isPositive, wanted: "positive numbers" };
const LISTS = {
  depths: {
    isGood: (x: unknown) => isCount(x) && (x as number) <= 64,
    wanted: "whole numbers from 1 to 64",
  },
  widths: {
    isGood: (x: unknown) => isCount(x) && (x as number) % SWEEP_HEAD_SIZE === 0,
    wanted: `multiples of ${SWEEP_HEAD_SIZE}`,
  },
  tokens: COUNTS,
  tokensPerParameter: POSITIVES,
  budgets: POSITIVES,
  learningRates: POSITIVES,
  seeds: { isGood: isSeed, wanted: "whole numbers in 0..4294967295" },
};

function commonOf(spec: Required<Pick<SweepSpec, keyof SweepCommon>>) {
  const { batchSize, contextLength, vocabSize } = spec;
  const { heldOutTokens, corpusSeed, shards } = spec;
  const counts = { batchSize, contextLength, vocabSize, heldOutTokens };
  for (const [name, value] of Object.entries(counts)) {
    if (!isCount(value)) fail(name, value, "a whole number from 1");
  }
  if (heldOutTokens < contextLength) {
    fail(
      "heldOutTokens",
      heldOutTokens,
      `at least a context, ${contextLength}`,
    );
  }
  if (!isSeed(corpusSeed)) {
    fail("corpusSeed", corpusSeed, "a whole number in 0..4294967295");
  }
  if (typeof shards !== "string") fail("shards", shards, "a folder");
  return { ...counts, corpusSeed, shards };
}

/**
 * Fills in the defaults.
 *
 * @throws {ConfigError} naming a field that there is not, that is out of range
 * or that contradicts another
 */
export function resolveSweep(spec: SweepSpec = {}): Sweep {
  checkFields(spec);
  const rules = TOKEN_RULES.filter((rule) => spec[rule] !== undefined);
  if (rules.length > 1) {
    throw new ConfigError(
      `Cannot sweep with both ${rules.join(" and ")}: each sets the tokens`,
    );
  }
  const { slurmWattsPerRun } = spec;
  if (slurmWattsPerRun !== undefined && !isPositive(slurmWattsPerRun)) {
    fail("slurmWattsPerRun", slurmWattsPerRun, "a positive number");
  }
  const full = { ...DEFAULTS, ...spec };
  const depths = listOf(full, "depths");
  const widths = full.widths === undefined ? undefined : listOf(full, "widths");
  if (widths && (spec.depths === undefined || depths.length !== 1)) {
    fail("widths", widths, "one depth beside them, depths: [2]");
  }
  const tokenRule = rules[0] ?? "tokens";
  return {
    common: commonOf(full),
    sizes: widths
      ? widths.map((width) => ({ depth: depths[0]!, width }))
      : depths.map((depth) => ({ depth, width: SWEEP_HEAD_SIZE * depth })),
    tokenRule,
    amounts: listOf(full, tokenRule),
    learningRates: full.learningRates.length === 0
      ? []
      : listOf(full, "learningRates"),
    seeds: listOf(full, "seeds"),
    slurmWattsPerRun,
  };
}
