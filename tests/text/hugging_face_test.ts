/**
 * Our tokenizer files in the hands of other programs: Hugging Face's own
 * implementations, in JavaScript and in Rust (where it has a build), read what
 * we wrote and must give the same ids and the same text. No tolerance. Left out are the two things that we mean
 * otherwise: "▁" in a text (theirs takes it for a space) and U+FEFF when it is
 * decoded from bytes (theirs drops it).
 */
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import assert from "node:assert/strict";
import { join } from "node:path";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { syntheticCorpus } from "../../lib/text/synthetic/corpus.ts";
import type { Tokenizer } from "../../lib/text/tokenizer.ts";
import { loadTokenizer } from "../../lib/text/tokenizer_load.ts";
import { parseTokenizer } from "../../lib/text/tokenizer_read.ts";
import { saveTokenizer } from "../../lib/text/tokenizer_write.ts";
import { referenceTest } from "../support/reference.ts";
import { inFolder } from "../support/in_folder.ts";
import { CHAT_TOKENS, hardTexts } from "./hard_texts.ts";
import { rustIds, RustTokenizer } from "./rust_tokenizer.ts";

const STORIES = Array.from(
  syntheticCorpus({ seed: 3, documents: 400 }),
  ({ text }) => text,
);

function assertSame(
  ours: Tokenizer,
  theirs: HuggingFaceTokenizer,
  texts: readonly string[],
): void {
  for (const text of texts) {
    const name = JSON.stringify(text);
    const ids = Array.from(
      ours.encode(text, { bos: true, allowSpecial: true }),
    );
    assert.deepEqual(ids, theirs.encode(text).ids, name);
    assert.equal(
      ours.decode(ids),
      theirs.decode(ids, { skip_special_tokens: true }),
      name,
    );
  }
}

async function readJson(folder: string, name: string): Promise<object> {
  return JSON.parse(await Deno.readTextFile(join(folder, name)));
}

/** Saves a tokenizer and compares what is read from the files. */
async function assertFilesAgree(
  tokenizer: Tokenizer,
  texts: readonly string[],
): Promise<void> {
  await inFolder(async (folder) => {
    await saveTokenizer(folder, tokenizer);
    const rust = RustTokenizer?.fromFile(join(folder, "tokenizer.json"));
    for (const text of rust ? texts : []) {
      const ids = Array.from(tokenizer.encode(text, { allowSpecial: true }));
      const name = JSON.stringify(text);
      assert.deepEqual(ids, await rustIds(rust!, text), name);
      assert.equal(tokenizer.decode(ids), await rust!.decode(ids, true), name);
    }
    const theirs = new HuggingFaceTokenizer(
      await readJson(folder, "tokenizer.json"),
      await readJson(folder, "tokenizer_config.json"),
    );
    assertSame(await loadTokenizer(folder), theirs, texts);
  });
}

const tokenizer = trainBpe(STORIES, { vocabSize: 2000 });
const source = STORIES.join("\n\n");

Deno.test("saveTokenizer() writes what Hugging Face reads alike", () =>
  assertFilesAgree(tokenizer, hardTexts(2000, source)));

Deno.test("saveTokenizer() writes chat tokens that Hugging Face finds alike", () =>
  assertFilesAgree(
    tokenizer.withSpecialTokens(CHAT_TOKENS),
    hardTexts(2000, source),
  ));

Deno.test("saveTokenizer() writes multi-digit pieces and a small alphabet", () => {
  const text = "em 1999, 2001 e 123123 ".repeat(9) + source.slice(0, 20_000);
  return assertFilesAgree(
    trainBpe([text], {
      vocabSize: 900,
      splitDigits: false,
      characterCoverage: 0.99,
    }),
    hardTexts(1000, text),
  );
});

for (const splitDigits of [true, false]) {
  const name = splitDigits ? "single digits" : "numbers";
  Deno.test(`saveTokenizer() writes byte pieces and ${name} that Hugging Face reads alike`, () =>
    assertFilesAgree(
      trainBpe([source], { vocabSize: 1500, kind: "byte-level", splitDigits })
        .withSpecialTokens(CHAT_TOKENS),
      hardTexts(2000, source),
    ));
}

Deno.test("parseTokenizer() finds normalized tokens as Hugging Face does", () =>
  inFolder(async (folder) => {
    await saveTokenizer(folder, tokenizer.withSpecialTokens(CHAT_TOKENS));
    const json = await readJson(folder, "tokenizer.json") as {
      added_tokens: { id: number; normalized: boolean }[];
    };
    for (const token of json.added_tokens) token.normalized = token.id > 3;
    const ours = parseTokenizer(JSON.stringify(json));
    const theirs = new HuggingFaceTokenizer(json, {
      clean_up_tokenization_spaces: false,
    });
    const texts = hardTexts(2000, source);
    texts.push("<s><instruction>uma casa</instruction>Um gato.</s>");
    assertSame(ours, theirs, texts);
    // And what was read is written again.
    await assertFilesAgree(ours, texts);
  }));

Deno.test("encode() takes ▁ for itself where Hugging Face takes it for a space", () =>
  inFolder(async (folder) => {
    await saveTokenizer(folder, tokenizer);
    const theirs = new HuggingFaceTokenizer(
      await readJson(folder, "tokenizer.json"),
      await readJson(folder, "tokenizer_config.json"),
    );
    const text = "a▁b";
    assert.equal(theirs.decode(theirs.encode(text).ids), "<s> a b");
    assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
  }));

referenceTest(
  "saveTokenizer() writes a vocabulary of novels that Hugging Face reads alike",
  "corpus",
  async (folder) => {
    const read = (name: string) => Deno.readTextFile(`${folder}/${name}.txt`);
    const novel = await read("1891_quincas_borba");
    await assertFilesAgree(
      trainBpe([novel], { vocabSize: 8000 }),
      hardTexts(3000, await read("1899_dom_casmurro")),
    );
  },
);
