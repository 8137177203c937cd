/**
 * What SentencePiece does to a text before it looks for pieces: characters are
 * replaced, outer and double spaces go away, a space is put in front. Spaces
 * stay spaces here; "▁" is only how pieces are written down.
 *
 * Source: SentencePiece, `normalizer.cc`, `Normalize`.
 *
 * @module
 */
import { Charsmap } from "./charsmap.ts";
import type { SpaceRules } from "./tokenizer_model.ts";

const UTF8 = new TextEncoder();

/**
 * The function that prepares texts by these rules. Only with Llama 2's, which
 * take nothing away, can a text be had back from its ids.
 *
 * @param fixed texts that no replacement touches
 * @throws {FormatError} when the charsmap is broken
 */
export function textPreparer(
  { addsPrefixSpace, collapsesSpaces, charsmap }: SpaceRules,
  fixed: readonly string[],
): (text: string) => string {
  const map = charsmap.length > 0 ? new Charsmap(charsmap) : undefined;
  const fixedBytes = fixed.map((piece) => UTF8.encode(piece));
  return (text) => {
    const parts = map ? replacedParts(text, map, fixedBytes) : [text];
    text = collapsesSpaces ? joinCollapsed(parts) : parts.join("");
    return addsPrefixSpace && text !== "" ? " " + text : text;
  };
}

/**
 * Joins parts without outer spaces and without a space behind another one;
 * only inside of a replacement (a part of odd index) may two stay together.
 */
function joinCollapsed(parts: readonly string[]): string {
  let joined = "";
  let isBehindSpace = true;
  for (const [i, part] of parts.entries()) {
    const added: string = isBehindSpace ? part.replace(/^ +/, "") : part;
    if (added === "") continue;
    joined += i % 2 === 0 ? added.replace(/ {2,}/g, " ") : added;
    isBehindSpace = added.endsWith(" ");
  }
  return joined.replace(/ +$/, "");
}

/** Stretches that stay as they are, and between any two a replacement. */
function replacedParts(
  text: string,
  map: Charsmap,
  fixed: readonly Uint8Array[],
): string[] {
  const bytes = UTF8.encode(text);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parts: string[] = [];
  let kept = 0; // bytes from here to `at` stay as they are
  let at = 0;
  while (at < bytes.length) {
    const fixedLength = lengthOfFixed(bytes, at, fixed);
    const length = fixedLength || map.find(bytes, at);
    if (length === 0) {
      at += lengthOfCharacter(bytes[at]!);
      continue;
    }
    parts.push(
      decoder.decode(bytes.subarray(kept, at)),
      fixedLength > 0
        ? decoder.decode(bytes.subarray(at, at + length))
        : map.replacement(),
    );
    kept = at += length;
  }
  return [...parts, decoder.decode(bytes.subarray(kept))];
}

/** Bytes of the longest fixed text at a place, 0 for none. */
function lengthOfFixed(
  bytes: Uint8Array,
  at: number,
  fixed: readonly Uint8Array[],
): number {
  let longest = 0;
  for (const piece of fixed) {
    const isHere = piece.every((byte, i) => bytes[at + i] === byte);
    if (isHere) longest = Math.max(longest, piece.length);
  }
  return longest;
}

/** Bytes of the character of UTF-8 that begins with this byte. */
function lengthOfCharacter(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}
