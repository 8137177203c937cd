/** How items are read, written and preceded by examples. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  CHOICE_TASKS,
  type ChoiceItem,
  type ChoiceRecord,
  choiceSequence,
  findChoiceTask,
  harnessResults,
  readChoiceItems,
  shotWriter,
  splitItems,
  summarizeChoices,
  summarizeGroups,
} from "../../lib/eval/mod.ts";
import { ConfigError, DataError, FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";
import { sampleItem as item, tokenizer } from "./sample_choices.ts";

const ARC = findChoiceTask("arc_pt");
const TRAIN = Array.from(
  { length: 5 },
  (_, i) =>
    item({
      id: `t${i}`,
      split: "train",
      question: `Pergunta ${i}?`,
      gold: i % 2,
    }),
);

Deno.test("tasks write their prompts as the harness does", () => {
  const write = (name: string) => {
    const task = findChoiceTask(name);
    return [task.prompt(item()), task.answers(item())];
  };
  assert.deepEqual(write("arc_pt"), [
    "Question: Quantas pernas tem um gato?\nAnswer:",
    ["duas", "quatro"],
  ]);
  assert.deepEqual(write("mmlu_pt"), [
    "Question: Quantas pernas tem um gato?\nChoices:\nA. duas\nB. quatro\nAnswer:",
    ["duas", "quatro"],
  ]);
  assert.deepEqual(write("m_mmlu_pt"), [
    "Quantas pernas tem um gato?\nA. duas\nB. quatro\nAnswer:",
    ["A", "B"],
  ]);
  assert.equal(write("truthfulqa_pt")[0], "Q: Quantas pernas tem um gato?\nA:");
  assert.match(
    findChoiceTask("truthfulqa_pt").description!,
    /^Q: What is human life[^]*Spain\.$/,
  );
});

Deno.test("shotWriter() solves examples and separates them by blank lines", () => {
  const split = splitItems(ARC, [item(), ...TRAIN]);
  assert.deepEqual(split.asked.map(({ id }) => id), ["1"]);
  const fixed = shotWriter(ARC, split, { shots: 2 });
  const text = fixed(item());
  assert.match(
    text,
    /^Question: Pergunta \d\?\nAnswer: (duas|quatro)\n\nQuestion: Pergunta \d\?\nAnswer: (duas|quatro)\n\n$/,
  );
  assert.equal(fixed(item({ id: "2" })), text);
  const drawn = shotWriter(ARC, split, { shots: 2, sampling: "drawn" });
  const texts = new Set(
    Array.from({ length: 20 }, (_, i) => drawn(item({ id: `${i}` }))),
  );
  assert.ok(texts.size > 3);
  assert.equal(drawn(item()), drawn(item()));
});

Deno.test("shotWriter() never shows an item its own answer", async () => {
  const items = TRAIN.map((train) => ({ ...train, split: "test" }));
  const split = splitItems(ARC, items);
  assert.deepEqual(split.pool, []);
  for (const sampling of ["fixed", "drawn"] as const) {
    const write = shotWriter(ARC, split, { shots: 4, sampling });
    for (const asked of items) {
      const text = write(asked);
      assert.equal(text.split("Question:").length, 5);
      assert.ok(!text.includes(asked.question));
    }
  }
  await assertFails(
    () => shotWriter(ARC, split, { shots: 5 }),
    ConfigError,
    /5 examples of arc_pt: there are 5 items/,
  );
  await assertFails(
    () => splitItems(ARC, [item({ split: "train" })]),
    DataError,
    /asks test or validation or val, the data has train/,
  );
  await assertFails(
    () => findChoiceTask("arc_tp"),
    ConfigError,
    /the nearest is "arc_pt"/,
  );
});

Deno.test("choiceSequence() moves spaces and cuts from the left", async () => {
  const sequence = (context: string, choice: string, maxLength = 100) =>
    choiceSequence(tokenizer, context, choice, { maxLength });
  const plain = sequence("Era uma vez", " um gato");
  const moved = sequence("Era uma vez ", "um gato");
  assert.deepEqual(moved.ids, plain.ids);
  assert.equal(moved.scored, plain.scored);
  const { ids, scored } = plain;
  assert.equal(tokenizer.decode(ids.slice(0, -scored)), "Era uma vez");
  assert.deepEqual(ids, tokenizer.encode("Era uma vez um gato", { bos: true }));
  const cut = sequence("Era uma vez", " um gato", scored + 1);
  assert.deepEqual(cut.ids, ids.slice(-(scored + 2)));
  assert.deepEqual([cut.isTruncated, plain.isTruncated], [true, false]);
  // <s> alone is a context.
  assert.equal(sequence("", " um").ids[0], tokenizer.bosId);
  await assertFails(() => sequence("Era", ""), DataError, /"": it adds no/);
  await assertFails(
    () => choiceSequence(tokenizer, "", "um", { maxLength: 9, bos: false }),
    DataError,
    /after nothing/,
  );
  await assertFails(
    () => sequence("Era", " um gato que comia", 2),
    DataError,
    /continuation of \d+ tokens: the model's context holds 2/,
  );
});

Deno.test("choiceSequence() encodes apart as laiviet's fork does", () => {
  const apart = choiceSequence(tokenizer, "Era uma vez", " um gato", {
    maxLength: 100,
    bos: false,
    encoding: "apart",
  });
  const [before, after] = [
    tokenizer.encode("Era uma vez"),
    tokenizer.encode(" um gato"),
  ];
  assert.deepEqual([...apart.ids], [...before, ...after]);
  assert.equal(apart.scored, after.length);
  // Encoded by itself, the choice begins with a space of its own.
  const together = choiceSequence(tokenizer, "Era uma vez", " um gato", {
    maxLength: 100,
    bos: false,
  });
  assert.equal(apart.scored, together.scored + 1);
});

/** The same item in every form. */
const FORMS: Record<string, string> = {
  "a list of choices":
    '{"id":7,"question":"Q?","choices":["x","y","z"],"gold":2}',
  "a letter": '{"id":7,"question":"Q?","choices":["x","y","z"],"answer":"C"}',
  "Okapi": '[{"id":7,"question":"Q?","option_a":"x","option_b":"y",' +
    '"option_c":"z","option_d":"","answer":"C"}]',
  "Hugging Face": '{"id":7,"question":"Q?","choices":{"text":["x","y","z"],' +
    '"label":["1","2","3"]},"answerKey":"3"}',
  "gpt-4-enem": '[{"id":"ENEM_7","context":"","question":"Q?","options":' +
    '["x","y","z"],"alternatives":["A x"],"label":"c","answer":""}]',
  "enem-api": '{\n"id":7,"context":null,"alternativesIntroduction":"Q?",' +
    '"correctAlternative":"C","files":[],"alternatives":[{"text":"x"},' +
    '{"text":"y"},{"text":"z"}]}',
};

