/**
 * Training conversations that are nearest to an answer, by their words, so that
 * one sees what a model repeats: TeenyTinyLlama's demo showed them beside its
 * chat.
 *
 * @module
 */
import { TfIdf } from "../text/mod.ts";
import type { ChatMessage } from "./chat_template.ts";

/** A conversation that is near to a text. */
export interface NearChat {
  /** Its place among the others. */
  readonly index: number;
  readonly messages: readonly ChatMessage[];
  /** Cosine of the two rows of TF-IDF, above 0 and at most 1. */
  readonly similarity: number;
}

/** Conversations that can be searched by their words. */
export class ChatExamples {
  readonly #chats: readonly (readonly ChatMessage[])[];
  readonly #words: TfIdf;

  /** @throws {DataError} when there is no word in them */
  constructor(chats: readonly (readonly ChatMessage[])[]) {
    this.#chats = chats;
    this.#words = new TfIdf(chats.map(textOf));
  }

  /** Those that are nearest to what was said, best first. */
  nearest(said: readonly ChatMessage[], count: number): NearChat[] {
    return this.#words.nearest(textOf(said), count)
      .map(({ index, similarity }) => ({
        ...{ index, similarity, messages: this.#chats[index]! },
      }));
  }
}

function textOf(messages: readonly ChatMessage[]): string {
  return messages.map(({ content }) => content).join("\n");
}
