/**
 * Generative tasks: prompts, examples, and the readers of their data, against
 * texts that were written out by hand.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parquetWriteFile } from "hyparquet-writer";
import {
  ANSWER_TASKS,
  type AnswerItem,
  findAnswerTask,
  planAnswers,
  readAnswerItems,
  readChoiceItems,
} from "../../lib/eval/mod.ts";
import { ConfigError, DataError, FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";
import { referencePath, referenceTest } from "../support/reference.ts";

const RTE = findAnswerTask("assin2_rte");
const STS = findAnswerTask("assin2_sts");
const OAB = findAnswerTask("oab_exams");
const HATE = findAnswerTask("hatebr_offensive");
const NLI = findAnswerTask("faquad_nli");
const TWEETS = findAnswerTask("tweetsentbr");

const pair = (id: string, gold: string | number): AnswerItem => ({
  id,
  split: id.split("/")[0]!,
  fields: { premise: `P ${id}`, hypothesis: `H ${id}` },
  gold,
});

Deno.test("planAnswers() writes description, examples and prompt", () => {
  const items = [
    ...[3251, 7, 1].map((n) => pair(`train/${n}`, n > 3000 ? "Não" : "Sim")),
    pair("test/1", "Sim"),
  ];
  const plan = planAnswers(RTE, items, { shots: 2 });
  assert.deepEqual(plan.asked.map(({ id }) => id), ["test/1"]);
  // In the order of the published list.
  assert.deepEqual(plan.examples.map(({ id }) => id), [
    "train/1",
    "train/3251",
  ]);
  assert.equal(
    plan.head + RTE.prompt(plan.asked[0]!.fields),
    "Abaixo estão pares de premissa e hipótese. Para cada par, indique se a " +
      "hipótese pode ser inferida a partir da premissa, responda apenas com " +
      '"Sim" ou "Não".\n\n' +
      "Premissa: P train/1\nHipótese: H train/1\nPergunta: A hipótese pode ser " +
      "inferida pela premissa? Sim ou Não?\nResposta: Sim\n\n" +
      "Premissa: P train/3251\nHipótese: H train/3251\nPergunta: A hipótese " +
      "pode ser inferida pela premissa? Sim ou Não?\nResposta: Não\n\n" +
      "Premissa: P test/1\nHipótese: H test/1\nPergunta: A hipótese pode ser " +
      "inferida pela premissa? Sim ou Não?\nResposta:",
  );
  const scores = [pair("train/1", 3.5), pair("test/1", 1)];
  assert.match(planAnswers(STS, scores, { shots: 1 }).head, /: 3,5\n\n$/);
});

Deno.test("planAnswers() keeps published examples out of the exam", () => {
  const question = (id: string): AnswerItem => ({
    id,
    split: "test",
    fields: { question: id, options: "A. a" },
    gold: "A",
  });
  const ids = ["2010-01_11", "2010-01_2", "2010-01_1", "2010-01_99"];
  const plan = planAnswers(OAB, ids.map(question), { shots: 1 });
  assert.deepEqual(plan.examples.map(({ id }) => id), ["2010-01_1"]);
  assert.deepEqual(plan.asked.map(({ id }) => id), ["2010-01_2"]);
  assert.match(plan.head, /Questão:\n2010-01_1\nAlternativas:\nA\. a\nRes/);
});

Deno.test("planAnswers() draws as many examples of each answer", async () => {
  const items = Array.from(
    { length: 30 },
    (_, i) => ({ ...pair(`train/${i}`, i < 24 ? "Sim" : "Não") }),
  );
  const all = [...items, pair("test/0", "Sim")];
  const draw = (seed: number) =>
    planAnswers(HATE, all, { shots: 10, seed }).examples;
  const golds = draw(1).map(({ gold }) => gold);
  assert.equal(golds.filter((gold) => gold === "Não").length, 5);
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  // The rarer answer runs out: the other one fills up.
  const many = planAnswers(HATE, all, { shots: 20 }).examples;
  assert.equal(many.filter(({ gold }) => gold === "Não").length, 6);
  await assertFails(
    () => planAnswers(HATE, all, { shots: 31 }),
    ConfigError,
    /31 examples of hatebr_offensive: the data has 30 to draw from/,
  );
  await assertFails(
    () => planAnswers(RTE, all, { shots: 30 }),
    ConfigError,
    /the data has 25 of the published ones; draw balanced/,
  );
  await assertFails(
    () => planAnswers(RTE, items, { shots: 0 }),
    DataError,
    /asks test or validation, the data has train/,
  );
});

Deno.test("planAnswers() takes the leaderboard's examples by their place", () => {
  const text = (id: string, split = "train"): AnswerItem => ({
    id,
    split,
    fields: { text: id, question: id, answer: id },
    gold: Number(id.split("/")[1]) % 2 ? "Sim" : "Não",
  });
  // 48, 44 and 36 begin the published list of HateBR.
  const hate = [36, 48, 44, 1].map((n) => text(`idx/${n}`));
  const asked = text("idx/9", "test");
  const ids = (plan: ReturnType<typeof planAnswers>) =>
    plan.examples.map(({ id }) => id);
  const published = planAnswers(HATE, [...hate, asked], { shots: 3 });
  assert.equal(published.sampling, "fixed");
  assert.deepEqual(ids(published), ["idx/48", "idx/44", "idx/36"]);
  // Where they are missing, balanced ones stand in.
  assert.equal(
    planAnswers(HATE, [...hate, asked], { shots: 4 }).sampling,
    "balanced",
  );
  // Rows 1893 and 949 of FaQuAD-NLI, but not of pairs that were derived.
  const pairs = Array.from({ length: 2000 }, (_, i) => text(`q/${i}`));
  const places = planAnswers(NLI, [...pairs, asked], { shots: 2 });
  assert.deepEqual(ids(places), ["q/1893", "q/949"]);
  const derived = pairs.map((pair) => ({ ...pair, isDerived: true }));
  assert.equal(
    planAnswers(NLI, [...derived, asked], { shots: 2 }).sampling,
    "balanced",
  );
  const tweets = planAnswers(TWEETS, [...hate, asked], { shots: 2 });
  assert.deepEqual(ids(tweets), ["idx/36", "idx/48"]);
});

Deno.test("readAnswerItems() knows the names of TweetSentBR's labels", () =>
  inFolder(async (folder) => {
    const path = join(folder, "train.csv");
    const rows = "idx,sentence,label\n3,bom,Positive\n4,mau,-1\n";
    await Deno.writeTextFile(path, rows);
    const items = await readAnswerItems(TWEETS, path);
    assert.deepEqual(items.map(({ id, gold }) => [id, gold]), [
      ["idx/3", "Positivo"],
      ["idx/4", "Negativo"],
    ]);
    await Deno.writeTextFile(path, rows + "5,x,Sim\n");
    await assertFails(
      () => readAnswerItems(TWEETS, path),
      FormatError,
      /item idx\/5 .* its label is "sim", wanted .*positive/,
    );
  }));

Deno.test("every generative task has a name of its own and its layout", () => {
  assert.equal(
    new Set(ANSWER_TASKS.map(({ name }) => name)).size,
    ANSWER_TASKS.length,
  );
  for (const { name, prompt, description, form } of ANSWER_TASKS) {
    const fields = { question: "Q", options: "O", text: "T", answer: "R" };
    const text = prompt({ ...fields, premise: "P", hypothesis: "H" });
    assert.doesNotMatch(text, /undefined|\s$/, name);
    assert.match(description, /\.$/, name);
    assert.ok(form.kind !== "letter" || description.includes('"D"'), name);
  }
});

/** The same pair in three forms. */
const PAIR_FILES: Record<string, string> = {
  "assin2-train.xml":
    '<?xml version="1.0"?><entailment-corpus>\n<pair entailment="Entailment" ' +
    'id="12" similarity="4.5">\n<t>Um cão &amp; um gato</t><h>Há um cão</h>' +
    "</pair></entailment-corpus>",
  "train.jsonl":
    '{"sentence_pair_id":12,"premise":"Um cão & um gato","hypothesis":' +
    '"Há um cão","entailment_judgment":1,"relatedness_score":4.5}',
  "train.csv":
    "id,premise,hypothesis,entailment,similarity\n12,Um cão & um gato,Há um cão,1,4.5\n",
};

