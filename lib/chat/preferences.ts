/**
 * Pairs of answers of which one is preferred: from rows of data sets and from
 * the synthetic corpus, and as a model reads them.
 *
 * @module
 */
import type { SyntheticStory } from "../text/mod.ts";
import { DataError } from "../util/mod.ts";
import type { ChatModel } from "./chat_session.ts";
import type { ChatMessage } from "./chat_template.ts";
import { type ChatTokens, encodeChat } from "./encode_chat.ts";
import { messagesOfList } from "./read_chats.ts";

/** Two answers to the same. */
export interface Preference {
  /** The conversation before the answer; the user speaks last. */
  readonly prompt: readonly ChatMessage[];
  /** The better answer. */
  readonly chosen: string;
  /** The worse one. */
  readonly rejected: string;
}

type Row = Readonly<Record<string, unknown>>;

/** Columns of TRL and UltraFeedback, then those of others (TTL's Aira). */
const PROMPT_COLUMNS = ["prompt", "instruction", "question"];
const CHOSEN_COLUMNS = ["chosen", "chosen_response"];
const REJECTED_COLUMNS = ["rejected", "rejected_response"];

function columnOf(row: Row, columns: readonly string[]): unknown {
  const values = columns.map((column) => row[column] ?? undefined);
  return values.find((value) => value !== undefined);
}

/** What a column says: a text of somebody, or a list of messages. */
function messagesOf(value: unknown, role: string): ChatMessage[] | undefined {
  if (typeof value === "string") return [{ role, content: value }];
  return messagesOfList(value);
}

/** A pair, or what is wrong with the row. */
function preferenceOf(row: Row): Preference | string {
  const asked = columnOf(row, PROMPT_COLUMNS);
  const before = asked === undefined ? [] : messagesOf(asked, "user");
  const chosen = messagesOf(columnOf(row, CHOSEN_COLUMNS), "assistant");
  const rejected = messagesOf(columnOf(row, REJECTED_COLUMNS), "assistant");
  if (!before || !chosen || !rejected) {
    return `it has ${Object.keys(row).join(", ") || "nothing"}, wanted ` +
      "prompt, chosen and rejected: texts or lists of messages";
  }
  const [better, worse] = [chosen.pop(), rejected.pop()];
  if (better?.role !== "assistant" || worse?.role !== "assistant") {
    return "chosen and rejected do not end with what the assistant says";
  }
  if (JSON.stringify(chosen) !== JSON.stringify(rejected)) {
    return "chosen and rejected differ before their last message";
  }
  // UltraFeedback's lists begin with the prompt, TRL's may or may not.
  const isWhole = chosen.some(({ role }) => role === "user");
  const prompt = isWhole ? chosen : [...before, ...chosen];
  if (prompt.at(-1)?.role !== "user") {
    return "there is no prompt that ends with what the user says";
  }
  const { system } = row;
  const hasSystem = typeof system === "string" && system.trim() !== "";
  return {
    prompt: hasSystem
      ? [{ role: "system", content: system }, ...prompt]
      : prompt,
    chosen: better.content,
    rejected: worse.content,
  };
}

/**
 * Pairs of rows in the public layouts: `prompt`, `chosen` and `rejected` as
 * texts; as lists of messages with the prompt in a column of its own (TRL), or
 * within both lists (UltraFeedback); `instruction`, `chosen_response` and
 * `rejected_response` (TTL's reward-aira-dataset); a `system` beside them.
 *
 * @throws {DataError} naming the first row that is no pair, and why
 */
export function preferencesOfRows(rows: readonly Row[]): Preference[] {
  return rows.map((row, i) => {
    const pair = preferenceOf(row);
    if (typeof pair !== "string") return pair;
    throw new DataError(
      `Cannot read row ${i + 1} as a pair of answers: ${pair}`,
    );
  });
}

/** "de cachorro" → "De cachorro." */
function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1) + ".";
}

/**
 * The questions of synthetic documents with the right answer and a wrong one.
 * What is about the text comes with the text.
 */
export function preferencesOfStories(
  stories: Iterable<SyntheticStory>,
): Preference[] {
  return Array.from(stories).flatMap(({ text, multipleChoice }) =>
    multipleChoice.map(({ question, needsStory, choices, gold }) => ({
      prompt: [{
        role: "user",
        content: needsStory
          ? `Leia o texto e responda: ${question}\n\n${text}`
          : question,
      }],
      chosen: sentence(choices[gold]!),
      rejected: sentence(choices[(gold + 1) % choices.length]!),
    }))
  );
}

/** Both conversations of a pair as a model reads them. */
export interface PreferenceTokens {
  readonly chosen: ChatTokens;
  readonly rejected: ChatTokens;
}

/**
 * Tokens of a pair. Only the last answer counts, not those in the prompt.
 *
 * @throws {DataError} when the template refuses it
 */
export function encodePreference(
  { prompt, chosen, rejected }: Preference,
  chat: Pick<ChatModel, "tokenizer" | "template">,
): PreferenceTokens {
  const before = encodeChat(prompt, chat).ids.length;
  const withAnswer = (content: string): ChatTokens => {
    const all = [...prompt, { role: "assistant", content }];
    const { ids } = encodeChat(all, chat);
    return { ids, answers: new Uint8Array(ids.length).fill(1, before) };
  };
  return { chosen: withAnswer(chosen), rejected: withAnswer(rejected) };
}
