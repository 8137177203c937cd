/**
 * `caderno finetune classify`: a model that names a text's class, beside what
 * simple methods reach on the same texts.
 *
 * @module
 */
import { join } from "node:path";
import {
  type ClassifierEpochRecord,
  type ClassScores,
  DataError,
  fineTuneClassifier,
  formatPercent,
  formatTable,
  type LabeledText,
  labelsOf,
  majorityBaseline,
  openDevice,
  Random,
  saveClassifier,
  scoreClassifier,
  SequenceClassifier,
  tfIdfBaseline,
  TTL_CLASSIFIER_RECIPE,
  writeJson,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import {
  cellOf,
  newFolder,
  readRows,
  showSteps,
  tuneOptions,
  typedLora,
  typedRecipe,
} from "./finetune.ts";
import { openModel } from "./generate.ts";
import { interruptSignal } from "./interrupt.ts";
import { note, print } from "./terminal.ts";
import { noteNext } from "./typed_command.ts";
import { keepTuned, trackTuning } from "./tune_energy.ts";

/** Labelled texts of a file, by the names of its fields. */
async function readTexts(
  path: string,
  line: CommandLine,
): Promise<LabeledText[]> {
  const [textField, labelField] = ["text", "label"].map((n) =>
    line.needText(n)
  ) as [string, string];
  const pairField = line.text("pair");
  const rows = await readRows(path);
  return rows.map((row, i) => {
    const cell = (field: string) =>
      cellOf(row, field, `row ${i + 1} of ${path}`);
    return {
      ...{ text: cell(textField), label: cell(labelField) },
      ...(pairField === undefined ? {} : { pair: cell(pairField) }),
    };
  });
}

/** Training and test texts: two files, or one cut by the seed. */
async function readSets(line: CommandLine) {
  const [, path] = line.operands;
  const all = await readTexts(path!, line);
  const testPath = line.text("test");
  if (testPath !== undefined) {
    return { train: all, test: await readTexts(testPath, line) };
  }
  const mixed = new Random(line.needNumber("seed"), "test").shuffle([...all]);
  const count = Math.round(line.needNumber("test-share") * mixed.length);
  if (count < 1 || count >= mixed.length) {
    throw new DataError(
      `Cannot hold out a test set of ${count} of ${mixed.length} texts`,
    );
  }
  return { train: mixed.slice(count), test: mixed.slice(0, count) };
}

/** Counts of right and given classes as a table. */
export function confusionTable({ confusion }: ClassScores): string {
  const { labels, counts } = confusion;
  return formatTable([
    ["right \\ given", ...labels],
    ...labels.map((label, i) => [label, ...counts[i]!]),
  ]);
}

async function runClassify(line: CommandLine): Promise<void> {
  const folder = await newFolder(line);
  const { train, test } = await readSets(line);
  const recipe = typedRecipe(line, TTL_CLASSIFIER_RECIPE, train.length);
  using device = await openDevice();
  note(device.description);
  using opened = await openModel(line.operands[0]!, device);
  const { model } = opened;
  const labels = labelsOf(train);
  const { seed } = recipe;
  using classifier = new SequenceClassifier(opened, { labels, seed });
  const maxTokens = recipe.maxTokens;
  // Before anything is trained: a wrong test set is told now.
  const { inputs } = classifier.encode(test, maxTokens);
  const bestOnTest = line.has("best-on-test");
  await using tracker = await trackTuning(line, folder);
  using lora = typedLora(line, model);
  const trained = bestOnTest
    ? train.length
    : train.length - Math.round(recipe.validationShare * train.length);
  const epochs: ClassifierEpochRecord[] = [];
  const records = fineTuneClassifier(classifier, {
    ...{ train, recipe, signal: interruptSignal() },
    ...(bestOnTest && { bestOnTest: test }),
    ...(lora && { lora }),
  });
  const steps = recipe.epochs * Math.ceil(trained / recipe.batchSize);
  for await (const epoch of showSteps(records, steps)) {
    epochs.push(epoch);
    note(
      `epoch ${epoch.epoch}: accuracy ${formatPercent(epoch.accuracy)} on ` +
        `${epoch.texts} ${epoch.scoredOn} texts, loss ` +
        `${epoch.loss.toFixed(3)}${epoch.isBest ? " (best)" : ""}`,
    );
  }
  const scores = await scoreClassifier(classifier, inputs);
  const name = bestOnTest ? "model, epoch chosen on the test set" : "model";
  const rows: [string, ClassScores][] = [
    ["majority", majorityBaseline(train, test)],
    ["TF-IDF, logistic regression", tfIdfBaseline(train, test)],
    [name, scores],
  ];
  print(formatTable([
    [`on ${test.length} test texts`, "accuracy", "macro F1"],
    ...rows.map(([name, { accuracy, macroF1 }]) => [
      ...[name, accuracy.toFixed(4), macroF1.toFixed(4)],
    ]),
  ]));
  print(confusionTable(scores));
  await saveClassifier(folder, classifier);
  await keepTuned({ source: line.operands[0]!, folder, tracker }, {
    title: "Fine-tuning",
    text: "It was made a classifier.",
    pipelineTag: "text-classification",
  });
  const results = { recipe, labels, epochs, test: Object.fromEntries(rows) };
  const path = join(folder, "results.json");
  await writeJson(path, results);
  note(`the classifier is in ${folder}, its scores in ${path}`);
  noteNext("classify", folder, "TEXT_FILE");
}

/** The command "finetune classify". */
export const finetuneClassifyCommand: Command = {
  name: "finetune classify",
  summary: "Teach a model to name the class of a text; compare with baselines",
  operands: ["MODEL_FOLDER", "DATA_FILE"],
  options: {
    text: {
      kind: "text",
      value: "FIELD",
      help: "field (column) of the text",
      default: "text",
      heading: "Data: .csv, .jsonl, .json or .parquet",
    },
    pair: {
      kind: "text",
      value: "FIELD",
      help: "field of a second text: a hypothesis, an answer",
    },
    label: {
      kind: "text",
      value: "FIELD",
      help: "field of the class",
      default: "label",
    },
    test: {
      kind: "text",
      value: "FILE",
      help: "test texts; without it some of DATA_FILE are held out",
    },
    "test-share": {
      kind: "number",
      help: "share that is held out without --test",
      range: [0, 0.9],
      default: "0.2",
    },
    "best-on-test": {
      kind: "switch",
      help: "chooses the epoch on the test texts, as TTL did: flatters",
    },
    ...tuneOptions(TTL_CLASSIFIER_RECIPE),
  },
  example: "finetune classify runs/a texts.jsonl --out runs/b",
  run: runClassify,
};
