/**
 * `manifest.json` beside shards: what they hold, what it was made of under
 * which licences, and the command that made it.
 *
 * @module
 */
import { join } from "node:path";
import { DataError, FormatError, readJson } from "../../util/mod.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { vocabularyHash } from "./shard_format.ts";
import type { WrittenShard } from "./shard_writer.ts";
import type { CorpusSource } from "./source_tally.ts";
import { ShardedTokens } from "./sharded_tokens.ts";
import type { PackingSettings } from "./token_packing.ts";

/** Name of the file in the folder of the shards. */
export const SHARD_MANIFEST = "manifest.json";
/** What the field `format` says. */
export const MANIFEST_FORMAT = "caderno shards 1";

/** Training or held-out tokens. */
export interface ShardSplit {
  readonly tokens: number;
  readonly documents: number;
  /** UTF-8 bytes of their text. */
  readonly bytes: number;
  /** In their order. */
  readonly shards: readonly WrittenShard[];
}

/** The record of a packed corpus. */
export interface ShardManifest {
  readonly format: typeof MANIFEST_FORMAT;
  /** The command that made it, as one would type it again. */
  readonly command: string;
  readonly tokenizer: { readonly vocabSize: number; readonly sha256: string };
  readonly packing: PackingSettings;
  /** How held-out text was chosen. */
  readonly heldOut: {
    readonly share: number;
    readonly seed: number;
    /** What is judged: documents (with near-duplicates together), or blocks. */
    readonly unit: "documents" | "near-duplicate groups" | "blocks";
  };
  readonly splits: { readonly train: ShardSplit; readonly heldOut: ShardSplit };
  readonly sources: readonly CorpusSource[];
}

/** Whether a folder holds shards. */
export async function isShardFolder(path: string): Promise<boolean> {
  const manifest = await Deno.stat(join(path, SHARD_MANIFEST))
    .catch(() => undefined); // also where the path is a file
  return manifest?.isFile ?? false;
}

/**
 * Reads the record of a packed corpus.
 *
 * @throws {DataError} when there is none in the folder
 * @throws {FormatError} when it is damaged or of another version
 */
export async function readShardManifest(
  folder: string,
): Promise<ShardManifest> {
  const path = join(folder, SHARD_MANIFEST);
  const manifest = await readJson<Partial<ShardManifest> | null>(
    path,
    "the manifest of shards",
  );
  if (manifest?.format !== MANIFEST_FORMAT) {
    throw new FormatError(
      `Cannot read ${path}: its format is "${manifest?.format}", wanted ` +
        `"${MANIFEST_FORMAT}"`,
    );
  }
  const { tokenizer, splits, sources } = manifest;
  if (
    !tokenizer?.sha256 || !splits?.train?.shards || !splits.heldOut?.shards ||
    !sources
  ) {
    throw new FormatError(
      `Cannot read ${path}: wanted tokenizer, splits and sources`,
    );
  }
  return manifest as ShardManifest;
}

/** The beginning of a hash: enough to tell two apart. */
function short(hash: string): string {
  return `${hash.slice(0, 12)}…`;
}

/** Which shards to open, and for whom. */
export interface OpenShardsOptions {
  /** Default "train". */
  readonly split?: "train" | "heldOut";
  /** Tokenizer of the model; shards of another one are refused. */
  readonly tokenizer?: Tokenizer | undefined;
  /** Reads all bytes and compares the checksums (default false). */
  readonly verify?: boolean;
}

/**
 * Opens the tokens of a packed corpus.
 *
 * @throws {DataError} when the split is empty, a file is missing, or the shards
 * were made with another tokenizer
 * @throws {FormatError} when a file is damaged or not the one that the manifest
 * names
 */
export async function openShards(
  folder: string,
  { split = "train", tokenizer, verify = false }: OpenShardsOptions = {},
): Promise<ShardedTokens> {
  const manifest = await readShardManifest(folder);
  const { sha256, vocabSize } = manifest.tokenizer;
  const own = tokenizer && vocabularyHash(tokenizer);
  if (own !== undefined && own !== sha256) {
    throw new DataError(
      `Cannot use the shards in ${folder}: they were made with another ` +
        `tokenizer of ${vocabSize} pieces (${short(sha256)}), this one has ` +
        `${tokenizer!.vocabSize} (${short(own)})`,
    );
  }
  const { shards, tokens: wanted } = manifest.splits[split];
  if (shards.length === 0) {
    throw new DataError(
      `Cannot open the ${split} tokens in ${folder}: it holds none`,
    );
  }
  const tokens = new ShardedTokens(
    shards.map(({ file }) => join(folder, file)),
  );
  try {
    if (tokens.vocabulary !== sha256 || tokens.length !== wanted) {
      throw new FormatError(
        `Cannot use the shards in ${folder}: they hold ${tokens.length} tokens ` +
          `of vocabulary ${short(tokens.vocabulary)}, the manifest says ` +
          `${wanted} of ${short(sha256)}`,
      );
    }
    if (verify) tokens.verify();
  } catch (error) {
    tokens[Symbol.dispose]();
    throw error;
  }
  return tokens;
}
