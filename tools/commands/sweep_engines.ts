/**
 * Where the runs of `caderno sweep` are: on this machine, or on a cluster.
 *
 * @module
 */
import {
  ConfigError,
  energyLabels,
  type PreparedSweep,
  runSlurmSweep,
  runSweep,
  type SweepEvent,
  type SweepRow,
  track,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";
import { planElectricity } from "./train_plan.ts";

/** Whether the runs are on this machine. */
export function isLocal(line: CommandLine): boolean {
  return line.needText("engine") === "local";
}

/** @throws {ConfigError} when there is no such engine, or no use for sbatch */
export function checkEngine(line: CommandLine): void {
  const engine = line.needText("engine");
  if (engine !== "local" && engine !== "slurm") {
    throw new ConfigError(
      `Cannot run a sweep with --engine ${engine}: it is local or slurm`,
    );
  }
  if (engine === "local" && line.has("sbatch")) {
    throw new ConfigError("Cannot use --sbatch without --engine slurm");
  }
}

/** What the runs of this call took, as the prediction has it. */
export interface SweepOutcome {
  readonly seconds: number;
  readonly joules: number | undefined;
}

/** What runs of either engine are told. */
interface EngineOptions {
  readonly retries: number;
  readonly signal: AbortSignal;
}

/** Local runs, with the energy of the machine shared out among them. */
async function runHere(
  line: CommandLine,
  sweep: PreparedSweep,
  show: (event: SweepEvent) => void,
  options: EngineOptions,
): Promise<SweepOutcome> {
  await using tracker = await track({
    project: "sweep",
    ...planElectricity(line),
  });
  const energyJoules = async () => {
    await tracker.sample().catch(() => {}); // it is in the tracker's notes
    return tracker.reading().energyJoules;
  };
  const events = runSweep(sweep, {
    ...options,
    energyJoules,
    energyLabels: () => energyLabels(tracker.reading()),
  });
  for await (const event of events) show(event);
  const { seconds, energyJoules: joules } = await tracker.stop();
  return { seconds, joules };
}

/** Words of `--sbatch`. */
function sbatchWords(line: CommandLine): string[] {
  return line.text("sbatch")?.split(/\s+/).filter((word) => word !== "") ?? [];
}

/** Cores of an element: what sbatch is told, or else 1. */
export function slurmThreads(line: CommandLine): number {
  const words = sbatchWords(line).join(" ");
  const count = words.match(/(?:--cpus-per-task[= ]|-c ?)(\d+)/)?.[1];
  return Number(count ?? 1);
}

/** Runs of a cluster, each with the energy that its own job counted. */
async function runThere(
  line: CommandLine,
  sweep: PreparedSweep,
  show: (event: SweepEvent) => void,
  options: EngineOptions,
): Promise<SweepOutcome> {
  const limit = line.number("jobs");
  const events = runSlurmSweep(sweep, {
    ...options,
    ...(limit === undefined ? {} : { limit }),
    sbatch: sbatchWords(line),
    pue: line.needNumber("pue"),
  });
  const rows: SweepRow[] = [];
  for await (const event of events) {
    show(event);
    if (event.kind === "finished") rows.push(event.row);
  }
  return outcomeOfRows(rows);
}

/** The rows of runs on a cluster, added up: nobody predicts its queue. */
function outcomeOfRows(rows: readonly SweepRow[]): SweepOutcome {
  const isMetered = rows.every(({ joules }) => joules !== undefined);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return {
    seconds: sum(rows.map(({ seconds }) => seconds)),
    joules: isMetered ? sum(rows.map(({ joules }) => joules!)) : undefined,
  };
}

/**
 * Runs what is left of a sweep.
 *
 * @param show is told what happens
 * @throws {InterruptedError} when the signal stops it
 */
export function runEngine(
  line: CommandLine,
  sweep: PreparedSweep,
  show: (event: SweepEvent) => void,
  options: EngineOptions,
): Promise<SweepOutcome> {
  const run = isLocal(line) ? runHere : runThere;
  return run(line, sweep, show, options);
}
