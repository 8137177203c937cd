/**
 * `caderno scaling fit`: the parametric law of a table of runs, with intervals
 * and everything that makes it doubtful.
 *
 * @module
 */
import {
  allocateBudget,
  bootstrapLaw,
  type BootstrapSummary,
  diagnoseFit,
  fitLaw,
  type FitOptions,
  formatScientific,
  formatTable,
  hoffmannStarts,
  LAW_QUANTITIES,
  type LawBootstrap,
  type LawConstants,
  type LawFit,
  type MisfitOptions,
  summarizeBootstrap,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { readRuns, short, TABLE_OPTIONS } from "./scaling_runs.ts";
import { note, print } from "./terminal.ts";

/** The law, and the best allocation of a budget, as named quantities. */
function quantitiesOf(budget: number | undefined) {
  if (budget === undefined) return LAW_QUANTITIES;
  const best = (law: LawConstants) =>
    law.alpha > 0 && law.beta > 0 ? allocateBudget(law, budget) : undefined;
  return {
    ...LAW_QUANTITIES,
    "N*": (law: LawConstants) => best(law)?.parameters ?? NaN,
    "D*": (law: LawConstants) => best(law)?.tokens ?? NaN,
    "loss*": (law: LawConstants) => best(law)?.loss ?? NaN,
  };
}

function showIntervals({ intervals }: BootstrapSummary): void {
  print(formatTable([
    ["", "estimate", "standard error", "95 % from", "to"],
    ...intervals.map(({ name, estimate, standardError, low, high }) => [
      name,
      ...[estimate, standardError, low, high].map(short),
    ]),
  ]));
}

function showFit(fit: LawFit, budget: number | undefined): void {
  print(formatTable([
    ["", "estimate"],
    ...Object.entries(quantitiesOf(budget)).map(([name, of]) => [
      name,
      short(of(fit.law)),
    ]),
  ]));
}

function showBootstrap(
  bootstrap: LawBootstrap,
  budget: number | undefined,
): void {
  const quantities = quantitiesOf(budget);
  showIntervals(summarizeBootstrap(bootstrap, { quantities }));
  const { laws, failures } = bootstrap;
  print(
    `\n${laws.length} resamples by row; draw by cluster in a notebook when ` +
      `runs share a training curve or a seed`,
  );
  if (failures.length > 0) {
    note(`warning: ${failures.length} resamples fit no law: ${failures[0]}`);
  }
}

async function runFit(line: CommandLine): Promise<void> {
  const runs = await readRuns(line);
  const options: FitOptions = {
    misfit: line.needText("misfit") as NonNullable<MisfitOptions["misfit"]>,
    residual: line.needText("residual") as "log" | "loss",
    delta: line.needNumber("delta"),
    isTied: line.has("tied"),
    ...(line.has("all-starts") ? { starts: hoffmannStarts() } : {}),
  };
  const count = line.needNumber("resamples");
  const budget = line.number("budget");
  const bootstrap = count > 0
    ? await bootstrapLaw(runs, {
      ...options,
      count,
      seed: line.needNumber("seed"),
    })
    : undefined;
  const fit = bootstrap?.fit ?? fitLaw(runs, options);
  const { starts, law, objective } = fit;
  print(
    `L = E + A / N^alpha + B / D^beta, N* ~ C^a; ${law.source}\n` +
      `objective ${formatScientific(objective, 6)}, reached by ` +
      `${starts.reachedBest} of ${starts.total} starts` +
      (budget === undefined
        ? "\n"
        : `; * for C = ${formatScientific(budget)} FLOPs\n`),
  );
  if (bootstrap) showBootstrap(bootstrap, budget);
  else showFit(fit, budget);
  for (const text of diagnoseFit(fit, runs).warnings) note(`warning: ${text}`);
}

/** The command "scaling fit". */
export const scalingFitCommand: Command = {
  name: "scaling fit",
  summary: "Fit a scaling law to a table of runs, with error bars",
  operands: ["CSV"],
  options: {
    ...TABLE_OPTIONS,
    misfit: {
      kind: "text",
      value: "NAME",
      help: "what is made small: huber, absolute or squared",
      default: "huber",
      heading: "Fit",
    },
    residual: {
      kind: "text",
      value: "NAME",
      help: "of what: log (of the losses) or loss",
      default: "log",
    },
    delta: {
      kind: "number",
      value: "NATS",
      help: "where Huber's function turns from a square to a line",
      default: "0.001",
    },
    tied: { kind: "switch", help: "one exponent, alpha = beta" },
    "all-starts": {
      kind: "switch",
      help: "begin at Hoffmann's 4500 starts instead of 27",
    },
    resamples: {
      kind: "count",
      help: "fits of the bootstrap; 0 for none",
      default: "1000",
      heading: "Answer",
    },
    seed: { kind: "count", help: "of the resamples", default: "0" },
    budget: {
      kind: "number",
      value: "FLOPS",
      help: "also tell the best allocation of this budget, 6ND",
    },
  },
  example: "scaling fit runs.csv --drop 5 --budget 1e20",
  run: runFit,
};
