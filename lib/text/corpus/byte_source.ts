/**
 * Bytes that can be streamed or read at a place. Every reader of a corpus stands
 * on it. `.gz` and `.zst` are unpacked on the way.
 *
 * @module
 */
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { FormatError, messageOf } from "../../util/mod.ts";

/** Bytes with a name. */
export interface ByteSource {
  /** For messages and for the format: "data/train.jsonl.gz". */
  readonly name: string;
  readonly byteLength: number;
  /** All bytes, chunk by chunk. */
  stream(): AsyncIterable<Uint8Array>;
  /** Bytes from `start` up to `end`. */
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/** A file that is opened when its bytes are wanted. */
export async function fileSource(path: string): Promise<ByteSource> {
  const { size } = await Deno.stat(path);
  return {
    name: path,
    byteLength: size,
    stream: () => streamFile(path),
    slice: async (start, end = size) => {
      using file = await Deno.open(path);
      await file.seek(start, Deno.SeekMode.Start);
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      let filled = 0;
      while (filled < bytes.length) {
        const count = await file.read(bytes.subarray(filled));
        if (count === null) {
          throw new FormatError(
            `Cannot read ${path}: it ends at byte ${
              start + filled
            }, its size ` +
              `was ${size}`,
          );
        }
        filled += count;
      }
      return bytes.buffer;
    },
  };
}

/** A file's bytes, opened at the first read. */
async function* streamFile(path: string): AsyncGenerator<Uint8Array> {
  const file = await Deno.open(path);
  yield* file.readable; // closes the file, also when it is left early
}

/** A name without ".gz" or ".zst": what is inside. */
export function innerName(name: string): string {
  return name.replace(/\.(gz|zst)$/i, "");
}

/**
 * Bytes of a source, unpacked when its name ends with ".gz" or ".zst".
 *
 * @param onRead hears of the bytes that were read, before unpacking
 * @throws {FormatError} when the packed data is damaged or cut short
 */
export async function* unpackedBytes(
  source: ByteSource,
  onRead: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  async function* raw() {
    for await (const chunk of source.stream()) {
      onRead(chunk.length);
      yield chunk;
    }
  }
  const suffix = /\.(gz|zst)$/i.exec(source.name)?.[1]?.toLowerCase();
  if (suffix === undefined) return yield* raw();
  try {
    yield* suffix === "gz" ? gunzipped(raw()) : unzstd(raw());
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new FormatError(
      `Cannot unpack ${source.name}: ${messageOf(error)}; it is damaged or ` +
        "cut short",
    );
  }
}

/** Whether an error tells of bad data, not of a file that cannot be opened. */
function isDamage(error: unknown): boolean {
  const kinds = Object.values(Deno.errors);
  return !kinds.some((kind) => error instanceof kind);
}

async function* gunzipped(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const input = Readable.from(chunks, { objectMode: false });
  const output = createGunzip();
  input.once("error", (error) => output.destroy(error));
  input.pipe(output);
  try {
    yield* output as AsyncIterable<Uint8Array>;
  } finally {
    input.destroy();
    output.destroy();
  }
}

/**
 * Zstandard by fzstd: node:zlib of Deno 2.9 takes a file that was cut short
 * for whole and stops after the first of several frames.
 */
async function* unzstd(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const done: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => done.push(chunk));
  for await (const chunk of chunks) {
    decoder.push(chunk);
    yield* done.splice(0);
  }
  decoder.push(new Uint8Array(), true);
  yield* done;
}
