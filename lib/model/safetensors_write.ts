/**
 * Writing safetensors files, in single or half precision. One tensor at a time
 * is in memory.
 *
 * @module
 */
import { type Shape, sizeOf, writeAll, writeFileAtomic } from "../util/mod.ts";
import { ELEMENT_BYTES } from "./safetensors.ts";

/** A tensor to write; its data is asked for when its turn comes. */
export interface SafetensorsSource {
  readonly name: string;
  readonly shape: Shape;
  readonly data: () => Promise<Float32Array<ArrayBuffer>>;
}

/** Element types that floats are written as. */
export type FloatDType = "F32" | "F16" | "BF16";

/** Bytes that a tensor takes in a file. */
export function fileBytes({ shape }: SafetensorsSource, dtype: FloatDType) {
  return ELEMENT_BYTES[dtype] * sizeOf(shape);
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

function encode(
  values: Float32Array<ArrayBuffer>,
  dtype: FloatDType,
): ArrayBufferView<ArrayBuffer> {
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
  tensors: readonly SafetensorsSource[],
  { metadata = {}, dtype = "F32" }: SafetensorsOptions = {},
): Promise<void> {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let end = 0;
  for (const tensor of tensors) {
    const begin = end;
    end += fileBytes(tensor, dtype);
    const { name, shape } = tensor;
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces up to a multiple of 8, so that the tensors are aligned.
  const head = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(32);
  head.set(text, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  await writeFileAtomic(path, async (file) => {
    await writeAll(file, head);
    for (const { data } of tensors) {
      const { buffer, byteOffset, byteLength } = encode(await data(), dtype);
      await writeAll(file, new Uint8Array(buffer, byteOffset, byteLength));
    }
  });
}
