/**
 * The tokens of a sweep: made once, read by every worker. Of the synthetic
 * corpus there are as many as the longest run asks for, so that no run ever
 * reads one twice.
 *
 * @module
 */
import { join } from "node:path";
import {
  openShards,
  packDocuments,
  readShardManifest,
  saveTokenizer,
  syntheticCorpus,
  type TokenArray,
  type TokenSource,
  trainBpe,
} from "../text/mod.ts";
import { DataError, exists, writeAll, writeFileAtomic } from "../util/mod.ts";
import type { SweepFolder } from "./sweep_folder.ts";
import type { SweepRun } from "./sweep_plan.ts";
import type { SweepCommon } from "./sweep_spec.ts";

/** Stories that the tokenizer learns from, and that are packed at a time. */
const TOKENIZER_STORIES = 2000;
const PACKED_STORIES = 1000;

/** What a run learns from and is measured on. */
export interface SweepData {
  readonly tokens: TokenSource;
  readonly heldOut: TokenArray;
}

const fileOf = (folder: SweepFolder, split: "train" | "heldOut") =>
  join(folder.data, `${split}.tokens`);

/** Tokens of a file: uint16 in the order of bytes of this machine. */
async function readTokens(path: string): Promise<Uint16Array> {
  return new Uint16Array((await Deno.readFile(path)).buffer);
}

/** Tokens that a run reads, the target of the last one included. */
const tokensRead = (run: SweepRun) => run.tokens + 1;

/** How many tokens the file holds; 0 when there is none. */
async function countTokens(path: string): Promise<number> {
  return await exists(path) ? (await Deno.stat(path)).size / 2 : 0;
}

async function checkShards(
  { shards, vocabSize }: SweepCommon,
  needed: number,
): Promise<void> {
  const { tokenizer, splits } = await readShardManifest(shards);
  if (tokenizer.vocabSize !== vocabSize) {
    throw new DataError(
      `Cannot sweep over ${shards} with vocabSize ${vocabSize}: its tokenizer ` +
        `has ${tokenizer.vocabSize} pieces`,
    );
  }
  if (splits.train.tokens >= needed) return;
  throw new DataError(
    `Cannot sweep over ${shards}: it has ${splits.train.tokens} training ` +
      `tokens and the longest run takes ${needed}; repeated tokens are worth ` +
      "less and would bend the law",
  );
}

/**
 * Makes the data of the runs, unless it is there.
 *
 * @throws {DataError} when shards have too few tokens or another vocabulary
 */
export async function prepareSweepData(
  folder: SweepFolder,
  common: SweepCommon,
  runs: readonly SweepRun[],
): Promise<void> {
  const { vocabSize, heldOutTokens, corpusSeed } = common;
  const needed = Math.max(...runs.map(tokensRead));
  if (common.shards !== "") return await checkShards(common, needed);
  const wanted = { train: needed, heldOut: heldOutTokens + 1 };
  const there = await countTokens(fileOf(folder, "train"));
  if (there >= needed && await exists(fileOf(folder, "heldOut"))) return;
  const sample = syntheticCorpus({
    seed: corpusSeed,
    documents: TOKENIZER_STORIES,
  });
  const tokenizer = trainBpe(sample.map(({ text }) => text), { vocabSize });
  if (tokenizer.vocabSize !== vocabSize) {
    throw new DataError(
      `Cannot make ${vocabSize} pieces of the synthetic corpus: it has ` +
        `${tokenizer.vocabSize}`,
    );
  }
  await saveTokenizer(folder.data, tokenizer);
  for (const split of ["heldOut", "train"] as const) {
    await writeFileAtomic(fileOf(folder, split), async (file) => {
      let count = 0;
      for (let start = 0; count < wanted[split]; start += PACKED_STORIES) {
        const stories = syntheticCorpus({
          seed: corpusSeed,
          documents: PACKED_STORIES,
          start,
          split,
        });
        const tokens = packDocuments(stories, tokenizer);
        const bytes = new Uint8Array(tokens.buffer, 0, tokens.byteLength);
        await writeAll(file, bytes);
        count += tokens.length;
      }
    });
  }
}

/**
 * The data of a run, as a worker reads it: as many tokens as it trains on, from
 * the first on, so that its loss does not depend on what else is in the sweep.
 */
export async function openSweepData(
  folder: SweepFolder,
  { shards, heldOutTokens, vocabSize }: SweepCommon,
  run: SweepRun,
): Promise<SweepData> {
  const hasShards = shards !== "";
  const all: TokenSource = hasShards
    ? await openShards(shards)
    : await readTokens(fileOf(folder, "train"));
  const tokens = {
    length: tokensRead(run),
    subarray: (start: number, end: number) => all.subarray(start, end),
    vocabSize,
  };
  if (!hasShards) {
    return { tokens, heldOut: await readTokens(fileOf(folder, "heldOut")) };
  }
  const heldOut = await openShards(shards, { split: "heldOut" });
  const end = Math.min(heldOut.length, heldOutTokens + 1);
  return { tokens, heldOut: heldOut.subarray(0, end) };
}
