/**
 * `caderno corpus stats` and `corpus show`: what is in texts or shards, and
 * some of the documents themselves.
 *
 * @module
 */
import {
  CorpusStats,
  DataError,
  formatBytes,
  formatPercent,
  formatTable,
  isShardFolder,
  languageGuesser,
  openShards,
  readShardManifest,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import {
  noteSkipped,
  openCorpora,
  READ_OPTIONS,
  readable,
  withProgress,
} from "./corpus_options.ts";
import { interruptSignal } from "./interrupt.ts";
import { print } from "./terminal.ts";

const count = (n: number) => n.toLocaleString("en");

/** What shards hold, their bytes compared with the checksums. */
async function shardStats(folder: string): Promise<void> {
  const { splits, sources, command, tokenizer, packing } =
    await readShardManifest(folder);
  for (const split of ["train", "heldOut"] as const) {
    if (splits[split].shards.length === 0) continue;
    using _ = await openShards(folder, { split, verify: true });
  }
  print(formatTable([
    ["shards", folder],
    ["training tokens", count(splits.train.tokens)],
    ["held-out tokens", count(splits.heldOut.tokens)],
    ["documents", count(splits.train.documents + splits.heldOut.documents)],
    ["packing", packing.packing],
    ["vocabulary", `${tokenizer.vocabSize} pieces, ${tokenizer.sha256}`],
    ["made by", command],
    ["checksums", "fit"],
  ]));
  print();
  printSources(sources);
}

function printSources(
  sources: readonly {
    name: string;
    documents: number;
    bytes: number;
    licence: string | null;
  }[],
): void {
  print(formatTable([
    ["source", "documents", "text", "licence"],
    ...sources.map(({ name, documents, bytes, licence }) => [
      name,
      count(documents),
      formatBytes(bytes),
      licence ?? "unknown",
    ]),
  ]));
}

async function runStats(line: CommandLine): Promise<void> {
  const [path] = line.operands;
  if (line.operands.length === 1 && await isShardFolder(path!)) {
    return await shardStats(path!);
  }
  const corpus = await openCorpora(line);
  const guess = line.has("languages") ? await languageGuesser() : undefined;
  const stats = new CorpusStats(guess);
  const documents = withProgress("Count", corpus, {
    readers: [corpus],
    signal: interruptSignal(),
  });
  for await (const document of documents) stats.add(document);
  noteSkipped(corpus);
  if (stats.documents === 0) {
    throw new DataError(
      `Cannot count texts of ${line.operands.join(", ")}: all are blank`,
    );
  }
  print(formatTable([
    ["corpus", line.operands.join(", ")],
    ["documents", count(stats.documents)],
    ["bytes", `${count(stats.bytes)} (${formatBytes(stats.bytes)})`],
    ["words", count(stats.words)],
    [
      "different words",
      (stats.isVocabularyFull ? "more than " : "") +
      count(stats.differentWords),
    ],
    ["words per document", (stats.words / stats.documents).toFixed(1)],
    ["bytes per word", (stats.bytes / stats.words).toFixed(2)],
    ["half of the documents", `up to ${formatBytes(stats.bytesQuantile(0.5))}`],
    ["99 of 100", `up to ${formatBytes(stats.bytesQuantile(0.99))}`],
  ]));
  print();
  printSources(stats.sources());
  if (!guess) return;
  print();
  print(formatTable([
    ["language", "share of text"],
    ...stats.languages().map(({ language, share }) => [
      language || "none",
      formatPercent(share),
    ]),
  ]));
}

async function runShow(line: CommandLine): Promise<void> {
  const corpus = await openCorpora(line);
  const characters = line.needNumber("characters");
  let left = line.needNumber("documents");
  for await (const { name, source, licence, text } of readable(corpus)) {
    if (left-- === 0) return;
    print(`── ${source}: ${name}${licence ? ` (${licence})` : ""}`);
    print(
      text.length <= characters
        ? text
        : `${text.slice(0, characters)}\n… ${count(text.length)} characters`,
    );
    print();
  }
  noteSkipped(corpus);
}

/** The commands "corpus stats" and "corpus show". */
export const corpusStatsCommands: readonly Command[] = [
  {
    name: "corpus stats",
    summary: "Count documents, bytes and words of texts; check shards",
    operands: ["PATH…"],
    options: {
      languages: { kind: "switch", help: "guesses the languages as well" },
      ...READ_OPTIONS,
    },
    example: "corpus stats corpora/clean --languages",
    run: runStats,
  },
  {
    name: "corpus show",
    summary: "Show the first documents of texts as they are read",
    operands: ["PATH…"],
    options: {
      documents: {
        kind: "count",
        help: "documents to show",
        range: [1, Infinity],
        default: "3",
      },
      characters: {
        kind: "count",
        help: "characters of each",
        range: [1, Infinity],
        default: "600",
      },
      ...READ_OPTIONS,
    },
    example: "corpus show corpora/clean --documents 1",
    run: runShow,
  },
];
