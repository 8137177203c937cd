/**
 * The file a tracker keeps while it runs, so that a run that is killed loses
 * at most one interval and goes on counting when it is started again.
 *
 * @module
 */
import {
  ConfigError,
  exists,
  FormatError,
  messageOf,
  readText,
  writeJson,
} from "../util/mod.ts";
import type { EnergyLedger } from "./energy_ledger.ts";
import type { GramsPerKwh } from "./units.ts";

const FORMAT = "caderno-emissions-1";

/** A closed window of a run. */
export interface WindowLedger {
  readonly name: string;
  readonly ledger: EnergyLedger;
}

/** Everything that is needed to go on. */
export interface TrackerState {
  readonly project: string;
  readonly runId: string;
  /** Time of the first start, ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly pue: number;
  /** Null where no place was given. */
  readonly gramsPerKwh: GramsPerKwh | null;
  /** Name of the series of intensities; null or absent without one. */
  readonly series?: string | null;
  readonly ledger: EnergyLedger;
  readonly windows: readonly WindowLedger[];
}

/** Writes the state; a reader sees the old or the new one, never a part. */
export function writeTrackerState(
  path: string,
  state: TrackerState,
): Promise<void> {
  return writeJson(path, { format: FORMAT, ...state });
}

/**
 * The state to go on from: the saved one, or `fresh` when there is no file.
 *
 * @throws {FormatError} when the file is something else; it is left as it is
 * @throws {ConfigError} when it belongs to another run, or to other
 * assumptions: energy counted with one PUE must not be multiplied by another
 */
export async function continueTrackerState(
  path: string,
  fresh: TrackerState,
): Promise<TrackerState> {
  if (!await exists(path)) return fresh;
  const text = await readText(path, "a tracker's state");
  const saved = parseState(path, text);
  for (const key of ["project", "pue", "gramsPerKwh", "series"] as const) {
    if ((saved[key] ?? null) === (fresh[key] ?? null)) continue;
    throw new ConfigError(
      `Cannot continue from ${path}: it was begun with ${key} ` +
        `${saved[key]}, now it is ${fresh[key]}`,
    );
  }
  return saved;
}

function parseState(path: string, text: string): TrackerState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notState(path, messageOf(error));
  }
  const state = value as Partial<TrackerState & { format: string }> | null;
  if (state?.format !== FORMAT) throw notState(path, `no format "${FORMAT}"`);
  const { project, runId, startedAt, windows, ledger } = state;
  const isWhole = [project, runId, startedAt].every(isText) &&
    isLedger(ledger) && Array.isArray(windows) &&
    windows.every((window) => isText(window?.name) && isLedger(window.ledger));
  if (!isWhole) {
    throw notState(path, "a field is missing or has the wrong type");
  }
  return state as TrackerState;
}

function notState(path: string, reason: string): FormatError {
  return new FormatError(
    `Cannot continue from ${path}: it is not the state of a tracker ` +
      `(${reason}); move it away to begin anew`,
  );
}

function isText(x: unknown): boolean {
  return typeof x === "string";
}

function isAmount(x: unknown): boolean {
  return Number.isFinite(x) && (x as number) >= 0;
}

function isLedger(ledger: EnergyLedger | undefined): boolean {
  return isAmount(ledger?.seconds) && isAmount(ledger?.grams ?? 0) &&
    Array.isArray(ledger?.rows) &&
    ledger.rows.every((row) =>
      [row?.joules, row?.seconds, row?.missed].every(isAmount) &&
      [row.part, row.label, row.method].every(isText)
    );
}
