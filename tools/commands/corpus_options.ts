/**
 * What the commands that read corpora share: options, progress, the command as
 * text for the record, and what is said of input that was skipped.
 *
 * @module
 */
import {
  ConfigError,
  type CorpusDocument,
  type CorpusReader,
  type DocumentStream,
  openCorpus,
  Progress,
  type ReadCorpusOptions,
} from "../../lib/mod.ts";
import type { CommandLine, OptionSpec } from "./command.ts";
import { withHint } from "./documents.ts";
import { note, StatusLine } from "./terminal.ts";
import { typedCommand } from "./typed_command.ts";

const UNITS = ["file", "line", "paragraph"] as const;

/** How files are read. */
export const READ_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  "skip-bad": {
    heading: "Reading",
    kind: "switch",
    help: "counts input that cannot be read and goes on, in place of stopping",
  },
  unit: {
    kind: "text",
    value: "UNIT",
    help: "a document of a .txt file: file, line, or paragraph between blanks",
    default: "file",
  },
  column: {
    kind: "text",
    value: "NAME",
    help: "column of rows with the text",
    default: "text",
  },
  split: {
    kind: "text",
    value: "NAME",
    help: "files of a data set with this split in their names: train",
  },
  encoding: {
    kind: "text",
    value: "LABEL",
    help: "of .txt, .md and .html files: utf-8, iso-8859-1, windows-1252",
    default: "utf-8",
  },
  "max-document": {
    kind: "bytes",
    help: "largest document; a larger one is input that cannot be read",
    range: [1, 2 ** 29],
    default: "64MiB",
  },
};

/**
 * The one of some words that an option has.
 *
 * @throws {ConfigError} when it has another one
 */
export function oneOf<T extends string>(
  line: CommandLine,
  name: string,
  words: readonly T[],
): T {
  const text = line.needText(name);
  const word = words.find((w) => w === text);
  if (word !== undefined) return word;
  throw new ConfigError(
    `Cannot use --${name} ${text}: wanted ${words.join(" or ")}`,
  );
}

/** The options of {@linkcode READ_OPTIONS} for the library. */
function readOptions(line: CommandLine): ReadCorpusOptions {
  const split = line.text("split");
  return {
    badInput: line.has("skip-bad") ? "skip" : "stop",
    textUnit: oneOf(line, "unit", UNITS),
    textColumn: line.needText("column"),
    encoding: line.needText("encoding"),
    maxDocumentBytes: line.needNumber("max-document"),
    ...(split === undefined ? {} : { split }),
  };
}

/** Opens the corpora that were named. */
export function openCorpora(
  line: CommandLine,
  paths: readonly string[] = line.operands,
): Promise<CorpusReader> {
  return openCorpus(paths, readOptions(line));
}

/** Documents; where one cannot be read, the error names the options for it. */
export function readable(documents: DocumentStream): DocumentStream {
  return withHint(
    documents,
    "--skip-bad leaves such input out, --encoding reads other encodings",
  );
}

/**
 * Documents with a line of progress by the bytes of the files.
 *
 * @param documents of these readers, mixed or one after the other
 */
export async function* withProgress(
  label: string,
  documents: DocumentStream,
  { readers, signal }: {
    readers: readonly CorpusReader[];
    signal?: AbortSignal;
  },
): AsyncGenerator<CorpusDocument> {
  const total = readers.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  using line = new StatusLine(new Progress(label, { total, unit: "bytes" }));
  let count = 0;
  for await (const document of readable(documents)) {
    signal?.throwIfAborted();
    yield document;
    const done = readers.reduce((sum, { tally }) => sum + tally.fileBytes, 0);
    line.update(done, `${(++count).toLocaleString("en")} documents`);
  }
}

/** Says which input was skipped, the first few with their reasons. */
export function noteSkipped({ tally }: CorpusReader): void {
  if (tally.skippedCount === 0) return;
  note(`${tally.skippedCount} inputs could not be read and were skipped:`);
  for (const { place, reason } of tally.skipped.slice(0, 5)) {
    note(`  ${place}: ${reason}`);
  }
}

/** The command as one would type it again. */
export function commandText({ command, given, operands }: CommandLine): string {
  const options = [...given].flatMap(([name, value]) =>
    value === "" ? [`--${name}`] : [`--${name}`, value]
  );
  return typedCommand([...command.name.split(" "), ...operands, ...options]);
}
