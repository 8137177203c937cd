/**
 * `caderno finetune chat`: a model that answers.
 *
 * @module
 */
import {
  CHAT_LOSSES,
  type ChatLoss,
  type ChatMessage,
  type ChatModel,
  chatsOfRows,
  chatsOfStories,
  ChatTemplate,
  ConfigError,
  DataError,
  fineTuneChat,
  loadChatTemplate,
  openDevice,
  readText,
  saveChatTemplate,
  saveLlama,
  saveTokenizer,
  syntheticCorpus,
  TTL_CHAT_RECIPE,
  TTL_CHAT_TEMPLATE,
  TTL_CHAT_TOKENS,
  withVocabulary,
} from "../../lib/mod.ts";
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
import { openModel } from "./generate.ts";
import { interruptSignal } from "./interrupt.ts";
import { modelFolderOf } from "./run_folder.ts";
import { note, print } from "./terminal.ts";
import { noteNext } from "./typed_command.ts";
import { keepTuned, trackTuning } from "./tune_energy.ts";

/** Conversations of the file or of the synthetic corpus. */
async function readChats(line: CommandLine): Promise<ChatMessage[][]> {
  const path = fileOrSynthetic(line);
  if (path !== undefined) return chatsOfRows(await readRows(path));
  const documents = line.needNumber("synthetic");
  const seed = line.needNumber("seed");
  return chatsOfStories(syntheticCorpus({ seed, documents }));
}

function chosenLoss(line: CommandLine): ChatLoss {
  const typed = line.needText("loss").replaceAll("-", " ");
  const found = CHAT_LOSSES.find((name) => name === typed);
  if (found) return found;
  throw new ConfigError(
    `Cannot take the loss over "${typed}": there are ` +
      CHAT_LOSSES.map((name) => name.replaceAll(" ", "-")).join(", "),
  );
}

/**
 * The model with the template that it will be trained with: that of `--template`,
 * its own, or TTL's, whose tokens it is given.
 */
async function withTemplate(
  line: CommandLine,
  { model, tokenizer }: Omit<ChatModel, "template">,
): Promise<ChatModel & { readonly addsTokens: boolean }> {
  const path = line.text("template");
  const addsTokens = false;
  if (path !== undefined) {
    const source = await readText(path, "a chat template");
    const template = new ChatTemplate(source, tokenizer);
    return { model, tokenizer, template, addsTokens };
  }
  const folder = await modelFolderOf(line.operands[0]!);
  const own = await loadChatTemplate(folder, tokenizer).catch((error) => {
    if (error instanceof DataError) return undefined; // it has none
    throw error;
  });
  if (own) return { model, tokenizer, template: own, addsTokens };
  const larger = tokenizer.withSpecialTokens(TTL_CHAT_TOKENS);
  const vocabSize = Math.max(model.config.vocabSize, larger.vocabSize);
  const seed = line.needNumber("seed");
  return {
    model: await withVocabulary(model, vocabSize, { seed }),
    tokenizer: larger,
    template: new ChatTemplate(TTL_CHAT_TEMPLATE, larger),
    addsTokens: true,
  };
}

async function runFinetuneChat(line: CommandLine): Promise<void> {
  const folder = await newFolder(line);
  const loss = chosenLoss(line);
  const train = await readChats(line);
  const recipe = typedRecipe(line, TTL_CHAT_RECIPE, train.length);
  using device = await openDevice();
  note(device.description);
  using opened = await openModel(line.operands[0]!, device);
  const chat = await withTemplate(line, opened);
  using model = chat.model;
  await using tracker = await trackTuning(line, folder);
  using lora = typedLora(line, model);
  const records = fineTuneChat(chat, {
    ...{ train, recipe, loss, packs: line.has("pack") },
    ...(lora && { lora }),
    // New tokens have no meaning until their rows are trained.
    ...(lora && chat.addsTokens && { alsoTrains: vocabularyOf(chat) }),
    signal: interruptSignal(),
  });
  const { value: data } = await records.next();
  if (data?.kind !== "data") return; // it is told first
  const { cutChats, emptyChats } = data;
  if (cutChats + emptyChats > 0) {
    note(
      `${cutChats} conversations are cut, ${emptyChats} left out: in them is ` +
        `no answer within ${recipe.maxTokens} tokens`,
    );
  }
  for await (const epoch of showSteps(records, data.steps)) {
    if (epoch.kind === "data") continue;
    print(
      `epoch ${epoch.epoch}: held-out loss ${epoch.loss.toFixed(4)} nats per ` +
        `token, perplexity ${epoch.perplexity.toPrecision(4)}` +
        (epoch.isBest ? " (best)" : ""),
    );
  }
  await saveTokenizer(folder, chat.tokenizer);
  await saveChatTemplate(folder, chat.template);
  await saveLlama(folder, model);
  await keepTuned({ source: line.operands[0]!, folder, tracker }, {
    title: "Fine-tuning",
    text: "It was taught to answer, on conversations.",
  });
  note(`the model is in ${folder}`);
  noteNext("chat", folder);
}

/** Names of the embedding and, where it has its own weights, the head. */
function vocabularyOf({ model }: ChatModel): string[] {
  return ["model.embed_tokens.weight", "lm_head.weight"].filter((name) =>
    model.parameters.has(name)
  );
}

/** The command "finetune chat". */
export const finetuneChatCommand: Command = {
  name: "finetune chat",
  summary: "Teach a model to answer, on conversations",
  operands: ["MODEL_FOLDER", "[DATA_FILE]"],
  options: {
    synthetic: {
      kind: "count",
      help: "requests about so many synthetic stories instead of DATA_FILE " +
        "(.jsonl, .csv, .parquet: messages, or instruction and output, …)",
      range: [1, Infinity],
      heading: "Data",
    },
    template: {
      kind: "text",
      value: "FILE",
      help: "Jinja; the model's own without it, else TTL's",
    },
    loss: {
      kind: "text",
      value: "NAME",
      help: "over answers, text, or text-and-padding as TTL",
      default: "answers",
    },
    pack: {
      kind: "switch",
      help: "several conversations in a row, with a mask between them",
    },
    ...tuneOptions(TTL_CHAT_RECIPE),
  },
  example: "finetune chat runs/stories --synthetic 2k --out runs/chat",
  run: runFinetuneChat,
};