for (const [name, text] of Object.entries(FORMS)) {
  Deno.test(`readChoiceItems() reads ${name}`, () =>
    inFolder(async (folder) => {
      const path = join(folder, "test.json");
      await Deno.writeTextFile(path, text);
      const given = JSON.parse(text);
      assert.deepEqual(await readChoiceItems(path), [{
        id: "7",
        split: "test",
        question: "Q?",
        choices: ["x", "y", "z"],
        gold: 2,
        doc: Array.isArray(given) ? given[0] : given,
      }]);
    }));
}

Deno.test("readChoiceItems() reads the bar exams as they are kept", () =>
  inFolder(async (folder) => {
    const path = join(folder, "2012-08.txt");
    await Deno.writeTextFile(
      path,
      "---\nENUM Questão 1\n\nAREA ETHICS\n\nQuem\nfala?\n\nOPTIONS\n\n" +
        "A) O juiz\nfala.\n\nB:CORRECT) Ninguém.\n\n---\nQuestão 2\n\nAREA\n\n" +
        "Anulada?\n\nOPTIONS\n\nA) Sim.\n\nB) Não.\n",
    );
    const told: string[] = [];
    const onSkip = (reason: string) => told.push(reason);
    const [{ doc: _, ...item }, ...others] = await readChoiceItems(path, {
      onSkip,
    }) as [ChoiceItem, ...ChoiceItem[]];
    assert.deepEqual([item, ...others], [{
      id: "2012-08_1",
      split: "test",
      question: "Quem fala?",
      choices: ["O juiz fala.", "Ninguém."],
      gold: 1,
      group: "2012-08",
    }]);
    assert.match(told.join(), /item 2012-08_2 .* its answer is -1/);
  }));

