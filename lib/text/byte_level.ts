/**
 * The alphabet and the word patterns of byte-level BPE.
 *
 * Every byte is written as one visible letter, so that pieces are text that a
 * JSON file can hold: "ção" is "Ã§Ã£o" and a space is "Ġ".
 *
 * Source: Radford et al. 2019, `encoder.py` of GPT-2, for the alphabet and its
 * pattern; the tokenizers of Llama 3 and Qwen 2 for the others.
 *
 * @module
 */

/** Words of GPT-2: English contractions, letters, digits, other signs. */
export const GPT2_PATTERN =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Words of Llama 3, with up to so many digits together. */
function llama3Pattern(digits: string): string {
  return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" +
    `${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
}

/** Words of Llama 3: numbers in groups of up to three digits. */
export const LLAMA3_PATTERN = llama3Pattern("\\p{N}{1,3}");

/** The same with each digit on its own, as in Qwen 2. */
export const SPLIT_DIGITS_PATTERN = llama3Pattern("\\p{N}");

/**
 * Letter of each byte: printable Latin-1 signs stand for themselves, the other
 * 68 bytes for the letters from U+0100 on.
 */
export const BYTE_LETTERS: readonly string[] = makeByteLetters();

function makeByteLetters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) ||
      (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(isPrintable ? byte : next++);
  });
}

/** Byte of each letter's UTF-16 unit, -1 where there is none. */
const BYTE_OF_UNIT = new Int16Array(0x200).fill(-1);
for (const [byte, letter] of BYTE_LETTERS.entries()) {
  BYTE_OF_UNIT[letter.charCodeAt(0)] = byte;
}

/** Bytes in the byte alphabet: those of "á " give "Ã¡Ġ". */
export function toByteLetters(bytes: Uint8Array): string {
  let letters = "";
  for (const byte of bytes) letters += BYTE_LETTERS[byte];
  return letters;
}

/** Bytes of a piece, or undefined when a letter of it stands for none. */
export function fromByteLetters(piece: string): Uint8Array | undefined {
  const bytes = new Uint8Array(piece.length);
  for (let i = 0; i < piece.length; i++) {
    const byte = BYTE_OF_UNIT[piece.charCodeAt(i)] ?? -1;
    if (byte < 0) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
