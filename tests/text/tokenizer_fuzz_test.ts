/**
 * The readers on files that something has happened to: bytes changed, ends cut
 * off, values of JSON exchanged. Each either is refused by a FormatError or
 * gives a tokenizer that works. The seed is fixed, the number of files bounded.
 */
import assert from "node:assert/strict";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { parseSentencePiece } from "../../lib/text/sentencepiece_read.ts";
import type { Tokenizer } from "../../lib/text/tokenizer.ts";
import { parseTokenizer } from "../../lib/text/tokenizer_read.ts";
import { saveTokenizer } from "../../lib/text/tokenizer_write.ts";
import { FormatError, Random } from "../../lib/util/mod.ts";
import { inFolder } from "../support/in_folder.ts";

const TEXT = "O gato <s> viu 2 casas\n▁🙂 <0x41> e\u0301 não.";

/** Reads a file; true when it was accepted. */
function survives(read: () => Tokenizer): boolean {
  let tokenizer: Tokenizer;
  try {
    tokenizer = read();
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
    return false;
  }
  for (const allowSpecial of [false, true]) {
    const ids = tokenizer.encode(TEXT, { allowSpecial, bos: true, eos: true });
    assert.ok(ids.every((id) => id >= 0 && id < tokenizer.vocabSize));
    assert.ok(tokenizer.decode(ids, { skipSpecial: false }).isWellFormed());
  }
  return true;
}

for (const name of ["bpe", "unigram", "unigram_bytes"]) {
  Deno.test(`parseSentencePiece() refuses or reads any bytes (${name})`, async () => {
    const url = new URL(`golden/${name}.model`, import.meta.url);
    const good = await Deno.readFile(url);
    const random = new Random(21, name);
    let numRead = 0;
    for (let i = 0; i < 400; i++) {
      let bytes = good.slice();
      if (i % 4 === 0) bytes = bytes.subarray(0, random.int(bytes.length));
      else {
        // The specifications stand at the end: half of the changes go there.
        const from = i % 2 === 0 ? bytes.length - 400 : 0;
        for (let n = 1 + random.int(4); n > 0; n--) {
          const at = from + random.int(bytes.length - from);
          bytes[at] = random.int(256);
        }
      }
      if (survives(() => parseSentencePiece(bytes))) numRead++;
    }
    assert.ok(numRead > 0 && numRead < 400, `${numRead} of 400 accepted`);
  });
}

/** Changes one value somewhere inside of a JSON value. */
function exchange(json: unknown, random: Random): unknown {
  const strange = [null, true, -1, 1e9, 0.5, "", " ", "a", "<s>", [], {}, [
    "a",
  ]];
  if (typeof json !== "object" || json === null || random.int(12) === 0) {
    return random.pick(strange);
  }
  const keys = Object.keys(json);
  if (keys.length === 0) return random.pick(strange);
  const key = random.pick(keys);
  const copy = (Array.isArray(json) ? [...json] : { ...json }) as Record<
    string,
    unknown
  >;
  if (random.int(8) === 0) delete copy[key];
  else copy[key] = exchange(copy[key], random);
  return copy;
}

for (const kind of ["llama", "byte-level"] as const) {
  Deno.test(`parseTokenizer() refuses or reads any JSON (${kind})`, () =>
    inFolder(async (folder) => {
      const texts = ["o gato viu o rato ".repeat(9)];
      await saveTokenizer(folder, trainBpe(texts, { vocabSize: 300, kind }));
      const text = await Deno.readTextFile(`${folder}/tokenizer.json`);
      const good: unknown = JSON.parse(text);
      const random = new Random(22, kind);
      let numRead = 0;
      for (let i = 0; i < 800; i++) {
        const changed = i % 8 === 0
          ? text.slice(0, random.int(text.length))
          : JSON.stringify(exchange(good, random));
        if (survives(() => parseTokenizer(changed))) numRead++;
      }
      assert.ok(numRead > 0 && numRead < 800, `${numRead} of 800 accepted`);
    }));
}
