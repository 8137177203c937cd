/**
 * `caderno scaling isoflop`: the best size of each budget by parabolas.
 *
 * @module
 */
import {
  ConfigError,
  fitIsoFlops,
  formatCount,
  formatScientific,
  formatTable,
  groupByBudget,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { readRuns, short, TABLE_OPTIONS } from "./scaling_runs.ts";
import { note, print } from "./terminal.ts";

/** "1e18,3e18" as numbers. */
function parseBudgets(text: string | undefined): number[] | undefined {
  const budgets = text?.split(",").map(Number);
  if (!budgets?.some((budget) => !(budget > 0))) return budgets;
  throw new ConfigError(
    `Cannot use --budgets ${text}: wanted numbers above 0 such as 1e18,3e18`,
  );
}

async function runIsoFlop(line: CommandLine): Promise<void> {
  const budgets = parseBudgets(line.text("budgets"));
  const window = line.number("window");
  const groups = groupByBudget(await readRuns(line), {
    ...(budgets ? { budgets } : {}),
    tolerance: line.needNumber("tolerance"),
  });
  const fit = fitIsoFlops(groups, {
    ...(window === undefined ? {} : { window }),
    dropOutside: line.has("drop-outside"),
  });
  print(formatTable([
    ["budget (FLOPs)", "runs", "N*", "D*", "loss*", ""],
    ...fit.profiles.map((profile) => {
      const { budget, runs, optimalParameters: N, optimalLoss } = profile;
      return [
        formatScientific(budget),
        runs.length,
        N === undefined ? "-" : formatCount(N),
        N === undefined ? "-" : formatCount(budget / 6 / N),
        optimalLoss?.toFixed(4) ?? "-",
        profile.isInside ? "" : "doubtful",
      ];
    }),
  ]));
  const { parameters, tokens } = fit;
  print(
    `\nN* = ${short(parameters.coefficient)} C^${short(parameters.exponent)} ` +
      `and D* = ${short(tokens.coefficient)} C^${short(tokens.exponent)}, ` +
      `exponents ± ${short(parameters.exponentError)}, ` +
      `${parameters.numPoints} budgets`,
  );
  for (const text of fit.warnings) note(`warning: ${text}`);
}

/** The command "scaling isoflop". */
export const scalingIsoFlopCommand: Command = {
  name: "scaling isoflop",
  summary: "Find the best size of each budget by parabolas",
  operands: ["CSV"],
  options: {
    ...TABLE_OPTIONS,
    budgets: {
      kind: "text",
      value: "LIST",
      help: "planned budgets in FLOPs, 6ND, such as 1e18,3e18; found in the " +
        "runs without",
      heading: "Parabolas",
    },
    tolerance: {
      kind: "number",
      value: "SHARE",
      help: "how far from its budget a run may be",
      default: "0.1",
    },
    window: {
      kind: "count",
      help: "fit only so many sizes next to the lowest loss",
      range: [3, Infinity],
    },
    "drop-outside": {
      kind: "switch",
      help: "leave out budgets whose lowest point lies outside of the sizes",
    },
  },
  example: "scaling isoflop runs.csv --budgets 1e18,1e19,1e20",
  run: runIsoFlop,
};
