/**
 * Training speeds with the power that the machine draws meanwhile.
 *
 * @module
 */
import {
  type MachinePower,
  meterPower,
  type TrackOptions,
} from "../emissions/mod.ts";
import type { LlamaPreset } from "../model/mod.ts";
import {
  type MachineWay,
  type MeasuredPresets,
  measureTraining,
  type MeasureTrainingOptions,
  type TrainingSpeed,
} from "../train/mod.ts";

/** Training speeds of one way of computing, and its power. */
export interface MeteredTraining extends MeasuredPresets<TrainingSpeed> {
  /**
   * Of the whole machine while it trained the last preset that was measured;
   * undefined when there was none.
   */
  readonly power: MachinePower | undefined;
}

/**
 * Measures the presets as {@linkcode measureTraining} does, and meters the
 * machine during the steps that count.
 *
 * @param options.meter project, place and meters
 * @throws {ConfigError} for an unknown preset or place
 */
export async function meterTraining(
  way: MachineWay,
  presets: readonly LlamaPreset[],
  { meter, ...options }:
    & Omit<MeasureTrainingOptions, "around">
    & { readonly meter: TrackOptions },
): Promise<MeteredTraining> {
  let power: MachinePower | undefined;
  const measured = await measureTraining(way, presets, {
    ...options,
    around: async (steps) => {
      ({ power } = await meterPower(steps, meter));
    },
  });
  return { ...measured, power };
}
