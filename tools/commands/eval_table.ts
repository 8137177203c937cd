/**
 * `caderno eval table`: TeenyTinyLlama's benchmark tables, with one's own models
 * in them.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import {
  addModel,
  BENCHMARK_TITLES,
  type BenchmarkName,
  benchmarkRecords,
  ConfigError,
  formatTable,
  loadBenchmarks,
  misprintedAverages,
  nearNames,
  readTaskScores,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { print } from "./terminal.ts";

const NAMES = Object.keys(BENCHMARK_TITLES) as BenchmarkName[];

function tableName(text: string): BenchmarkName {
  const found = NAMES.find((name) => name === text);
  if (found) return found;
  const [near] = nearNames(text, NAMES);
  throw new ConfigError(
    `Cannot find the table "${text}"` +
      (near ? `, the nearest is "${near}"` : "") +
      `: there are ${NAMES.join(", ")}`,
  );
}

async function runEvalTable(line: CommandLine): Promise<void> {
  const [name = "", ...folders] = line.operands;
  const published = await loadBenchmarks(tableName(name));
  let table = published;
  for (const folder of folders) {
    const model = basename(resolve(folder));
    table = addModel(table, model, await readTaskScores(folder));
  }
  const records = benchmarkRecords(table);
  const head = Object.keys(records[0]!);
  print(`${table.title}, percent\n`);
  print(formatTable([
    head,
    ...records.map((record) => head.map((key) => record[key]!)),
  ]));
  print(
    "\nrank (best–worst that the standard errors leave open); averages are " +
      "computed anew; (en): score of the English set; floor: " +
      "chance or one answer to everything",
  );
  for (const { model, printed, average } of misprintedAverages(published)) {
    print(
      `${model}: the average is printed as ${printed.toFixed(2)}, its scores ` +
        `mean ${average.toFixed(2)}`,
    );
  }
}

/** The command "eval table". */
export const evalTableCommand: Command = {
  name: "eval table",
  summary: "Show TeenyTinyLlama's benchmark tables with your models in them",
  operands: [NAMES.join("|"), "[RESULTS_FOLDER…]"],
  options: {},
  example: "eval table fewshot results/small",
  run: runEvalTable,
};