for (const [name, text] of Object.entries(PAIR_FILES)) {
  Deno.test(`readAnswerItems() reads pairs of ${name}`, () =>
    inFolder(async (folder) => {
      const path = join(folder, name);
      await Deno.writeTextFile(path, text);
      const wanted = {
        id: "train/12",
        split: "train",
        fields: { premise: "Um cão & um gato", hypothesis: "Há um cão" },
      };
      for (const [task, gold] of [[RTE, "Sim"], [STS, 4.5]] as const) {
        const [{ doc, ...item }, ...others] = await readAnswerItems(
          task,
          path,
        ) as [AnswerItem, ...AnswerItem[]];
        assert.deepEqual([item, ...others], [{ ...wanted, gold }]);
        assert.match(JSON.stringify(doc), /"Há um cão"/);
      }
    }));
}

Deno.test("readAnswerItems() reads a folder with Parquet", () =>
  inFolder(async (folder) => {
    const write = (name: string, data: string[], labels: number[]) =>
      parquetWriteFile({
        filename: join(folder, name),
        columnData: [
          { name: "sentence", data },
          // Integers of 64 bits, as Hugging Face writes them.
          { name: "label", data: labels.map(BigInt), type: "INT64" },
        ],
      });
    await write("test-00000.parquet", ["bom", "mau"], [0, 1]);
    await write("train-00000.parquet", ["a"], [1]);
    await Deno.writeTextFile(join(folder, "README.md"), "not data");
    const items = await readAnswerItems(HATE, folder);
    assert.deepEqual(
      items.map(({ split, fields, gold }) => [split, fields.text, gold]),
      [["test", "bom", "Não"], ["test", "mau", "Sim"], ["train", "a", "Sim"]],
    );
    assert.equal(new Set(items.map(({ id, split }) => split + id)).size, 3);
  }));

