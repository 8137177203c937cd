/**
 * A conversation as an output, with what the model was trained on that is
 * nearest to it beside it, as in TeenyTinyLlama's demo. Colours are faint
 * layers over whatever the page has, light or dark; without styles it is a text
 * that reads from top to bottom.
 *
 * @module
 */
import type {
  ChatExamples,
  ChatMessage,
  ChatSession,
  NearChat,
  ReplyOptions,
} from "../chat/mod.ts";
import { DISPLAY, escapeHtml, type MediaBundle } from "./jupyter.ts";
import { show } from "./show.ts";

/** What stands around the conversation. */
export interface ChatPanelOptions {
  /** Settings of the answers, shown below: { temperature: 0.3, topK: 30 }. */
  readonly settings?: Readonly<Record<string, number>>;
  /** Training conversations, the nearest first. */
  readonly nearest?: readonly NearChat[];
  /** Whether the last message is still being written. */
  readonly isWriting?: boolean;
}

/** Characters of an example's answer that are shown. */
const SHOWN_CHARACTERS = 160;

const SPEAKERS: Readonly<Record<string, string>> = {
  user: "You",
  assistant: "Model",
};

const STYLES = {
  panel: "display:flex;flex-wrap:wrap;gap:8px 32px;max-width:960px",
  chat: "flex:3 1 340px;min-width:0",
  examples: "flex:2 1 260px;min-width:0;font-size:0.9em",
  small: "opacity:0.7;font-size:0.85em",
  user: "margin:8px 0 8px 15%;padding:8px 12px;border-radius:10px;" +
    "background:rgba(50,120,220,0.14);white-space:pre-wrap",
  assistant: "margin:8px 8% 8px 0;padding:8px 12px;border-radius:10px;" +
    "background:rgba(128,128,128,0.12);white-space:pre-wrap",
  example: "margin:8px 0;padding:2px 0 2px 10px;" +
    "border-left:3px solid rgba(50,120,220,0.5)",
} as const;

/** A block in a style. */
function block(style: string, html: string): string {
  return `<div style="${style}">${html}</div>`;
}

/** The beginning of a text in one line. */
function beginning(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= SHOWN_CHARACTERS
    ? line
    : line.slice(0, SHOWN_CHARACTERS) + " …";
}

/** A conversation that shows itself; made by {@linkcode chatPanel}. */
export class ChatPanel {
  readonly messages: readonly ChatMessage[];
  readonly options: ChatPanelOptions;

  constructor(messages: readonly ChatMessage[], options: ChatPanelOptions) {
    this.messages = messages;
    this.options = options;
  }

  /** "top-k 30", … */
  #settings(): string[] {
    const { settings = {} } = this.options;
    return Object.entries(settings).map(([name, value]) => {
      const words = name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
      return `${words} ${value}`;
    });
  }

  /** Both columns; the second goes below the first where there is no room. */
  toHTML(): string {
    const { nearest, isWriting = false } = this.options;
    const last = this.messages.length - 1;
    const turns = this.messages.map(({ role, content }, i) => {
      const speaker = SPEAKERS[role] ?? role;
      const caret = isWriting && i === last ? "▍" : "";
      const style = role === "user" ? STYLES.user : STYLES.assistant;
      return block(
        style,
        `<b>${escapeHtml(speaker)}</b><br>${escapeHtml(content)}${caret}`,
      );
    });
    const settings = this.#settings().map((text) =>
      `<span style="white-space:nowrap">${escapeHtml(text)}</span>`
    );
    const chat = block(
      STYLES.chat,
      turns.join("\n") + block(STYLES.small, settings.join(" · ")),
    );
    if (!nearest) return block(STYLES.panel, chat);
    const examples = nearest.map(({ similarity, messages }) => {
      const [asked, answered] = messages;
      return block(
        STYLES.example,
        `<span style="${STYLES.small}">similarity ` +
          `${similarity.toFixed(2)}</span><br>` +
          `<b>${escapeHtml(beginning(asked?.content ?? ""))}</b><br>` +
          escapeHtml(beginning(answered?.content ?? "")),
      );
    });
    const none = "no training example shares a word";
    return block(
      STYLES.panel,
      chat + block(
        STYLES.examples,
        "<b>Nearest training examples</b>" +
          (examples.join("\n") || block(STYLES.small, none)),
      ),
    );
  }

  /** One below the other. */
  toString(): string {
    const { nearest = [] } = this.options;
    return [
      ...this.messages.map(({ role, content }) =>
        `${SPEAKERS[role] ?? role}: ${content}`
      ),
      this.#settings().join(" · "),
      ...nearest.map(({ similarity, messages }) =>
        `${similarity.toFixed(2)} ` +
        messages.map(({ content }) => beginning(content)).join(" / ")
      ),
    ].filter((line) => line !== "").join("\n");
  }

  [DISPLAY](): MediaBundle {
    return { "text/html": this.toHTML(), "text/plain": this.toString() };
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** A conversation to end a cell with, or to {@linkcode show}. */
export function chatPanel(
  messages: readonly ChatMessage[],
  options: ChatPanelOptions = {},
): ChatPanel {
  return new ChatPanel(messages, options);
}

/** How {@linkcode showReply} answers. */
export interface ShowReplyOptions extends ReplyOptions {
  /** Shows the nearest of them beside the answer. */
  readonly examples?: ChatExamples;
}

/** Training conversations that are shown beside an answer. */
const SHOWN_EXAMPLES = 3;

/**
 * Says something in a session and shows the answer as it comes, in place; at
 * the end the training conversations that are nearest to it. What came before a
 * stop stays.
 *
 * @throws {DataError} when the session refuses what is said
 * @throws {InterruptedError} when `signal` stops it
 *
 * @example
 * ```ts
 * const session = new ChatSession(chat);
 * await showReply(session, "Conte uma história.", { temperature: 0.3 });
 * ```
 */
export async function showReply(
  session: ChatSession,
  content: string,
  { examples, ...options }: ShowReplyOptions = {},
): Promise<void> {
  const settings = Object.fromEntries(
    Object.entries(options).filter(([, value]) => typeof value === "number"),
  ) as Record<string, number>;
  const question: ChatMessage = { role: "user", content };
  let answer = "";
  const turn = () => [question, { role: "assistant", content: answer }];
  const writing = { settings, isWriting: true };
  const view = await show(chatPanel(turn(), writing));
  try {
    for await (const piece of session.reply(content, options)) {
      answer += piece;
      view.update(chatPanel(turn(), writing));
    }
  } finally {
    const nearest = examples?.nearest(turn(), SHOWN_EXAMPLES);
    const all = { settings, ...(nearest && { nearest }) };
    view.update(chatPanel(turn(), all));
  }
}
