/**
 * `caderno train`: a Llama from scratch, in a folder that tells everything
 * about its run and from which it can go on.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import {
  checkNumbers,
  checkPrecision,
  ConfigError,
  DataError,
  describeTraining,
  exists,
  generateText,
  Llama,
  loadTokenizer,
  openDevice,
  readLog,
  readRecords,
  saveLlama,
  saveTokenizer,
  type Tokenizer,
} from "../../lib/mod.ts";
import { type Command, CommandLine } from "./command.ts";
import { chooseSource, type Source } from "./documents.ts";
import { saveCard } from "./model_card.ts";
import { carbonLine, energyTable } from "./run_emissions.ts";
import {
  beginRunFolder,
  checkFreshRun,
  openTokenizer,
  readRunRecord,
  RunFolder,
  type RunRecord,
} from "./run_folder.ts";
import type { SessionRecord } from "./session_record.ts";
import { note, print, printPiece } from "./terminal.ts";
import { describeData, prepareData, type TrainingData } from "./train_data.ts";
import { TRAIN_OPTIONS } from "./train_options.ts";
import {
  compareRun,
  describePrediction,
  outcomeOf,
  predictRun,
  readPrediction,
  type RunPrediction,
  savePrediction,
} from "./train_prediction.ts";
import {
  describeElectricity,
  planElectricity,
  planTraining,
  type TrainPlan,
} from "./train_plan.ts";
import { withOptions } from "./train_rules.ts";
import { checkSamples, planSamples } from "./train_samples.ts";
import { batchesOf, trainSession } from "./train_session.ts";
import { readTrainSpec } from "./train_spec.ts";
import {
  cardOfRun,
  type FinishedRun,
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
  const typedNames = new Set(given.keys());
  const { options, ignored } = await readTrainSpec(path, known, typedNames);
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
  return withOptions(typed, below);
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
  const path = line.text("tokenizer");
  return path === undefined ? undefined : await openTokenizer(path);
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
  const plan = planTraining(line, { tokenizer });
  return { run, line, record, source, plan, tokenizer };
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
  await beginRunFolder(run, record, data.tokenizer);
  return record;
}

/** Writes model, tokenizer and card, and shows how the run went. */
async function finish(
  { run, line }: WantedRun,
  model: Llama,
  finished: FinishedRun,
  prediction: RunPrediction,
): Promise<void> {
  const { data, plan, log, reading } = finished;
  const { tokenizer, prompt } = data;
  const rows = summaryRows(finished);
  await saveLlama(run.model, model, {
    metadata: { step: String(plan.train.steps) },
  });
  await saveTokenizer(run.model, tokenizer);
  const [first] = await readRecords<SessionRecord>(run.sessions);
  const { command } = first!; // of the session that began it
  const card = await cardOfRun(rows, finished, { line, command });
  await saveCard(run.model, card);
  print(`\n${summaryTable(rows)}`);
  print(`\n${compareRun(prediction, outcomeOf(log, reading))}`);
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

/**
 * Reads or makes the data, and plans with what it tells: the vocabulary, which
 * is smaller than wished where the corpus has no more pairs, and the length of
 * epochs.
 *
 * @throws {DataError} when a run goes on with another corpus
 */
async function planWithData(
  wanted: WantedRun,
): Promise<{ plan: TrainPlan; data: TrainingData }> {
  const { line, record, run } = wanted;
  const data = await prepareData(line, wanted);
  if (record && record.tokensSha256 !== data.sha256) {
    throw new DataError(
      `Cannot resume ${run.path}: its corpus has changed since it began`,
    );
  }
  const { tokenizer, tokens } = data;
  const plan = planTraining(line, { tokenizer, corpusTokens: tokens.length });
  print(describeData(data, plan));
  return { plan, data };
}

async function runTyped(typed: CommandLine): Promise<void> {
  const wanted = await wantedRun(typed);
  const { run, line } = wanted;
  const describe = async ({ train, model }: TrainPlan) =>
    print((await describeTraining(train, model)).join("\n"));
  const isLengthKnown = !line.has("epochs"); // before the corpus is read
  if (isLengthKnown) await describe(wanted.plan);
  print(await describeElectricity(line));
  if (typed.has("dry-run")) {
    if (!isLengthKnown) await describe((await planWithData(wanted)).plan);
    return;
  }

  using opened = await openDevice();
  const device = typed.has("check-numbers") ? checkNumbers(opened) : opened;
  print(`device: ${device.description}`);
  checkPrecision(wanted.plan.train, device);
  const { plan, data } = await planWithData(wanted);
  const isOther = plan.model.vocabSize !== wanted.plan.model.vocabSize;
  if (isOther || !isLengthKnown) await describe(plan);
  const samples = planSamples(line, data.prompt);
  checkSamples(samples, plan.model, data.tokenizer);
  const batches = batchesOf(plan, data);
  using model = Llama.create(plan.model, { seed: plan.train.seed, device });
  const hardware = device.description;
  const electricity = planElectricity(line);
  const prediction = await readPrediction(run) ??
    await predictRun({ model, batches, plan }, {
      project: run.name,
      ...electricity,
    });
  print(describePrediction(prediction, plan.train.steps));
  const { name } = wanted.record ?? await beginFolder(wanted, data, hardware);
  await savePrediction(run, prediction);
  const reading = await trainSession({
    run,
    name,
    plan,
    data,
    model,
    batches,
    isResumed: wanted.record !== undefined,
    samples,
    electricity,
  });
  const log = await readLog(run.log);
  await finish(wanted, model, {
    name,
    plan,
    data,
    log,
    reading,
    hardware,
  }, prediction);
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
