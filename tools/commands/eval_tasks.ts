/**
 * `caderno eval tasks`: multiple-choice and generative tasks with the prompts
 * and metrics of lm-evaluation-harness. Each item is written as it is scored, so
 * a run that was stopped goes on where it was.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import {
  ANSWER_TASKS,
  CHOICE_TASKS,
  ConfigError,
  exists,
  formatTable,
  harnessResults,
  type Llama,
  openDevice,
  type TaskResult,
  writeFileAtomic,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import {
  type EvalRunOptions,
  type PlannedTask,
  planTask,
  runTask,
  showScore,
} from "./eval_run.ts";
import { openModel } from "./generate.ts";
import { interruptSignal } from "./interrupt.ts";
import { note, print } from "./terminal.ts";
import { cadernoVersion } from "./version.ts";

/** What scores depend on, besides the task. */
async function settingsOf(
  model: Llama,
  { shots, isDrawn, isBalanced, seed, bos }: EvalRunOptions,
): Promise<string> {
  // Training moves every norm: its last one tells models apart.
  const norm = await model.parameter("model.norm.weight").data();
  const digest = await crypto.subtle.digest("SHA-256", norm);
  const modelSha256 = new Uint8Array(digest).toHex();
  const settings = { modelSha256, shots, isDrawn, isBalanced, seed, bos };
  return JSON.stringify(settings, null, 2);
}

/** @throws {ConfigError} when the folder holds scores of other settings */
async function claimFolder(out: string, settings: string): Promise<void> {
  const path = join(out, "settings.json");
  if (!await exists(path)) return await writeFileAtomic(path, settings + "\n");
  const there = await Deno.readTextFile(path);
  if (there.trim() === settings) return;
  throw new ConfigError(
    `Cannot go on in ${out}: it holds scores of another model or of other ` +
      `settings, ${there.trim().replaceAll(/\s+/g, " ")}`,
  );
}

function resultsTable(results: readonly TaskResult[]): string {
  return formatTable([
    ["task", "metric", "score", "error", "items", "shots", "floor", "cut"],
    ...results.flatMap(({ task, shots, summary }) => {
      const names = Object.keys(summary.metrics);
      // The metric that is usually reported comes first.
      const order = [task.metric, ...names.filter((n) => n !== task.metric)];
      return order.filter((name) => names.includes(name)).map((name, i) => {
        const { mean, standardError } = summary.metrics[name]!;
        return [
          i === 0 ? task.name : "",
          name,
          showScore(name, mean),
          `± ${showScore(name, standardError)}`,
          i === 0 ? summary.items : "",
          i === 0 ? shots : "",
          name in summary.floors ? showScore(name, summary.floors[name]!) : "",
          i === 0 ? summary.truncated : "",
        ];
      });
    }),
  ]);
}

async function runEvalTasks(line: CommandLine): Promise<void> {
  const [folder, ...texts] = line.operands;
  const out = line.text("out");
  const planned: PlannedTask[] = [];
  for (const text of texts) planned.push(await planTask(text, out));
  const seed = line.needNumber("seed");
  const bos = !line.has("no-bos");
  const limit = line.number("limit");
  const options: EvalRunOptions = {
    seed,
    bos,
    limit,
    shots: line.number("shots"),
    isDrawn: line.has("drawn-shots"),
    isBalanced: line.has("balanced-shots"),
    signal: interruptSignal(),
  };
  using device = await openDevice();
  note(device.description);
  using opened = await openModel(folder!, device);
  if (out) await claimFolder(out, await settingsOf(opened.model, options));
  const date = new Date();
  const results: TaskResult[] = [];
  for (const task of planned) {
    results.push(await runTask(task, opened, options));
  }
  print(resultsTable(results));
  print(
    "\nscores in %, mse as it is; floor: the same answer to everything; cut: " +
      "items whose prompt was longer than the context",
  );
  if (!out) return;
  const path = join(out, "results.json");
  const facts = harnessResults(results, {
    model: basename(resolve(folder!)),
    device: device.description,
    seed,
    bos,
    limit,
    seconds: (Date.now() - date.getTime()) / 1000,
    cadernoVersion,
    maxLength: opened.model.config.maxPositionEmbeddings,
    date,
  });
  await writeFileAtomic(path, JSON.stringify(facts, null, 2) + "\n");
  print(`results in ${path}`);
}

/** The command "eval tasks". */
export const evalTasksCommand: Command = {
  name: "eval tasks",
  summary: "Score multiple-choice and generative tasks",
  operands: ["MODEL_FOLDER", "TASK[=FILE]…"],
  options: {
    shots: {
      kind: "count",
      help: "solved examples before an item; each task has its own number: " +
        [...CHOICE_TASKS, ...ANSWER_TASKS]
          .map(({ name, shots }) => `${name} ${shots}`).join(", "),
    },
    "drawn-shots": {
      kind: "switch",
      help: "choices: other examples for every item, instead of the same ones",
    },
    "balanced-shots": {
      kind: "switch",
      help: "generative tasks: examples drawn, as many of each answer, where " +
        "the published ones are not in the data",
    },
    seed: {
      kind: "count",
      help: "seed of the examples",
      range: [0, 2 ** 32 - 1],
      default: "1234",
    },
    limit: {
      kind: "count",
      help: "most items of a task",
      range: [1, Infinity],
    },
    "no-bos": {
      kind: "switch",
      help: "no <s> before the prompt; it changes scores",
    },
    out: {
      kind: "text",
      value: "FOLDER",
      help:
        "results.json and samples, in the harness' form; goes on from there",
    },
  },
  example: "eval tasks runs/stories synthetic arc_pt=arc_pt.jsonl",
  run: runEvalTasks,
};
