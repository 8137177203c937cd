/** `caderno eval …` as a person runs it, on a model that was never trained. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  Llama,
  llamaConfig,
  openDevice,
  saveLlama,
  saveTokenizer,
  syntheticCorpus,
  trainBpe,
} from "../../../lib/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { cli, output, refused } from "./cli.ts";

const texts = [...syntheticCorpus({ seed: 3, documents: 12 })]
  .map(({ text }) => text);

/** A folder with models "a" and "b" and the data of two tasks. */
async function prepare(cwd: string): Promise<void> {
  const tokenizer = trainBpe(texts, { vocabSize: 500 });
  const config = llamaConfig("tiny-64", {
    vocabSize: tokenizer.vocabSize,
    numHiddenLayers: 1,
    maxPositionEmbeddings: 512,
  });
  using device = await openDevice("cpu");
  for (const [seed, name] of ["a", "b"].entries()) {
    using model = Llama.create(config, { seed, device });
    await saveLlama(join(cwd, name), model);
    await saveTokenizer(join(cwd, name), tokenizer);
  }
  const lines = (rows: object[]) =>
    rows.map((row) => JSON.stringify(row)).join("\n");
  const numbers = [0, 1, 2, 3, 4, 5];
  await Deno.writeTextFile(
    join(cwd, "arc.jsonl"),
    lines(numbers.map((i) => ({
      question: texts[0]!.slice(0, 90 + i),
      choices: ["um gato", "dois gatos"],
      gold: i % 2,
    }))),
  );
  await Deno.writeTextFile(
    join(cwd, "hate.csv"),
    "text,label\n" + numbers.map((i) => `comentário ${i},${i % 2}\n`).join(""),
  );
  await Deno.writeTextFile(
    join(cwd, "pairs.jsonl"),
    lines(numbers.map((i) => ({
      premise: `Um gato ${i}`,
      hypothesis: "Um gato",
      similarity: 1 + i / 2,
    }))),
  );
  await Deno.writeTextFile(join(cwd, "corpus.txt"), texts[0]!);
}

Deno.test("caderno eval runs, goes on, compares, and makes tables", () =>
  inFolder(async (cwd) => {
    await prepare(cwd);
    const run = (model: string, limit: number) =>
      cli(
        [
          ...["eval", "tasks", model, "arc_pt=arc.jsonl"],
          ...["hatebr_offensive=hate.csv", "assin2_sts=pairs.jsonl"],
          ...["--shots", "0", "--limit"],
          ...[String(limit), "--out", join("results", model)],
        ],
        { cwd },
      );
    for (const model of ["a", "b"]) {
      const { code, stderr } = await run(model, 4);
      assert.equal(code, 0, stderr);
    }
    const { stdout, stderr } = await run("a", 5);
    assert.match(stderr, /arc_pt: 4 items are there/);
    assert.match(
      stdout,
      /^arc_pt +acc_norm +\d+\.\d\d .* 5 +0 +60\.00 +0 +0$/m,
    );
    assert.match(stdout, /^hatebr_offensive +f1_macro .* 5 +0 +\d+\.\d\d/m);
    // Variance of 1, 1.5, 2, 2.5, 3, on its own scale.
    assert.match(stdout, /^ +mse +\d+\.\d{3} .* 0\.500$/m);
    const results = JSON.parse(
      await Deno.readTextFile(join(cwd, "results/a/results.json")),
    );
    assert.equal(
      results.configs.hatebr_offensive.output_type,
      "generate_until",
    );
    assert.equal(results["n-samples"].arc_pt.effective, 5);
    assert.equal(results.floors.arc_pt.acc, 0.6);
    const samples = await Deno.readTextFile(
      join(cwd, "results/a/samples_arc_pt.jsonl"),
    );
    const sample = JSON.parse(samples.split("\n")[0]!);
    const rows = await Deno.readTextFile(join(cwd, "arc.jsonl"));
    const given = rows.split("\n")[Number(sample.doc_id)]!;
    assert.deepEqual(sample.doc, JSON.parse(given));
    assert.match(sample.doc_hash, /^[0-9a-f]{64}$/);

    const compared = await output(
      ["eval", "compare", "results/a", "results/b"],
      { cwd },
    );
    assert.match(compared, /^arc_pt +acc +4 +\d/m);
    assert.match(compared, /^hatebr_offensive +f1_macro +4 +\d/m);
    const table = await output(["eval", "table", "fewshot", "results/a"], {
      cwd,
    });
    assert.match(table, /^a ← +\d+\.\d\d$/m);
    assert.match(table, /^Gpt2-small: .* 29\.97, its scores mean 29\.88$/m);

    const corpus = await output(
      ["eval", "contamination", "arc_pt=arc.jsonl", "corpus.txt"],
      { cwd },
    );
    assert.match(corpus, /^6 of 6 items share 13 words in a row/m);
    assert.match(corpus, /^0 +\d+\.?\d* % +corpus\.txt/m);
    const pack = ["corpus", "pack", "corpus.txt", "--tokenizer", "a"];
    await output([...pack, "--held-out", "0", "--out", "shards"], { cwd });
    const shards = await output(
      ["eval", "contamination", "arc_pt=arc.jsonl", "shards"],
      { cwd },
    );
    assert.match(shards, /^0 +\d+\.?\d* % +shards document 0/m);
    assert.equal(shards.split("\n").at(-2), corpus.split("\n").at(-2));
  }));

