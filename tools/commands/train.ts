/**
 * `caderno train`: a Llama from scratch, in a folder that tells everything
 * about its run and from which it can go on.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import {
  checkNumbers,
  ConfigError,
  DataError,
  describeTraining,
  exists,
  formatDuration,
  generateText,
  Llama,
  loadTokenizer,
  measureStepSeconds,
  openDevice,
  readLog,
  saveLlama,
  saveTokenizer,
  type Tokenizer,
  writeFileAtomic,
} from "../../lib/mod.ts";
import { type Command, CommandLine } from "./command.ts";
import { chooseSource, type Source } from "./documents.ts";
import { carbonLine, energyTable } from "./run_emissions.ts";
import {
  checkFreshRun,
  readRunRecord,
  RunFolder,
  type RunRecord,
  writeRunRecord,
} from "./run_folder.ts";
import { note, print, printPiece } from "./terminal.ts";
import { describeData, prepareData, type TrainingData } from "./train_data.ts";
import { TRAIN_OPTIONS } from "./train_options.ts";
import {
  describeElectricity,
  planElectricity,
  planTraining,
  type TrainPlan,
} from "./train_plan.ts";
import { batchesOf, trainSession } from "./train_session.ts";
import { readTrainSpec } from "./train_spec.ts";
import {
  type FinishedRun,
  modelCard,
  summaryRows,
  summaryTable,
} from "./train_summary.ts";
import { cadernoVersion } from "./version.ts";

/** Options of this call, not of the run: they are not kept with it. */
const CALL_OPTIONS = ["out", "resume", "dry-run", "check-numbers", "spec"];
/** Options whose values are paths. */
const PATH_OPTIONS = ["text", "tokenizer"];
/** The text may have moved: its tokens are compared in any case. */
const RESUME_OPTIONS = [...CALL_OPTIONS, "text"];

/** What was typed, and below it what the file of `--spec` says. */
async function withSpec(typed: CommandLine): Promise<CommandLine> {
  const path = typed.text("spec");
  // A run that goes on has its options.
  if (path === undefined || typed.has("resume")) return typed;
  const { command, given } = typed;
  const known = Object.keys(command.options)
    .filter((name) => !CALL_OPTIONS.includes(name));
  const { options, ignored } = await readTrainSpec(path, known);
  if (ignored.length > 0) {
    note(`${path}: these change nothing here: ${ignored.join(", ")}`);
  }
  // Text and tokenizer lie where the file says, seen from the file.
  const below = [...options].map(([name, value]) =>
    [
      name,
      PATH_OPTIONS.includes(name) ? resolve(dirname(path), value) : value,
    ] as const
  );
  return new CommandLine(command, new Map([...below, ...given]));
}

/** The options of the run that goes on, in place of those that were typed. */
function resumedLine(line: CommandLine, record: RunRecord): CommandLine {
  const other = [...line.given.keys()].find((name) =>
    !RESUME_OPTIONS.includes(name)
  );
  if (other !== undefined) {
    throw new ConfigError(
      `Cannot resume with --${other}: a run goes on with the settings that it ` +
        "began with",
    );
  }
  const options = new Map(Object.entries(record.options));
  const moved = line.text("text");
  if (moved !== undefined) options.set("text", moved);
  return new CommandLine(line.command, options);
}

/** The options to keep with a run, paths of input made absolute. */
function lastingOptions(line: CommandLine): Record<string, string> {
  const kept = [...line.given].filter(([name]) => !CALL_OPTIONS.includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      PATH_OPTIONS.includes(name) ? resolve(value) : value,
    ]),
  );
}

/** The tokenizer that is there already: of the run, or the one to take. */
async function givenTokenizer(
  line: CommandLine,
  run: RunFolder,
  isResumed: boolean,
): Promise<Tokenizer | undefined> {
  if (isResumed) return await loadTokenizer(run.tokenizer);
  const folder = line.text("tokenizer");
  if (folder === undefined) return undefined;
  if (!line.has("vocab")) return await loadTokenizer(folder);
  throw new ConfigError(
    "Cannot train with both --tokenizer and --vocab: a tokenizer that is there " +
      "has its vocabulary",
  );
}

/** A run that was asked for, checked as far as nothing was read or made. */
interface WantedRun {
  readonly run: RunFolder;
  /** Options of the run, of its first start when it goes on. */
  readonly line: CommandLine;
  /** Record of the run that goes on. */
  readonly record: RunRecord | undefined;
  readonly source: Source;
  readonly plan: TrainPlan;
  /** Tokenizer that is there already. */
  readonly tokenizer: Tokenizer | undefined;
}

