/**
 * The same run under other assumptions: on another country's grid, in a data
 * centre with another PUE, with another power for a part that was not
 * measured, on another card, for a longer or shorter time. Each function gives
 * a new reading.
 *
 * @module
 */
import { ConfigError, DataError } from "../util/mod.ts";
import {
  checkPue,
  type EnergyReading,
  makeReading,
  totalsByPart,
} from "./energy_reading.ts";
import { type GpuSpec, trainingFlopsPerSecond } from "./gpu_specs.ts";
import type { IntensityEstimate } from "./intensity.ts";
import type { TrainedRun } from "./training_efficiency.ts";
import type { PowerPart, Seconds, Watts } from "./units.ts";

/** The run with the electricity of another place. */
export function withIntensity(
  reading: EnergyReading,
  intensity: IntensityEstimate,
): EnergyReading {
  return makeReading({ ...reading, intensity });
}

/**
 * The run in a facility with another power usage effectiveness.
 *
 * @throws {ConfigError} when it is not a number of at least 1
 */
export function withPue(reading: EnergyReading, pue: number): EnergyReading {
  return makeReading({ ...reading, pue: checkPue(pue) });
}

/**
 * The run with a stated mean power of one part, over the whole of its time.
 *
 * @param method where the power comes from
 * @throws {ConfigError} when the power is negative or not finite
 */
export function withPartPower(
  reading: EnergyReading,
  stated: { part: PowerPart; watts: Watts; method: string },
): EnergyReading {
  const { part, watts, method } = stated;
  if (!Number.isFinite(watts) || watts < 0) {
    throw new ConfigError(
      `Cannot replace the power of ${part} by ${watts} W: ` +
        "it must be a number of at least 0",
    );
  }
  const { seconds } = reading;
  const row = {
    part,
    label: "assumed" as const,
    method,
    joules: watts * seconds,
    seconds,
    missed: 0,
  };
  const others = reading.parts.filter((other) => other.part !== part);
  return makeReading({ ...reading, parts: [...others, row] });
}

/**
 * The run for another time at the same mean powers: what the same machine
 * uses in the hours that a budget buys.
 *
 * @throws {ConfigError} when a time, that of the reading or the new one, is
 * not a number above 0
 */
export function withDuration(
  reading: EnergyReading,
  seconds: Seconds,
): EnergyReading {
  const factor = seconds / reading.seconds;
  if (!(factor > 0 && factor < Infinity)) {
    throw new ConfigError(
      `Cannot turn ${reading.seconds} s of "${reading.project}" into ` +
        `${seconds} s: both must be above 0`,
    );
  }
  const parts = reading.parts.map((row) => ({
    ...row,
    joules: row.joules === undefined ? undefined : row.joules * factor,
    seconds: row.seconds * factor,
  }));
  return makeReading({ ...reading, seconds, parts });
}

/**
 * The run on a card of another generation: the same share of the peak rate
 * (float16 where there is no bfloat16) and of the thermal design power, so the
 * time changes with the peak and the card's power with its TDP; the rest of
 * the machine draws what it drew, for that time.
 *
 * @throws {DataError} when a rate, a TDP or the card's energy is not known
 */
export function withGpu(run: TrainedRun, gpu: GpuSpec): EnergyReading {
  const { reading } = run;
  const peaks = [run.gpu, gpu].map(trainingFlopsPerSecond);
  const watts = totalsByPart(reading).gpu?.watts;
  const [from, to] = peaks;
  if (!from || !to || !run.gpu.tdpWatts || !gpu.tdpWatts || !watts) {
    throw new DataError(
      `Cannot move "${reading.project}" from ${run.gpu.name} to ${gpu.name}: ` +
        "peak rates, thermal design powers and GPU energy must be known",
    );
  }
  const share = watts / run.gpu.tdpWatts;
  const moved = withDuration(reading, reading.seconds * from / to);
  const other = withPartPower(moved, {
    part: "gpu",
    watts: share * gpu.tdpWatts,
    method: `${gpu.name} at ${(share * 100).toFixed(0)} % of its ` +
      `${gpu.tdpWatts} W, as fast for its peak as ${run.gpu.name}`,
  });
  return { ...other, project: `${reading.project} on ${gpu.name}` };
}
