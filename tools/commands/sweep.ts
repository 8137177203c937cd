/**
 * `caderno sweep`: trainings of many sizes and lengths, on this machine or on a
 * cluster, and the law through them.
 *
 * @module
 */
import {
  DataError,
  formatCount,
  formatSi,
  InterruptedError,
  messageOf,
  planSweep,
  prepareSweep,
  Progress,
  readSweepRows,
  resolveSweep,
  type SweepEvent,
  type SweepRun,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { PROGRAM } from "./help.ts";
import { interruptSignal } from "./interrupt.ts";
import {
  checkEngine,
  isLocal,
  runEngine,
  slurmThreads,
  type SweepOutcome,
} from "./sweep_engines.ts";
import { compareSweep, describeSweepPrediction } from "./sweep_prediction.ts";
import {
  planTable,
  showSweepFit,
  sweepShowCommand,
  sweepTable,
} from "./sweep_show.ts";
import { readSweepSpec } from "./sweep_spec.ts";
import { note, print, StatusLine } from "./terminal.ts";
import { ENERGY_OPTIONS } from "./train_options.ts";
import { planElectricity } from "./train_plan.ts";

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

async function runRun(line: CommandLine): Promise<void> {
  checkEngine(line);
  const [path] = line.operands as [string];
  const folder = line.needText("out");
  const spec = await readSweepSpec(path);
  const planned = planSweep(resolveSweep(spec));
  print(describeRuns(planned));
  if (line.has("dry-run")) return print(`\n${planTable(planned)}`);
  const jobs = line.number("jobs");
  const sweep = await prepareSweep(folder, spec, {
    ...(jobs === undefined ? {} : { jobs }),
    engine: isLocal(line) ? "local" : "slurm",
    slurmThreads: slurmThreads(line),
    energy: planElectricity(line),
  });
  const { runs, pending } = sweep;
  if (pending.length < runs.length) {
    print(`${runs.length - pending.length} of them are finished already`);
  }
  if (pending.length > 0) print(describeSweepPrediction(line, sweep));
  using view = new EventView(pending.length);
  const options = {
    retries: line.needNumber("retries"),
    signal: interruptSignal(),
  };
  let happened: SweepOutcome;
  try {
    happened = await runEngine(line, sweep, (e) => view.show(e), options);
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(
      `${messageOf(error)}: ${PROGRAM} sweep run ${path} --out ${folder}`,
    );
  }
  print(`\n${sweepTable(await readSweepRows(folder))}`);
  if (pending.length > 0 && view.numFailed === 0) {
    print(`\n${compareSweep(line, sweep, happened)}`);
  }
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
    ...ENERGY_OPTIONS,
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
