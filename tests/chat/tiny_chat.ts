/**
 * A tokenizer of a few words that chats as TTL's does.
 *
 * @module
 */
import {
  ChatTemplate,
  TTL_CHAT_TEMPLATE,
  TTL_CHAT_TOKENS,
} from "../../lib/chat/mod.ts";
import { trainBpe } from "../../lib/text/mod.ts";

export const tokenizer = trainBpe(["Olá, tudo bem? Tudo. Oi!"], {
  vocabSize: 290,
}).withSpecialTokens(TTL_CHAT_TOKENS);

export const template = new ChatTemplate(TTL_CHAT_TEMPLATE, tokenizer);
