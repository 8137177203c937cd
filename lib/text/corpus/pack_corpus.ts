/**
 * The whole way from documents to a folder of shards: split, tokens, files,
 * manifest and the tokenizer beside them. The folder is whole or absent.
 *
 * @module
 */
import { join } from "node:path";
import {
  ConfigError,
  DataError,
  hashText,
  threefry,
  writeFolderAtomic,
  writeJson,
} from "../../util/mod.ts";
import { heldOutJudge } from "../split_documents.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { saveTokenizer } from "../tokenizer_write.ts";
import type { DocumentStream } from "./document.ts";
import type { NearDuplicateKnobs } from "./near_duplicates.ts";
import { vocabularyHash } from "./shard_format.ts";
import {
  MANIFEST_FORMAT,
  SHARD_MANIFEST,
  type ShardManifest,
  type ShardSplit,
} from "./shard_manifest.ts";
import { ShardWriter } from "./shard_writer.ts";
import { SourceTally } from "./source_tally.ts";
import {
  type PackedChunk,
  type PackingOptions,
  packingSettings,
  TokenPacker,
} from "./token_packing.ts";

/** How a corpus is packed. */
export interface PackCorpusOptions extends PackingOptions {
  readonly tokenizer: Tokenizer;
  /** New folder for shards, manifest and tokenizer. */
  readonly folder: string;
  /** Share that is held out, 0 to 1 (default 0.01, as TTL). */
  readonly heldOutShare?: number;
  /** Seed of what is held out (default 0). */
  readonly seed?: number;
  /**
   * What is held out (default "documents"). "blocks" is TTL's random split of
   * packed blocks, which puts parts of a document on both sides; it needs the
   * packing "ttl".
   */
  readonly heldOutUnit?: "documents" | "blocks";
  /**
   * Keeps near-duplicates on one side (documents only): the documents are read
   * twice. Not needed after the near-duplicate filter, which leaves none.
   */
  readonly nearDuplicates?: Partial<NearDuplicateKnobs>;
  /** Tokens of a full shard (2^27, 256 MiB of uint16). */
  readonly shardTokens?: number;
  /** For the manifest: the command, as one would type it again. */
  readonly command?: string;
  /** Stops between two documents; nothing is left behind. */
  readonly signal?: AbortSignal | undefined;
}

const BLOCK_KEY = hashText("held-out blocks");
/** More would not be counted by a u32 in a shard. */
const MAX_SHARD_TOKENS = 2 ** 31;

/** One side of the split while it is written. */
class SplitWriter {
  readonly writer: ShardWriter;
  readonly packer: TokenPacker;
  #documents = 0;
  #bytes = 0;

  constructor(folder: string, prefix: string, plan: Plan) {
    const { tokenizer, shardTokens, vocabulary, packing } = plan;
    this.packer = new TokenPacker(tokenizer, packing);
    this.writer = new ShardWriter({
      folder,
      prefix,
      vocabSize: tokenizer.vocabSize,
      vocabulary,
      shardTokens,
    });
  }

  async append(chunk: PackedChunk): Promise<void> {
    this.#documents += chunk.documents;
    this.#bytes += chunk.bytes;
    await this.writer.append(chunk.tokens, chunk.starts);
  }

