/**
 * Shards as one long stream of tokens, read from the disk at the places that
 * are asked for: a corpus may be larger than the memory.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { DataError, FormatError } from "../../util/mod.ts";
import {
  lowerBound,
  type TokenArray,
  type TokenSource,
} from "../token_source.ts";
import { ReadAhead } from "./read_ahead.ts";
import {
  decodeShardHeader,
  SHARD_HEADER_BYTES,
  type ShardHeader,
  tokenSectionBytes,
} from "./shard_format.ts";

/** A shard that is open for reading. */
interface OpenShard {
  readonly path: string;
  readonly file: Deno.FsFile;
  readonly header: ShardHeader;
  /** Place of its first token in the whole. */
  readonly first: number;
  /** Places in the shard at which documents begin; read when first wanted. */
  starts: Uint32Array | undefined;
}

/** A part of a shard that a range of the whole meets. */
interface ShardPart {
  readonly shard: OpenShard;
  /** Index of the shard. */
  readonly file: number;
  /** Byte in the file. */
  readonly position: number;
  /** First byte in the range, and the one after the last. */
  readonly range: readonly [from: number, to: number];
}

/** Reads bytes at a place of an open file. */
function readAt(
  { file, path }: Pick<OpenShard, "file" | "path">,
  bytes: Uint8Array,
  position: number,
): void {
  file.seekSync(position, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes.length;) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) {
      throw new FormatError(
        `Cannot read the shard ${path}: it ends at byte ${
          position + filled
        }, ` +
          `wanted ${position + bytes.length}`,
      );
    }
    filled += count;
  }
}

/** Tokens in shards. Files stay open until it is disposed of. */
export class ShardedTokens implements TokenSource, Disposable {
  /** Number of tokens of all shards. */
  readonly length: number;
  readonly vocabSize: number;
  /** SHA-256 of the vocabulary, hexadecimal. */
  readonly vocabulary: string;
  readonly #shards: OpenShard[] = [];
  readonly #ahead: ReadAhead;

  /**
   * @param paths files of one corpus in their order, at least one
   * @throws {DataError} when one is missing
   * @throws {FormatError} when one is damaged, or they are of different
   * vocabularies
   */
  constructor(paths: readonly string[]) {
    this.#ahead = new ReadAhead(paths);
    let first = 0;
    try {
      for (const path of paths) {
        const shard = openShard(path, first);
        this.#shards.push(shard);
        const [reference] = this.#shards;
        if (shard.header.vocabulary !== reference!.header.vocabulary) {
          throw new FormatError(
            `Cannot read ${path} together with ${reference!.path}: they were ` +
              "made with different tokenizers",
          );
        }
        first += shard.header.numTokens;
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
    this.length = first;
    this.vocabSize = this.#shards[0]!.header.vocabSize;
    this.vocabulary = this.#shards[0]!.header.vocabulary;
  }

  /** Tokens `start` up to `end`, read from the disk. */
  subarray(start: number, end: number): TokenArray {
    const from = Math.max(0, start), to = Math.min(end, this.length);
    const size = Math.max(0, to - from);
    const isShort = this.#shards[0]!.header.bytesPerToken === 2;
    const tokens = isShort ? new Uint16Array(size) : new Int32Array(size);
    const bytes = new Uint8Array(tokens.buffer);
    for (const { shard, position, range } of this.#parts(from, to)) {
      readAt(shard, bytes.subarray(...range), position);
    }
    return tokens;
  }

  /** Has a thread read these places into the operating system's cache. */
  readAhead(ranges: Iterable<readonly [start: number, end: number]>): void {
    const pieces = Array.from(ranges).flatMap(([start, end]) =>
      Array.from(this.#parts(start, end), ({ file, position, range }) => ({
        file,
        position,
        bytes: range[1] - range[0],
      }))
    );
    this.#ahead.read(pieces);
  }

  /** Where tokens `from` up to `to` lie. */
  *#parts(from: number, to: number): Generator<ShardPart, void> {
    for (const [file, shard] of this.#shards.entries()) {
      const { numTokens, bytesPerToken } = shard.header;
      const a = Math.max(from, shard.first);
      const b = Math.min(to, shard.first + numTokens);
      if (a >= b) continue;
      const position = SHARD_HEADER_BYTES + (a - shard.first) * bytesPerToken;
      const place = (token: number) => (token - from) * bytesPerToken;
      yield { shard, file, position, range: [place(a), place(b)] };
    }
  }

  /** Places in `start` up to `end` at which a document begins. */
  documentStarts(start: number, end: number): number[] {
    const places: number[] = [];
    for (const shard of this.#shards) {
      const { first, header } = shard;
      if (end <= first || start >= first + header.numTokens) continue;
      const starts = shard.starts ??= readStarts(shard);
      const to = lowerBound(starts, end - first);
      for (let i = lowerBound(starts, start - first); i < to; i++) {
        places.push(first + starts[i]!);
      }
    }
    return places;
  }

  /**
   * Reads everything once and compares the checksums.
   *
   * @throws {FormatError} naming the shard whose bytes have changed
   */
  verify(): void {
    const bytes = new Uint8Array(1 << 20);
    for (const shard of this.#shards) {
      const { header } = shard;
      const hash = createHash("sha256");
      const end = SHARD_HEADER_BYTES + tokenSectionBytes(header) +
        4 * header.numDocuments;
      for (let at = SHARD_HEADER_BYTES; at < end; at += bytes.length) {
        const part = bytes.subarray(0, Math.min(bytes.length, end - at));
        readAt(shard, part, at);
        hash.update(part);
      }
      if (hash.digest("hex") === header.checksum) continue;
      throw new FormatError(
        `Cannot use the shard ${shard.path}: its bytes have changed since it ` +
          "was written (SHA-256)",
      );
    }
  }

  [Symbol.dispose](): void {
    this.#ahead[Symbol.dispose]();
    for (const { file } of this.#shards.splice(0)) file.close();
  }
}

function openFile(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new DataError(`Cannot read the shard ${path}: there is no such file`);
  }
}

function openShard(path: string, first: number): OpenShard {
  const file = openFile(path);
  try {
    const fileBytes = file.statSync().size;
    const bytes = new Uint8Array(Math.min(SHARD_HEADER_BYTES, fileBytes));
    readAt({ file, path }, bytes, 0);
    const header = decodeShardHeader(bytes, { path, fileBytes });
    return { path, file, header, first, starts: undefined };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readStarts(shard: OpenShard): Uint32Array {
  const starts = new Uint32Array(shard.header.numDocuments);
  readAt(
    shard,
    new Uint8Array(starts.buffer),
    SHARD_HEADER_BYTES + tokenSectionBytes(shard.header),
  );
  return starts;
}
