/**
 * `caderno estimate`: what a training would reach, and what its budget could
 * reach at best, by every published form of the Chinchilla law.
 *
 * @module
 */
import {
  allocateBudget,
  allocationCost,
  budgetOf,
  type ChinchillaLaw,
  ConfigError,
  formatCount,
  formatPercent,
  formatScientific,
  formatTable,
  LAWS,
  optimalTokens,
  predictLoss,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { PROGRAM } from "./help.ts";
import { print } from "./terminal.ts";

/** The laws whose name holds the text, all of them without one. */
function chooseLaws(name: string | undefined): readonly ChinchillaLaw[] {
  const wanted = (name ?? "").toLowerCase();
  const found = LAWS.filter((law) => law.name.toLowerCase().includes(wanted));
  if (found.length > 0) return found;
  throw new ConfigError(
    `Cannot find the law "${name}": there are ` +
      LAWS.map((law) => `"${law.name}"`).join(", "),
  );
}

const HEAD = ["law", "loss", "perplexity"];

function prediction(law: ChinchillaLaw, loss: number): string[] {
  return [law.name, loss.toFixed(4), Math.exp(loss).toFixed(2)];
}

/** A model and its tokens: what it reaches, and the best of its budget. */
function showRun(
  laws: readonly ChinchillaLaw[],
  parameters: number,
  tokens: number,
): void {
  const run = { parameters, tokens };
  print(
    `N = ${formatCount(parameters)} parameters, D = ${formatCount(tokens)} ` +
      `tokens: ${(tokens / parameters).toFixed(1)} tokens per parameter, ` +
      `C = 6ND = ${formatScientific(budgetOf(run))} FLOPs\n`,
  );
  print(formatTable([
    [...HEAD, "best N", "best D", "D/N", "best loss", "excess", "wasted"],
    ...laws.map((law) => {
      const { loss, best, excessLoss, wastedShare } = allocationCost(law, run);
      return [
        ...prediction(law, loss),
        formatCount(best.parameters),
        formatCount(best.tokens),
        best.tokensPerParameter.toFixed(1),
        best.loss.toFixed(4),
        excessLoss.toFixed(4),
        formatPercent(wastedShare),
      ];
    }),
  ]));
  print(
    "\nbest: of the same budget; excess: loss above the best, nats per token;" +
      "\nwasted: share of the budget that the best allocation would not need",
  );
}

/** The best allocation of a budget. */
function showBudget(laws: readonly ChinchillaLaw[], budget: number): void {
  const table = formatTable([
    [...HEAD, "N", "D", "D/N"],
    ...laws.map((law) => {
      const best = allocateBudget(law, budget);
      return [
        ...prediction(law, best.loss),
        formatCount(best.parameters),
        formatCount(best.tokens),
        best.tokensPerParameter.toFixed(1),
      ];
    }),
  ]);
  print(`C = 6ND = ${formatScientific(budget)} FLOPs, spent best:\n\n${table}`);
}

/** The tokens for which a model's size is the best one. */
function showModel(laws: readonly ChinchillaLaw[], parameters: number): void {
  print(`N = ${formatCount(parameters)} parameters is the best size for:\n`);
  print(formatTable([
    [...HEAD, "D", "D/N", "C (FLOPs)"],
    ...laws.map((law) => {
      const tokens = optimalTokens(law, parameters);
      return [
        ...prediction(law, predictLoss(law, { parameters, tokens })),
        formatCount(tokens),
        (tokens / parameters).toFixed(1),
        formatScientific(budgetOf({ parameters, tokens })),
      ];
    }),
  ]));
}

/** Sizes of the runs that the laws come from: 44M to 16.2B parameters. */
const FITTED_PARAMETERS = [44e6, 16.2e9] as const;

/** Says when a model is so far from those runs that a loss means little. */
function noteReach(parameters: number): void {
  const [from, to] = FITTED_PARAMETERS;
  if (parameters >= from && parameters <= to) return;
  print(
    `\n${formatCount(parameters)} parameters lie outside of the runs that ` +
      `these laws come from (${formatCount(from)} to ${formatCount(to)}): ` +
      "these losses are no forecast\nof it, and D/N is a rule of thumb; a law " +
      `of your own: ${PROGRAM} sweep run`,
  );
}

function runEstimate(line: CommandLine): Promise<void> {
  const laws = chooseLaws(line.text("law"));
  const parameters = line.number("parameters");
  const tokens = line.number("tokens");
  const budget = line.number("budget");
  if (
    budget !== undefined && parameters === undefined && tokens === undefined
  ) {
    showBudget(laws, budget);
    noteReach(allocateBudget(laws[0]!, budget).parameters);
  } else if (budget !== undefined || parameters === undefined) {
    throw new ConfigError(
      "Cannot estimate: give --parameters and --tokens, --parameters alone, or " +
        "--budget alone",
    );
  } else {
    if (tokens === undefined) showModel(laws, parameters);
    else showRun(laws, parameters, tokens);
    noteReach(parameters);
  }
  print(`\n${laws.map(({ name, source }) => `${name}: ${source}`).join("\n")}`);
  return Promise.resolve();
}

/** The command "estimate". */
export const estimateCommand: Command = {
  name: "estimate",
  summary: "Predict a loss, or spend a budget, by the Chinchilla laws",
  operands: [],
  options: {
    parameters: {
      kind: "count",
      help: "size of the model, N; alone: for how many tokens it is the best",
      range: [1, Infinity],
    },
    tokens: {
      kind: "count",
      help: "training tokens, D",
      range: [1, Infinity],
    },
    budget: {
      kind: "number",
      value: "FLOPS",
      help: "budget in FLOPs, 6ND, such as 1e19, in place of both; above 0",
    },
    law: {
      kind: "text",
      value: "NAME",
      help: "only laws with this in their name: " +
        LAWS.map(({ name }) => name).join(", "),
    },
  },
  example: "estimate --parameters 160M --tokens 3.7B",
  run: runEstimate,
};
