/** Where a tokenizer may lie, and which of several files has the last word. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { loadTokenizer } from "../../lib/text/tokenizer_load.ts";
import { saveTokenizer } from "../../lib/text/tokenizer_write.ts";
import { DataError, FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

const TEXT = "O gato viu o rato. O rato viu o gato, e o gato viu a casa: 🙂.";
const golden = new URL("golden/bpe.model", import.meta.url);

for (const kind of ["llama", "byte-level"] as const) {
  Deno.test(`loadTokenizer() gives back a model of the kind ${kind}`, () =>
    inFolder(async (folder) => {
      const before = trainBpe([TEXT], { vocabSize: 300, kind })
        .withSpecialTokens(["<instruction>", "</instruction>"]);
      await saveTokenizer(folder, before);
      for (const path of [folder, join(folder, "tokenizer.json")]) {
        assert.deepEqual((await loadTokenizer(path)).model, before.model);
      }
    }));
}

Deno.test("loadTokenizer() reads a SentencePiece model, alone or in a folder", () =>
  inFolder(async (folder) => {
    const file = join(folder, "tokenizer.model");
    await Deno.copyFile(golden, file);
    const { model } = await loadTokenizer(folder);
    assert.equal(model.pieces.length, 700);
    assert.deepEqual((await loadTokenizer(file)).model, model);
    // tokenizer.json goes first when both are there.
    const trained = trainBpe([TEXT], { vocabSize: 300 });
    await saveTokenizer(folder, trained);
    assert.deepEqual((await loadTokenizer(folder)).model, trained.model);
  }));

Deno.test("loadTokenizer() takes parts from both companions, config first", () =>
  inFolder(async (folder) => {
    await saveTokenizer(folder, trainBpe([TEXT], { vocabSize: 300 }));
    const write = (name: string, content: object) =>
      Deno.writeTextFile(join(folder, name), JSON.stringify(content));
    await write("special_tokens_map.json", {
      pad_token: { content: "<unk>" },
      eos_token: "<s>",
    });
    await write("tokenizer_config.json", { eos_token: "</s>" });
    const { padId, eosId } = await loadTokenizer(folder);
    assert.deepEqual([padId, eosId], [0, 2]);
  }));

Deno.test("loadTokenizer() says what is missing or broken", () =>
  inFolder(async (folder) => {
    await assertFails(
      () => loadTokenizer(folder),
      DataError,
      /Cannot read a tokenizer: there is no file .*tokenizer\.json/,
    );
    await Deno.writeFile(
      join(folder, "tokenizer.model"),
      (await Deno.readFile(golden)).subarray(0, 5000),
    );
    await assertFails(
      () => loadTokenizer(folder),
      FormatError,
      /tokenizer\.model as a SentencePiece model: a field of \d+ bytes/,
    );
    await Deno.writeTextFile(join(folder, "tokenizer.json"), "{");
    await assertFails(() => loadTokenizer(folder), FormatError, /is not JSON/);
  }));