Deno.test("caderno eval runs tasks of one's own, and says what it left out", () =>
  inFolder(async (cwd) => {
    await prepare(cwd);
    const write = (name: string, ...lines: string[]) =>
      Deno.writeTextFile(join(cwd, name), lines.join("\n"));
    await write(
      "own.yaml",
      "task: own",
      "dataset_path: own.jsonl",
      "output_type: multiple_choice",
      'doc_to_text: "{{q}}"',
      'doc_to_choice: "{{c}}"',
      "doc_to_target: g",
      "metadata: { version: 1 }",
    );
    const row = (g: number) =>
      JSON.stringify({ q: "Um gato", c: ["a", "o"], g });
    await write("own.jsonl", row(0), row(1), row(2), "{}");
    await write(
      "code.ts",
      "export default () => ({",
      "  task: { name: 'code', summary: '', kind: 'cloze', shots: 0,",
      "    askedSplits: ['test'], shotSplits: [], metric: 'acc' },",
      "  items: ['1', '2'].map((id) => ({",
      "    id, split: 'test', context: 'Um ' + id, target: 'gato' })),",
      "});",
    );
    await write(
      "cloze.csv",
      "id,sentence,last_word",
      "1,Era uma,vez",
      "2,O gato,mia",
    );
    const { stdout, stderr, code } = await cli(
      [
        ...["eval", "tasks", "a", "code.ts", "cloze_pt=cloze.csv", "synthetic"],
        ...["--limit", "6", "--task", "own.yaml", "--out", "out"],
        ...["--settings", "shared"],
      ],
      { cwd },
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /passed over metadata/);
    assert.match(stderr, /left out: Cannot use item 2 of own\.yaml/);
    assert.match(stderr, /left out: .* item 3 .* the row has no "c"/);
    assert.match(stdout, /^own +acc +.* 2 +0 +50\.00 +0 +2$/m);
    assert.match(stdout, /^code +acc +.* 2 +0 +0 +0$/m);
    assert.match(stdout, /^cloze_pt +acc [^]*^ +perplexity +\d+\.\d{3}/m);
    assert.match(
      stdout,
      /^synthetic +acc_norm [^]*^ {2}comprehension +acc_norm/m,
    );
    const { results, skipped, group_subtasks } = JSON.parse(
      await Deno.readTextFile(join(cwd, "out/results.json")),
    );
    assert.deepEqual(skipped, { code: 0, cloze_pt: 0, synthetic: 0, own: 2 });
    const [family] = group_subtasks.synthetic;
    assert.match(results[family].alias, /^ - \w+$/);
    const compared = await output(["eval", "compare", "out", "out"], { cwd });
    assert.match(compared, /^cloze_pt +perplexity/m);
  }));

Deno.test("caderno eval refuses what it cannot use", () =>
  inFolder(async (cwd) => {
    const cases: [string[], RegExp][] = [
      [["tasks", "m", "bluex"], /Cannot run bluex without its data/],
      [
        ["tasks", "m", "mine.jsonl"],
        /mine.jsonl as a task: it is data; wanted TASK=/,
      ],
      [["tasks", "m"], /no task: name one, or give --task FILE/],
      [
        ["tasks", "m", "synthetic", "--settings", "okapy"],
        /nearest is "okapi"/,
      ],
      [["tasks", "m", "none.yaml"], /no file .*none\.yaml/],
      [["tasks", "m", "synthetic", "synthetic"], /score synthetic twice/],
      [["tasks", "m", "arc_tp=x"], /task "arc_tp", the nearest is "arc_pt"/],
      [["compare", ".", "."], /has no samples_\*\.jsonl/],
      [["table", "few"], /the table "few".*: there are fewshot, finetuned/],
      [["table", "fewshot", "none"], /no file .*results\.json/],
      [["contamination", "arc_pt=none.jsonl", "x"], /no file .*none\.jsonl/],
    ];
    for (const [args, pattern] of cases) {
      await refused(["eval", ...args], pattern, { cwd });
    }
  }));

Deno.test("caderno eval averages over tokens, or over batches when asked", () =>
  inFolder(async (cwd) => {
    await prepare(cwd);
    const evaluate = async (...options: string[]) => {
      const text = await output(
        ["eval", "a", "corpus.txt", "--context", "32", ...options],
        { cwd },
      );
      const [, tokens, loss] = /^corpus\.txt +1 +(\d+) +(\S+)/m.exec(text)!;
      return { text, tokens: Number(tokens), loss: Number(loss) };
    };
    const byToken = await evaluate("--batch", "2");
    assert.doesNotMatch(byToken.text, /batches/);
    const byBatch = await evaluate("--batch", "2", "--batch-mean");
    assert.match(byBatch.text, /means over batches of 2 x 32 tokens/);
    assert.equal(byBatch.tokens, byToken.tokens - byToken.tokens % 32);
    // One sequence a batch: all weigh the same, as with tokens.
    const single = await evaluate("--batch", "1", "--batch-mean");
    assert.equal(single.tokens, byBatch.tokens);
    assert.notEqual(single.loss, byBatch.loss);
  }));
