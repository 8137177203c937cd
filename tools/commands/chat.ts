/**
 * `caderno chat`: a conversation with a model in the terminal, its answers as
 * they come, and beside them what it was trained on that is nearest.
 *
 * @module
 */
import {
  ChatExamples,
  type ChatMessage,
  type ChatModel,
  ChatSession,
  chatsOfRows,
  type Device,
  formatPercent,
  loadChatTemplate,
  openDevice,
  TTL_CHAT_SAMPLING,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { readRows } from "./finetune.ts";
import { generateCommand, openModel } from "./generate.ts";
import { interruptSignal } from "./interrupt.ts";
import { modelFolderOf, tokenizerFolderOf } from "./run_folder.ts";
import { note, print, printPiece } from "./terminal.ts";

/** Training examples that are shown beside an answer. */
const SHOWN_EXAMPLES = 3;
/** Characters of an example that are shown. */
const SHOWN_CHARACTERS = 100;

/** Lines as they are typed, or as they come through a pipe. */
async function* typedLines(): AsyncGenerator<string, void> {
  const isTerminal = Deno.stdin.isTerminal();
  const ask = () => isTerminal && printPiece("\n> ");
  let rest = "";
  ask();
  const decoder = new TextDecoderStream();
  for await (const chunk of Deno.stdin.readable.pipeThrough(decoder)) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (line.trim() !== "") yield line.trim();
      ask();
    }
  }
  if (rest.trim() !== "") yield rest.trim();
}

/** Shows the conversations of a file that are nearest to what was said. */
async function openExamples(
  path: string | undefined,
): Promise<((said: readonly ChatMessage[]) => void) | undefined> {
  if (path === undefined) return undefined;
  const examples = new ChatExamples(chatsOfRows(await readRows(path)));
  return (said) => {
    const found = examples.nearest(said, SHOWN_EXAMPLES);
    if (found.length === 0) return note("  (no example shares a word)");
    for (const { messages, similarity } of found) {
      const example = messages.map(({ content }) => content).join(" / ")
        .replaceAll(/\s+/g, " ");
      const isLong = example.length > SHOWN_CHARACTERS;
      note(
        `  ${formatPercent(similarity)} ${example.slice(0, SHOWN_CHARACTERS)}` +
          (isLong ? " …" : ""),
      );
    }
  };
}

/**
 * Opens a model with the template that it chats by.
 *
 * @throws {DataError} when a file or the template is missing
 * @throws {FormatError} when a file is damaged
 */
export async function openChat(
  path: string,
  device: Device,
): Promise<ChatModel & Disposable> {
  const opened = await openModel(path, device);
  try {
    const folder = await tokenizerFolderOf(await modelFolderOf(path));
    const template = await loadChatTemplate(folder, opened.tokenizer);
    return { ...opened, template };
  } catch (error) {
    opened[Symbol.dispose]();
    throw error;
  }
}

async function runChat(line: CommandLine): Promise<void> {
  const [path, message] = line.operands;
  const showExamples = await openExamples(line.text("examples"));
  using device = await openDevice();
  note(device.description);
  using chat = await openChat(path!, device);
  const system = line.text("system");
  const begin = () =>
    new ChatSession(chat, system === undefined ? {} : { system });
  using sessions = new DisposableStack();
  let session = sessions.use(begin());
  const options = {
    temperature: line.needNumber("temperature"),
    topK: line.needNumber("top-k"),
    topP: line.needNumber("top-p"),
    minP: line.needNumber("min-p"),
    repetitionPenalty: line.needNumber("repetition-penalty"),
    maxTokens: line.needNumber("max-tokens"),
    signal: interruptSignal(),
  };
  let seed = line.needNumber("seed");
  const answer = async (content: string) => {
    const { forgotten } = session;
    for await (const piece of session.reply(content, { ...options, seed })) {
      printPiece(piece);
    }
    print();
    seed = (seed + 1) % 2 ** 32; // the same question may be answered otherwise
    if (session.forgotten > forgotten) {
      note(`(the context is full: ${session.forgotten} messages forgotten)`);
    }
    showExamples?.(session.messages.slice(-2));
  };
  if (message !== undefined) return await answer(message);
  note("/new begins anew, /quit or Ctrl-D ends it");
  for await (const typed of typedLines()) {
    if (typed === "/quit") return;
    if (typed === "/new") {
      session[Symbol.dispose]();
      session = sessions.use(begin());
    } else await answer(typed);
  }
}

const { "only-new": _, stop: __, ...sampling } = generateCommand.options;
/** The defaults are those of TTL's chat model. */
const { temperature, topK, topP, repetitionPenalty } = TTL_CHAT_SAMPLING;

/** The command "chat". */
export const chatCommand: Command = {
  name: "chat",
  summary: "Talk to a model that was fine-tuned on conversations",
  operands: ["MODEL_FOLDER", "[MESSAGE]"],
  options: {
    system: {
      kind: "text",
      help: "what the model is told first, where its template knows that",
    },
    examples: {
      kind: "text",
      value: "FILE",
      help: "shows the nearest conversations of this file (.jsonl, .csv, …)",
    },
    ...sampling,
    temperature: { ...sampling.temperature!, default: `${temperature}` },
    "top-k": { ...sampling["top-k"]!, default: `${topK}` },
    "top-p": { ...sampling["top-p"]!, default: `${topP}` },
    "repetition-penalty": {
      ...sampling["repetition-penalty"]!,
      default: `${repetitionPenalty}`,
    },
  },
  example: "chat runs/chat",
  run: runChat,
};
