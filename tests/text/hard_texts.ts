/**
 * Texts that may trip a tokenizer up: Portuguese, English, code, emoji, odd
 * white space, broken UTF-8, any Unicode at all.
 *
 * @module
 */
import { Random } from "../../lib/util/mod.ts";

const BROKEN_UTF8 = Uint8Array.of(
  ...[0x61, 0xc3, 0x28, 0xe2, 0x82, 0x20, 0xf0, 0x9f, 0x99, 0x80, 0xff],
);

/** Names that begin alike, so that the longer one must be preferred. */
export const CHAT_TOKENS = ["<instruction>", "</instruction>", "<inst"];

/** Whatever may trip a tokenizer up, and some that will not. */
const SIGNS = [
  ..."aeiosrmntd  .,;:!?—“”()%_-\n\t0123456789ãçéAEã",
  "  ",
  "    ",
  "\r\n",
  "\n\n",
  " \n ",
  "\u0000",
  "\u0085",
  "\u00a0",
  "\u2003",
  "\u2028",
  "\u200b",
  "\u0301",
  "e\u0301",
  "½²",
  "ﬁ",
  "\ufffd",
  "🙂",
  "👩‍👧",
  "日本語",
  "Привет",
  "𝒳",
  "<0x41>",
  "<s>",
  "</s>",
  "<unk>",
  "<pad>",
  " menina",
  "correu",
  "não-me-toques",
  "the house",
  "it's I'LL don't DON'T we'Ve 'S",
  "const x = () => [1, 2];",
  "\tif (a != b) {\n\t\treturn;\n\t}",
  "2024, 1.234,56",
  new TextDecoder().decode(BROKEN_UTF8),
  "a\udc00b\ud800".toWellFormed(),
  ...CHAT_TOKENS,
];

/**
 * Random strings of signs, of any characters, and stretches of real text; no
 * U+2581 and U+FEFF, which others do not give back.
 */
export function hardTexts(count: number, source: string): string[] {
  const random = new Random(11, "hugging face");
  const anyCharacter = () => {
    const code = random.int(random.int(2) === 0 ? 0x3000 : 0x110000);
    if (code === 0x2581 || code === 0xfeff) return " ";
    return String.fromCodePoint(code).toWellFormed();
  };
  const times = (n: number, draw: () => string) =>
    Array.from({ length: n }, draw).join("");
  return Array.from({ length: count }, (_, i) => {
    if (i % 4 === 0) return times(random.int(20), anyCharacter);
    if (i % 2 === 0) return times(random.int(40), () => random.pick(SIGNS));
    const start = random.int(source.length);
    return source.slice(start, start + random.int(400)).toWellFormed();
  });
}
