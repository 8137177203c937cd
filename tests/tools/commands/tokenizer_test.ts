/** Tokenizers from the command line are those of the library. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  loadTokenizer,
  syntheticCorpus,
  tokenizerReport,
  trainBpe,
} from "../../../lib/text/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { output, refused } from "./cli.ts";

Deno.test("tokenizer trains, reports and encodes as the library does", () =>
  inFolder(async (cwd) => {
    const stories = [...syntheticCorpus({ seed: 3, bytes: 30_000 })];
    const expected = trainBpe(stories.map(({ text }) => text), {
      vocabSize: 500,
    });
    const train = ["tokenizer", "train", "--synthetic", "30kB", "--seed", "3"];
    assert.match(
      await output([...train, "--vocab", "500", "--out", "own"], { cwd }),
      new RegExp(
        `^500 pieces in own, learned from ${stories.length} documents`,
      ),
    );
    const tokenizer = await loadTokenizer(join(cwd, "own"));
    assert.deepEqual(tokenizer.model.pieces, expected.model.pieces);

    const text = "Era uma vez um gato.\r\nO gato dormia.\n";
    await Deno.mkdir(join(cwd, "texts"));
    await Deno.writeTextFile(join(cwd, "texts", "gato.txt"), text);
    const paths = ["texts", join("texts", "gato.txt")];
    const table = await output(["tokenizer", "report", "own", ...paths], {
      cwd,
    });
    const report = tokenizerReport(expected, text.replaceAll("\r", ""));
    const numbers = [
      report.words,
      report.tokens,
      report.tokensPerWord.toFixed(3),
      report.bytesPerToken.toFixed(3),
    ].join(" +");
    for (const path of paths) {
      assert.match(table, new RegExp(`^${path} +${numbers} `, "m"));
    }
    // Table 1 of the paper: 9,937 and 14,813 tokens for 7,400 words.
    assert.match(table, /TTL 1\.34.*Sabia-7B 2\.00/);

    const line = await output(["tokenizer", "encode", "own", "Um gato"], {
      cwd,
    });
    const rows = [...line.matchAll(/^ *(\d+) {2}(\S+)$/gm)];
    assert.deepEqual(
      rows.map(([, id]) => Number(id)),
      [...expected.encode("Um gato")],
    );
    assert.equal(rows.map(([, , piece]) => piece).join(""), "▁Um▁gato");
    await refused(
      ["tokenizer", "report", "own", "nowhere"],
      /there is no such folder/,
      { cwd },
    );
  }));
