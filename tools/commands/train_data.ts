/**
 * From the options of `caderno train` to tokens: texts, a part of them held
 * out, a tokenizer, two streams of tokens; or a folder of shards, which has all
 * of these.
 *
 * @module
 */
import { join } from "node:path";
import {
  BigramModel,
  ConfigError,
  DataError,
  formatCount,
  formatPercent,
  isShardFolder,
  loadTokenizer,
  openShards,
  readShardManifest,
  splitDocuments,
  type TextDocument,
  type TokenArray,
  type Tokenizer,
  type TokenSource,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";
import {
  makeStories,
  packWithProgress,
  readDocuments,
  type Source,
  totalBytes,
} from "./documents.ts";
import { trainTokenizer } from "./tokenizer.ts";
import type { TrainPlan } from "./train_plan.ts";

/** What a run learns from and is measured on. */
export interface TrainingData {
  readonly tokenizer: Tokenizer;
  /** In memory, or shards on disk. */
  readonly tokens: TokenSource;
  readonly heldOut: TokenArray;
  /** UTF-8 bytes of held-out text over its tokens but the first. */
  readonly bytesPerToken: number;
  /** First words of held-out text to go on from; "" when they do not fit. */
  readonly prompt: string;
  /** SHA-256 of both streams, hexadecimal. */
  readonly sha256: string;
}

interface Texts {
  readonly train: readonly TextDocument[];
  readonly heldOut: readonly TextDocument[];
}

/** Held-out documents below which chance would decide whether there are any. */
const MIN_HELD_OUT = 10;
/** The first six words, with what stands between them. */
const FIRST_WORDS = /(?:\S+\s+){0,5}\S+/;

/** What `sanity_check` of TeenyTinyLlama's script leaves of a data set. */
const SANITY_SEQUENCES = { train: 1000, heldOut: 100 };

/** Held-out tokens of shards that are kept in memory. */
const MAX_HELD_OUT_TOKENS = 2 ** 24;
/** Training tokens that the bigram model counts: more would not change it. */
const MAX_BIGRAM_TOKENS = 2 ** 26;
/** Tokens of shards that the first words are looked for in. */
const PROMPT_TOKENS = 32;

/** How far back a cut looks for the end of a line, in letters. */
const CUT_REACH = 1000;

/**
 * Cuts a share off the end of a few long documents, at the end of a line where
 * one is near.
 */
export function cutTail(
  documents: readonly TextDocument[],
  share: number,
): Texts {
  const total = documents.reduce((sum, { text }) => sum + text.length, 0);
  let left = Math.round(total * (1 - share));
  const train: TextDocument[] = [];
  const heldOut: TextDocument[] = [];
  for (const document of documents) {
    const { name, text } = document;
    if (text.length <= left) train.push(document);
    else if (left <= 0) heldOut.push(document);
    else {
      const line = text.lastIndexOf("\n", left);
      const cut = line >= 0 && left - line < CUT_REACH ? line + 1 : left;
      train.push({ name, text: text.slice(0, cut) });
      heldOut.push({ name, text: text.slice(cut) });
    }
    left -= text.length;
  }
  return { train, heldOut };
}

async function readTexts(line: CommandLine, source: Source): Promise<Texts> {
  const seed = line.needNumber("seed");
  const heldOutShare = line.needNumber("held-out");
  if ("bytes" in source) {
    const { bytes } = source;
    return {
      train: [...makeStories({ seed, bytes })],
      heldOut: [
        ...makeStories({ seed, bytes: heldOutShare * bytes, split: "heldOut" }),
      ],
    };
  }
  const documents = await readDocuments(source.folder);
  return documents.length * heldOutShare >= MIN_HELD_OUT
    ? splitDocuments(documents, { heldOutShare, seed })
    : cutTail(documents, heldOutShare);
}

async function digest(streams: readonly TokenArray[]): Promise<string> {
  const hashes = await Promise.all(
    streams.map((tokens) =>
      crypto.subtle.digest("SHA-256", tokens as BufferSource)
    ),
  );
  const all = await crypto.subtle.digest(
    "SHA-256",
    await new Blob(hashes).arrayBuffer(),
  );
  return new Uint8Array(all).toHex();
}

/**
 * Reads or makes the texts, and the tokenizer when there is none yet.
 *
 * @throws {ConfigError} for a share to hold out of shards
 * @throws {DataError} when there is no text, or too little to hold out
 */
export async function prepareData(
  line: CommandLine,
  { source, plan, tokenizer: given }: {
    readonly source: Source;
    readonly plan: TrainPlan;
    readonly tokenizer: Tokenizer | undefined;
  },
): Promise<TrainingData> {
  const isShards = "folder" in source && await isShardFolder(source.folder);
  if (isShards && line.has("held-out")) {
    throw new ConfigError(
      `Cannot choose --held-out of ${source.folder}: shards have a held-out ` +
        "part of their own",
    );
  }
  const data = isShards
    ? await openShardData(source.folder, given)
    : await packTexts(await readTexts(line, source), plan, given);
  const { contextLength } = plan.train;
  const wanted = contextLength + 1;
  if (data.heldOut.length < wanted) {
    throw new DataError(
      `Cannot hold out text: ${data.heldOut.length} tokens are held out, one ` +
        `sequence takes ${wanted}; give more text, a larger --held-out or a ` +
        "smaller --context",
    );
  }
  const { tokenizer, prompt } = data;
  const fits = tokenizer.encode(prompt).length + 1 < contextLength;
  return {
    ...data,
    ...(line.has("sanity-check") ? firstSequences(data, contextLength) : {}),
    prompt: fits ? prompt : "",
  };
}

/** As much of the tokens as tells whether all works. */
function firstSequences(
  { tokens, heldOut }: TrainingData,
  contextLength: number,
): Pick<TrainingData, "tokens" | "heldOut"> {
  const upTo = (source: TokenSource, sequences: number) =>
    Math.min(source.length, sequences * contextLength + 1);
  return {
    tokens: tokens.subarray(0, upTo(tokens, SANITY_SEQUENCES.train)),
    heldOut: heldOut.subarray(0, upTo(heldOut, SANITY_SEQUENCES.heldOut)),
  };
}

/** Tokens of texts, with the tokenizer that is learned from them at need. */
async function packTexts(
  texts: Texts,
  plan: TrainPlan,
  given: Tokenizer | undefined,
): Promise<TrainingData> {
  const tokenizer = given ?? trainTokenizer(texts.train, plan.model.vocabSize);
  const tokens = packWithProgress(texts.train, tokenizer);
  const heldOut = packWithProgress(texts.heldOut, tokenizer);
  return {
    tokenizer,
    tokens,
    heldOut,
    bytesPerToken: totalBytes(texts.heldOut) / (heldOut.length - 1),
    prompt: FIRST_WORDS.exec(texts.heldOut[0]?.text ?? "")?.[0] ?? "",
    sha256: await digest([tokens, heldOut]),
  };
}

/**
 * Tokens of shards, with the tokenizer that lies beside them.
 *
 * @throws {DataError} when they were made with another tokenizer than the one
 * that is given
 */
async function openShardData(
  folder: string,
  given: Tokenizer | undefined,
): Promise<TrainingData> {
  const { splits } = await readShardManifest(folder);
  const tokenizer = given ?? await loadTokenizer(join(folder, "tokenizer"));
  const tokens = await openShards(folder, { tokenizer, verify: true });
  using outside = await openShards(folder, { split: "heldOut", tokenizer });
  const heldOut = outside.subarray(0, MAX_HELD_OUT_TOKENS);
  const checksums = [splits.train, splits.heldOut]
    .flatMap(({ shards }) => shards.map(({ checksum }) => checksum));
  const start = heldOut.subarray(0, PROMPT_TOKENS);
  return {
    tokenizer,
    tokens,
    heldOut,
    bytesPerToken: splits.heldOut.bytes / splits.heldOut.tokens,
    prompt: FIRST_WORDS.exec(tokenizer.decode(start))?.[0] ?? "",
    sha256: new Uint8Array(
      await crypto.subtle.digest(
        "SHA-256",
        new TextEncoder().encode(checksums.join("\n")),
      ),
    ).toHex(),
  };
}

/** How often training tokens are seen: "66.0 % of them are used". */
function seenTimes(passes: number): string {
  return passes <= 1
    ? `${formatPercent(passes)} of them are used`
    : `each is seen ${passes.toPrecision(3)} times`;
}

/** The data in one line. */
export function describeData(data: TrainingData, { train }: TrainPlan): string {
  const { tokens, heldOut, tokenizer } = data;
  const passes = train.steps * train.tokensPerStep / tokens.length;
  return `corpus: ${formatCount(tokens.length)} training tokens ` +
    `(${seenTimes(passes)}), ` +
    `${formatCount(heldOut.length)} held out, ` +
    `${data.bytesPerToken.toFixed(2)} bytes per token, ` +
    `tokenizer of ${tokenizer.vocabSize} pieces`;
}

/**
 * Loss of a bigram model on the first held-out tokens, nats per token: what a
 * trained network must get below.
 */
export function bigramLoss(
  { tokens, heldOut, tokenizer }: TrainingData,
  evaluatedTokens: number,
): number {
  const counted = tokens.subarray(0, MAX_BIGRAM_TOKENS);
  return BigramModel.fit(counted, tokenizer.vocabSize)
    .crossEntropy(heldOut.subarray(0, evaluatedTokens + 1));
}
