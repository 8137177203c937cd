/**
 * `caderno eval tasks`: multiple-choice tasks with the prompts and metrics of
 * lm-evaluation-harness. Each item is written as it is scored, so a run that was
 * stopped goes on where it was.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import {
  appendRecord,
  askedItems,
  CHOICE_TASKS,
  type ChoiceItem,
  type ChoiceRecord,
  type ChoiceRunOptions,
  type ChoiceTask,
  ConfigError,
  evaluateChoices,
  exists,
  findChoiceTask,
  formatTable,
  harnessResults,
  harnessSample,
  type Llama,
  openDevice,
  Progress,
  readChoiceItems,
  readRecords,
  splitItems,
  summarizeChoices,
  syntheticCorpus,
  syntheticItems,
  type TaskResult,
  writeFileAtomic,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { openModel } from "./generate.ts";
import { interruptSignal } from "./interrupt.ts";
import { note, print, StatusLine } from "./terminal.ts";
import { cadernoVersion } from "./version.ts";

/** Stories behind the synthetic task: of the part that nobody trains on. */
const SYNTHETIC_STORIES = 60;
const SYNTHETIC_SEED = 1;

/** A task, its items, and where its samples go. */
interface PlannedTask {
  readonly task: ChoiceTask;
  readonly items: readonly ChoiceItem[];
  readonly samples: string | undefined;
}

/** Reads "arc_pt=FILE"; the synthetic task needs no file. */
async function planTask(
  text: string,
  out: string | undefined,
): Promise<PlannedTask> {
  const [name = "", file] = text.split("=");
  const task = findChoiceTask(name);
  const samples = out && join(out, `samples_${name}.jsonl`);
  if (file !== undefined) {
    return { task, items: await readChoiceItems(file), samples };
  }
  if (name !== "synthetic") {
    throw new ConfigError(
      `Cannot run ${name} without its data: download the set and give ` +
        `${name}=FILE (JSON or JSON Lines)`,
    );
  }
  const stories = (split: "train" | "heldOut") =>
    syntheticItems(
      syntheticCorpus({
        seed: SYNTHETIC_SEED,
        documents: SYNTHETIC_STORIES,
        split,
      }),
      split,
    );
  return { task, items: [...stories("train"), ...stories("heldOut")], samples };
}

/** What the samples file keeps of an item, to add up again after a stop. */
type Kept = Pick<ChoiceRecord, "id" | "metrics" | "gold" | "isTruncated">;

/** Scores what is left of a task, and all that it came to. */
async function runTask(
  { task, items, samples }: PlannedTask,
  opened: Awaited<ReturnType<typeof openModel>>,
  options: ChoiceRunOptions,
): Promise<TaskResult> {
  const kept: Kept[] = samples && await exists(samples)
    ? (await readRecords<{ kept: Kept }>(samples)).map((line) => line.kept)
    : [];
  const done = new Set(kept.map(({ id }) => id));
  const total = askedItems(task, items, { ...options, done }).length;
  if (kept.length > 0) note(`${task.name}: ${kept.length} items are there`);
  const skipped: string[] = [];
  using line = new StatusLine(
    new Progress(task.name, { total, unit: "items" }),
  );
  const records = evaluateChoices(opened, task, items, {
    ...options,
    done,
    onSkip: (id, reason) => skipped.push(`item ${id}: ${reason}`),
  });
  let last: ChoiceRecord | undefined;
  for await (const record of records) {
    last = record;
    const { id, metrics, gold, isTruncated } = record;
    const row: Kept = { id, metrics, gold, isTruncated };
    kept.push(row);
    if (samples) {
      await appendRecord(samples, { ...harnessSample(record), kept: row });
    }
    line.update(kept.length - done.size + skipped.length);
  }
  for (const why of skipped) note(`${task.name}: skipped ${why}`);
  if (last) {
    const share = last.separateTokens / last.computedTokens;
    note(`${task.name}: shared beginnings saved ${share.toFixed(1)} times`);
  }
  return {
    task,
    shots: options.shots ?? task.shots,
    summary: summarizeChoices(kept),
    available: splitItems(task, items).asked.length,
  };
}

/** What scores depend on, besides the task. */
async function settingsOf(
  model: Llama,
  { shots, sampling, seed, bos }: ChoiceRunOptions,
): Promise<string> {
  // Training moves every norm: its last one tells models apart.
  const norm = await model.parameter("model.norm.weight").data();
  const digest = await crypto.subtle.digest("SHA-256", norm);
  const modelSha256 = new Uint8Array(digest).toHex();
  return JSON.stringify({ modelSha256, shots, sampling, seed, bos }, null, 2);
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
  const percent = (x: number) => (100 * x).toFixed(2);
  return formatTable([
    ["task", "metric", "score (%)", "error", "items", "shots", "floor", "cut"],
    ...results.flatMap(({ task, shots, summary }) => {
      const names = Object.keys(summary.metrics);
      // The metric that is usually reported comes first.
      const order = [task.metric, ...names.filter((n) => n !== task.metric)];
      return order.filter((name) => names.includes(name)).map((name, i) => {
        const { mean, standardError } = summary.metrics[name]!;
        return [
          i === 0 ? task.name : "",
          name,
          percent(mean),
          `± ${percent(standardError)}`,
          i === 0 ? summary.items : "",
          i === 0 ? shots : "",
          name.startsWith("acc") ? percent(summary.majority) : "",
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
  const options: ChoiceRunOptions = {
    seed,
    bos,
    limit,
    shots: line.number("shots"),
    sampling: line.has("drawn-shots") ? "drawn" : "fixed",
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
    "\nfloor: always the most frequent position; cut: items whose prompt was " +
      "longer than the context",
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
  summary: "Score multiple-choice tasks as lm-evaluation-harness does",
  operands: ["MODEL_FOLDER", "TASK[=FILE]…"],
  options: {
    shots: {
      kind: "count",
      help: "solved examples before an item; each task has its own number: " +
        CHOICE_TASKS.map(({ name, shots }) => `${name} ${shots}`).join(", "),
    },
    "drawn-shots": {
      kind: "switch",
      help: "other examples for every item, instead of the same ones",
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
