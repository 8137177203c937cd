/**
 * Writes tokens to shards as they come: a new file whenever one is full.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { writeAll } from "../../util/mod.ts";
import { IntList } from "../int_list.ts";
import {
  encodeShardHeader,
  SHARD_HEADER_BYTES,
  type ShardHeader,
} from "./shard_format.ts";

/** A shard that was written. */
export interface WrittenShard {
  /** Name in its folder. */
  readonly file: string;
  readonly tokens: number;
  readonly documents: number;
  /** SHA-256 of all after the header, hexadecimal. */
  readonly checksum: string;
}

/** What shards are made of. */
export interface ShardWriterOptions {
  readonly folder: string;
  /** Names are `prefix_00000.tokens`. */
  readonly prefix: string;
  readonly vocabSize: number;
  readonly vocabulary: string;
  /** Tokens of a full shard. */
  readonly shardTokens: number;
}

/** Tokens that are gathered before they go to the disk. */
const BUFFER_TOKENS = 1 << 19;

/** A file that grows. */
interface OpenShard {
  readonly file: Deno.FsFile;
  readonly name: string;
  readonly hash: Hash;
  readonly starts: IntList;
  tokens: number;
}

/** A stream of tokens to disk; call `end`, or `abandon` after an error. */
export class ShardWriter {
  readonly shards: WrittenShard[] = [];
  readonly #options: ShardWriterOptions;
  readonly #bytesPerToken: 2 | 4;
  readonly #buffer: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
  #buffered = 0;
  #open: OpenShard | undefined;

  constructor(options: ShardWriterOptions) {
    this.#options = options;
    this.#bytesPerToken = options.vocabSize <= 65536 ? 2 : 4;
    this.#buffer = this.#bytesPerToken === 2
      ? new Uint16Array(BUFFER_TOKENS)
      : new Uint32Array(BUFFER_TOKENS);
  }

  /**
   * Appends tokens.
   *
   * @param starts places among them where documents begin, ascending
   */
  async append(tokens: Int32Array, starts: readonly number[]): Promise<void> {
    let nextStart = 0;
    for (let from = 0; from < tokens.length;) {
      const shard = this.#open ??= await this.#begin();
      const held = shard.tokens + this.#buffered;
      const room = Math.min(
        this.#options.shardTokens - held,
        this.#buffer.length - this.#buffered,
      );
      const to = Math.min(tokens.length, from + room);
      this.#buffer.set(tokens.subarray(from, to), this.#buffered);
      this.#buffered += to - from;
      for (
        ;
        nextStart < starts.length && starts[nextStart]! < to;
        nextStart++
      ) {
        shard.starts.push(held + starts[nextStart]! - from);
      }
      from = to;
      const isFull = shard.tokens + this.#buffered >= this.#options.shardTokens;
      if (isFull) await this.#finish();
      else if (this.#buffered === this.#buffer.length) await this.#flush(shard);
    }
  }

  /** Finishes the last shard. */
  async end(): Promise<WrittenShard[]> {
    if (this.#open) await this.#finish();
    return this.shards;
  }

  /** Closes the file that is open and leaves it as it is. */
  abandon(): void {
    this.#open?.file.close();
    this.#open = undefined;
  }

  async #begin(): Promise<OpenShard> {
    const { folder, prefix } = this.#options;
    const number = String(this.shards.length).padStart(5, "0");
    const name = `${prefix}_${number}.tokens`;
    const file = await Deno.open(join(folder, name), {
      write: true,
      createNew: true,
    });
    this.#open = {
      file,
      name,
      hash: createHash("sha256"),
      starts: new IntList(),
      tokens: 0,
    };
    await writeAll(file, new Uint8Array(SHARD_HEADER_BYTES)); // known at the end
    return this.#open;
  }

  async #write({ file, hash }: OpenShard, bytes: Uint8Array): Promise<void> {
    hash.update(bytes);
    await writeAll(file, bytes);
  }

  async #flush(shard: OpenShard): Promise<void> {
    const bytes = this.#buffered * this.#bytesPerToken;
    await this.#write(shard, new Uint8Array(this.#buffer.buffer, 0, bytes));
    shard.tokens += this.#buffered;
    this.#buffered = 0;
  }

  async #finish(): Promise<void> {
    const shard = this.#open!;
    await this.#flush(shard);
    const filling = -shard.tokens * this.#bytesPerToken & 3;
    await this.#write(shard, new Uint8Array(filling));
    const starts = shard.starts.toArray();
    await this.#write(shard, new Uint8Array(starts.buffer));
    const checksum = shard.hash.digest("hex");
    const header: ShardHeader = {
      bytesPerToken: this.#bytesPerToken,
      numTokens: shard.tokens,
      numDocuments: starts.length,
      vocabSize: this.#options.vocabSize,
      vocabulary: this.#options.vocabulary,
      checksum,
    };
    await shard.file.seek(0, Deno.SeekMode.Start);
    await writeAll(shard.file, encodeShardHeader(header));
    await shard.file.syncData();
    shard.file.close();
    this.#open = undefined;
    this.shards.push({
      file: shard.name,
      tokens: shard.tokens,
      documents: starts.length,
      checksum,
    });
  }
}
