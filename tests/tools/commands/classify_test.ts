/**
 * Classes of texts from the command line: those that the library gives, in the
 * forms in which texts come.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openDevice } from "../../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../../lib/model/mod.ts";
import { trainBpe } from "../../../lib/text/mod.ts";
import { saveClassifier, SequenceClassifier } from "../../../lib/train/mod.ts";
import { readRecords } from "../../../lib/util/mod.ts";
import { assertClose } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";
import { cli, output, refused } from "./cli.ts";

const TEXTS = ["o dia bom", "a noite ruim", "o mar", "o mar azul\te bom"];
const LABELS = ["não", "sim"];

interface Told {
  readonly text: string;
  readonly predicted: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

Deno.test("caderno classify names the classes of lines and rows", () =>
  inFolder(async (cwd) => {
    const tokenizer = trainBpe(TEXTS, { vocabSize: 280 });
    const config = llamaConfig("tiny-64", {
      ...{ vocabSize: tokenizer.vocabSize, hiddenSize: 16, numHiddenLayers: 1 },
      ...{ intermediateSize: 32, maxPositionEmbeddings: 32 },
      initializerRange: 0.3,
    });
    const device = await openDevice("cpu");
    const model = Llama.create(config, { seed: 0, device });
    using classifier = new SequenceClassifier({ model, tokenizer }, {
      labels: LABELS,
    });
    await saveClassifier(join(cwd, "judge"), classifier);
    const shares = await classifier.classify(TEXTS.map((text) => ({ text })));
    const wanted = shares.map((p) => p[1]! > p[0]! ? "sim" : "não");

    const write = (name: string, text: string) =>
      Deno.writeTextFile(join(cwd, name), text);
    await write("lines.txt", TEXTS.join("\n\n") + "\n");
    const lines = await output(["classify", "judge", "lines.txt"], { cwd });
    assert.equal(
      lines,
      TEXTS.map((text, i) => {
        const share = Math.max(...shares[i]!).toFixed(4);
        return `${wanted[i]}\t${share}\t${text.replace("\t", " ")}\n`;
      }).join(""),
    );

    // Of four labels three are right.
    const labels = wanted.with(2, wanted[2] === "sim" ? "não" : "sim");
    const rows = TEXTS.map((text, i) => ({ frase: text, nota: labels[i] }));
    await write("rows.jsonl", rows.map((r) => JSON.stringify(r)).join("\n"));
    const fields = ["--text", "frase", "--label", "nota"];
    const args = ["classify", "judge", "rows.jsonl", ...fields];
    const report = await output([...args, "--out", "told.jsonl"], { cwd });
    assert.match(
      report,
      /^on 4 texts: accuracy 0\.7500, macro F1 0\.\d/,
    );
    assert.match(report, /^right \\ given +não +sim$/m);
    const told = await readRecords<Told>(join(cwd, "told.jsonl"));
    assert.deepEqual(told.map(({ text }) => text), TEXTS);
    assert.deepEqual(told.map(({ predicted }) => predicted), wanted);
    for (const [i, { probabilities }] of told.entries()) {
      const given = LABELS.map((label) => probabilities[label]!);
      assertClose(given, shares[i]!, { atol: 1e-6 }); // through a file of f32
    }
    // The report stays out of the lines.
    const both = await cli(args, { cwd });
    assert.equal(both.stdout, lines);
    assert.match(both.stderr, /accuracy 0\.7500/);

    await refused([...args, "--out", "told.jsonl"], /it is there already/, {
      cwd,
    });
    await refused(
      ["classify", "judge", "rows.jsonl", "--text", "frase", "--label", "x"],
      /row 1 of rows\.jsonl: its field "x" is undefined; it has frase, nota/,
      { cwd },
    );
    await write("odd.csv", "text,label\noi,talvez\n");
    await refused(
      ["classify", "judge", "odd.csv"],
      /text 1: its label is "talvez", wanted não, sim/,
      { cwd },
    );
    await write("empty.txt", "\n\n");
    await refused(["classify", "judge", "empty.txt"], /classify no texts/, {
      cwd,
    });
  }));