  async end(): Promise<ShardSplit> {
    const shards = await this.writer.end();
    const tokens = shards.reduce((sum, shard) => sum + shard.tokens, 0);
    const bytes = Math.round(this.#bytes);
    return { tokens, documents: this.#documents, bytes, shards };
  }
}

/** {@linkcode PackCorpusOptions} resolved and checked. */
function planPacking(options: PackCorpusOptions) {
  const {
    packing: kind,
    bos,
    eos,
    blockLength,
    batchDocuments,
    ...rest
  } = options;
  const given = { packing: kind, bos, eos, blockLength, batchDocuments };
  const packing = packingSettings(
    Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ),
  );
  const plan = {
    heldOutShare: 0.01,
    seed: 0,
    heldOutUnit: "documents" as const,
    shardTokens: 2 ** 27,
    command: "",
    ...rest,
    packing,
    vocabulary: vocabularyHash(options.tokenizer),
  };
  const { shardTokens, heldOutUnit, nearDuplicates } = plan;
  const isWhole = Number.isInteger(shardTokens) && shardTokens >= 1;
  if (!isWhole || shardTokens > MAX_SHARD_TOKENS) {
    throw new ConfigError(
      `Cannot pack with ${shardTokens} tokens in a shard: wanted 1 to ` +
        MAX_SHARD_TOKENS,
    );
  }
  if (heldOutUnit === "blocks" && packing.packing !== "ttl") {
    throw new ConfigError(
      'Cannot hold out blocks of the packing "continuous": wanted "ttl"',
    );
  }
  if (heldOutUnit === "blocks" && nearDuplicates) {
    throw new ConfigError(
      "Cannot keep near-duplicates together when blocks are held out",
    );
  }
  return plan;
}

type Plan = ReturnType<typeof planPacking>;

/** The blocks of a chunk divided by a seeded hash of their number. */
function* divideBlocks(
  { tokens, starts, bytes }: PackedChunk,
  firstBlock: number,
  { packing: { blockLength }, seed, heldOutShare }: Plan,
): Generator<[isHeldOut: boolean, block: PackedChunk]> {
  const count = tokens.length / blockLength;
  for (let b = 0; b < count; b++) {
    const from = b * blockLength, to = from + blockLength;
    const inside = starts.filter((start) => start >= from && start < to);
    const [word] = threefry(seed, BLOCK_KEY, firstBlock + b, 0);
    yield [word / 2 ** 32 < heldOutShare, {
      tokens: tokens.subarray(from, to),
      starts: inside.map((start) => start - from),
      documents: inside.length,
      bytes: bytes / count,
    }];
  }
}

/** Writes all tokens into a folder. */
async function writeTokens(
  folder: string,
  open: () => DocumentStream,
  plan: Plan,
): Promise<Pick<ShardManifest, "splits" | "sources">> {
  const { heldOutUnit, heldOutShare, seed, nearDuplicates, signal } = plan;
  const isByBlock = heldOutUnit === "blocks";
  const isHeldOut = isByBlock ? () => false : await heldOutJudge(open, {
    heldOutShare,
    seed,
    ...(nearDuplicates ? { nearDuplicates } : {}),
  });
  const train = new SplitWriter(folder, "train", plan);
  const heldOut = new SplitWriter(folder, "held_out", plan);
  const sources = new SourceTally();
  let documents = 0, blocks = 0;
  const append = async (side: SplitWriter, chunk: PackedChunk | undefined) => {
    if (!chunk) return;
    if (!isByBlock) return await side.append(chunk);
    for (const [isOut, block] of divideBlocks(chunk, blocks, plan)) {
      await (isOut ? heldOut : train).append(block);
      blocks++;
    }
  };
  try {
    for await (const document of open()) {
      signal?.throwIfAborted();
      const side = isHeldOut(document.text, documents) ? heldOut : train;
      await append(side, side.packer.push(document.text));
      sources.count(document);
      documents++;
    }
    for (const side of [train, heldOut]) await append(side, side.packer.end());
    return {
      splits: { train: await train.end(), heldOut: await heldOut.end() },
      sources: sources.rows(),
    };
  } finally {
    train.writer.abandon();
    heldOut.writer.abandon();
  }
}

/**
 * Packs documents into shards.
 *
 * @param open gives the documents; it is called twice, and must give the same
 * ones, when near-duplicates are kept together
 * @throws {ConfigError} when the folder is there already or options contradict
 * @throws {DataError} when there is no document
 */
export async function packCorpus(
  open: () => DocumentStream,
  options: PackCorpusOptions,
): Promise<ShardManifest> {
  const plan = planPacking(options);
  const { packing, tokenizer, vocabulary } = plan;
  return await writeFolderAtomic(plan.folder, async (folder) => {
    const { splits, sources } = await writeTokens(folder, open, plan);
    if (splits.train.tokens + splits.heldOut.tokens === 0) {
      throw new DataError(
        sources.length === 0
          ? "Cannot pack a corpus without a document"
          : "Cannot pack so little text: it does not fill one block of " +
            `${packing.blockLength} tokens`,
      );
    }
    const manifest: ShardManifest = {
      format: MANIFEST_FORMAT,
      command: plan.command,
      tokenizer: { vocabSize: tokenizer.vocabSize, sha256: vocabulary },
      packing,
      heldOut: {
        share: plan.heldOutShare,
        seed: plan.seed,
        unit: plan.nearDuplicates ? "near-duplicate groups" : plan.heldOutUnit,
      },
      splits,
      sources,
    };
    await saveTokenizer(join(folder, "tokenizer"), tokenizer);
    await writeJson(join(folder, SHARD_MANIFEST), manifest);
    return manifest;
  });
}
