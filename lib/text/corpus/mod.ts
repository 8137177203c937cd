/**
 * Corpora: reading texts of many forms, cleaning, removing duplicates, mixing,
 * packing to tokens, and shards of tokens on disk.
 *
 * @module
 */
export {
  type CorpusDocument,
  documentsOf,
  type DocumentStream,
  utf8Length,
} from "./document.ts";
export * from "./conversation.ts";
export * from "./html_text.ts";
export {
  type CorpusDataSet,
  type CorpusFile,
  findCorpusFiles,
} from "./corpus_files.ts";
export {
  type ReadCorpusOptions,
  type ReadCorpusSettings,
  ReadCorpusTally,
  type SkippedInput,
} from "./reading.ts";
export * from "./corpus_reader.ts";
export { type CorpusFilter, type FilterVerdict, wordsIn } from "./filter.ts";
export * from "./gopher_quality.ts";
export * from "./gopher_repetition.ts";
export * from "./language_filter.ts";
export * from "./duplicate_filters.ts";
export * from "./near_duplicates.ts";
export * from "./personal_data.ts";
export * from "./clean_corpus.ts";
export * from "./corpus_stats.ts";
export * from "./mix_documents.ts";
export {
  type CorpusRecord,
  writeCorpusFolder,
  type WriteCorpusOptions,
} from "./corpus_folder.ts";
export type { CorpusSource } from "./source_tally.ts";
export type { PackingOptions, PackingSettings } from "./token_packing.ts";
export * from "./pack_corpus.ts";
export { vocabularyHash } from "./shard_format.ts";
export {
  isShardFolder,
  openShards,
  type OpenShardsOptions,
  readShardManifest,
  type ShardManifest,
  type ShardSplit,
} from "./shard_manifest.ts";
export { ShardedTokens } from "./sharded_tokens.ts";
export {
  DEBIAN_PACKAGES,
  type DebianPackage,
} from "./debian/debian_packages.ts";
export * from "./debian/debian_corpus.ts";
