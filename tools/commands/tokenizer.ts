/**
 * `caderno tokenizer`: trains tokenizers, measures how well they fit texts,
 * shows what one makes of a line, turns one format into another.
 *
 * @module
 */
import {
  ConfigError,
  DataError,
  formatBytes,
  formatTable,
  Progress,
  saveTokenizer,
  type TextDocument,
  type Tokenizer,
  trainBpe,
  type TrainBpeOptions,
} from "../../lib/mod.ts";
import type { Command, CommandLine, OptionSpec } from "./command.ts";
import {
  byteLength,
  chooseSource,
  makeStories,
  readDocuments,
  totalBytes,
} from "./documents.ts";
import { holdsTokenizer, openTokenizer } from "./run_folder.ts";
import { note, print, StatusLine } from "./terminal.ts";
import { runCompare, runReport } from "./tokenizer_report.ts";
import { noteNext } from "./typed_command.ts";

/** Trains a tokenizer and shows how far it is. */
export function trainTokenizer(
  documents: readonly TextDocument[],
  vocabSize: number,
  options: Pick<TrainBpeOptions, "kind" | "splitDigits"> = {},
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
    const trained = trainBpe(texts(), { ...options, vocabSize, onProgress });
    if (trained.vocabSize < vocabSize) {
      note(
        `the text gives ${trained.vocabSize} pieces of the ${vocabSize} that ` +
          "were asked for; more text gives more",
      );
    }
    return trained;
  } finally {
    merging?.[Symbol.dispose]();
  }
}

/**
 * A folder for a new tokenizer: shards and models hang on the one that is there.
 *
 * @throws {ConfigError} when it holds one
 */
async function newFolder(path: string): Promise<string> {
  if (!await holdsTokenizer(path)) return path;
  throw new ConfigError(
    `Cannot write a tokenizer to ${path}: it holds one; choose a new folder`,
  );
}

/** The kind that was typed. */
function readKind(line: CommandLine): "llama" | "byte-level" {
  const kind = line.needText("kind");
  if (kind === "llama" || kind === "byte-level") return kind;
  throw new ConfigError(
    `Cannot use --kind ${kind}: wanted llama or byte-level`,
  );
}

/** The tokenizer with the special tokens that were typed. */
function addSpecial(tokenizer: Tokenizer, line: CommandLine): Tokenizer {
  const names = line.text("special")?.split(",") ?? [];
  return names.length > 0 ? tokenizer.withSpecialTokens(names) : tokenizer;
}

async function runTrain(line: CommandLine): Promise<void> {
  const source = chooseSource(line, line.operands[0], "FOLDER");
  const out = await newFolder(line.needText("out"));
  const kind = readKind(line);
  const documents = "folder" in source
    ? await readDocuments(source.folder)
    : [...makeStories({ seed: line.needNumber("seed"), bytes: source.bytes })];
  const trained = trainTokenizer(documents, line.needNumber("vocab"), {
    kind,
    splitDigits: !line.has("join-digits"),
  });
  const tokenizer = addSpecial(trained, line);
  await saveTokenizer(out, tokenizer);
  print(
    `${tokenizer.vocabSize} pieces in ${out}, learned from ` +
      `${documents.length} documents of ${formatBytes(totalBytes(documents))}`,
  );
  if (!("folder" in source)) return;
  const { folder } = source;
  noteNext("tokenizer", "report", out, folder);
  noteNext("corpus", "pack", folder, "--tokenizer", out, "--out", "shards");
}

async function runEncode(line: CommandLine): Promise<void> {
  const [path, text] = line.operands;
  const tokenizer = await openTokenizer(path!);
  if (text === "") throw new DataError("Cannot encode an empty text");
  const ids = tokenizer.encode(text!, { allowSpecial: line.has("special") });
  if (line.has("ids")) return print(ids.join(" "));
  const { kind, pieces } = tokenizer.model;
  const rows = Array.from(ids, (id) => {
    if (kind !== "byte-level") return [id, pieces[id]!];
    // Letters of the byte alphabet are hard to read.
    const part = tokenizer.decode([id], { skipSpecial: false });
    return [id, pieces[id]!, JSON.stringify(part)];
  });
  const head = ["id", "piece", "text"].slice(0, rows[0]?.length ?? 2);
  print(formatTable([head, ...rows]));
  const unit = ids.length === 1 ? "token" : "tokens";
  print(`\n${ids.length} ${unit} for ${byteLength(text!)} bytes`);
}

async function runDecode(line: CommandLine): Promise<void> {
  const [path, ...words] = line.operands;
  const tokenizer = await openTokenizer(path!);
  const ids = words.flatMap((word) => word.split(/[\s,]+/)).map((word) => {
    if (/^\d+$/.test(word)) return Number(word);
    throw new ConfigError(`Cannot decode "${word}": wanted ids such as 1 4023`);
  });
  print(tokenizer.decode(ids, { skipSpecial: !line.has("special") }));
}

async function runConvert(line: CommandLine): Promise<void> {
  const [path, folder] = line.operands;
  const out = await newFolder(folder!);
  const tokenizer = addSpecial(await openTokenizer(path!), line);
  await saveTokenizer(out, tokenizer);
  print(
    `${tokenizer.vocabSize} pieces of the ${tokenizer.model.kind} kind ` +
      `from ${path} in ${out}`,
  );
}

const SPECIAL: OptionSpec = {
  kind: "text",
  value: "NAMES",
  help: "special tokens to add after the vocabulary, a comma between them",
};

/** The commands that begin with "tokenizer". */
export const tokenizerCommands: readonly Command[] = [
  {
    name: "tokenizer train",
    summary: "Train a tokenizer: BPE over characters or bytes",
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
      kind: {
        kind: "text",
        value: "KIND",
        help: "llama (characters, as Llama 2) or byte-level (as Llama 3)",
        default: "llama",
      },
      vocab: {
        kind: "count",
        help: "pieces in all, 260 special and byte pieces among them",
        default: "4096",
      },
      special: SPECIAL,
      "join-digits": {
        kind: "switch",
        help: "let pieces hold several digits; without it each is its own",
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
    operands: ["TOKENIZER", "TEXT…"],
    options: {},
    example: "tokenizer report tokenizers/a corpora/stories README.md",
    run: runReport,
  },
  {
    name: "tokenizer compare",
    summary: "Compare several tokenizers on one text",
    operands: ["TEXT", "TOKENIZER…"],
    options: {},
    example: "tokenizer compare corpora/stories tokenizers/a llama.model",
    run: runCompare,
  },
  {
    name: "tokenizer encode",
    summary: "Show the tokens of a line of text",
    operands: ["TOKENIZER", "TEXT"],
    options: {
      ids: { kind: "switch", help: "print the ids alone" },
      special: {
        kind: "switch",
        help: "take names of special tokens in the text for them",
      },
    },
    example: 'tokenizer encode tokenizers/a "Era uma vez um gato."',
    run: runEncode,
  },
  {
    name: "tokenizer decode",
    summary: "Show the text of ids",
    operands: ["TOKENIZER", "ID…"],
    options: {
      special: { kind: "switch", help: "write special tokens out as well" },
    },
    example: "tokenizer decode tokenizers/a 1 4023 771",
    run: runDecode,
  },
  {
    name: "tokenizer convert",
    summary: "Write a SentencePiece .model or tokenizer.json anew",
    operands: ["TOKENIZER", "FOLDER"],
    options: { special: SPECIAL },
    example: "tokenizer convert llama.model tokenizers/llama",
    run: runConvert,
  },
];
