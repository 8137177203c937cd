/** Fine-tuning and chat from the command line, on a model of one block. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openDevice } from "../../../lib/device/mod.ts";
import { Llama, llamaConfig, saveLlama } from "../../../lib/model/mod.ts";
import { saveTokenizer, trainBpe } from "../../../lib/text/mod.ts";
import { loadClassifier } from "../../../lib/train/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { output, refused } from "./cli.ts";

const CHATS = Array.from({ length: 40 }, (_, i) => ({
  instruction: `Diga ${["oi", "sim", "não", "bom dia"][i % 4]}!`,
  output: ["Oi.", "Sim.", "Não.", "Bom dia."][i % 4],
}));
const TEXTS = Array.from({ length: 120 }, (_, i) => ({
  text: `${["o dia", "a noite", "o mar"][i % 3]} ${i % 2 ? "bom" : "ruim"}`,
  nota: i % 2,
}));
const jsonl = (rows: readonly object[]) =>
  rows.map((row) => JSON.stringify(row) + "\n").join("");

/** A folder with a base model, labelled texts and conversations. */
async function prepare(cwd: string): Promise<void> {
  const texts = [
    ...CHATS.map(({ instruction, output }) => `${instruction} ${output}`),
    ...TEXTS.map(({ text }) => text),
  ];
  const tokenizer = trainBpe(texts, { vocabSize: 300 });
  const config = llamaConfig("tiny-64", {
    ...{ vocabSize: tokenizer.vocabSize, hiddenSize: 32, numHiddenLayers: 1 },
    ...{ intermediateSize: 64, maxPositionEmbeddings: 64 },
  });
  const device = await openDevice("cpu");
  using model = Llama.create(config, { seed: 0, device });
  await saveLlama(join(cwd, "base"), model);
  await saveTokenizer(join(cwd, "base"), tokenizer);
  await Deno.writeTextFile(join(cwd, "texts.jsonl"), jsonl(TEXTS));
  await Deno.writeTextFile(join(cwd, "chats.jsonl"), jsonl(CHATS));
}

Deno.test("caderno finetune classify trains, compares and saves", () =>
  inFolder(async (cwd) => {
    await prepare(cwd);
    const args = ["finetune", "classify", "base", "texts.jsonl"];
    const text = await output([
      ...[...args, "--label", "nota", "--out", "result"],
      ...["--learning-rate", "5e-3", "--epochs", "2", "--country", "BRA"],
    ], { cwd });
    assert.match(text, /on 24 test texts +accuracy +macro F1/);
    assert.match(text, /majority +0\.\d{4}/);
    assert.match(text, /TF-IDF, logistic regression +1\.0000 +1\.0000/);
    assert.match(text, /model +1\.0000 +1\.0000/);
    assert.match(text, /right \\ given +0 +1/);
    const device = await openDevice("cpu");
    using classifier = await loadClassifier(join(cwd, "result"), { device });
    const [shares] = await classifier.classify([{ text: "o mar bom" }]);
    assert.ok(shares![1]! > 0.5);
    const path = join(cwd, "result", "results.json");
    const results = JSON.parse(await Deno.readTextFile(path));
    assert.equal(results.epochs[0].scoredOn, "validation");
    assert.match(
      text,
      /^total [^]*^carbon: .* CO2eq at 98\.3 g\/kWh \(Brazil/m,
    );
    const report = await output(["emissions", "report", "result"], { cwd });
    assert.match(report, /^"result" ran for .* used [\d.]+ Wh of electricity/);

    const flattered = await output([
      ...[...args, "--label", "nota", "--out", "other", "--epochs", "1"],
      ...["--best-on-test", "--lora", "--rank", "2"],
    ], { cwd });
    assert.match(flattered, /model, epoch chosen on the test set +0\.\d/);

    const more = [...args, "--out", "third"];
    await refused(
      [...more, "--label", "nota", "--country", "Utopia"],
      /Utopia/,
      {
        cwd,
      },
    );
    await refused(
      more,
      /row 1 of texts\.jsonl: its field "label" is undefined; it has text, nota/,
      { cwd },
    );
    await refused([...args, "--out", "result"], /result: it is there already/, {
      cwd,
    });
    await refused(
      ["finetune", "classify", "base", "texts.txt", "--out", "third"],
      /texts\.txt: wanted a \.csv, \.jsonl, \.json or \.parquet file/,
      { cwd },
    );
  }));

Deno.test("caderno finetune chat teaches a model that caderno chat talks to", () =>
  inFolder(async (cwd) => {
    await prepare(cwd);
    await refused(["chat", "base", "Oi"], /base: it has no chat template/, {
      cwd,
    });
    const args = ["finetune", "chat", "base", "chats.jsonl", "--out", "talker"];
    const text = await output([
      ...[...args, "--epochs", "12", "--learning-rate", "1e-2", "--pack"],
    ], { cwd });
    assert.match(text, /^epoch 1: held-out loss \d\.\d{4} nats per token/);
    const answer = await output([
      ...["chat", "talker", "Diga sim!", "--temperature", "0"],
    ], { cwd });
    assert.equal(answer, "Sim.\n");
    const onExamples = await output([
      ...["chat", "talker", "Diga bom dia!", "--examples", "chats.jsonl"],
      ...["--temperature", "0"],
    ], { cwd });
    assert.equal(onExamples, "Bom dia.\n");

    // Its own template is kept; the vocabulary does not grow again.
    await output([
      ...["finetune", "chat", "talker", "chats.jsonl", "--out", "again"],
      ...["--epochs", "1", "--lora", "--loss", "text-and-padding"],
    ], { cwd });
    const config = async (name: string) =>
      JSON.parse(await Deno.readTextFile(join(cwd, name, "config.json")));
    assert.equal(
      (await config("again")).vocab_size,
      (await config("talker")).vocab_size,
    );
    await refused(
      ["finetune", "chat", "base", "--out", "x"],
      /give either DATA_FILE or --synthetic N/,
      { cwd },
    );
    await refused(
      [...args.with(-1, "x"), "--loss", "all"],
      /over "all": there are answers, text, text-and-padding/,
      { cwd },
    );
  }));
