/**
 * Text without any device: a byte-fallback BPE tokenizer, documents, batches
 * of tokens, a bigram baseline, and a synthetic Portuguese corpus.
 *
 * @module
 */
export type { BpeModel } from "./bpe_model.ts";
export * from "./bpe_trainer.ts";
export * from "./tokenizer.ts";
export { type DecodeOptions, StreamDecoder } from "./stream_decoder.ts";
export { saveTokenizer } from "./tokenizer_write.ts";
export * from "./tokenizer_read.ts";
export * from "./tokenizer_report.ts";
export * from "./text_folder.ts";
export * from "./split_documents.ts";
export * from "./token_batches.ts";
export * from "./bigram.ts";
export type { SyntheticChoice, SyntheticKind } from "./synthetic/items.ts";
export * from "./synthetic/story.ts";
export * from "./synthetic/corpus.ts";
