/**
 * Tasks from YAML files: what templates write against texts written out by hand,
 * and what cannot be used, which is named.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type AnswerItem,
  type AnswerTask,
  type ChoiceTask,
  evaluateAnswers,
  evaluateChoices,
  type OwnTask,
  planAnswers,
  readTemplateTask,
  shotWriter,
  splitItems,
  summarizeChoices,
} from "../../lib/eval/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { trainBpe } from "../../lib/text/mod.ts";
import { DataError, FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";

const EXAMPLE = fileURLToPath(
  new URL("../../data/eval/tasks/capitais.yaml", import.meta.url),
);

/** The prompt of an item with its examples. */
function written({ task, items }: OwnTask, at = 0) {
  const choice = task as ChoiceTask;
  const split = splitItems(choice, items as Parameters<typeof splitItems>[1]);
  const item = split.asked[at]!;
  const context = shotWriter(choice, split)(item) + choice.prompt(item);
  return { item, context, answers: choice.answers(item) };
}

/** Files of a task in a folder; returns the path of the first. */
async function write(folder: string, files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  return join(folder, Object.keys(files)[0]!);
}

const rows = (list: readonly object[]) =>
  list.map((row) => JSON.stringify(row)).join("\n");

Deno.test("readTemplateTask() reads the example", async () => {
  const read = await readTemplateTask(EXAMPLE);
  assert.equal(read.task.name, "capitais");
  assert.equal(read.task.metric, "acc");
  assert.deepEqual(read.ignored, []);
  const { item, context, answers } = written(read);
  assert.equal(item.id, "capital/5");
  assert.deepEqual(answers[item.gold], "Salvador");
  assert.match(
    context,
    /^Capitais dos estados do Brasil\.\n\nPergunta: Qual é a capital (\S+ ?)+\?\nResposta: /,
  );
  assert.equal(context.split("\n\n").length, 4); // description, 2 examples, item
  assert.match(
    context,
    /\n\nPergunta: Qual é a capital da Bahia\?\nResposta:$/,
  );
});

deviceTest("the example is scored on a model", async (device) => {
  const read = await readTemplateTask(EXAMPLE);
  const texts = read.items.map((_, i) => written(read, i % 12).context);
  const tokenizer = trainBpe(texts, { vocabSize: 400 });
  const config = llamaConfig("tiny-64", {
    vocabSize: tokenizer.vocabSize,
    numHiddenLayers: 1,
    maxPositionEmbeddings: 256,
  });
  using model = Llama.create(config, { seed: 0, device });
  const records = await Array.fromAsync(
    evaluateChoices(
      { model, tokenizer },
      read.task as ChoiceTask,
      read.items as Parameters<typeof splitItems>[1],
      { limit: 3 },
    ),
  );
  const { items, metrics } = summarizeChoices(records);
  assert.equal(items, 3);
  assert.ok(metrics.acc!.mean >= 0 && metrics.acc!.mean <= 1);
});

Deno.test("readTemplateTask() draws as the harness, with its delimiters", () =>
  inFolder(async (folder) => {
    const path = await write(folder, {
      "t.yaml": [
        "include: base.yaml",
        "task: t",
        "dataset_path: d.jsonl",
        "num_fewshot: 3",
        'target_delimiter: ""',
        'fewshot_delimiter: "\\n"',
        "metadata: { version: 1 }",
      ].join("\n"),
      "base.yaml": [
        "output_type: multiple_choice",
        "task: base",
        "doc_to_text: q", // the name of a field
        "doc_to_choice: [a, b]",
        "doc_to_target: g", // 0 or 1
      ].join("\n"),
      "d.jsonl": rows(
        Array.from({ length: 12 }, (_, i) => ({ q: `Q${i}`, g: i % 2 })),
      ),
    });
    const read = await readTemplateTask(path);
    assert.deepEqual(read.ignored, ["metadata"]);
    // rnd = random.Random(1234); rnd.sample(range(12), 4) without the item
    assert.equal(written(read, 0).context, "Q7b\nQ1b\nQ10a\nQ0");
    assert.equal(written(read, 1).context, "Q9b\nQ0a\nQ11b\nQ1");
  }));

const GENERATE = [
  "task: conta",
  "dataset_path: json",
  "dataset_kwargs: { data_files: { train: a.jsonl, test: b.jsonl } }",
  "output_type: generate_until",
  "test_split: test",
  "fewshot_split: train",
  "num_fewshot: 1",
  "fewshot_config: { sampler: first_n }",
  'doc_to_text: "{% if tema is defined %}{{tema | upper}}: {% endif %}{{q}} ="',
  'doc_to_target: "{{r}}"',
  'generation_kwargs: { until: ["\\n", "."], max_gen_toks: 5, do_sample: false }',
];
const SUMS = {
  "a.jsonl": rows([{ q: "1 + 1", r: 2, tema: "somas" }]),
  "b.jsonl": rows([{ q: "2 + 2", r: 4 }, { q: "1 + 4", r: "Cinco" }]),
};

