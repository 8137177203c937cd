/**
 * Safetensors files: eight bytes with the length of a JSON header, the header
 * (name → dtype, shape, byte range), then the tensors' bytes. Tensors are read
 * one by one when they are asked for.
 *
 * Format: the README of huggingface/safetensors. Every way in which a header
 * can lie is an error of its own.
 *
 * @module
 */
import {
  DataError,
  FormatError,
  formatShape,
  messageOf,
  type Shape,
  sizeOf,
} from "../util/mod.ts";

/** Bytes of an element by dtype. */
export const ELEMENT_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

/** Element types of the format. */
export type SafetensorsDType = keyof typeof ELEMENT_BYTES;

/** What a header says of a tensor. */
export interface SafetensorsEntry {
  readonly dtype: SafetensorsDType;
  readonly shape: Shape;
  /** First byte and the one after the last, counted from the header's end. */
  readonly range: readonly [begin: number, end: number];
}

/** A header longer than this is taken for garbage, as in the reference. */
const MAX_HEADER_BYTES = 100_000_000;

/** Checks one entry of the header. */
function parseEntry(
  value: unknown,
  fail: (why: string) => never,
): SafetensorsEntry {
  const { dtype, shape, data_offsets: range } = (value ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof dtype !== "string" || !(dtype in ELEMENT_BYTES)) {
    fail(`unknown dtype ${JSON.stringify(dtype)}`);
  }
  const isSize = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    fail(`shape ${JSON.stringify(shape)} is no list of sizes`);
  }
  if (
    !Array.isArray(range) || range.length !== 2 || !range.every(isSize) ||
    range[0] > range[1]
  ) fail(`data_offsets ${JSON.stringify(range)} are no range of bytes`);
  const entry = { dtype, shape, range } as unknown as SafetensorsEntry;
  const wanted = sizeOf(entry.shape) * ELEMENT_BYTES[entry.dtype];
  const given = entry.range[1] - entry.range[0];
  if (given !== wanted) {
    fail(
      `${dtype} ${formatShape(entry.shape)} needs ${wanted} bytes, its range ` +
        `holds ${given}`,
    );
  }
  return entry;
}

/** Checks that the ranges fill the file without gap or overlap. */
function checkRanges(
  entries: ReadonlyMap<string, SafetensorsEntry>,
  dataBytes: number,
  fail: (why: string) => never,
): void {
  let end = 0;
  const inOrder = [...entries].sort((a, b) => a[1].range[0] - b[1].range[0]);
  for (const [name, { range }] of inOrder) {
    if (range[0] !== end) {
      fail(
        `"${name}" begins at byte ${range[0]}, wanted ${end}: ` +
          (range[0] < end ? "tensors overlap" : "there is a gap"),
      );
    }
    end = range[1];
  }
  if (end !== dataBytes) {
    fail(
      `the header speaks of ${end} bytes of data, the file has ${dataBytes}` +
        (end > dataBytes ? ": it was cut short" : ""),
    );
  }
}

/** Reads bytes at a position, all of them. */
async function readAt(
  file: Deno.FsFile,
  position: number,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(bytes);
  await file.seek(position, Deno.SeekMode.Start);
  for (let offset = 0; offset < bytes;) {
    const count = await file.read(data.subarray(offset));
    if (count === null) break;
    offset += count;
  }
  return data;
}

/** Converts little-endian elements to single precision. */
function toFloat32(
  bytes: Uint8Array<ArrayBuffer>,
  dtype: SafetensorsDType,
): Float32Array<ArrayBuffer> | undefined {
  const { buffer } = bytes;
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "F64":
      return Float32Array.from(new Float64Array(buffer));
    case "F16":
      return Float32Array.from(new Float16Array(buffer));
    case "BF16": {
      // bfloat16 is the upper half of a float.
      const halves = new Uint16Array(buffer);
      return new Float32Array(
        Uint32Array.from(halves, (half) => half << 16).buffer,
      );
    }
    default:
      return undefined;
  }
}

/** Named tensors in one file or several. */
export interface TensorFile extends Disposable {
  readonly path: string;
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  /** @throws {FormatError} when there is no such tensor */
  entry(name: string): SafetensorsEntry;
  /** @throws {FormatError} when it is absent or of integers */
  readFloat32(name: string): Promise<Float32Array<ArrayBuffer>>;
  /**
   * What the file holds of a tensor, of any type.
   *
   * @throws {FormatError} when it is absent
   */
  readBytes(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** An open file; close it, or declare it with `using`. */
export class SafetensorsFile implements TensorFile {
  readonly path: string;
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly #file: Deno.FsFile;
  readonly #dataStart: number;

  private constructor(
    path: string,
    file: Deno.FsFile,
    header: Readonly<Record<string, unknown>>,
    dataStart: number,
    dataBytes: number,
  ) {
    this.path = path;
    this.#file = file;
    this.#dataStart = dataStart;
    const { __metadata__: metadata = {}, ...tensors } = header;
    this.metadata = metadata as Record<string, string>;
    const entries = new Map<string, SafetensorsEntry>();
    for (const [name, value] of Object.entries(tensors)) {
      entries.set(
        name,
        parseEntry(value, (why) => this.#fail(`tensor "${name}": ${why}`)),
      );
    }
    this.entries = entries;
    checkRanges(entries, dataBytes, (why) => this.#fail(why));
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws {DataError} when there is no such file
   * @throws {FormatError} when it is cut short or its header lies
   */
  static async open(path: string): Promise<SafetensorsFile> {
    let file: Deno.FsFile;
    try {
      file = await Deno.open(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new DataError(`Cannot read weights: there is no file ${path}`);
    }
    try {
      const { size } = await file.stat();
      const fail = (why: string): never => {
        throw new FormatError(`Cannot read ${path}: ${why}`);
      };
      if (size < 8) fail(`${size} bytes are too few for a safetensors file`);
      const head = new DataView((await readAt(file, 0, 8)).buffer);
      const length = Number(head.getBigUint64(0, true));
      if (length > MAX_HEADER_BYTES || 8 + length > size) {
        fail(
          `its header of ${length} bytes does not fit into ${size} bytes: ` +
            "the file was cut short or is no safetensors file",
        );
      }
      const text = new TextDecoder().decode(await readAt(file, 8, length));
      let header: unknown;
      try {
        header = JSON.parse(text);
      } catch (error) {
        fail(`its header is not JSON: ${messageOf(error)}`);
      }
      if (typeof header !== "object" || !header || Array.isArray(header)) {
        fail("its header is no JSON object");
      }
      return new SafetensorsFile(
        path,
        file,
        header as Record<string, unknown>,
        8 + length,
        size - 8 - length,
      );
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** What the header says of a tensor. */
  entry(name: string): SafetensorsEntry {
    return this.entries.get(name) ??
      this.#fail(`there is no tensor "${name}"`);
  }

  /**
   * A tensor in single precision; F64, F16 and BF16 are converted.
   *
   * @throws {FormatError} when it is absent or of integers
   */
  async readFloat32(name: string): Promise<Float32Array<ArrayBuffer>> {
    const { dtype } = this.entry(name);
    return toFloat32(await this.readBytes(name), dtype) ??
      this.#fail(`tensor "${name}" is ${dtype}, wanted floating point`);
  }

  /**
   * What the file holds of a tensor, of any type.
   *
   * @throws {FormatError} when it is absent
   */
  readBytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const [begin, end] = this.entry(name).range;
    return readAt(this.#file, this.#dataStart + begin, end - begin);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #fail(why: string): never {
    throw new FormatError(`Cannot read ${this.path}: ${why}`);
  }
}
