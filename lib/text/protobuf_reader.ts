/**
 * Protocol buffers, as far as reading one file takes: fields by number, with
 * every length checked before it is believed.
 *
 * Source: protobuf.dev, "Encoding".
 *
 * @module
 */
import { FormatError } from "../util/mod.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** One field of a message. */
export interface ProtobufField {
  /** Number of the field in the message's definition. */
  readonly number: number;
  /** Value of a varint field, as int32 or bool would have it; else 0. */
  readonly int: number;
  /** Bytes of a field of known length, or of a fixed 32 or 64-bit one. */
  readonly bytes: Uint8Array;
}

/**
 * The fields of a message in their order.
 *
 * @throws {FormatError} when the bytes end too early, a number is too long, or
 * a field has a type that went out of use (groups)
 */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  const none = bytes.subarray(0, 0);
  let at = 0;
  const take = (size: number): Uint8Array => {
    if (size < 0 || at + size > bytes.length) {
      throw new FormatError(
        `a field of ${
          size >>> 0
        } bytes begins at byte ${at} of ${bytes.length}`,
      );
    }
    return bytes.subarray(at, at += size);
  };
  const varint = (): number => {
    let low = 0; // the low 32 bits are all that these files need
    for (let i = 0; i < 10; i++) {
      const byte = take(1)[0]!;
      if (i < 5) low |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return low;
    }
    throw new FormatError(`a number that ends at byte ${at} is too long`);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = tag >>> 3, type = tag & 7;
    if (number === 0) throw new FormatError(`field 0 ends at byte ${at}`);
    if (type === 0) yield { number, int: varint(), bytes: none };
    else if (type === 1) yield { number, int: 0, bytes: take(8) };
    else if (type === 2) yield { number, int: 0, bytes: take(varint()) };
    else if (type === 5) yield { number, int: 0, bytes: take(4) };
    else throw new FormatError(`field ${number} has type ${type}`);
  }
}

/**
 * The text of a field.
 *
 * @throws {FormatError} when it is not UTF-8
 */
export function protobufText({ number, bytes }: ProtobufField): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new FormatError(`the text of field ${number} is not UTF-8`);
  }
}

/**
 * The single-precision number of a field.
 *
 * @throws {FormatError} when it has not four bytes
 */
export function protobufFloat({ number, bytes }: ProtobufField): number {
  if (bytes.length !== 4) {
    throw new FormatError(
      `field ${number} has ${bytes.length} bytes, wanted 4`,
    );
  }
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
}
