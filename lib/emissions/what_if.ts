/**
 * The same run under other assumptions: on another country's grid, in a data
 * centre with another PUE, with another power for a part that was not
 * measured, for a longer or shorter time. Each function gives a new reading.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { checkPue, type EnergyReading, makeReading } from "./energy_reading.ts";
import type { IntensityEstimate } from "./intensity.ts";
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
