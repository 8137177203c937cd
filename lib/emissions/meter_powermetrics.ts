/**
 * CPU and GPU power of a Mac by Apple's `powermetrics`, which needs root: it
 * is tried by `sudo -n`, which never asks for a password. Apple calls the
 * numbers estimates that are no good for comparing machines, so they are
 * labelled as modelled and no uncertainty is stated.
 *
 * @module
 */
import { DeviceError } from "../util/mod.ts";
import { type EnergyMeter, powerMeter } from "./energy_meter.ts";
import { openPowerFeed, PowerAverage } from "./power_feed.ts";
import type { PowerPart, Seconds, Watts } from "./units.ts";

/** Seconds between two samples of the program. */
const PERIOD: Seconds = 1;

/** The program and its arguments; a script in tests. */
export interface PowermetricsOptions {
  command?: string;
  args?: readonly string[];
  /** Longest wait for the first sample, in seconds. */
  timeoutSeconds?: Seconds;
}

/** Power of one part as a line gives it. */
export interface PowermetricsLine {
  readonly part: PowerPart;
  readonly watts: Watts;
}

/**
 * Power in a line of `powermetrics`: "CPU Power: 1234 mW", "GPU Power: 56 mW"
 * of Apple silicon, "Intel energy model derived package power (CPUs+GT+SA):
 * 12.34W" of older Macs. Undefined for all other lines; the combined power and
 * that of clusters are left out, since they hold the same energy again.
 */
export function parsePowermetricsLine(
  line: string,
): PowermetricsLine | undefined {
  const apple = /^(CPU|GPU) Power: (\d+(?:\.\d+)?) (mW|W)\s*$/.exec(line);
  if (apple) {
    const [, part, amount, unit] = apple;
    return {
      part: part === "CPU" ? "cpu" : "gpu",
      watts: Number(amount) / (unit === "mW" ? 1000 : 1),
    };
  }
  const intel = /^Intel energy model derived package power .*: (\d+(?:\.\d+)?)W/
    .exec(line);
  return intel ? { part: "cpu", watts: Number(intel[1]) } : undefined;
}

/**
 * Starts the program and waits for its first sample: a meter for the CPU, and
 * one for the GPU where it has a line of its own.
 *
 * @throws {DeviceError} saying what to run when root is needed
 */
export async function openPowermetricsMeters(
  options: PowermetricsOptions = {},
): Promise<EnergyMeter[]> {
  const {
    command = "sudo",
    args = [
      ...["-n", "powermetrics", "--samplers", "cpu_power,gpu_power"],
      ...["-i", String(PERIOD * 1000)],
    ],
    timeoutSeconds = 10,
  } = options;
  const averages = new Map<PowerPart, PowerAverage>();
  let numSamples = 0;
  const onLine = (text: string) => {
    if (text.startsWith("*** Sampled system activity")) numSamples++;
    const line = parsePowermetricsLine(text);
    if (line) {
      const average = averages.get(line.part) ?? new PowerAverage(3 * PERIOD);
      average.add(line.watts);
      averages.set(line.part, average);
    }
    // When the second sample begins the lines of the first are all there.
    return numSamples > 1 && averages.has("cpu");
  };
  const feed = await openFeed({ command, args, timeoutSeconds, onLine });
  // The first one closes the program; a second call does no harm.
  return [...averages].map(([part, average]) => ({
    ...powerMeter({
      part,
      label: "modelled",
      method: `powermetrics each ${PERIOD} s, Apple's estimate`,
    }, (seconds) => Promise.resolve(average.take(seconds))),
    close: () => feed.close(),
  }));
}

async function openFeed(
  { command, args, timeoutSeconds, onLine }:
    & Required<PowermetricsOptions>
    & { onLine: (line: string) => boolean },
) {
  try {
    const what = "power of this Mac";
    return await openPowerFeed({ what, command, args, timeoutSeconds, onLine });
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new DeviceError(
      `${error.message}; powermetrics needs root: run "sudo -v" before, or ` +
        "allow it in sudoers",
    );
  }
}