deviceTest(
  "readTemplateTask() makes tasks that are answered",
  (device) =>
    inFolder(async (folder) => {
      const path = await write(folder, {
        "t.yaml": [
          ...GENERATE,
          "metric_list: [{ metric: exact_match, ignore_case: true }]",
        ].join("\n"),
        ...SUMS,
      });
      const read = await readTemplateTask(path);
      const task = read.task as AnswerTask;
      const items = read.items as Parameters<typeof planAnswers>[1];
      const { head, asked } = planAnswers(task, items);
      assert.equal(head, "SOMAS: 1 + 1 = 2\n\n");
      assert.equal(task.prompt(asked[0]!.fields), "2 + 2 =");
      assert.deepEqual(asked.map(({ gold }) => gold), ["4", "cinco"]);
      assert.deepEqual([task.until, task.maxTokens], [["\n", "."], 5]);
      const tokenizer = trainBpe(["1 + 1 = 2.\n".repeat(9), head], {
        vocabSize: 300,
        kind: "byte-level",
      });
      const config = llamaConfig("tiny-64", {
        vocabSize: tokenizer.vocabSize,
        numHiddenLayers: 1,
        maxPositionEmbeddings: 64,
      });
      using model = Llama.create(config, { seed: 0, device });
      const records = await Array.fromAsync(
        evaluateAnswers({ model, tokenizer }, task, items),
      );
      assert.equal(records.length, 2);
      for (const { text } of records) assert.doesNotMatch(text, /[\n.]/);
    }),
);

Deno.test("readTemplateTask() reads labels, numbers and cut-out answers", () =>
  inFolder(async (folder) => {
    const read = async (filter: string, r: unknown) => {
      const path = await write(folder, {
        "t.yaml": [
          ...GENERATE,
          `filter_list: [{ name: all, filter: [${filter}, { function: take_first }] }]`,
        ].join("\n"),
        "a.jsonl": rows([{ q: "q", r }]),
        "b.jsonl": rows([{ q: "q", r }]),
      });
      const { task, items } = await readTemplateTask(path);
      const { form, metric } = task as AnswerTask;
      const { gold } = items[0] as AnswerItem;
      return [form.kind, metric, gold];
    };
    assert.deepEqual(
      await read("{ function: find_similar_label, labels: [Sim, Não] }", "Não"),
      ["label", "f1_macro", "Não"],
    );
    assert.deepEqual(
      await read("{ function: find_choices, choices: [A, B] }", "B"),
      ["letter", "acc", "B"],
    );
    const range = "range_min: 1.0, range_max: 5.0, fallback: 5.0";
    assert.deepEqual(
      await read(`{ function: number_filter, ${range} }`, "3,5"),
      ["number", "pearson", 3.5],
    );
    assert.deepEqual(
      await read('{ function: regex, regex_pattern: "= (\\\\d+)" }', 4),
      ["text", "exact_match", "4"],
    );
    await assertFails(
      () => read("{ function: find_choices, choices: [A, B] }", "C"),
      FormatError,
      /item 0 of .*Its target "C" is none of A, B/,
    );
  }));

Deno.test("readTemplateTask() takes examples by id, place, or from the file", () =>
  inFolder(async (folder) => {
    const shown = async (config: string) => {
      const path = await write(folder, {
        "t.yaml": [
          ...CHOICE,
          "num_fewshot: 2",
          `fewshot_config: ${config}`,
        ].join("\n"),
        "d.jsonl": rows(
          Array.from({ length: 6 }, (_, i) => ({ ...GOOD, q: `Q${i}`, n: i })),
        ),
      });
      const read = await readTemplateTask(path);
      const { context } = written(read, 0);
      return [read.items.length, context];
    };
    // An example is not asked.
    const ids = "id_list: [4, 2], id_column: n";
    assert.deepEqual(
      await shown(`{ sampler: id_sampler, sampler_config: { ${ids} } }`),
      [6, "Q4 b\n\nQ2 b\n\nQ0"],
    );
    assert.deepEqual(
      await shown("{ sampler: first_n, indices: [5, 3, 1] }"),
      [6, "Q5 b\n\nQ3 b\n\nQ0"],
    );
    const sample = "{ q: S, c: [a, b], g: 0 }";
    assert.deepEqual(
      await shown(`{ sampler: first_n, samples: [${sample}, ${sample}] }`),
      [8, "S a\n\nS a\n\nQ0"],
    );
  }));

