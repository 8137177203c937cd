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
import { cli, output, refused } from "./cli.ts";

const golden = new URL("../../text/golden/", import.meta.url);

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

Deno.test("tokenizer trains both kinds and compares them", () =>
  inFolder(async (cwd) => {
    const train = ["tokenizer", "train", "--synthetic", "30kB", "--vocab"];
    await output([...train, "500", "--out", "a"], { cwd });
    const special = ["--special", "<instruction>,</instruction>"];
    assert.match(
      await output(
        [...train, "600", "--kind", "byte-level", ...special, "--out", "b"],
        { cwd },
      ),
      /^602 pieces in b/,
    );
    await refused([...train, "500", "--out", "a"], /a: it holds one; choose/, {
      cwd,
    });
    await refused(
      ["tokenizer", "compare", "a", "b"],
      /text a: it is a tokenizer; wanted tokenizer compare TEXT TOKENIZER…$/,
      { cwd },
    );
    const a = await loadTokenizer(join(cwd, "a"));
    const b = await loadTokenizer(join(cwd, "b"));
    assert.equal(b.model.kind, "byte-level");
    assert.deepEqual(b.model.specialIds, [0, 1, 2, 3, 600, 601]);

    const text = "O gato dormia perto da menina, e a menina ria do gato.\n";
    await Deno.writeTextFile(join(cwd, "gato.txt"), text);
    const table = await output(["tokenizer", "compare", "gato.txt", "a", "b"], {
      cwd,
    });
    for (const [name, t] of [["a", a], ["b", b]] as const) {
      const { tokens, tokensPerWord } = tokenizerReport(t, text);
      const cells = [name, t.vocabSize, tokens, tokensPerWord.toFixed(3)];
      assert.match(table, new RegExp(`^${cells.join(" +")} `, "m"));
    }
    // Ten different words.
    assert.match(table, /^tokenizer +1-10$/m);
    assert.match(table, /TTL 1\.34/);
  }));

Deno.test("tokenizer keeps numbers together when it is told to", () =>
  inFolder(async (cwd) => {
    await Deno.mkdir(join(cwd, "texts"));
    const text = "em 2024 ".repeat(20);
    await Deno.writeTextFile(join(cwd, "texts", "a.txt"), text);
    const train = ["tokenizer", "train", "texts", "--vocab", "300"];
    const joined = await cli([...train, "--join-digits", "--out", "a"], {
      cwd,
    });
    assert.equal(joined.code, 0, joined.stderr);
    assert.match(joined.stderr, /^the text gives \d+ pieces of the 300 that/m);
    const ids = await output(["tokenizer", "encode", "a", "2024", "--ids"], {
      cwd,
    });
    assert.match(ids, /^\d+\n$/);
    await refused(
      [...train, "--kind", "words", "--out", "b"],
      /Cannot use --kind words: wanted llama or byte-level/,
      { cwd },
    );
  }));

Deno.test("tokenizer decodes what it encodes, special tokens too", () =>
  inFolder(async (cwd) => {
    const train = ["tokenizer", "train", "--synthetic", "20kB", "--vocab"];
    const chat = ["--special", "<instruction>", "--kind", "byte-level"];
    await output([...train, "400", ...chat, "--out", "a"], { cwd });
    const text = "<instruction> Olá, coração";
    const encode = ["tokenizer", "encode", "a", text];
    const ids = await output([...encode, "--ids", "--special"], { cwd });
    assert.equal(ids.split(" ")[0], "400");
    const decode = ["tokenizer", "decode", "a", ids.trim()];
    assert.equal(await output(decode, { cwd }), " Olá, coração\n");
    assert.equal(await output([...decode, "--special"], { cwd }), `${text}\n`);
    // Pieces of bytes are shown as text as well.
    const table = await output(encode, { cwd });
    assert.match(table, /^ *\d+ +ĠO +" O"$/m);
    await refused(
      ["tokenizer", "decode", "a", "1", "x"],
      /Cannot decode "x": wanted ids/,
      { cwd },
    );
    await refused(
      ["tokenizer", "decode", "a", "999"],
      /Cannot decode id 999: the vocabulary has 401 ids/,
      { cwd },
    );
  }));

Deno.test("tokenizer converts a .model, or says why not", () =>
  inFolder(async (cwd) => {
    await Deno.copyFile(new URL("bpe.model", golden), join(cwd, "bpe.model"));
    await refused(
      ["tokenizer", "convert", "bpe.model", "out"],
      /Cannot write this tokenizer as tokenizer\.json: it has 2 user-defined/,
      { cwd },
    );
    await output(
      ["tokenizer", "train", "--synthetic", "20kB", "--vocab", "400"]
        .concat("--out", "a"),
      { cwd },
    );
    const convert = ["tokenizer", "convert", "a", "b", "--special", "<x>"];
    assert.match(
      await output(convert, { cwd }),
      /^401 pieces of the llama kind from a in b$/m,
    );
    const [a, b] = [
      await loadTokenizer(join(cwd, "a")),
      await loadTokenizer(join(cwd, "b")),
    ];
    assert.deepEqual(b.model, a.withSpecialTokens(["<x>"]).model);
  }));
