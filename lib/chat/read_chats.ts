/**
 * Conversations from rows of data sets and from the synthetic corpus.
 *
 * @module
 */
import {
  conversationOf,
  type ConversationTurn,
  type SyntheticStory,
} from "../text/mod.ts";
import { DataError } from "../util/mod.ts";
import type { ChatMessage } from "./chat_template.ts";

/** Other names for the two who speak. */
const ROLES: Readonly<Record<string, string>> = {
  human: "user",
  prompter: "user",
  gpt: "assistant",
  bot: "assistant",
  model: "assistant",
};

/**
 * Conversations of rows in the usual forms: `messages`, `conversations`,
 * `instruction` and `output`, `question` and `answer`, and so on.
 *
 * @throws {DataError} naming the first row that is no conversation, or in which
 * something that is said is blank
 */
export function chatsOfRows(
  rows: readonly Readonly<Record<string, unknown>>[],
): ChatMessage[][] {
  return rows.map((row, i) => {
    const turns = conversationOf(row);
    if (!turns) {
      throw new DataError(
        `Cannot read row ${i + 1} as a conversation: it has ` +
          `${Object.keys(row).join(", ") || "nothing"}, wanted messages, or ` +
          "instruction and output",
      );
    }
    const blank = turns.find(({ text }) => text.trim() === "");
    if (blank) {
      throw new DataError(
        `Cannot use row ${i + 1}: what the ${blank.role} says is blank`,
      );
    }
    return turns.map(messageOfTurn);
  });
}

/** A turn with the usual names of the two who speak. */
function messageOfTurn({ role, text }: ConversationTurn): ChatMessage {
  return { role: ROLES[role] ?? role, content: text };
}

/**
 * Messages of a list in the usual forms (role and content, from and value, or
 * strings, the user first).
 *
 * @returns undefined when it is no such list
 */
export function messagesOfList(list: unknown): ChatMessage[] | undefined {
  return conversationOf({ messages: list })?.map(messageOfTurn);
}

/** Requests about synthetic stories and what should be said to them. */
export function chatsOfStories(
  stories: Iterable<SyntheticStory>,
): ChatMessage[][] {
  return Array.from(stories).flatMap(({ instructions }) =>
    instructions.map(({ instruction, response }) => [
      { role: "user", content: instruction },
      { role: "assistant", content: response },
    ])
  );
}
