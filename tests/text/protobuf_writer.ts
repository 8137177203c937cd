/**
 * Protocol buffers written by hand, for files of SentencePiece that no trainer
 * would make.
 *
 * @module
 */

/** Value of a field: text and bytes of known length, `{ float }`, or varint. */
export type FieldValue = string | Uint8Array | number | { float: number };

function varint(value: number): number[] {
  // int32: a negative number takes ten bytes.
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** A message of fields in the given order. */
export function message(
  fields: readonly (readonly [number: number, value: FieldValue])[],
): Uint8Array {
  return Uint8Array.from(fields.flatMap(([number, value]) => {
    if (typeof value === "number") {
      return [...varint(number << 3), ...varint(value)];
    }
    if (typeof value === "object" && "float" in value) {
      const bytes = new Uint8Array(Float32Array.of(value.float).buffer);
      return [...varint(number << 3 | 5), ...bytes];
    }
    const bytes = typeof value === "string"
      ? new TextEncoder().encode(value)
      : value;
    return [...varint(number << 3 | 2), ...varint(bytes.length), ...bytes];
  }));
}

/** A piece of a model: text, score, type as in `sentencepiece_model.proto`. */
export type ModelPiece = readonly [text: string, score: number, type: number];

/** The bytes of a `.model` file. */
export function modelFile(
  pieces: readonly ModelPiece[],
  { trainer = [], normalizer = [[4, 0]] }: {
    trainer?: readonly (readonly [number, FieldValue])[];
    normalizer?: readonly (readonly [number, FieldValue])[];
  } = {},
): Uint8Array {
  return message([
    ...pieces.map(([text, float, type]): [number, Uint8Array] => [
      1,
      message([[1, text], [2, { float }], [3, type]]),
    ]),
    [2, message(trainer)],
    [3, message(normalizer)],
  ]);
}

/** The pieces that every model begins with. */
export const BASE_PIECES: readonly ModelPiece[] = [
  ["<unk>", 0, 2],
  ["<s>", 0, 3],
  ["</s>", 0, 3],
];
