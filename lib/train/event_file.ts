/**
 * Scalars of TensorBoard event files, as PyTorch, TensorFlow and this library
 * write them (tensorboard.ts has the format). TensorFlow 2 puts a scalar into a
 * tensor of one float instead of a `simple_value`:
 *
 *     Value  { 1: tag, 2: simple_value f32 | 8: tensor }
 *     Tensor { 4: content bytes | 5: floats f32 | 6: doubles f64 }
 *
 * @module
 */
import { FormatError } from "../util/mod.ts";
import { maskedCrc } from "./tensorboard.ts";

/** A number that a program logged. */
export interface LoggedScalar {
  /** Such as "train/loss". */
  readonly tag: string;
  readonly step: number;
  /** When, Unix time. */
  readonly wallSeconds: number;
  readonly value: number;
}

/** Fields of a protocol buffer by number: numbers, or bytes as they are. */
type Fields = Map<number, (number | Uint8Array)[]>;

function readFields(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const read = (wire: number): number | Uint8Array => {
    switch (wire) {
      case 0:
        return varint();
      case 1:
        return view.getFloat64((at += 8) - 8, true);
      case 2: {
        const length = varint();
        if (at + length > bytes.length) throw new RangeError();
        return bytes.subarray(at, at += length);
      }
      case 5:
        return view.getFloat32((at += 4) - 4, true);
      default:
        throw new RangeError();
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const values = fields.get(number) ?? [];
    values.push(read(key % 8));
    fields.set(number, values);
  }
  return fields;
}

const numberOf = (x: number | Uint8Array | undefined): number | undefined =>
  typeof x === "number" ? x : undefined;

/** The one number of a tensor; undefined for other tensors. */
function tensorScalar(bytes: Uint8Array): number | undefined {
  const fields = readFields(bytes);
  const isDouble = fields.get(1)?.[0] === 2;
  const width = isDouble ? 8 : 4;
  // Packed or as single fields.
  const found = fields.get(4)?.[0] ?? fields.get(isDouble ? 6 : 5)?.[0];
  if (!(found instanceof Uint8Array)) return numberOf(found);
  if (found.length !== width) return undefined;
  const view = new DataView(found.buffer, found.byteOffset, width);
  return isDouble ? view.getFloat64(0, true) : view.getFloat32(0, true);
}

function scalarsOf(event: Fields): LoggedScalar[] {
  const [summary] = event.get(5) ?? [];
  if (!(summary instanceof Uint8Array)) return [];
  return (readFields(summary).get(1) ?? []).flatMap((bytes) => {
    const value = readFields(bytes as Uint8Array);
    const [tag, tensor] = [value.get(1)?.[0], value.get(8)?.[0]];
    const number = numberOf(value.get(2)?.[0]) ??
      (tensor instanceof Uint8Array ? tensorScalar(tensor) : undefined);
    if (!(tag instanceof Uint8Array) || number === undefined) return [];
    return [{
      tag: new TextDecoder().decode(tag),
      step: numberOf(event.get(2)?.[0]) ?? 0,
      wallSeconds: numberOf(event.get(1)?.[0]) ?? 0,
      value: number,
    }];
  });
}

/**
 * Every scalar of an event file, in order. A last frame that was cut by a
 * crash is left out; images, texts and histograms are passed over.
 *
 * @param name of the file, for errors
 * @throws {FormatError} when a checksum or an event is wrong
 */
export function readEventScalars(
  bytes: Uint8Array,
  name = "an event file",
): LoggedScalar[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const scalars: LoggedScalar[] = [];
  for (let at = 0; at + 16 <= bytes.length;) {
    const fail = (why: string): never => {
      throw new FormatError(`Cannot read ${name}: ${why} at byte ${at}`);
    };
    const head = bytes.subarray(at, at + 8);
    if (view.getUint32(at + 8, true) !== maskedCrc(head)) {
      fail("no TensorBoard event");
    }
    const length = Number(view.getBigUint64(at, true));
    const end = at + 12 + length;
    if (end + 4 > bytes.length) break;
    const body = bytes.subarray(at + 12, end);
    if (view.getUint32(end, true) !== maskedCrc(body)) {
      fail("an event with a wrong checksum");
    }
    try {
      scalars.push(...scalarsOf(readFields(body)));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      fail("an event that is no protocol buffer");
    }
    at = end + 4;
  }
  return scalars;
}
