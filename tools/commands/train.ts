/**
 * `caderno train`: a Llama from scratch, in a folder that tells everything
 * about its run and from which it can go on.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import {
  checkNumbers,
  checkPrecision,
  DataError,
  describeTraining,
  exists,
  generateText,
  isShardFolder,
  type Llama,
  type LlamaConfig,
  loadTokenizer,
  openDevice,
  readLog,
  readRecords,
  saveLlama,
  saveTokenizer,
  type Tokenizer,
  writeJson,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { chooseSource, type Source } from "./documents.ts";
import { saveCard } from "./model_card.ts";
import { carbonLine, energyTable } from "./run_emissions.ts";
import {
  beginRunFolder,
  checkFreshRun,
  checkWritable,
  openTokenizer,
  readRunRecord,
  RunFolder,
  type RunRecord,
} from "./run_folder.ts";
import type { SessionRecord } from "./session_record.ts";
import { note, print, printPiece } from "./terminal.ts";
import { baseConfig, beginModel } from "./train_base.ts";
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
import {
  CALL_OPTIONS,
  choosesLength,
  isNewLength,
  isOver,
  lastingOptions,
  PATH_OPTIONS,
  resumedLine,
} from "./train_resume.ts";
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
import { noteNext } from "./typed_command.ts";
import { cadernoVersion } from "./version.ts";

/** What a plan cannot know before the texts are read. */
const TOKENIZER_TO_COME =
  "the tokenizer is trained on the text when the run starts; where the text " +
  "gives fewer pieces than the vocabulary, the model is smaller";

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

/** The tokenizer that is there already: of the run, given, or of shards. */
async function givenTokenizer(
  line: CommandLine,
  { run, record, source }: Pick<WantedRun, "run" | "record" | "source">,
): Promise<Tokenizer | undefined> {
  if (record) return await loadTokenizer(run.tokenizer);
  const path = line.text("tokenizer") ?? line.text("from");
  if (path !== undefined) return await openTokenizer(path);
  if (!("folder" in source) || !await isShardFolder(source.folder)) return;
  return await loadTokenizer(join(source.folder, "tokenizer"));
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
  /** Configuration of the model that it begins with, if one is given. */
  readonly base: LlamaConfig | undefined;
}

/** Checks what was typed. */
async function wantedRun(typed: CommandLine): Promise<WantedRun> {
  const run = new RunFolder(typed.needText("out"));
  const record = typed.has("resume") ? await readRunRecord(run) : undefined;
  if (!record) await checkFreshRun(run);
  if (!typed.has("dry-run")) await checkWritable(run);
  const line = record ? resumedLine(typed, record) : typed;
  const source = chooseSource(line, line.text("text"), "--text FOLDER");
  if ("folder" in source && !await exists(source.folder)) {
    throw new DataError(`Cannot train on ${source.folder}: it is not there`);
  }
  const base = await baseConfig(line);
  const tokenizer = await givenTokenizer(line, { run, record, source });
  const plan = planTraining(line, { tokenizer, base });
  return { run, line, record, source, plan, tokenizer, base };
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
  const sessions = await readRecords<SessionRecord>(run.sessions);
  const commands = sessions.map(({ command }) => command)
    .filter((words, i) => i === 0 || choosesLength(words));
  const card = await cardOfRun(rows, finished, { line, commands });
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
  noteNext("generate", run.path);
  noteNext("eval", run.path, "TEXT_FOLDER");
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
  const { line, record, run, base } = wanted;
  const data = await prepareData(line, wanted);
  if (record && record.tokensSha256 !== data.sha256) {
    throw new DataError(
      `Cannot resume ${run.path}: its corpus has changed since it began`,
    );
  }
  const { tokenizer, tokens } = data;
  const corpusTokens = tokens.length;
  const plan = planTraining(line, { tokenizer, base, corpusTokens });
  print(describeData(data, plan));
  return { plan, data };
}

async function runTyped(typed: CommandLine): Promise<void> {
  const wanted = await wantedRun(typed);
  const { run, line } = wanted;
  const describe = async ({ train, model }: TrainPlan) =>
    print((await describeTraining(train, model)).join("\n"));
  const isLengthKnown = !line.has("epochs"); // before the corpus is read
  if (isLengthKnown) {
    if (await isOver(run, wanted.plan, typed)) return;
    await describe(wanted.plan);
  }
  print(await describeElectricity(line));
  if (typed.has("dry-run")) {
    if (!isLengthKnown) await describe((await planWithData(wanted)).plan);
    else if (!wanted.tokenizer) note(TOKENIZER_TO_COME);
    return;
  }

  using opened = await openDevice();
  const device = typed.has("check-numbers") ? checkNumbers(opened) : opened;
  print(`device: ${device.description}`);
  checkPrecision(wanted.plan.train, device);
  const { plan, data } = await planWithData(wanted);
  if (!isLengthKnown && await isOver(run, plan, typed)) return;
  const isOther = plan.model.vocabSize !== wanted.plan.model.vocabSize;
  if (isOther || !isLengthKnown) await describe(plan);
  const samples = planSamples(line, data.prompt);
  checkSamples(samples, plan.model, data.tokenizer);
  const batches = batchesOf(plan, data);
  using model = await beginModel(line, plan, device);
  const hardware = device.description;
  const electricity = planElectricity(line);
  const isLonger = isNewLength(typed);
  const known = isLonger ? undefined : await readPrediction(run);
  const prediction = known ??
    await predictRun({ model, batches, plan }, {
      project: run.name,
      ...electricity,
    });
  print(describePrediction(prediction, plan.train.steps));
  const { name } = wanted.record ?? await beginFolder(wanted, data, hardware);
  if (wanted.record && isLonger) {
    await writeJson(run.record, {
      ...wanted.record,
      options: lastingOptions(line),
    });
  }
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