/** Checks what was typed. */
async function wantedRun(typed: CommandLine): Promise<WantedRun> {
  const run = new RunFolder(typed.needText("out"));
  const record = typed.has("resume") ? await readRunRecord(run) : undefined;
  if (!record) await checkFreshRun(run);
  const line = record ? resumedLine(typed, record) : typed;
  const source = chooseSource(line, line.text("text"), "--text FOLDER");
  if ("folder" in source && !await exists(source.folder)) {
    throw new DataError(`Cannot train on ${source.folder}: it is not there`);
  }
  const tokenizer = await givenTokenizer(line, run, record !== undefined);
  const plan = planTraining(line, tokenizer);
  return { run, line, record, source, plan, tokenizer };
}

/** Beginnings of samples on the way; none when nobody asked for samples. */
function promptsOf(line: CommandLine, usual: string): readonly string[] {
  const prompts = line.text("prompts");
  if (prompts !== undefined) return prompts.split("|");
  return line.has("sample-every") ? [usual] : [];
}

/** Makes the folder of a run; once its record is there it can be resumed. */
async function beginFolder(
  { run, line }: WantedRun,
  data: TrainingData,
  device: string,
): Promise<RunRecord> {
  const record: RunRecord = {
    name: run.name,
    options: lastingOptions(line),
    tokensSha256: data.sha256,
    startedAt: new Date().toISOString(),
    cadernoVersion,
    denoVersion: Deno.version.deno,
    device,
  };
  await saveTokenizer(run.tokenizer, data.tokenizer);
  await writeRunRecord(run, record);
  return record;
}

/** Writes model, tokenizer and card, and shows how the run went. */
async function finish(
  run: RunFolder,
  model: Llama,
  finished: FinishedRun,
): Promise<void> {
  const { data, plan, reading } = finished;
  const { tokenizer, prompt } = data;
  const rows = summaryRows(finished);
  await saveLlama(run.model, model, {
    metadata: { step: String(plan.train.steps) },
  });
  await saveTokenizer(run.model, tokenizer);
  await writeFileAtomic(
    join(run.model, "README.md"),
    modelCard(rows, finished),
  );
  print(`\n${summaryTable(rows)}`);
  print(`\n${energyTable(reading)}\n${carbonLine(reading)}`);
  printPiece(`\nsample, its first words given:\n\n${prompt}`);
  const texts = generateText({ model, tokenizer }, prompt, {
    temperature: 0.8,
    topK: 40,
    maxTokens: 64,
    seed: plan.train.seed,
  });
  for await (const text of texts) printPiece(text);
  print(`\n\nmodel in ${run.model}, log in ${run.log}`);
}

async function runTrain(line: CommandLine): Promise<void> {
  await runTyped(await withSpec(line));
}

async function runTyped(typed: CommandLine): Promise<void> {
  const wanted = await wantedRun(typed);
  const { run, line } = wanted;
  const describe = ({ train, model }: TrainPlan) =>
    describeTraining(train, model);
  print((await describe(wanted.plan)).join("\n"));
  print(await describeElectricity(line));
  if (typed.has("dry-run")) return;

  using opened = await openDevice();
  const device = typed.has("check-numbers") ? checkNumbers(opened) : opened;
  print(`device: ${device.description}`);
  const data = await prepareData(line, wanted);
  if (wanted.record && wanted.record.tokensSha256 !== data.sha256) {
    throw new DataError(
      `Cannot resume ${run.path}: its corpus has changed since it began`,
    );
  }
  // The vocabulary is smaller than wished where the corpus has no more pairs.
  const plan = planTraining(line, data.tokenizer);
  print(describeData(data, plan));
  const { vocabSize } = plan.model;
  if (vocabSize !== wanted.plan.model.vocabSize) {
    print((await describe(plan))[0]);
  }
  const batches = batchesOf(plan, data);
  using model = Llama.create(plan.model, { seed: plan.train.seed, device });
  const hardware = device.description;
  const perStep = await measureStepSeconds(model, batches, plan.train);
  const { steps } = plan.train;
  const predictedSeconds = perStep * steps;
  print(
    `prediction: ${formatDuration(predictedSeconds)} for ${steps} steps, ` +
      "evaluations and checkpoints apart",
  );
  const { name } = wanted.record ?? await beginFolder(wanted, data, hardware);
  const reading = await trainSession({
    run,
    name,
    plan,
    data,
    model,
    batches,
    isResumed: wanted.record !== undefined,
    prompts: promptsOf(line, data.prompt),
    electricity: planElectricity(line),
  });
  const log = await readLog(run.log);
  await finish(run, model, {
    name,
    plan,
    data,
    log,
    reading,
    hardware,
    predictedSeconds,
  });
}

/** The command "train". */
export const trainCommand: Command = {
  name: "train",
  summary: "Train a Llama from scratch, with its energy on record",
  operands: [],
  options: TRAIN_OPTIONS,
  example: "train --out runs/stories --synthetic 4MB --tokens 1M",
  run: runTrain,
};
