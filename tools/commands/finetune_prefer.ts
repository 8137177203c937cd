/**
 * `caderno finetune prefer`: a model that chats learns which of two answers is
 * preferred.
 *
 * @module
 */
import { join } from "node:path";
import {
  fineTunePreferences,
  formatPercent,
  formatTable,
  openDevice,
  type Preference,
  type PreferenceDataRecord,
  type PreferenceEpochRecord,
  preferencesOfRows,
  preferencesOfStories,
  saveChatTemplate,
  saveLlama,
  saveTokenizer,
  syntheticCorpus,
  TTL_PREFERENCE_BETA,
  TTL_PREFERENCE_RECIPE,
  UNUSED_PAIR_REASONS,
  writeJson,
} from "../../lib/mod.ts";
import { openChat } from "./chat.ts";
import type { Command, CommandLine } from "./command.ts";
import {
  fileOrSynthetic,
  newFolder,
  readRows,
  showSteps,
  tuneOptions,
  typedLora,
  typedRecipe,
} from "./finetune.ts";
import { interruptSignal } from "./interrupt.ts";
import { note, print } from "./terminal.ts";
import { noteNext } from "./typed_command.ts";
import { keepTuned, trackTuning } from "./tune_energy.ts";

/** Pairs of the file or of the synthetic corpus. */
async function readPairs(line: CommandLine): Promise<Preference[]> {
  const path = fileOrSynthetic(line);
  if (path !== undefined) return preferencesOfRows(await readRows(path));
  const documents = line.needNumber("synthetic");
  const seed = line.needNumber("seed");
  return preferencesOfStories(syntheticCorpus({ seed, documents }));
}

/** "3 of 40 pairs left out: 1 blank, 2 equal (the first is pair 7)" */
function describeUnused({ pairs, unused }: PreferenceDataRecord): string {
  const counts = UNUSED_PAIR_REASONS.map((reason) => ({
    reason,
    count: unused.filter((pair) => pair.reason === reason).length,
  })).filter(({ count }) => count > 0);
  return `${unused.length} of ${pairs + unused.length} pairs left out: ` +
    counts.map(({ count, reason }) => `${count} ${reason}`).join(", ") +
    ` (the first is pair ${unused[0]!.pair})`;
}

/** Scores after each pass, on the pairs that were held out. */
function scoreTable(epochs: readonly PreferenceEpochRecord[]): string {
  const head = [
    ...["epoch", "loss (nats)", "chosen reward", "rejected reward"],
    ...["margin", "accuracy", ""],
  ];
  return formatTable([
    head,
    ...epochs.map((record) => [
      record.epoch,
      record.loss.toFixed(4),
      record.chosenReward.toFixed(3),
      record.rejectedReward.toFixed(3),
      record.margin.toFixed(3),
      record.accuracy.toFixed(4),
      record.isBest ? "best so far" : "",
    ]),
  ]);
}

async function runFinetunePrefer(line: CommandLine): Promise<void> {
  const folder = await newFolder(line);
  const train = await readPairs(line);
  const recipe = typedRecipe(line, TTL_PREFERENCE_RECIPE, train.length);
  const beta = line.needNumber("beta");
  const labelSmoothing = line.needNumber("label-smoothing");
  using device = await openDevice();
  note(device.description);
  using chat = await openChat(line.operands[0]!, device);
  await using tracker = await trackTuning(line, folder);
  using lora = typedLora(line, chat.model);
  const records = fineTunePreferences(chat, {
    ...{ train, recipe, beta, labelSmoothing, signal: interruptSignal() },
    ...(lora && { lora }),
  });
  const trained = Math.round((1 - recipe.validationShare) * train.length);
  const steps = recipe.epochs * Math.ceil(trained / recipe.batchSize);
  const epochs: PreferenceEpochRecord[] = [];
  let data: PreferenceDataRecord | undefined;
  for await (const record of showSteps(records, steps)) {
    if (record.kind === "data") {
      data = record;
      if (record.unused.length > 0) note(describeUnused(record));
    } else {
      epochs.push(record);
      note(
        `epoch ${record.epoch}: held-out loss ${record.loss.toFixed(4)}, ` +
          `the chosen answer is preferred in ${formatPercent(record.accuracy)}`,
      );
    }
  }
  print(scoreTable(epochs));
  print(
    `on ${epochs[0]!.pairs} held-out pairs; the model before: loss 0.6931, ` +
      "margin 0",
  );
  await saveTokenizer(folder, chat.tokenizer);
  await saveChatTemplate(folder, chat.template);
  await saveLlama(folder, chat.model);
  await keepTuned({ source: line.operands[0]!, folder, tracker }, {
    title: "Fine-tuning",
    text: "It was taught which of two answers is preferred.",
  });
  const results = { recipe, beta, labelSmoothing, data, epochs };
  const path = join(folder, "results.json");
  await writeJson(path, results);
  note(`the model is in ${folder}`);
  noteNext("chat", folder);
}

/** The command "finetune prefer". */
export const finetunePreferCommand: Command = {
  name: "finetune prefer",
  summary: "Teach a chat model which of two answers is better (DPO)",
  operands: ["MODEL_FOLDER", "[DATA_FILE]"],
  options: {
    synthetic: {
      kind: "count",
      help: "questions about so many synthetic stories instead of DATA_FILE " +
        "(prompt, chosen, rejected: texts or lists of messages)",
      range: [1, Infinity],
      heading: "Data",
    },
    beta: {
      kind: "number",
      help: "how much straying from the model before costs, above 0",
      range: [0, 100],
      default: `${TTL_PREFERENCE_BETA}`,
      heading: "Loss",
    },
    "label-smoothing": {
      kind: "number",
      help: "share of pairs taken to be labelled the wrong way round",
      range: [0, 0.49],
      default: "0",
    },
    ...tuneOptions(TTL_PREFERENCE_RECIPE),
  },
  example: "finetune prefer runs/chat pairs.jsonl --out runs/preferred",
  run: runFinetunePrefer,
};
