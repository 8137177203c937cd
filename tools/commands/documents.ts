/**
 * The texts that commands work on: a folder, a file, or the synthetic corpus.
 *
 * @module
 */
import { basename } from "node:path";
import {
  ConfigError,
  DataError,
  FormatError,
  packDocuments,
  Progress,
  readTextFolder,
  syntheticCorpus,
  type SyntheticCorpusOptions,
  type SyntheticStory,
  type TextDocument,
  type TokenArray,
  type Tokenizer,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";
import { StatusLine } from "./terminal.ts";

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** UTF-8 bytes of all documents. */
export function totalBytes(documents: readonly TextDocument[]): number {
  return documents.reduce((sum, { text }) => sum + byteLength(text), 0);
}

/** Words of a text: what stands between white space. */
export function wordsOf(text: string): string[] {
  return text.match(/\S+/g) ?? [];
}

/** One text file as a document, with the rules of `readTextFolder`. */
async function readDocument(path: string): Promise<TextDocument> {
  const bytes = await Deno.readFile(path);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FormatError(`Cannot read ${path}: it is not UTF-8`);
  }
  if (text.trim() === "") {
    throw new DataError(`Cannot read a text from ${path}: it is blank`);
  }
  return { name: basename(path), text: text.replace(/\r\n?/g, "\n") };
}

/**
 * Documents of a folder, or of one text file.
 *
 * @throws {DataError} when nothing is there or no text is in it
 * @throws {FormatError} when a file is not UTF-8
 */
export async function readDocuments(path: string): Promise<TextDocument[]> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isFile) return [await readDocument(path)];
  using line = new StatusLine(new Progress(`Read ${path}`, { unit: "bytes" }));
  const documents: TextDocument[] = [];
  for await (const document of readTextFolder(path)) {
    documents.push(document);
    line.update(line.progress.done + byteLength(document.text));
  }
  return documents;
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
    ({ text }) => byteLength(text),
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
