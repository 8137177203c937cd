/**
 * A conversation with a model that goes on: it remembers what was said, and
 * forgets the oldest turns when the context is full. What the model has read it
 * does not read again: a turn costs its own tokens.
 *
 * @module
 */
import {
  generate,
  type GenerateOptions,
  type Llama,
  PromptCache,
} from "../model/mod.ts";
import type { Tokenizer } from "../text/mod.ts";
import { DataError } from "../util/mod.ts";
import type { ChatMessage, ChatTemplate } from "./chat_template.ts";
import { encodeChat } from "./encode_chat.ts";

/** Sampling that TTL's chat model was published with. */
export const TTL_CHAT_SAMPLING = {
  temperature: 0.3,
  topK: 30,
  topP: 0.3,
  repetitionPenalty: 1.2,
} as const satisfies GenerateOptions;

/** A model that can chat. */
export interface ChatModel {
  readonly model: Llama;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
}

/** How an answer is made. */
export type ReplyOptions = Omit<GenerateOptions, "stopIds" | "cache">;

/**
 * A conversation while it goes. It owns the keys and values of what was said,
 * which hold for the weights that the model had: begin anew after training.
 */
export class ChatSession implements Disposable {
  /** Turns of the oldest kind that no longer fit into the context. */
  forgotten = 0;
  readonly #chat: ChatModel;
  readonly #cache = new PromptCache();
  #messages: ChatMessage[];

  /** @param options.system what the model is told first, where it knows that */
  constructor(chat: ChatModel, { system }: { readonly system?: string } = {}) {
    this.#chat = chat;
    this.#messages = system === undefined
      ? []
      : [{ role: "system", content: system }];
  }

  /** What was said and is remembered. */
  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /**
   * The answer to what a person says, piece by piece, without special tokens.
   * It ends at the first of them. One that is stopped is remembered as far as
   * it came.
   *
   * @throws {DataError} when the template refuses what was said, or it leaves
   * no room for an answer; nothing is remembered then
   * @throws {ConfigError} when a setting is out of range
   */
  async *reply(
    content: string,
    options: ReplyOptions = {},
  ): AsyncGenerator<string, void> {
    const { model, tokenizer } = this.#chat;
    const { maxTokens = 256 } = options;
    const { messages, ids, forgotten } = this.#fit(
      [...this.#messages, { role: "user", content }],
      maxTokens,
    );
    const stopIds = tokenizer.model.specialIds;
    const decoder = tokenizer.streamDecoder();
    let answer = "";
    const push = (text: string) => {
      answer += text;
      return text;
    };
    try {
      const cache = this.#cache;
      const all = { ...options, maxTokens, stopIds, cache };
      for await (const id of generate(model, ids, all)) {
        const text = push(decoder.push(id));
        if (text !== "") yield text;
      }
      const rest = push(decoder.end());
      if (rest !== "") yield rest;
    } finally {
      if (answer !== "") {
        this.#messages = [...messages, { role: "assistant", content: answer }];
        this.forgotten += forgotten;
      }
    }
  }

  /** Leaves out the oldest question and its answer until the rest fits. */
  #fit(messages: readonly ChatMessage[], maxTokens: number) {
    const context = this.#chat.model.config.maxPositionEmbeddings;
    const isSystem = ({ role }: ChatMessage) => role === "system";
    const first = messages.filter(isSystem);
    const turns = messages.filter((message) => !isSystem(message));
    const room = context - Math.min(maxTokens, context / 4);
    for (let from = 0; from < turns.length; from += 2) {
      const kept = [...first, ...turns.slice(from)];
      const { ids } = encodeChat(kept, this.#chat);
      if (ids.length <= room) return { messages: kept, ids, forgotten: from };
      if (from + 1 === turns.length) {
        throw new DataError(
          `Cannot answer a message of ${ids.length} tokens: the context of ` +
            `${context} leaves room for ${Math.floor(room)}`,
        );
      }
    }
    throw new DataError("Cannot answer: nothing was said");
  }

  /** Frees the keys and values; the session can go on and reads all again. */
  [Symbol.dispose](): void {
    this.#cache[Symbol.dispose]();
  }
}
