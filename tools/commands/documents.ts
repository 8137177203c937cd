/**
 * The texts that commands work on: a folder, a file, or the synthetic corpus.
 *
 * @module
 */
import {
  ConfigError,
  type CorpusDocument,
  DataError,
  type DocumentStream,
  FormatError,
  openCorpus,
  packDocuments,
  Progress,
  syntheticCorpus,
  type SyntheticCorpusOptions,
  type SyntheticStory,
  type TextDocument,
  type TokenArray,
  type Tokenizer,
  utf8Length,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";
import { StatusLine } from "./terminal.ts";

export { utf8Length as byteLength };

/** UTF-8 bytes of all documents. */
export function totalBytes(documents: readonly TextDocument[]): number {
  return documents.reduce((sum, { text }) => sum + utf8Length(text), 0);
}

/** Documents; where one cannot be read, with what one can do about it. */
export async function* withHint(
  documents: DocumentStream,
  hint: string,
): AsyncGenerator<CorpusDocument> {
  try {
    yield* documents;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${error.message}; ${hint}`, { cause: error });
  }
}

/**
 * Documents of a folder, a file or a data set, all in memory.
 *
 * @throws {DataError} when nothing is there or no text is in it
 * @throws {FormatError} when a file cannot be read
 */
export async function readDocuments(path: string): Promise<TextDocument[]> {
  const corpus = await openCorpus(path, { markdown: "source" });
  using line = new StatusLine(
    new Progress(`Read ${path}`, { total: corpus.fileBytes, unit: "bytes" }),
  );
  const documents: TextDocument[] = [];
  const hint = `"corpus clean ${path} --skip-bad" leaves such input out`;
  for await (const { name, text } of withHint(corpus, hint)) {
    documents.push({ name, text });
    line.update(corpus.tally.fileBytes);
  }
  if (documents.length > 0) return documents;
  throw new DataError(
    `Cannot read texts of ${path}: it holds none that are not blank`,
  );
}

/** Stories of the synthetic corpus, with progress while they are taken. */
export function* makeStories(
  options: SyntheticCorpusOptions & { readonly bytes: number },
): Generator<SyntheticStory, void> {
  using line = new StatusLine(
    new Progress("Make stories", { total: options.bytes, unit: "bytes" }),
  );
  yield* line.count(
    syntheticCorpus(options),
    ({ text }) => utf8Length(text),
  );
}

/** Documents as one stream of tokens, with progress. */
export function packWithProgress(
  documents: readonly TextDocument[],
  tokenizer: Tokenizer,
): TokenArray {
  const progress = new Progress("Tokenize", {
    total: documents.length,
    unit: "documents",
  });
  using line = new StatusLine(progress);
  return packDocuments(line.count(documents, () => 1), tokenizer);
}

/** Where texts come from: a folder (or file), or the synthetic corpus. */
export type Source = { readonly folder: string } | { readonly bytes: number };

/**
 * The one of two ways to name a corpus that was typed.
 *
 * @param folder what stands for real text: an operand or an option
 * @throws {ConfigError} when both or none were
 */
export function chooseSource(
  line: CommandLine,
  folder: string | undefined,
  name: string,
): Source {
  if ((folder === undefined) === !line.has("synthetic")) {
    throw new ConfigError(
      `Cannot run "${line.command.name}" on ${
        folder === undefined ? "no text" : "two corpora"
      }: give either ${name} or --synthetic SIZE`,
    );
  }
  return folder === undefined
    ? { bytes: line.needNumber("synthetic") }
    : { folder };
}
