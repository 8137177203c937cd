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
import { findMeters, type MeterOptions, type MeterSet } from "./find_meters.ts";
import { claimHost, describeHolder, type HostClaim } from "./host_claim.ts";
import { readHostFacts } from "./host_facts.ts";
import { findPlace, type PlaceOptions } from "./tracker_place.ts";
import { continueTrackerState, type TrackerState } from "./tracker_state.ts";
import type { Seconds } from "./units.ts";

/** Settings of {@linkcode track}. */
export interface TrackOptions extends MeterOptions, PlaceOptions {
  /** Name of the run. */
  project: string;
  /** Seconds between samples: 15 by default, 0.1 to 600, or 0: by hand. */
  intervalSeconds?: Seconds;
  /** File that is kept up to date, and continued when it is there. */
  stateFile?: string;
  /**
   * What to do where another tracker meters this whole machine: "note" says so
   * with each reading (default), "refuse" throws, "leave" meters nothing, since
   * the other one counts for all: what the workers of one run want.
   */
  ifMetered?: "note" | "refuse" | "leave";
  /** File by which trackers of one machine know of each other, for tests. */
  claimFile?: string;
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
 * @throws {ConfigError} for a setting out of range, an unknown place, a state
 * file of another run, or a second tracker that was to be refused
 * @throws {FormatError} when the state file is not one; it is left as it is
 */
export async function track(options: TrackOptions): Promise<EmissionsTracker> {
  const { project, intervalSeconds = 15, stateFile } = options;
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
  const clock = options.clock ?? SYSTEM_CLOCK;
  const { intensity, series, pue, notes } = await findPlace(options);
  const fresh: TrackerState = {
    project,
    runId: crypto.randomUUID(),
    startedAt: clock.date().toISOString(),
    pue,
    gramsPerKwh: intensity?.used.gramsPerKwh ?? null,
    series: series?.name ?? null,
    ledger: EMPTY_LEDGER,
    windows: [],
  };
  const state = stateFile === undefined
    ? fresh
    : await continueTrackerState(stateFile, fresh);
  const { found, claim } = await openMeters(options, clock);
  const tracker = new EmissionsTracker({
    state,
    found: { ...found, notes: [...notes, ...found.notes] },
    claim,
    intensity,
    series,
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

/** Meters, and the claim to be the one tracker of the machine. */
interface OpenMeters {
  readonly found: MeterSet;
  readonly claim: HostClaim | undefined;
}

async function openMeters(
  options: TrackOptions,
  clock: TrackerClock,
): Promise<OpenMeters> {
  const { meters, project, ifMetered = "note", scope = "machine" } = options;
  const hostOf = async () => options.host ?? await readHostFacts(options.files);
  if (meters) {
    const host = await hostOf();
    const found = { meters, notes: [], host, scope, gpuNames: [] };
    return { found, claim: undefined };
  }
  if (scope === "process") {
    return { found: await findMeters(options), claim: undefined };
  }
  const since = clock.date().toISOString();
  const asking = { pid: Deno.pid, project, since };
  const claim = await claimHost(asking, options.claimFile);
  const other = describeHolder(claim.holder);
  if (!claim.isOurs && ifMetered === "refuse") {
    throw new ConfigError(
      `Cannot track "${project}": ${other} meters this machine already; ` +
        'end that one, or use the scope "process"',
    );
  }
  if (!claim.isOurs && ifMetered === "leave") {
    const notes = [`${other} meters this machine and counts this run as well`];
    const host = await hostOf();
    return { found: { meters: [], notes, host, scope, gpuNames: [] }, claim };
  }
  try {
    const found = await findMeters(options);
    const notes = claim.isOurs ? found.notes : [
      ...found.notes,
      `${other} meters this machine as well: add up only one of the two`,
    ];
    return { found: { ...found, notes }, claim };
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
}
