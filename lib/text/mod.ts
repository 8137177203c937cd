/**
 * Text without any device: tokenizers of three kinds (BPE over characters and
 * over bytes, unigrams) and their files, documents, batches of tokens, a bigram
 * baseline, and a synthetic Portuguese corpus.
 *
 * @module
 */
export type {
  BpeModel,
  ByteLevelModel,
  SpaceRules,
  TokenizerKind,
  TokenizerModel,
  UnigramModel,
} from "./tokenizer_model.ts";
export {
  GPT2_PATTERN,
  LLAMA3_PATTERN,
  SPLIT_DIGITS_PATTERN,
} from "./byte_level.ts";
export * from "./bpe_trainer.ts";
export * from "./tokenizer.ts";
export { type DecodeOptions, StreamDecoder } from "./stream_decoder.ts";
export { saveTokenizer } from "./tokenizer_write.ts";
export { parseTokenizer } from "./tokenizer_read.ts";
export { EncodePool } from "./encode_pool.ts";
export * from "./tokenizer_load.ts";
export { parseSentencePiece } from "./sentencepiece_read.ts";
export {
  compareTokenizers,
  type NamedTokenizerReport,
  type TokenizerReport,
  tokenizerReport,
} from "./tokenizer_report.ts";
export * from "./tf_idf.ts";
export * from "./token_coverage.ts";
export { readTextFolder, type TextDocument } from "./text_folder.ts";
export * from "./corpus/mod.ts";
export * from "./split_documents.ts";
export {
  numberDocuments,
  PackedTokens,
  type TokenArray,
  type TokenSource,
  withDocumentStarts,
} from "./token_source.ts";
export * from "./token_batches.ts";
export * from "./bigram.ts";
export {
  familyOf,
  type SyntheticChoice,
  type SyntheticFamily,
  type SyntheticKind,
} from "./synthetic/items.ts";
export * from "./synthetic/story.ts";
export * from "./synthetic/corpus.ts";
