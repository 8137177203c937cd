/**
 * `caderno corpus pack`: texts to shards of tokens, with a manifest that says
 * what is in them.
 *
 * @module
 */
import {
  ConfigError,
  type DocumentStream,
  formatCount,
  formatTable,
  mixDocuments,
  packCorpus,
  type ShardManifest,
  shuffleDocuments,
} from "../../lib/mod.ts";
import type { Command, CommandLine, OptionSpec } from "./command.ts";
import {
  commandText,
  noteSkipped,
  oneOf,
  openCorpora,
  READ_OPTIONS,
  withProgress,
} from "./corpus_options.ts";
import { interruptSignal } from "./interrupt.ts";
import { openTokenizer } from "./run_folder.ts";
import { note, print } from "./terminal.ts";
import { noteNext } from "./typed_command.ts";

const PACKINGS = ["continuous", "ttl"] as const;
const UNITS = ["documents", "blocks"] as const;
const WHEN_EMPTY = ["stop", "drain", "repeat"] as const;

/** Weights of `--weights`, one for each path. */
function weightsOf(line: CommandLine): number[] | undefined {
  const text = line.text("weights");
  if (text === undefined) return undefined;
  const weights = text.split(",").map((part) =>
    part.trim() === "" ? NaN : Number(part)
  );
  const { length } = line.operands;
  if (weights.length === length && weights.every((w) => w > 0)) return weights;
  throw new ConfigError(
    `Cannot mix by --weights ${text}: wanted ${length} numbers above 0, one ` +
      "for each path, such as 60,40",
  );
}

/** The documents as they are packed: mixed, shuffled, with progress. */
async function documentsOf(
  line: CommandLine,
  signal: AbortSignal,
): Promise<{ open: () => DocumentStream; noteAll: () => void }> {
  const weights = weightsOf(line);
  const readers = weights
    ? await Promise.all(line.operands.map((path) => openCorpora(line, [path])))
    : [await openCorpora(line)];
  const whenEmpty = oneOf(line, "when-empty", WHEN_EMPTY);
  const capacity = line.number("shuffle");
  let pass = 0;
  const open = () => {
    const mixed = weights
      ? mixDocuments(
        readers.map((documents, i) => ({ documents, weight: weights[i]! })),
        { whenEmpty },
      )
      : readers[0]!;
    const isFirst = pass++ === 0 && line.has("together");
    const label = isFirst ? "Compare" : "Pack";
    const documents = withProgress(label, mixed, { readers, signal });
    return capacity === undefined ? documents : shuffleDocuments(documents, {
      seed: line.needNumber("seed"),
      capacity,
    });
  };
  return { open, noteAll: () => readers.forEach(noteSkipped) };
}

function printManifest({ splits, sources, tokenizer }: ShardManifest): void {
  const count = (n: number) => n.toLocaleString("en");
  print(formatTable([
    ["split", "documents", "tokens", "bytes/token", "shards"],
    ...Object.entries(splits).map(([name, split]) => [
      name === "heldOut" ? "held out" : name,
      count(split.documents),
      count(split.tokens),
      split.tokens === 0 ? "" : (split.bytes / split.tokens).toFixed(3),
      count(split.shards.length),
    ]),
  ]));
  const licences = sources.map(({ name, licence }) =>
    `${name} (${licence ?? "licence unknown"})`
  );
  print(`\nsources: ${licences.join(", ")}`);
  print(
    `tokenizer: ${tokenizer.vocabSize} pieces, vocabulary ` +
      `${tokenizer.sha256.slice(0, 12)}…`,
  );
}

async function runPack(line: CommandLine): Promise<void> {
  const folder = line.needText("out");
  const tokenizer = await openTokenizer(line.needText("tokenizer"));
  const signal = interruptSignal();
  const { open, noteAll } = await documentsOf(line, signal);
  const manifest = await packCorpus(open, {
    tokenizer,
    folder,
    packing: oneOf(line, "packing", PACKINGS),
    blockLength: line.needNumber("block"),
    eos: line.has("eos"),
    heldOutShare: line.needNumber("held-out"),
    heldOutUnit: oneOf(line, "hold-out", UNITS),
    seed: line.needNumber("seed"),
    shardTokens: line.needNumber("shard-tokens"),
    ...(line.has("together") ? { nearDuplicates: {} } : {}),
    command: commandText(line),
    signal,
  });
  noteAll();
  printManifest(manifest);
  const { train, heldOut } = manifest.splits;
  print(
    `\n${formatCount(train.tokens)} training and ` +
      `${formatCount(heldOut.tokens)} held-out tokens in ${folder}`,
  );
  if (heldOut.tokens === 0) {
    note(
      "nothing is held out, which train needs: with so few documents give a " +
        "larger --held-out, or --unit line or paragraph",
    );
  } else {noteNext(
      "train",
      "--text",
      folder,
      "--depth",
      "4",
      "--out",
      "runs/NAME",
    );}
}

const PACK_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  out: {
    kind: "text",
    value: "FOLDER",
    help: "new folder for shards, manifest and tokenizer",
  },
  tokenizer: {
    kind: "text",
    value: "FOLDER",
    help: "tokenizer to encode with",
  },
  packing: {
    kind: "text",
    value: "NAME",
    help: "continuous, or ttl: batches of 1,000 documents cut into blocks, " +
      "the rest of each dropped",
    default: "continuous",
  },
  block: {
    kind: "count",
    help: "tokens of a block of ttl",
    range: [1, 2 ** 24],
    default: "2048",
  },
  eos: { kind: "switch", help: "ends each document with </s>" },
  "shard-tokens": {
    kind: "count",
    help: "tokens of a full shard",
    range: [1, 2 ** 31],
    default: "134217728",
  },
  "held-out": {
    heading: "Held-out text and order",
    kind: "number",
    help: "share that is not trained on",
    range: [0, 1],
    default: "0.01",
  },
  "hold-out": {
    kind: "text",
    value: "UNIT",
    help:
      "documents, or blocks as TTL did, which puts parts of a document on " +
      "both sides",
    default: "documents",
  },
  together: {
    kind: "switch",
    help: "keeps near-duplicates on one side; reads the texts twice",
  },
  seed: {
    kind: "count",
    help: "seed of what is held out and of the order",
    range: [0, 2 ** 32 - 1],
    default: "0",
  },
  shuffle: {
    kind: "count",
    help: "mixes the order among so many documents; without it as they come",
    range: [1, Infinity],
  },
  weights: {
    kind: "text",
    value: "LIST",
    help: "mixes the paths by shares of bytes, such as 60,40",
  },
  "when-empty": {
    kind: "text",
    value: "WORD",
    help: "at the end of one path of a mixture: stop, drain the others, or " +
      "repeat it",
    default: "stop",
  },
};

/** The command "corpus pack". */
export const corpusPackCommand: Command = {
  name: "corpus pack",
  summary: "Pack texts into shards of tokens for training",
  operands: ["PATH…"],
  options: { ...PACK_OPTIONS, ...READ_OPTIONS },
  example: "corpus pack corpora/a --tokenizer tokenizers/a --out shards",
  run: runPack,
};
