/**
 * Energy and carbon of a training before it runs, in closed form: Patterson's
 * from hours and machines (arXiv 2104.10350), LLMCarbon's from parameters,
 * tokens and the efficiency one expects (arXiv 2309.14393).
 *
 * An estimate is a reading like a measured one, with one part for the whole
 * machine and the label "modelled": reports, figures and what-ifs take both.
 *
 * @module
 */
import { ConfigError, formatScientific } from "../util/mod.ts";
import { aboutModel } from "./energy_meter.ts";
import { checkPue, type EnergyReading, makeReading } from "./energy_reading.ts";
import type { IntensityEstimate } from "./intensity.ts";
import {
  type Joules,
  kwhFromJoules,
  type Seconds,
  type Watts,
} from "./units.ts";

/** What both forms need. */
export interface EstimateOptions {
  /** Name of the run. */
  readonly project: string;
  /** Accelerators that work at the same time. */
  readonly devices: number;
  /** Mean power of one of them with its share of the host. */
  readonly wattsPerDevice: Watts;
  /** Facility energy over machine energy; 1 by default. */
  readonly pue?: number | undefined;
  /** Without it the estimate has no carbon. */
  readonly intensity?: IntensityEstimate | undefined;
}

/** Refuses what is not above 0, naming the field. */
function checkPositive(fields: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value > 0 && value < Infinity) continue;
    throw new ConfigError(
      `Cannot estimate with ${name} ${value}: wanted a number above 0`,
    );
  }
}

/**
 * Patterson's form: energy = hours x processors x mean power x PUE.
 *
 * @throws {ConfigError} when a number is not above 0, or the PUE below 1
 */
export function estimateFromHours(
  hours: number,
  options: EstimateOptions,
): EnergyReading {
  const { devices, wattsPerDevice } = options;
  checkPositive({ hours, devices, wattsPerDevice });
  const method = `${hours.toPrecision(4)} h x ${devices} x ${wattsPerDevice} W`;
  return toReading(hours * 3600, method, options);
}

/** What LLMCarbon's form asks of the model and its devices. */
export interface TrainingEstimateOptions extends EstimateOptions {
  /** Parameters used for one token: of a mixture of experts the active ones. */
  readonly parameters: number;
  /** Tokens trained on, repetitions counted. */
  readonly tokens: number;
  /** Peak rate of one device in FLOP/s. */
  readonly peakFlopsPerSecond: number;
  /** Share of the peak that the training reaches, above 0 to 1. */
  readonly efficiency: number;
}

/**
 * LLMCarbon's form: FLOPs = 6 N D, time = FLOPs / (devices x peak x
 * efficiency), energy as in {@linkcode estimateFromHours}.
 *
 * @throws {ConfigError} when a number is not above 0, or the efficiency above 1
 */
export function estimateTraining(
  options: TrainingEstimateOptions,
): EnergyReading {
  const { devices, wattsPerDevice, parameters, tokens } = options;
  const { peakFlopsPerSecond, efficiency } = options;
  checkPositive({ devices, wattsPerDevice, parameters, tokens });
  checkPositive({ peakFlopsPerSecond, efficiency });
  if (efficiency > 1) {
    throw new ConfigError(
      `Cannot estimate with an efficiency of ${efficiency}: ` +
        "it is a share of the peak, at most 1",
    );
  }
  const flops = 6 * parameters * tokens;
  const seconds = flops / (devices * peakFlopsPerSecond * efficiency);
  const method = `6ND = ${formatScientific(flops)} FLOPs on ${devices} x ` +
    `${peakFlopsPerSecond / 1e12} TFLOP/s at ${efficiency * 100} %, ` +
    `${wattsPerDevice} W each`;
  return toReading(seconds, method, options);
}

function toReading(
  seconds: Seconds,
  method: string,
  { project, devices, wattsPerDevice, pue = 1, intensity }: EstimateOptions,
): EnergyReading {
  return makeReading({
    project,
    seconds,
    parts: [{
      ...aboutModel("machine", method),
      joules: seconds * devices * wattsPerDevice,
      seconds,
      missed: 0,
    }],
    pue: checkPue(pue),
    intensity,
    notes: ["estimated and not measured"],
  });
}

/**
 * Water that cooling and power plants take for so much energy.
 *
 * @param energy PUE included
 * @param litresPerKwh WUE, water usage effectiveness, at least 0
 * @throws {ConfigError} when it is negative or not finite
 */
export function waterLitres(energy: Joules, litresPerKwh: number): number {
  if (!(litresPerKwh >= 0 && litresPerKwh < Infinity)) {
    throw new ConfigError(
      `Cannot use a WUE of ${litresPerKwh} l/kWh: wanted at least 0`,
    );
  }
  return kwhFromJoules(energy) * litresPerKwh;
}