Deno.test("readTemplateTask() reads cloze and rolling tasks", () =>
  inFolder(async (folder) => {
    const path = await write(folder, {
      "t.yaml": [
        "task: lacuna",
        "dataset_path: d.jsonl",
        "output_type: loglikelihood",
        "doc_to_text: \"{{texto.split()[:-1] | join(' ')}}\"",
        'doc_to_target: "{{texto.split() | last}}"',
      ].join("\n"),
      "d.jsonl": rows([{ texto: "O gato comeu o rato" }]),
    });
    const { task, items } = await readTemplateTask(path);
    assert.equal("kind" in task && task.kind, "cloze");
    assert.deepEqual(items, [{
      id: "0",
      split: "asked",
      context: "O gato comeu o",
      target: "rato",
      doc: { texto: "O gato comeu o rato" },
    }]);
  }));

const CHOICE = [
  "task: t",
  "dataset_path: d.jsonl",
  "output_type: multiple_choice",
  'doc_to_text: "{{q}}"',
  'doc_to_choice: "{{c}}"',
  'doc_to_target: "{{g}}"',
];
const GOOD = { q: "Q", c: ["a", "b"], g: 1 };

/** Lines put in place of those of the same key, and what is said of them. */
const WRONG_FILES: [string, RegExp][] = [
  ["doc_to_txt: a", /no field "doc_to_txt", the nearest is "doc_to_text"/],
  ["output_type: multiple_choise", /nearest is "multiple_choice"/],
  ["num_fewshot: -1", /num_fewshot is -1, wanted a whole number/],
  ["repeats: 3", /repeats is 3, which is not done here/],
  ["process_docs: !function utils.f", /calls utils\.f, a function in Python/],
  ['doc_to_text: "{{q"', /Cannot read the template doc_to_text/],
  ["metric_list: [{ metric: f1 }]", /metric "f1" is not one of acc, acc_norm/],
  ["fewshot_config: { sampler: id_sampler }", /its id_list go together/],
  ["fewshot_config: { seed: 1 }", /no field "fewshot_config\.seed"/],
  ["filter_list: []", /filter_list is for generate_until/],
  ["dataset_path: some/set", /some\/set.* name of a set on a hub, download it/],
  ["num_fewshot: 5", /5 examples the data has 1/],
  ["a: [", /as YAML/],
  ["include: t.yaml", /it includes itself/],
  ["task: a/b", /name "a\/b" is not of letters/],
];

for (const [line, pattern] of WRONG_FILES) {
  Deno.test(`readTemplateTask() refuses ${line}`, () =>
    inFolder(async (folder) => {
      const key = line.split(":")[0]!;
      const kept = CHOICE.filter((other) => !other.startsWith(`${key}:`));
      const path = await write(folder, {
        "t.yaml": [...kept, line].join("\n"),
        "d.jsonl": rows([GOOD]),
      });
      const kind = /5 examples|a hub/.test(pattern.source)
        ? DataError
        : FormatError;
      await assertFails(() => readTemplateTask(path), kind, pattern);
    }));
}

/** Templates and rows that fail, and what is said of the item. */
const WRONG_ITEMS: [string, object, RegExp][] = [
  ["", { ...GOOD, q: undefined }, /doc_to_text: the row has no "q"/],
  ["", { ...GOOD, c: ["a"] }, /gives \["a"\], wanted a list of at least two/],
  ["", { ...GOOD, c: ["a", " "] }, /a choice is empty/],
  ["", { ...GOOD, g: 2 }, /gives 2, wanted a place below 2 or one of a, b/],
  ["", { ...GOOD, g: "c" }, /gives "c", wanted a place/],
  ['doc_to_text: "{{q.a.b}}"', GOOD, /the row lacks a field or place/],
  ['doc_to_text: "{{q | nada}}"', GOOD, /doc_to_text: Unknown .*nada/],
  [
    'doc_to_text: "{% for i in range(9000) %}{% for j in range(9000) %}a{% endfor %}{% endfor %}"',
    GOOD,
    /doc_to_text: it does not end within 50000 steps/,
  ],
  [
    'doc_to_text: "{% for i in range(1000000) %}a{% endfor %}"',
    GOOD,
    /a range of 1000000 numbers/,
  ],
  [
    'doc_to_text: "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}"',
    GOOD,
    /doc_to_text: it calls itself again/,
  ],
];

for (const [line, row, pattern] of WRONG_ITEMS) {
  Deno.test(`readTemplateTask() names an item: ${pattern.source}`, () =>
    inFolder(async (folder) => {
      const key = line.split(":")[0]!;
      const kept = CHOICE.filter((other) =>
        line === "" || !other.startsWith(`${key}:`)
      );
      const path = await write(folder, {
        "t.yaml": [...kept, line].join("\n"),
        "d.jsonl": rows([{ ...GOOD, id: "first" }, row]),
      });
      if (line === "") {
        // The good one is left, the bad one is told.
        const told: string[] = [];
        const { items } = await readTemplateTask(path, {
          onSkip: (reason) => told.push(reason),
        });
        assert.deepEqual(items.map(({ id }) => id), ["first"]);
        assert.match(told.join("\n"), /Cannot use item 1 of/);
        assert.match(told.join("\n"), pattern);
      }
      await assertFails(() => readTemplateTask(path), FormatError, pattern);
    }));
}
