/**
 * Floor 6: conversations: how they are written, encoded and held.
 *
 * @module
 */
export * from "./chat_examples.ts";
export * from "./chat_session.ts";
export * from "./chat_template.ts";
export * from "./encode_chat.ts";
export * from "./preferences.ts";
export * from "./read_chats.ts";
export * from "./resize_vocabulary.ts";
