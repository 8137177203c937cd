/**
 * Conversations as tokens, and rows of them to train on: one a row, or several
 * with a mask between them.
 *
 * @module
 */
import type { TokenBatch, Tokenizer } from "../text/mod.ts";
import { ConfigError } from "../util/mod.ts";
import type { ChatMessage, ChatTemplate } from "./chat_template.ts";

/** A conversation as a model reads it. */
export interface ChatTokens {
  readonly ids: Int32Array;
  /** 1 where a token is part of an answer, of the length of `ids`. */
  readonly answers: Uint8Array;
}

/**
 * Tokens of a conversation. Each stretch is encoded by itself, so that an
 * answer is made of the same tokens in training and in a chat.
 *
 * @throws {DataError} when the template refuses it
 */
export function encodeChat(
  messages: readonly ChatMessage[],
  { tokenizer, template }: {
    readonly tokenizer: Tokenizer;
    readonly template: ChatTemplate;
  },
): ChatTokens {
  const parts = template.segments(messages).map(({ text, isAnswer }) => ({
    ids: tokenizer.encode(text, { allowSpecial: true }),
    isAnswer,
  }));
  return {
    ids: Int32Array.from(parts.flatMap(({ ids }) => [...ids])),
    answers: Uint8Array.from(
      parts.flatMap(({ ids, isAnswer }) => Array.from(ids, () => +isAnswer)),
    ),
  };
}

/**
 * What the loss is taken over: the answers; all of the text; or, as TTL's script
 * did, the text and the padding up to the longest row.
 */
export const CHAT_LOSSES = ["answers", "text", "text and padding"] as const;
export type ChatLoss = (typeof CHAT_LOSSES)[number];

/**
 * Conversations side by side in rows of at most `rowTokens`, the longest first
 * into the first row with room.
 */
export function packChats(
  chats: readonly ChatTokens[],
  rowTokens: number,
): ChatTokens[][] {
  const rows: { chats: ChatTokens[]; room: number }[] = [];
  for (const chat of chats.toSorted((a, b) => b.ids.length - a.ids.length)) {
    const size = chat.ids.length - 1;
    let row = rows.find(({ room }) => room >= size);
    if (!row) rows.push(row = { chats: [], room: rowTokens });
    row.chats.push(chat);
    row.room -= size;
  }
  return rows.map(({ chats }) => chats);
}

/** How rows become a batch. */
export interface ChatBatchOptions {
  readonly loss: ChatLoss;
  /** Fills the rows. */
  readonly padId: number;
  /** Tokens of a row where the padding counts. */
  readonly rowTokens: number;
}

/**
 * Rows of conversations as inputs and targets; no token sees another
 * conversation. Targets that do not count are -100.
 *
 * @throws {ConfigError} when the padding counts and a row holds several
 */
export function chatBatch(
  rows: readonly (readonly ChatTokens[])[],
  { loss, padId, rowTokens }: ChatBatchOptions,
): TokenBatch {
  const isPacked = rows.some((row) => row.length > 1);
  const countsPadding = loss === "text and padding";
  if (isPacked && countsPadding) {
    throw new ConfigError(
      "Cannot take the loss over the padding of packed conversations",
    );
  }
  const used = rows.map((row) =>
    row.reduce((sum, { ids }) => sum + ids.length - 1, 0)
  );
  const B = rows.length;
  const T = countsPadding ? rowTokens - 1 : Math.max(...used);
  const inputs = new Int32Array(B * T).fill(padId);
  const targets = new Int32Array(B * T).fill(countsPadding ? padId : -100);
  const documents = new Int32Array(B * T);
  for (const [b, row] of rows.entries()) {
    let at = b * T;
    for (const [index, { ids, answers }] of row.entries()) {
      inputs.set(ids.subarray(0, -1), at);
      // The row goes on from the end token to its padding.
      if (countsPadding && ids.length <= T) {
        inputs[at + ids.length - 1] = ids.at(-1)!;
      }
      for (let i = 1; i < ids.length; i++) {
        const counts = loss !== "answers" || answers[i] === 1;
        targets[at + i - 1] = counts ? ids[i]! : -100;
        documents[at + i - 1] = index;
      }
      at += ids.length - 1;
    }
    documents.fill(row.length, at, (b + 1) * T); // the padding
  }
  return { inputs, targets, ...(isPacked && { documents }), B, T };
}
