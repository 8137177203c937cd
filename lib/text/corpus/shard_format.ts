/**
 * The bytes of a shard, a file of tokens. Little endian:
 *
 *     0    magic "CADSHARD"         8    version, u32
 *     12   bytes per token, u32     16   tokens, u64
 *     24   document starts, u64     32   vocabulary size, u32
 *     40   SHA-256 of vocabulary    72   SHA-256 of all after the header
 *     124  CRC-32 of bytes 0..123   128  tokens, u16 or u32, to 4 bytes filled
 *     then for each document that begins in the shard its first token, u32
 *
 * @module
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { FormatError } from "../../util/mod.ts";
import type { Tokenizer } from "../tokenizer.ts";

/** First bytes of every shard. */
export const SHARD_MAGIC = "CADSHARD";
/** Version of the format that is written. */
const VERSION = 1;
/** Bytes before the tokens. */
export const SHARD_HEADER_BYTES = 128;

/** What stands at the top of a shard. */
export interface ShardHeader {
  readonly bytesPerToken: 2 | 4;
  readonly numTokens: number;
  /** Documents that begin in this shard. */
  readonly numDocuments: number;
  readonly vocabSize: number;
  /** SHA-256 of the vocabulary, hexadecimal; see {@linkcode vocabularyHash}. */
  readonly vocabulary: string;
  /** SHA-256 of all bytes after the header, hexadecimal. */
  readonly checksum: string;
}

/**
 * SHA-256 of the pieces in the order of their ids, hexadecimal: equal for two
 * tokenizers exactly when every id stands for the same piece.
 */
export function vocabularyHash(tokenizer: Tokenizer): string {
  const pieces = JSON.stringify(tokenizer.model.pieces);
  return createHash("sha256").update(pieces).digest("hex");
}

/** Bytes of the tokens, filled up to a multiple of 4. */
export function tokenSectionBytes(
  { numTokens, bytesPerToken }: Pick<
    ShardHeader,
    "numTokens" | "bytesPerToken"
  >,
): number {
  return 4 * Math.ceil(numTokens * bytesPerToken / 4);
}

/** The header's 128 bytes. */
export function encodeShardHeader(header: ShardHeader): Uint8Array {
  const bytes = new Uint8Array(SHARD_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(SHARD_MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(12, header.bytesPerToken, true);
  view.setBigUint64(16, BigInt(header.numTokens), true);
  view.setBigUint64(24, BigInt(header.numDocuments), true);
  view.setUint32(32, header.vocabSize, true);
  bytes.set(Uint8Array.fromHex(header.vocabulary), 40);
  bytes.set(Uint8Array.fromHex(header.checksum), 72);
  view.setUint32(124, crc32(bytes.subarray(0, 124)), true);
  return bytes;
}

/**
 * Reads a header.
 *
 * @param bytes the first bytes of the file
 * @param fileBytes size of the whole file
 * @throws {FormatError} when the file is no shard, of another version, damaged
 * or cut short
 */
export function decodeShardHeader(
  bytes: Uint8Array,
  { path, fileBytes }: { path: string; fileBytes: number },
): ShardHeader {
  const fail = (why: string): never => {
    throw new FormatError(`Cannot read the shard ${path}: ${why}`);
  };
  const magic = new TextDecoder().decode(bytes.subarray(0, 8));
  if (magic !== SHARD_MAGIC) fail(`it does not begin with ${SHARD_MAGIC}`);
  if (bytes.length < SHARD_HEADER_BYTES) {
    fail(`its header is cut short after ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = view.getUint32(8, true);
  if (version !== VERSION) fail(`its version is ${version}, wanted ${VERSION}`);
  if (view.getUint32(124, true) !== crc32(bytes.subarray(0, 124))) {
    fail("its header is damaged: the CRC-32 does not fit");
  }
  const header: ShardHeader = {
    bytesPerToken: view.getUint32(12, true) as 2 | 4,
    numTokens: Number(view.getBigUint64(16, true)),
    numDocuments: Number(view.getBigUint64(24, true)),
    vocabSize: view.getUint32(32, true),
    vocabulary: bytes.slice(40, 72).toHex(),
    checksum: bytes.slice(72, 104).toHex(),
  };
  const { bytesPerToken, numDocuments } = header;
  if (bytesPerToken !== 2 && bytesPerToken !== 4) {
    fail(`its tokens have ${bytesPerToken} bytes, wanted 2 or 4`);
  }
  const wanted = SHARD_HEADER_BYTES + tokenSectionBytes(header) +
    4 * numDocuments;
  if (fileBytes !== wanted) {
    fail(`it has ${fileBytes} bytes, its header says ${wanted}`);
  }
  return header;
}
