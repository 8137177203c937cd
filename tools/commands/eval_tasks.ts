/**
 * `caderno eval tasks`: multiple-choice, generative and cloze tasks with the
 * prompts and metrics of lm-evaluation-harness. Each item is written as it is
 * scored, so a run that was stopped goes on where it was.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import {
  ConfigError,
  EVAL_SETTINGS,
  exists,
  formatTable,
  harnessResults,
  type Llama,
  openDevice,
  type TaskResult,
  taskSettings,
  type TaskSummary,
  writeFileAtomic,
  writeJson,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { ALL_TASKS, type PlannedTask, planTask } from "./eval_plan.ts";
import { type EvalRunOptions, runTask, showScore } from "./eval_run.ts";
import { openModel } from "./generate.ts";
import { interruptSignal } from "./interrupt.ts";
import { note, print } from "./terminal.ts";
import { cadernoVersion } from "./version.ts";

/** What scores depend on, besides the task. */
async function settingsOf(
  model: Llama,
  { signal: _, limit: __, ...options }: EvalRunOptions,
): Promise<string> {
  // Training moves every norm: its last one tells models apart.
  const norm = await model.parameter("model.norm.weight").data();
  const digest = await crypto.subtle.digest("SHA-256", norm);
  const modelSha256 = new Uint8Array(digest).toHex();
  return JSON.stringify({ modelSha256, ...options }, null, 2);
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

/** Groups of items that a table shows; the rest stands in the results. */
const MAX_GROUPS = 8;

/** Cells "score", "± error" and "floor" of a metric. */
function scoreCells(name: string, { metrics, floors }: TaskSummary) {
  const { mean, standardError } = metrics[name]!;
  return {
    score: showScore(name, mean),
    error: Number.isFinite(standardError)
      ? `± ${showScore(name, standardError)}`
      : "", // of a single item
    floor: name in floors ? showScore(name, floors[name]!) : "",
  };
}

/** Rows of a task: its metrics, the main one first, then its groups. */
function taskRows(
  { task, shots, summary, groups = {}, skipped = 0 }: TaskResult,
): (string | number)[][] {
  const names = Object.keys(summary.metrics);
  const order = [task.metric, ...names.filter((n) => n !== task.metric)]
    .filter((name) => names.includes(name));
  const rows = order.map((name, i) => {
    const { score, error, floor } = scoreCells(name, summary);
    const counts = i === 0
      ? [summary.items, shots, floor, summary.truncated, skipped]
      : ["", "", floor, "", ""];
    const title = i === 0 ? task.name : "";
    return [title, name, score, error, ...counts];
  });
  const parts = Object.entries(groups);
  if (parts.length > MAX_GROUPS) return rows;
  const [main] = order;
  return [
    ...rows,
    ...parts.map(([group, part]) => {
      const { score, error, floor } = scoreCells(main!, part);
      const title = `  ${group}`;
      return [title, main!, score, error, part.items, "", floor, "", ""];
    }),
  ];
}

const HEAD = [
  ...["task", "metric", "score", "error", "items", "shots", "floor"],
  ...["cut", "left out"],
];

async function runEvalTasks(line: CommandLine): Promise<void> {
  const [folder, ...texts] = line.operands;
  const out = line.text("out");
  const settings = line.needText("settings");
  taskSettings(settings, ALL_TASKS[0]!); // an unknown name is told before work
  const own = line.text("task");
  const asked = own === undefined ? texts : [...texts, own];
  if (asked.length === 0) {
    throw new ConfigError(
      "Cannot score no task: name one, or give --task FILE",
    );
  }
  const planned: PlannedTask[] = [];
  for (const text of asked) planned.push(await planTask(text, out));
  const names = planned.map(({ task }) => task.name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice) throw new ConfigError(`Cannot score ${twice} twice at once`);
  const seed = line.number("seed");
  const limit = line.number("limit");
  const options: EvalRunOptions = {
    settings,
    seed,
    bos: line.has("no-bos") ? false : undefined,
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
  print(formatTable([HEAD, ...results.flatMap(taskRows)]));
  print(
    "\nscores in %, mse, bits and perplexities as they are; floor: the same " +
      "answer to everything; cut: items whose prompt was longer than the " +
      "context; left out: items that cannot be used",
  );
  if (!out) return;
  const path = join(out, "results.json");
  const facts = harnessResults(results, {
    model: basename(resolve(folder!)),
    device: device.description,
    seed,
    bos: options.bos ?? true,
    settings,
    limit,
    seconds: (Date.now() - date.getTime()) / 1000,
    cadernoVersion,
    maxLength: opened.model.config.maxPositionEmbeddings,
    date,
  });
  await writeJson(path, facts);
  print(`results in ${path}`);
}

/** The command "eval tasks". */
export const evalTasksCommand: Command = {
  name: "eval tasks",
  summary: "Score multiple-choice, generative and cloze tasks",
  operands: ["MODEL_FOLDER", "[TASK[=FILE]…]"],
  options: {
    task: {
      kind: "text",
      value: "FILE",
      help:
        "a task of your own: a YAML file with Jinja templates and the keys " +
        "of lm-evaluation-harness, FILE.yaml or FILE.yaml=DATA, or a module " +
        "FILE.ts; among the operands it may stand too",
    },
    settings: {
      kind: "text",
      value: EVAL_SETTINGS.join("|"),
      help:
        "of ARC, HellaSwag, MMLU and TruthfulQA: as laiviet's fork of the " +
        "harness ran for TTL, as the Open LLM Leaderboard, or with the same " +
        "examples before every item, which is several times faster",
      default: "okapi",
    },
    shots: {
      kind: "count",
      help: "solved examples before an item; each task has its own number: " +
        ALL_TASKS.map(({ name, shots }) => `${name} ${shots}`).join(", "),
    },
    "drawn-shots": {
      kind: "switch",
      help: "choices: other examples for every item, drawn by our generator",
    },
    "balanced-shots": {
      kind: "switch",
      help: "generative tasks: examples drawn, as many of each answer, where " +
        "the published ones are not in the data",
    },
    seed: {
      kind: "count",
      help: "seed of the examples; 1234 without it, 42 for those of okapi",
      range: [0, 2 ** 32 - 1],
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