Deno.test("readAnswerItems() derives FaQuAD-NLI from passages", () =>
  inFolder(async (folder) => {
    const context = "A lei nº 2.620 é de 1966. Ela criou cursos! Depois veio " +
      "o campus.";
    const answer = "cursos";
    const start = context.indexOf(answer);
    const squad = {
      version: "1",
      data: [{
        title: "UFMS",
        paragraphs: [{
          context,
          qas: [{
            id: "q",
            question: "O que a lei criou?",
            answers: [
              { text: "Ela criou cursos! Depois", answer_start: start - 10 },
              { text: answer, answer_start: start },
            ],
          }],
        }],
      }],
    };
    const path = join(folder, "dev.json");
    await Deno.writeTextFile(path, JSON.stringify(squad, null, 1));
    const items = await readAnswerItems(NLI, path);
    assert.deepEqual(items.map(({ fields, gold }) => [fields.answer, gold]), [
      ["A lei nº 2.620 é de 1966.", "Não"],
      ["Ela criou cursos!", "Sim"],
      ["Depois veio o campus.", "Não"],
    ]);
    assert.deepEqual(items.map(({ id }) => id), ["q/0", "q/1", "q/2"]);
    // A wrong place is passed over while another answer has a right one.
    const { answers } = squad.data[0]!.paragraphs[0]!.qas[0]!;
    answers[0]!.answer_start = 3;
    await Deno.writeTextFile(path, JSON.stringify(squad));
    assert.deepEqual(await readAnswerItems(NLI, path), items);
    answers[1]!.answer_start = 3;
    await Deno.writeTextFile(path, JSON.stringify(squad));
    await assertFails(
      () => readAnswerItems(NLI, path),
      FormatError,
      /item q of .*none of its answers stands where it says/,
    );
  }));

const WRONG: [typeof RTE, string, RegExp][] = [
  [HATE, '{"id":9,"text":" ","label":1}', /item 9 .* no text or sentence/],
  [HATE, '{"text":"x","label":2}', /item 0 .* its label is "2"/],
  [RTE, '{"premise":"a","entailment":1}', /no hypothesis or h/],
  [
    STS,
    '{"premise":"a","hypothesis":"b","similarity":7}',
    /similarity is "7", wanted 1 to 5/,
  ],
  [NLI, '{"question":"a"}', /neither an answer nor a context with answers/],
  [
    OAB,
    '{"question":"q","choices":["1","2","3","4","5"],"gold":0}',
    /5 choices, oab_exams takes 4/,
  ],
];

Deno.test("readAnswerItems() names an item that it cannot use", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.jsonl");
    for (const [task, text, pattern] of WRONG) {
      await Deno.writeTextFile(path, text);
      await assertFails(
        () => readAnswerItems(task, path),
        FormatError,
        pattern,
      );
    }
    const xml = join(folder, "x.xml");
    await Deno.writeTextFile(xml, "<html><t>a</t></html>");
    await assertFails(
      () => readAnswerItems(RTE, xml),
      FormatError,
      /wanted the <pair> elements of ASSIN/,
    );
    const parquet = join(folder, "x.parquet");
    await Deno.writeTextFile(parquet, "PAR");
    await assertFails(
      () => readChoiceItems(parquet),
      FormatError,
      /x\.parquet as Parquet/,
    );
  }));

referenceTest(
  "readAnswerItems() reads the real sets",
  "eval/assin2.jsonl",
  async () => {
    const read = async (name: string, file: string) => {
      const task = findAnswerTask(name);
      return {
        task,
        items: await readAnswerItems(task, referencePath(`eval/${file}.jsonl`)),
      };
    };
    // Counts of the README beside the files; ASSIN2 has 15 published examples.
    const rte = await read("assin2_rte", "assin2");
    const plan = planAnswers(rte.task, rte.items);
    assert.equal(plan.asked.length, 1193);
    assert.equal(plan.examples.length, 15);
    const yes = plan.asked.filter(({ gold }) => gold === "Sim").length;
    assert.equal((yes / 1193).toFixed(3), "0.492");
    const hate = await read("hatebr_offensive", "hatebr");
    assert.equal(planAnswers(hate.task, hate.items).asked.length, 3494 - 25);
    const oab = await read("oab_exams", "oab");
    assert.equal(oab.items.length, 1107);
    const enem = await read("enem_challenge", "enem");
    assert.equal(enem.items.length, 139);
    // Every question has a sentence that answers it, and most have others.
    const { items } = await read("faquad_nli", "faquad");
    const questions = Map.groupBy(items, ({ fields }) => fields.question);
    const answered = [...questions.values()].filter((pairs) =>
      pairs.some(({ gold }) => gold === "Sim")
    );
    assert.equal(answered.length, questions.size);
    const positive = items.filter(({ gold }) => gold === "Sim").length;
    assert.ok(positive / items.length < 0.4);
  },
);
