/**
 * Starts a tracker: settings, place, meters and the state of an earlier
 * session, put together.
 *
 * One tracker a host: the meters see the whole machine, so eight processes
 * with a tracker each would count it eight times (CodeCarbon #544).
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { EmissionsTracker, type TrackerClock } from "./emissions_tracker.ts";
import { EMPTY_LEDGER } from "./energy_ledger.ts";
import type { EnergyMeter } from "./energy_meter.ts";
import { checkPue } from "./energy_reading.ts";
import { findMeters, type MeterOptions } from "./find_meters.ts";
import { readHostFacts } from "./host_facts.ts";
import {
  intensityAt,
  type IntensityEstimate,
  loadIntensities,
  statedIntensity,
} from "./intensity.ts";
import { continueTrackerState, type TrackerState } from "./tracker_state.ts";
import type { GramsPerKwh, Seconds } from "./units.ts";

/** Settings of {@linkcode track}. */
export interface TrackOptions extends MeterOptions {
  /** Name of the run. */
  project: string;
  /** Country by ISO 3166 code or name; without one there is no carbon. */
  country?: string;
  /** Region of the country by name or code: "iowa", "NO1". */
  region?: string;
  /** Known carbon intensity in g/kWh; takes the place of the tables. */
  gramsPerKwh?: GramsPerKwh;
  /** Seconds between samples: 15 by default, 0.1 to 600, or 0: by hand. */
  intervalSeconds?: Seconds;
  /** Facility energy over machine energy, at least 1 (default). */
  pue?: number;
  /** File that is kept up to date, and continued when it is there. */
  stateFile?: string;
  /** Meters to use in place of those of this machine. */
  meters?: readonly EnergyMeter[];
  clock?: TrackerClock;
}

const SYSTEM_CLOCK: TrackerClock = {
  seconds: () => performance.now() / 1000,
  date: () => new Date(),
};

/**
 * Starts to count, or goes on with the run in `stateFile`.
 *
 * @example
 * ```ts
 * await using tracker = await track({ project: "demo", country: "BRA" });
 * // ... work ...
 * const reading = await tracker.stop();
 * ```
 * @throws {ConfigError} for a setting out of range, an unknown country, or a
 * state file of another run
 * @throws {FormatError} when the state file is not one; it is left as it is
 */
export async function track(options: TrackOptions): Promise<EmissionsTracker> {
  const { project, intervalSeconds = 15, pue = 1, stateFile } = options;
  if (project.trim() === "") {
    throw new ConfigError("Cannot track a project without a name");
  }
  const isInterval = intervalSeconds === 0 ||
    (intervalSeconds >= 0.1 && intervalSeconds <= 600);
  if (!isInterval) {
    throw new ConfigError(
      `Cannot sample each ${intervalSeconds} s: ` +
        "the interval is 0.1 to 600 s, or 0 to sample by hand only",
    );
  }
  checkPue(pue);
  const clock = options.clock ?? SYSTEM_CLOCK;
  const intensity = await findIntensity(options);
  const fresh: TrackerState = {
    project,
    runId: crypto.randomUUID(),
    startedAt: clock.date().toISOString(),
    pue,
    gramsPerKwh: intensity?.used.gramsPerKwh ?? null,
    ledger: EMPTY_LEDGER,
    windows: [],
  };
  const state = stateFile === undefined
    ? fresh
    : await continueTrackerState(stateFile, fresh);
  const found = options.meters
    ? {
      meters: options.meters,
      notes: [],
      host: options.host ?? await readHostFacts(options.files),
      scope: options.scope ?? "machine",
      gpuNames: [],
    }
    : await findMeters(options);
  const tracker = new EmissionsTracker({
    state,
    found,
    intensity,
    clock,
    intervalSeconds,
    stateFile,
  });
  try {
    await tracker.sample(); // starts the meters
  } catch (error) {
    tracker[Symbol.dispose]();
    throw error;
  }
  return tracker;
}

async function findIntensity(
  { country, region, gramsPerKwh }: TrackOptions,
): Promise<IntensityEstimate | undefined> {
  if (gramsPerKwh !== undefined) return statedIntensity(gramsPerKwh, country);
  if (country !== undefined) {
    return intensityAt(await loadIntensities(), country, { region });
  }
  if (region === undefined) return undefined;
  throw new ConfigError(
    `Cannot find region "${region}": state its country as well`,
  );
}
