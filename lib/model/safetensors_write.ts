/**
 * Writing safetensors files, in single or half precision. One tensor at a time
 * is in memory.
 *
 * @module
 */
import { type Shape, sizeOf, writeAll, writeFileAtomic } from "../util/mod.ts";
import { ELEMENT_BYTES, type SafetensorsDType } from "./safetensors.ts";

/** A tensor to write; its data is asked for when its turn comes. */
export interface SafetensorsSource {
  readonly name: string;
  readonly shape: Shape;
  readonly data: () => Promise<Float32Array<ArrayBuffer>>;
}

/** A tensor of a type of its own, whose bytes are written as they are. */
export interface StoredSource {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: SafetensorsDType;
  readonly bytes: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** What a file is made of. */
export type WeightSource = SafetensorsSource | StoredSource;

/** The type that a tensor has in a file for floats of `fileDtype`. */
function dtypeOf(
  source: WeightSource,
  fileDtype: FloatDType,
): SafetensorsDType {
  return "dtype" in source ? source.dtype : fileDtype;
}

/** Element types that floats are written as. */
export type FloatDType = "F32" | "F16" | "BF16";

/** Bytes that a tensor takes in a file. */
export function fileBytes(source: WeightSource, dtype: FloatDType): number {
  return ELEMENT_BYTES[dtypeOf(source, dtype)] * sizeOf(source.shape);
}

/**
 * Upper halves of floats, rounded to the nearest and ties to even; a NaN stays
 * one.
 */
export function toBfloat16(
  values: Float32Array<ArrayBuffer>,
): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(
    values.buffer,
    values.byteOffset,
    values.length,
  );
  return Uint16Array.from(bits, (word) => {
    const isNaN = (word & 0x7fffffff) > 0x7f800000;
    if (isNaN) return (word >>> 16) | 0x40;
    return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  });
}

async function encode(
  source: WeightSource,
  dtype: FloatDType,
): Promise<ArrayBufferView<ArrayBuffer>> {
  if ("bytes" in source) return await source.bytes();
  const values = await source.data();
  if (dtype === "F16") return Float16Array.from(values);
  return dtype === "BF16" ? toBfloat16(values) : values;
}

/** How a file is written. */
export interface SafetensorsOptions {
  /** Facts for the header. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** F32 without it. */
  readonly dtype?: FloatDType;
}

/** Writes tensors, whole or not at all. */
export async function writeSafetensors(
  path: string,
  tensors: readonly WeightSource[],
  { metadata = {}, dtype = "F32" }: SafetensorsOptions = {},
): Promise<void> {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let end = 0;
  for (const tensor of tensors) {
    const begin = end;
    end += fileBytes(tensor, dtype);
    const { name, shape } = tensor;
    header[name] = {
      dtype: dtypeOf(tensor, dtype),
      shape,
      data_offsets: [begin, end],
    };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces up to a multiple of 8, so that the tensors are aligned.
  const head = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(32);
  head.set(text, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  await writeFileAtomic(path, async (file) => {
    await writeAll(file, head);
    for (const tensor of tensors) {
      const encoded = await encode(tensor, dtype);
      const { buffer, byteOffset, byteLength } = encoded;
      await writeAll(file, new Uint8Array(buffer, byteOffset, byteLength));
    }
  });
}
