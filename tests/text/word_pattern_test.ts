/**
 * Patterns of tokenizer.json against Oniguruma's meaning of them: by hand, and
 * by what Hugging Face's Rust implementation cuts.
 */
import assert from "node:assert/strict";
import {
  GPT2_PATTERN,
  LLAMA3_PATTERN,
  SPLIT_DIGITS_PATTERN,
} from "../../lib/text/byte_level.ts";
import {
  compileWordPattern,
  forEachPart,
} from "../../lib/text/word_pattern.ts";
import { FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { hardTexts } from "./hard_texts.ts";
import { rustTest } from "./rust_tokenizer.ts";

function cut(text: string, ...sources: string[]): string[] {
  const parts: string[] = [];
  const patterns = sources.map(compileWordPattern);
  forEachPart(text, patterns, (part) => parts.push(part));
  return parts;
}

Deno.test("forEachPart() cuts as GPT-2 and Llama 3 do", () => {
  const text = "It's 2024,  não?\n\n Sim.";
  assert.deepEqual(
    cut(text, GPT2_PATTERN),
    ["It", "'s", " 2024", ",", " ", " não", "?", "\n\n", " Sim", "."],
  );
  assert.deepEqual(
    cut(text, LLAMA3_PATTERN),
    ["It", "'s", " ", "202", "4", ",", " ", " não", "?\n\n", " Sim", "."],
  );
  assert.deepEqual(
    cut("a12", SPLIT_DIGITS_PATTERN),
    ["a", "1", "2"],
  );
});

Deno.test("forEachPart() keeps what no pattern matches, stage by stage", () => {
  assert.deepEqual(cut("ab12cd", "\\p{N}+"), ["ab", "12", "cd"]);
  assert.deepEqual(cut("ab12cd", "\\p{N}", "b|1"), ["a", "b", "1", "2", "cd"]);
  assert.deepEqual(cut("", "a"), []);
  assert.deepEqual(cut("ab"), ["ab"]);
  assert.deepEqual(cut("abc", "x*"), ["abc"]); // an empty match is none
});

Deno.test("compileWordPattern() knows white space, digits and words of Unicode", () => {
  // U+0085 is white space there and not in JavaScript, U+FEFF the reverse.
  assert.deepEqual(cut("a\u0085b\ufeffc", "\\s"), ["a", "\u0085", "b\ufeffc"]);
  assert.deepEqual(cut("a\ufeff \u0085", "\\S+"), ["a\ufeff", " \u0085"]);
  assert.deepEqual(cut("a٣b", "\\d"), ["a", "٣", "b"]);
  assert.deepEqual(cut("çã_1!", "\\w+"), ["çã_1", "!"]);
  assert.deepEqual(cut("ç-a", "[\\w\\-]+"), ["ç-a"]);
  assert.deepEqual(cut("a-b'c", "\\-|\\'"), ["a", "-", "b", "'", "c"]);
  assert.deepEqual(cut("DON'T", "(?i:'t)"), ["DON", "'T"]);
});

Deno.test("compileWordPattern() refuses what JavaScript means otherwise", async () => {
  const cases: [string, RegExp][] = [
    ["\\bword", /Cannot use the pattern "\\\\bword": "\\b" is not supported/],
    ["a\\", /"\\" is not supported/],
    ["^a", /"\^" is the edge of a line there/],
    ["a$", /"\$" is the edge/],
    ["[a-z&&[^b]]", /a class inside of a class/],
    ["[[:alpha:]]", /a class inside of a class/],
    ["a++", /JavaScript has no such expression/],
    ["(?>a)", /no such expression/],
    ["\\p{Nonsense}", /no such expression/],
    ["(", /no such expression/],
  ];
  for (const [source, message] of cases) {
    await assertFails(() => compileWordPattern(source), FormatError, message);
  }
});

rustTest("forEachPart() cuts as Hugging Face's ByteLevel", async () => {
  const { byteLevelPreTokenizer } = await import("@anush008/tokenizers");
  const gpt2 = byteLevelPreTokenizer(false, true);
  const utf8 = new TextEncoder();
  for (const text of hardTexts(1500, "Disse-me: it's 12 de Maio.\n\n Sim! ")) {
    assert.deepEqual(
      cut(text, GPT2_PATTERN).map((part) => utf8.encode(part).length),
      // A letter a byte.
      gpt2.preTokenizeString(text).map(([part]) => [...part].length),
      JSON.stringify(text),
    );
  }
});
