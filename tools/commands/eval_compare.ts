/**
 * `caderno eval compare`: two models on the same items, from what
 * `caderno eval tasks --out` wrote of them.
 *
 * @module
 */
import {
  compareSamples,
  DataError,
  formatTable,
  type ModelDifference,
  readResultFolder,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { showScore } from "./eval_run.ts";
import { note, print } from "./terminal.ts";

function verdict({ low, high, difference }: ModelDifference): string {
  if (low <= 0 && high >= 0) return "not told apart";
  return difference > 0 ? "B is larger" : "A is larger";
}

async function runEvalCompare(line: CommandLine): Promise<void> {
  const [a = "", b = ""] = line.operands;
  const ofA = await readResultFolder(a);
  const ofB = await readResultFolder(b);
  const tasks = [...ofA.keys()].filter((task) => ofB.has(task));
  if (tasks.length === 0) {
    throw new DataError(
      `Cannot compare ${a} with ${b}: one has ${[...ofA.keys()].join(", ")}, ` +
        `the other ${[...ofB.keys()].join(", ")}`,
    );
  }
  for (const task of new Set([...ofA.keys(), ...ofB.keys()])) {
    if (!tasks.includes(task)) note(`${task}: only one of them has it`);
  }
  const options = {
    draws: line.needNumber("draws"),
    seed: line.needNumber("seed"),
  };
  const rows = tasks.flatMap((task) =>
    compareSamples(task, ofA.get(task)!, ofB.get(task)!, options)
  );
  print(formatTable([
    ["task", "metric", "items", "A", "B", "B - A", "z", "95 %", "verdict"],
    ...rows.map((row) => {
      const show = (score: number) => showScore(row.metric, score);
      return [
        row.task,
        row.metric,
        row.items,
        show(row.a),
        show(row.b),
        `${show(row.difference)} ± ${show(row.standardError)}`,
        row.z.toFixed(2),
        `${show(row.low)} to ${show(row.high)}`,
        verdict(row),
      ];
    }),
  ]));
  print(
    "\nscores in %; mse, bits and perplexities as they are, the smaller the " +
      "better; ±: standard error of the paired difference; 95 %: its bootstrap " +
      "interval",
  );
}

/** The command "eval compare". */
export const evalCompareCommand: Command = {
  name: "eval compare",
  summary: "Compare two models on the same items",
  operands: ["RESULTS_A", "RESULTS_B"],
  options: {
    draws: {
      kind: "count",
      help: "resamples of the bootstrap",
      range: [100, 1e6],
      default: "1000",
    },
    seed: {
      kind: "count",
      help: "seed of the resamples",
      range: [0, 2 ** 32 - 1],
      default: "0",
    },
  },
  example: "eval compare results/small results/large",
  run: runEvalCompare,
};
