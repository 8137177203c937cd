/**
 * How well a training run turned electricity into tokens.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import { type EnergyReading, totalsByPart } from "./energy_reading.ts";
import { type GpuSpec, trainingFlopsPerSecond } from "./gpu_specs.ts";
import { type Joules, kwhFromJoules, type Watts } from "./units.ts";

/** What is known of a run beside its energy. */
export interface TrainedRun {
  readonly reading: EnergyReading;
  /** Parameters of the model; undefined where nobody published them. */
  readonly parameters: number | undefined;
  /** Tokens that were trained on, repetitions counted. */
  readonly tokens: number | undefined;
  /** The card it ran on, one of them. */
  readonly gpu: GpuSpec;
}

/** Rates and ratios of a run on one card. */
export interface TrainingEfficiency {
  /** 6 N D: forward and backward pass of every parameter on every token. */
  readonly flops: number;
  readonly tokensPerSecond: number;
  /** Model FLOPs utilisation: `flops` over what the card could have done. */
  readonly flopsUtilization: number | undefined;
  /** GPU energy over tokens; undefined without a GPU reading. */
  readonly gpuJoulesPerToken: Joules | undefined;
  readonly kwhPerBillionTokens: number;
  readonly gpuWatts: Watts | undefined;
  /** Mean GPU power over the card's thermal design power. */
  readonly gpuShareOfTdp: number | undefined;
}

/**
 * Derives the rates of a run.
 *
 * @throws {DataError} when tokens, parameters or energy of it are not known
 */
export function trainingEfficiency(run: TrainedRun): TrainingEfficiency {
  const { reading, parameters, tokens, gpu } = run;
  const { seconds, energyJoules } = reading;
  if (!tokens || !parameters || energyJoules === undefined || !(seconds > 0)) {
    throw new DataError(
      `Cannot derive the efficiency of "${reading.project}" from ` +
        `${tokens} tokens, ${parameters} parameters, ${energyJoules} J and ` +
        `${seconds} s: all four must be known`,
    );
  }
  const flops = 6 * parameters * tokens;
  const total = totalsByPart(reading).gpu;
  const peak = trainingFlopsPerSecond(gpu);
  const { tdpWatts } = gpu;
  return {
    flops,
    tokensPerSecond: tokens / seconds,
    flopsUtilization: peak && flops / seconds / peak,
    gpuJoulesPerToken: total && total.joules / tokens,
    kwhPerBillionTokens: kwhFromJoules(energyJoules) / tokens * 1e9,
    gpuWatts: total?.watts,
    gpuShareOfTdp: total?.watts && tdpWatts && total.watts / tdpWatts,
  };
}