Deno.test("readChoiceItems() reads TruthfulQA and HellaSwag", () =>
  inFolder(async (folder) => {
    const path = join(folder, "pt_validation.jsonl");
    const truthful = {
      question: "Q?",
      mc1_targets: { choices: ["no", "yes"], labels: [0, 1] },
      mc2_targets: { choices: ["a", "b", "c"], labels: [0, 1, 1] },
    };
    const swag = {
      activity_label: "Cozinhar",
      ctx_a: "Ela corta [mostra] o pão.",
      ctx_b: "então ELA",
      endings: ["come [title] e ri.", "dorme"],
      label: "1",
    };
    await Deno.writeTextFile(
      path,
      [truthful, swag].map((x) => JSON.stringify(x)).join("\n"),
    );
    const [first, second] = await readChoiceItems(path);
    assert.equal(first!.split, "validation");
    assert.equal(first!.gold, 1);
    assert.deepEqual(first!.truth, {
      choices: ["a", "b", "c"],
      labels: [0, 1, 1],
    });
    assert.equal(second!.question, "Cozinhar: Ela corta o pão. Então ela");
    assert.deepEqual(second!.choices, ["come. e ri.", "dorme"]);
    assert.equal(second!.gold, 1);
  }));

const WRONG: [string, string, RegExp][] = [
  ["no JSON", "{", /as JSON or JSON Lines/],
  ["no question", '{"choices":["a","b"],"gold":0}', /item 0 .* no question/],
  ["no choices", '{"id":"x","question":"Q"}', /item x .* neither choices nor/],
  ["one choice", '{"question":"Q","choices":["a"],"gold":0}', /fewer than two/],
  [
    "a label out of range",
    '{"question":"Q","choices":["a","b"],"gold":2}',
    /its answer is 2, wanted one of A, B or an index below 2/,
  ],
  [
    "an unknown letter",
    '{"question":"Q","choices":["a","b"],"answer":"E"}',
    /its answer is "E"/,
  ],
  [
    "no answer",
    '{"question":"Q","choices":["a","b"],"gold":null}',
    /its answer is null, wanted one of A, B/,
  ],
  [
    "an empty choice between others",
    '{"question":"Q","option_a":"x","option_b":"","option_c":"z","answer":"B"}',
    /a choice is empty/,
  ],
  [
    "a picture",
    '{"question":"Q","has_associated_images":true}',
    /item 0 .* it needs a picture/,
  ],
  [
    "an empty choice",
    '{"question":"Q","choices":["a"," "],"gold":0}',
    /a choice is empty/,
  ],
  [
    "labels that do not fit",
    '{"question":"Q","mc1_choices":["a","b"],"mc1_labels":[1]}',
    /mc1 has no choices with as many labels/,
  ],
];

for (const [name, text, pattern] of WRONG) {
  Deno.test(`readChoiceItems() names an item with ${name}`, () =>
    inFolder(async (folder) => {
      const path = join(folder, "x.jsonl");
      await Deno.writeTextFile(path, text);
      await assertFails(() => readChoiceItems(path), FormatError, pattern);
    }));
}

