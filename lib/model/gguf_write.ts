/**
 * The container of llama.cpp's models, GGUF version 3: key-value facts, a table
 * of tensors, their bytes. All little-endian; tensors begin at multiples of 32.
 *
 * Source: `docs/gguf.md` of ggml-org/ggml.
 *
 * @module
 */
import { type Shape, sizeOf, writeAll, writeFileAtomic } from "../util/mod.ts";
import { encodeWeights, GGUF_TYPES, type GgufType } from "./gguf_blocks.ts";

const VERSION = 3;
const ALIGNMENT = 32;

/** A fact of the file, with its type in the format. */
export type GgufValue =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly f32s: ArrayLike<number> }
  | { readonly i32s: ArrayLike<number> };

/** A tensor of the file; its data is asked for when its turn comes. */
export interface GgufTensor {
  readonly name: string;
  /** Row-major, the last axis contiguous (the format lists it first). */
  readonly shape: Shape;
  readonly type: GgufType;
  readonly data: () => Promise<Float32Array<ArrayBuffer>>;
}

/** Numbers of the types of facts. */
const TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 };

/** Bytes that grow. */
class Bytes {
  #data = new Uint8Array(1 << 16);
  #length = 0;

  /** Room for `count` more bytes, as a view. */
  #grow(count: number): DataView {
    while (this.#length + count > this.#data.length) {
      const larger = new Uint8Array(2 * this.#data.length);
      larger.set(this.#data);
      this.#data = larger;
    }
    const view = new DataView(this.#data.buffer, this.#length, count);
    this.#length += count;
    return view;
  }

  u8(value: number): void {
    this.#grow(1).setUint8(0, value);
  }

  u32(value: number): void {
    this.#grow(4).setUint32(0, value, true);
  }

  i32(value: number): void {
    this.#grow(4).setInt32(0, value, true);
  }

  f32(value: number): void {
    this.#grow(4).setFloat32(0, value, true);
  }

  u64(value: number): void {
    this.#grow(8).setBigUint64(0, BigInt(value), true);
  }

  string(value: string): void {
    const text = new TextEncoder().encode(value);
    this.u64(text.length);
    const { byteOffset } = this.#grow(text.length);
    this.#data.set(text, byteOffset);
  }

  /** Zeros up to a multiple of the alignment. */
  pad(): void {
    this.#grow((ALIGNMENT - this.#length % ALIGNMENT) % ALIGNMENT);
  }

  get written(): Uint8Array<ArrayBuffer> {
    return this.#data.subarray(0, this.#length);
  }
}

function writeArray<T>(
  out: Bytes,
  type: number,
  values: ArrayLike<T>,
  write: (value: T) => void,
): void {
  out.u32(TYPE.array);
  out.u32(type);
  out.u64(values.length);
  for (let i = 0; i < values.length; i++) write(values[i]!);
}

function writeValue(out: Bytes, value: GgufValue): void {
  if ("u32" in value) {
    out.u32(TYPE.u32);
    out.u32(value.u32);
  } else if ("f32" in value) {
    out.u32(TYPE.f32);
    out.f32(value.f32);
  } else if ("bool" in value) {
    out.u32(TYPE.bool);
    out.u8(Number(value.bool));
  } else if ("string" in value) {
    out.u32(TYPE.string);
    out.string(value.string);
  } else if ("strings" in value) {
    writeArray(out, TYPE.string, value.strings, (s) => out.string(s));
  } else if ("f32s" in value) {
    writeArray(out, TYPE.f32, value.f32s, (x) => out.f32(x));
  } else writeArray(out, TYPE.i32, value.i32s, (x) => out.i32(x));
}

const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Bytes of a tensor in the file, without what fills up to the next one. */
function bytesOf({ shape, type }: GgufTensor): number {
  const { weights, bytes } = GGUF_TYPES[type];
  return sizeOf(shape) / weights * bytes;
}

/** Writes a file, whole or not at all; one tensor at a time is in memory. */
export async function writeGguf(
  path: string,
  facts: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Promise<void> {
  const head = new Bytes();
  for (const letter of "GGUF") head.u8(letter.charCodeAt(0));
  head.u32(VERSION);
  head.u64(tensors.length);
  head.u64(Object.keys(facts).length);
  for (const [key, value] of Object.entries(facts)) {
    head.string(key);
    writeValue(head, value);
  }
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    head.string(name);
    head.u32(shape.length);
    for (const size of shape.toReversed()) head.u64(size);
    head.u32(GGUF_TYPES[type].id);
    head.u64(offset);
    offset += aligned(bytesOf(tensor));
  }
  head.pad();
  await writeFileAtomic(path, async (file) => {
    await writeAll(file, head.written);
    for (const { data, type } of tensors) {
      const bytes = encodeWeights(await data(), type);
      await writeAll(file, bytes);
      await writeAll(
        file,
        new Uint8Array(aligned(bytes.length) - bytes.length),
      );
    }
  });
}
