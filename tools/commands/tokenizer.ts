/**
 * `caderno tokenizer`: trains a tokenizer, measures how well it fits texts,
 * shows what it makes of a line.
 *
 * @module
 */
import {
  DataError,
  formatBytes,
  formatPercent,
  formatTable,
  loadTokenizer,
  Progress,
  saveTokenizer,
  type TextDocument,
  type Tokenizer,
  tokenizerReport,
  trainBpe,
  ttlTokenizers,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import {
  byteLength,
  chooseSource,
  makeStories,
  readDocuments,
  totalBytes,
} from "./documents.ts";
import { print, StatusLine } from "./terminal.ts";

/** Trains a tokenizer and shows how far it is. */
export function trainTokenizer(
  documents: readonly TextDocument[],
  vocabSize: number,
): Tokenizer {
  function* texts() {
    const total = totalBytes(documents);
    using line = new StatusLine(
      new Progress("Count words", { total, unit: "bytes" }),
    );
    const counted = line.count(documents, ({ text }) => byteLength(text));
    for (const { text } of counted) yield text;
  }
  let merging: StatusLine | undefined;
  const onProgress = (done: number, total: number) => {
    merging ??= new StatusLine(
      new Progress("Merge", { total, unit: "pieces" }),
    );
    merging.update(done);
  };
  try {
    return trainBpe(texts(), { vocabSize, onProgress });
  } finally {
    merging?.[Symbol.dispose]();
  }
}

async function runTrain(line: CommandLine): Promise<void> {
  const source = chooseSource(line, line.operands[0], "FOLDER");
  const out = line.needText("out");
  const documents = "folder" in source
    ? await readDocuments(source.folder)
    : [...makeStories({ seed: line.needNumber("seed"), bytes: source.bytes })];
  const tokenizer = trainTokenizer(documents, line.needNumber("vocab"));
  await saveTokenizer(out, tokenizer);
  print(
    `${tokenizer.vocabSize} pieces in ${out}, learned from ` +
      `${documents.length} documents of ${formatBytes(totalBytes(documents))}`,
  );
}

async function runReport(line: CommandLine): Promise<void> {
  const [folder, ...paths] = line.operands;
  const tokenizer = await loadTokenizer(folder!);
  const rows = [];
  using status = new StatusLine(
    new Progress("Encode", { total: paths.length, unit: "texts" }),
  );
  for (const [i, path] of paths.entries()) {
    status.update(i, path);
    const documents = await readDocuments(path);
    const report = tokenizerReport(
      tokenizer,
      documents.map(({ text }) => text).join("\n"),
    );
    rows.push([
      path,
      report.words,
      report.tokens,
      report.tokensPerWord.toFixed(3),
      report.bytesPerToken.toFixed(3),
      formatPercent(report.wholeWordShare),
    ]);
  }
  print(`${folder}: ${tokenizer.vocabSize} pieces`);
  print();
  print(formatTable([
    ["text", "words", "tokens", "tokens/word", "bytes/token", "whole words"],
    ...rows,
  ]));
  const published = await ttlTokenizers();
  print(
    "\nFor comparison, on 7,400 words of TTL (arXiv 2401.16640, table 1): " +
      published.map(({ name, tokensPerWord }) =>
        `${name} ${tokensPerWord.toFixed(2)}`
      ).join(", "),
  );
}

async function runEncode(line: CommandLine): Promise<void> {
  const [folder, text] = line.operands;
  const tokenizer = await loadTokenizer(folder!);
  if (text === "") throw new DataError("Cannot encode an empty text");
  const ids = tokenizer.encode(text!);
  print(formatTable([
    ["id", "piece"],
    ...Array.from(ids, (id) => [id, tokenizer.model.pieces[id]!]),
  ]));
  print(`\n${ids.length} tokens for ${byteLength(text!)} bytes`);
}

/** The commands that begin with "tokenizer". */
export const tokenizerCommands: readonly Command[] = [
  {
    name: "tokenizer train",
    summary: "Train a tokenizer: byte-fallback BPE, files as of Llama 2",
    operands: ["[FOLDER]"],
    options: {
      synthetic: {
        kind: "bytes",
        help: "train on so much of the synthetic corpus, not on a folder",
        range: [1, Infinity],
      },
      seed: {
        kind: "count",
        help: "seed of the synthetic corpus",
        range: [0, 2 ** 32 - 1],
        default: "0",
      },
      vocab: {
        kind: "count",
        help: "pieces in all, 260 special and byte pieces among them",
        default: "4096",
      },
      out: {
        kind: "text",
        value: "FOLDER",
        help: "folder for tokenizer.json and its two companions",
      },
    },
    example: "tokenizer train corpora/stories --out tokenizers/a",
    run: runTrain,
  },
  {
    name: "tokenizer report",
    summary: "Measure tokens per word on texts, the fertility",
    operands: ["FOLDER", "TEXT…"],
    options: {},
    example: "tokenizer report tokenizers/a corpora/stories README.md",
    run: runReport,
  },
  {
    name: "tokenizer encode",
    summary: "Show the tokens of a line of text",
    operands: ["FOLDER", "TEXT"],
    options: {},
    example: 'tokenizer encode tokenizers/a "Era uma vez um gato."',
    run: runEncode,
  },
];
