/**
 * `caderno sweep`: trainings of many sizes and lengths, on this machine or on a
 * cluster, and the law through them.
 *
 * @module
 */
import {
  ConfigError,
  DataError,
  formatBytes,
  formatCount,
  formatDuration,
  formatSi,
  InterruptedError,
  messageOf,
  planSweep,
  type PreparedSweep,
  prepareSweep,
  Progress,
  readSweepRows,
  resolveSweep,
  runSlurmSweep,
  runSweep,
  type SweepEvent,
  type SweepRun,
  track,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { PROGRAM } from "./help.ts";
import { interruptSignal } from "./interrupt.ts";
import { showSweepFit, sweepShowCommand, sweepTable } from "./sweep_show.ts";
import { readSweepSpec } from "./sweep_spec.ts";
import { note, print, StatusLine } from "./terminal.ts";

/** The plan in one line. */
function describeRuns(runs: readonly SweepRun[]): string {
  const range = (values: readonly number[]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const from = formatCount(low);
    return low === high ? from : `${from} to ${formatCount(high)}`;
  };
  const flops = runs.reduce(
    (sum, run) => sum + 6 * run.parameters * run.tokens,
    0,
  );
  return `${runs.length} runs: ` +
    `${range(runs.map((run) => run.parameters))} parameters, ` +
    `${range(runs.map((run) => run.tokens))} tokens, ` +
    `${formatSi(flops, "FLOP")} by 6ND`;
}

function describePrediction(sweep: PreparedSweep): string {
  const { pending, jobs, threads, peakBytes, prediction, device } = sweep;
  return `device: ${device}\nprediction: ` +
    `${
      formatDuration(prediction.seconds)
    } for ${pending.length} runs on this ` +
    `machine, ${jobs} side by side with ${threads} threads each, ` +
    `${formatBytes(peakBytes)} of device memory at most for each`;
}

/** Shows events: one line that moves, and a line that stays for what is odd. */
class EventView implements Disposable {
  readonly #line: StatusLine;
  #failed = 0;

  constructor(numRuns: number) {
    const progress = new Progress("Sweep", { total: numRuns, unit: "runs" });
    this.#line = new StatusLine(progress);
  }

  get numFailed(): number {
    return this.#failed;
  }

  show(event: SweepEvent): void {
    const { id } = event.run;
    if (event.kind === "lost" || event.kind === "failed") {
      const then = event.kind === "lost" ? "; it starts again" : "";
      note(`${event.kind}: ${id}: ${event.reason}${then}`);
    }
    if (event.kind === "failed") this.#failed++;
    if (event.kind !== "finished") return;
    const { done } = this.#line.progress;
    this.#line.update(done + 1, `${id} loss ${event.row.loss.toFixed(4)}`);
  }

  [Symbol.dispose](): void {
    this.#line[Symbol.dispose]();
  }
}

/** Local runs, with the energy of the machine shared out among them. */
async function* runHere(
  sweep: PreparedSweep,
  options: { readonly retries: number; readonly signal: AbortSignal },
): AsyncGenerator<SweepEvent, void> {
  await using tracker = await track({ project: "sweep", intervalSeconds: 15 });
  const energyJoules = async () => {
    await tracker.sample().catch(() => {}); // it is in the tracker's notes
    return tracker.reading().energyJoules;
  };
  yield* runSweep(sweep, { ...options, energyJoules });
}

function eventsOf(
  line: CommandLine,
  sweep: PreparedSweep,
): AsyncGenerator<SweepEvent, void> {
  const options = {
    retries: line.needNumber("retries"),
    signal: interruptSignal(),
  };
  if (line.needText("engine") === "local") return runHere(sweep, options);
  const limit = line.number("jobs");
  const words = line.text("sbatch")?.split(/\s+/).filter((word) => word !== "");
  return runSlurmSweep(sweep, {
    ...options,
    ...(limit === undefined ? {} : { limit }),
    sbatch: words ?? [],
  });
}

function checkEngine(line: CommandLine): void {
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

async function runRun(line: CommandLine): Promise<void> {
  checkEngine(line);
  const [path] = line.operands as [string];
  const folder = line.needText("out");
  const spec = await readSweepSpec(path);
  print(describeRuns(planSweep(resolveSweep(spec))));
  if (line.has("dry-run")) return;
  const jobs = line.number("jobs");
  const sweep = await prepareSweep(
    folder,
    spec,
    jobs === undefined ? {} : { jobs },
  );
  const { runs, pending } = sweep;
  if (pending.length < runs.length) {
    print(`${runs.length - pending.length} of them are finished already`);
  }
  if (pending.length > 0) print(describePrediction(sweep));
  using view = new EventView(pending.length);
  try {
    for await (const event of eventsOf(line, sweep)) view.show(event);
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(
      `${messageOf(error)}: ${PROGRAM} sweep run ${path} --out ${folder}`,
    );
  }
  print(`\n${sweepTable(await readSweepRows(folder))}`);
  await showSweepFit(folder);
  print(`\nrows in ${sweep.folder.observations}`);
  if (view.numFailed === 0) return;
  throw new DataError(
    `Cannot finish the sweep: ${view.numFailed} of ${pending.length} runs ` +
      "failed; run it again to try them again",
  );
}

const sweepRunCommand: Command = {
  name: "sweep run",
  summary: "Train a grid of models and fit a scaling law to them",
  operands: ["SPEC"],
  options: {
    out: {
      kind: "text",
      value: "FOLDER",
      help: "rows, logs and data; finished runs in it are skipped",
    },
    jobs: {
      kind: "count",
      help: "most runs side by side; one a core without it",
      range: [1, Infinity],
    },
    retries: {
      kind: "count",
      help: "times that a run starts again after it was killed",
      default: "2",
    },
    engine: {
      kind: "text",
      value: "NAME",
      help: "local, or slurm: a job array on a cluster",
      default: "local",
      heading: "Cluster",
    },
    sbatch: {
      kind: "text",
      value: "OPTIONS",
      help: 'more options of sbatch: "--partition=gpu --gres=gpu:1"',
    },
    "dry-run": {
      kind: "switch",
      help: "tell the plan and stop",
      heading: "Before it runs",
    },
  },
  example: "sweep run experiments/tiny_sweep.yaml --out runs/sweep",
  run: runRun,
};

/** The commands whose names begin with "sweep". */
export const sweepCommands: readonly Command[] = [
  sweepRunCommand,
  sweepShowCommand,
];
