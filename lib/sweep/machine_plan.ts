/**
 * What a measured machine can train: time, energy and carbon of a small model,
 * of TeenyTinyLlama's, and of the largest that is done by the morning.
 *
 * Time comes from the measured speeds, energy from the power that was metered
 * while they were measured, tokens from a Chinchilla law.
 *
 * @module
 */
import {
  energyAtPower,
  type EnergyReading,
  kwhFromJoules,
  loadTtlEnergyRuns,
} from "../emissions/mod.ts";
import {
  countParameters,
  llamaConfig,
  type LlamaPreset,
} from "../model/mod.ts";
import {
  type Allocation,
  type ChinchillaLaw,
  EPOCH_LAW,
  optimalTokens,
  ttlRuns,
} from "../scaling/mod.ts";
import {
  largestTraining,
  trainingSeconds,
  type TrainingSpeed,
} from "../train/mod.ts";
import { formatCount, formatDuration } from "../util/mod.ts";
import type { MeteredTraining } from "./meter_training.ts";

/** Where a time comes from: a size measured, between those, beyond them. */
export type SpeedBasis =
  | "measured"
  | "between"
  | "beyond"
  | "published";

/** One training on one way of computing. */
export interface MachinePlan extends Allocation {
  /** Name of the way, or of a card on which it was done. */
  readonly way: string;
  /** What is trained: "tiny-256", "TTL-160m", "in 8 h". */
  readonly training: string;
  readonly basis: SpeedBasis;
  readonly seconds: number;
  /** Energy and carbon, with the method of each part. */
  readonly reading: EnergyReading;
}

/** Knobs of {@linkcode planMachine}; every field has a default. */
export interface MachinePlanOptions {
  /** The small model; tiny-256. */
  readonly preset?: LlamaPreset;
  /** Hours of a night; 8. */
  readonly hours?: number;
  /** Law by which tokens follow from parameters; {@linkcode EPOCH_LAW}. */
  readonly law?: ChinchillaLaw;
}

function basisOf(
  speeds: readonly TrainingSpeed[],
  parameters: number,
): SpeedBasis {
  const sizes = speeds.map((speed) => speed.parameters);
  if (sizes.includes(parameters)) return "measured";
  const isBetween = parameters > Math.min(...sizes) &&
    parameters < Math.max(...sizes);
  return isBetween ? "between" : "beyond";
}

/**
 * Three trainings on one way: a small preset on its compute-optimal tokens,
 * TTL-160m on the tokens of its paper, and the largest model that is trained on
 * its compute-optimal tokens in a night.
 *
 * @param measured speeds of that way and the power meanwhile
 * @returns nothing when no speed was measured
 * @throws {ConfigError} when the hours are not above 0, or for an unknown preset
 */
export async function planMachine(
  { speeds, power }: Pick<MeteredTraining, "speeds" | "power">,
  { preset = "tiny-256", hours = 8, law = EPOCH_LAW }: MachinePlanOptions = {},
): Promise<MachinePlan[]> {
  const [first] = speeds;
  if (!first || !power) return [];
  const tokensOf = (parameters: number) => optimalTokens(law, parameters);
  const plan = (training: string, { parameters, tokens }: Allocation) => {
    const seconds = trainingSeconds(speeds, { parameters, tokens });
    return {
      way: first.way,
      training,
      parameters,
      tokens,
      basis: basisOf(speeds, parameters),
      seconds,
      reading: energyAtPower(power, seconds),
    };
  };
  const parameters = countParameters(llamaConfig(preset)).total;
  const ttl = (await ttlRuns()).find(({ name }) => name === "TTL-160m")!;
  const night = { seconds: 3600 * hours, tokensOf };
  return [
    plan(preset, { parameters, tokens: tokensOf(parameters) }),
    plan(ttl.name, ttl),
    plan(`in ${hours} h`, largestTraining(speeds, night)),
  ];
}

/**
 * TeenyTinyLlama's two trainings as its tracker counted them, with the machine
 * and the grid that it had.
 */
export async function loadPublishedPlans(): Promise<MachinePlan[]> {
  const runs = await loadTtlEnergyRuns();
  return runs.flatMap(({ model, gpu, parameters, tokens, reading }) =>
    parameters === undefined || tokens === undefined ? [] : [{
      way: gpu.name,
      training: model,
      parameters,
      tokens,
      basis: "published",
      seconds: reading.seconds,
      reading,
    }]
  );
}

/** A {@linkcode MachinePlan} as a row of a table. */
export interface MachinePlanRow {
  readonly training: string;
  readonly way: string;
  /** Parameters: "5.26M". */
  readonly N: string;
  /** Tokens: "154M". */
  readonly D: string;
  /** "6 h 31 min". */
  readonly time: string;
  readonly kWh: number | undefined;
  readonly gCO2eq: number | undefined;
  readonly speed: SpeedBasis;
}

/** Plans as rows, in the units that people use. */
export function machinePlanRows(
  plans: readonly MachinePlan[],
): MachinePlanRow[] {
  return plans.map(({ training, way, basis, seconds, reading, ...size }) => ({
    training,
    way,
    N: formatCount(size.parameters),
    D: formatCount(size.tokens),
    time: formatDuration(seconds),
    kWh: reading.energyJoules === undefined
      ? undefined
      : kwhFromJoules(reading.energyJoules),
    gCO2eq: reading.carbon?.grams,
    speed: basis,
  }));
}