Deno.test("readChoiceItems() leaves out what somebody hears of", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.jsonl");
    const [, bad] = WRONG.at(4)!;
    const good =
      '{"question":"Q","choices":["a","b"],"gold":0,"subject":"law"}';
    await Deno.writeTextFile(path, [bad, good, bad].join("\n"));
    const told: string[] = [];
    const onSkip = (reason: string) => told.push(reason);
    const items = await readChoiceItems(path, { onSkip });
    assert.deepEqual(items.map(({ id, group }) => [id, group]), [["1", "law"]]);
    assert.equal(told.length, 2);
    assert.match(told[1]!, /Cannot use item 2 of .*its answer is 2/);
    await Deno.writeTextFile(path, bad);
    await assertFails(
      () => readChoiceItems(path, { onSkip }),
      DataError,
      /any of 1 items; the first: Cannot use item 0/,
    );
  }));

Deno.test("readChoiceItems() refuses an empty file and a missing one", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.jsonl");
    await assertFails(() => readChoiceItems(path), DataError, /no file/);
    await Deno.writeTextFile(path, "\n");
    await assertFails(() => readChoiceItems(path), DataError, /no items in it/);
  }));

const FACTS = {
  model: "m",
  device: "cpu",
  seed: 1234,
  bos: true,
  limit: 2,
  seconds: 1.5,
  cadernoVersion: "0",
  maxLength: 256,
  date: new Date(1000),
};

Deno.test("harnessResults() has the harness' names", () => {
  const record = {
    id: "1",
    doc: {},
    context: "Question: Q\nAnswer:",
    choices: ["a", "b"],
    gold: 1,
    logLikelihoods: [-2, -1],
    isGreedy: [false, true],
    isTruncated: false,
    metrics: { acc: 1, acc_norm: 1, acc_bytes: 1 },
    computedTokens: 5,
    separateTokens: 9,
  };
  const summary = summarizeChoices([record, {
    ...record,
    metrics: { acc: 0 },
  }]);
  const results = harnessResults(
    [{ task: ARC, shots: 25, summary, available: 9 }],
    FACTS,
  ) as Record<string, Record<string, Record<string, unknown>>>;
  assert.deepEqual(summary.floors, { acc: 1, acc_norm: 1, acc_bytes: 1 });
  const truthful = { ...record, metrics: { acc: 1, mc1: 1, mc2: 0.5 } };
  assert.deepEqual(summarizeChoices([truthful]).floors, {});
  const { arc_pt } = results.results!;
  assert.equal(arc_pt!["acc,none"], 0.5);
  assert.equal(arc_pt!["acc_stderr,none"], 0.5);
  assert.equal(arc_pt!["acc_norm_stderr,none"], "N/A"); // of one item
  assert.deepEqual(results["n-shot"], { arc_pt: 25 });
  assert.deepEqual(results["n-samples"], {
    arc_pt: { original: 9, effective: 2 },
  });
  const grouped = [{ ...record, group: "law" }, { ...record, group: "art" }];
  const records: ChoiceRecord[] = [...grouped, record];
  const groups = summarizeGroups(records, summarizeChoices);
  assert.deepEqual(Object.keys(groups), ["art", "law"]);
  const result = { task: ARC, shots: 0, summary, groups, available: 2 };
  const withGroups = harnessResults(
    [{ ...result, skipped: 3, bos: false }],
    FACTS,
  ) as Record<string, Record<string, unknown>>;
  assert.deepEqual(withGroups.group_subtasks, {
    arc_pt: ["arc_pt_art", "arc_pt_law"],
  });
  const law = withGroups.results!.arc_pt_law as Record<string, unknown>;
  assert.deepEqual([law.alias, law["acc,none"], law.sample_len], [
    " - law",
    1,
    1,
  ]);
  assert.deepEqual(withGroups.skipped, { arc_pt: 3 });
});

Deno.test("every task has a name of its own and a summary", () => {
  const names = CHOICE_TASKS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { summary, askedSplits } of CHOICE_TASKS) {
    assert.ok(summary.length > 10 && askedSplits.length > 0);
  }
});
