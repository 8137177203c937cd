/**
 * Conversations as plain text. TTL's instruction data was flattened with a
 * blank line between turns and no names of the speakers (arXiv 2401.16640,
 * card of Pt-Corpus-Instruct). The usual forms of rows are understood.
 *
 * @module
 */

/** One turn of a conversation. */
export interface ConversationTurn {
  /** Who speaks, as the row says: "user", "human", "assistant", "gpt". */
  readonly role: string;
  readonly text: string;
}

/** Turns with a blank line between two, as TTL did. Blank turns are left out. */
export function flattenConversation(
  turns: readonly ConversationTurn[],
): string {
  return turns.map(({ text }) => text.trim()).filter((text) => text !== "")
    .join("\n\n");
}

type Row = Readonly<Record<string, unknown>>;

/** Columns with a list of turns. */
const LIST_COLUMNS = ["messages", "conversations", "conversation", "turns"];
/** Columns that ask, in the order in which they are read. */
const ASKING = [
  ...["system", "context", "instruction", "question", "prompt", "input"],
];
/** Columns that answer. */
const ANSWERING = ["output", "response", "answer", "completion"];

function isRow(x: unknown): x is Row {
  return typeof x === "object" && x !== null && !Array.isArray(x);
}

function textOf(row: Row, columns: readonly string[]): string | undefined {
  const values = columns.map((column) => row[column]);
  return values.find((value) => typeof value === "string") as
    | string
    | undefined;
}

/**
 * Turns of a row: of a list (`messages` with role and content, as Hugging Face
 * keeps them; `conversations` with from and value, as ShareGPT; strings that
 * alternate, user first), or of columns such as instruction, input and output
 * (Alpaca, Dolly) or question and answer.
 *
 * @returns undefined when the row has none of these forms
 */
export function conversationOf(row: Row): ConversationTurn[] | undefined {
  for (const column of LIST_COLUMNS) {
    const list = row[column];
    if (Array.isArray(list)) return turnsOfList(list);
  }
  const answer = textOf(row, ANSWERING);
  if (answer === undefined) return undefined;
  const asked = ASKING.map((column) => row[column])
    .filter((value) => typeof value === "string" && value.trim() !== "");
  if (asked.length === 0) return undefined;
  return [
    { role: "user", text: asked.join("\n\n") },
    { role: "assistant", text: answer },
  ];
}

function turnsOfList(list: readonly unknown[]): ConversationTurn[] | undefined {
  const turns: ConversationTurn[] = [];
  for (const [i, item] of list.entries()) {
    if (typeof item === "string") {
      turns.push({ role: i % 2 === 0 ? "user" : "assistant", text: item });
      continue;
    }
    const text = isRow(item)
      ? textOf(item, ["content", "value", "text"])
      : undefined;
    if (text === undefined) return undefined;
    const role = textOf(item as Row, ["role", "from"]) ?? "unknown";
    turns.push({ role, text });
  }
  return turns.length === 0 ? undefined : turns;
}
