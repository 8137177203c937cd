/**
 * Readers of the data behind the generative tasks. Data sets whose licence
 * forbids it are not shipped: download them and give the file.
 *
 * | data      | fields                                                      |
 * | --------- | ----------------------------------------------------------- |
 * | exam      | as multiple choice: question, choices, gold                  |
 * | pairs     | premise, hypothesis, entailment, similarity; ASSIN2's XML    |
 * | questions | question, answer, label; or FaQuAD's context and answers     |
 * | texts     | text, label                                                  |
 *
 * FaQuAD-NLI is not on GitHub: its pairs are derived from FaQuAD, each question
 * with every sentence of its passage, and "Sim" where the answer is.
 *
 * @module
 */
import { ConfigError, FormatError } from "../util/mod.ts";
import { readChoiceItems } from "./choice_items.ts";
import type { AnswerItem, AnswerTask } from "./answer_task.ts";
import {
  type ItemReadOptions,
  readDataRows,
  type RowFields,
  splitOfFile,
  usableItems,
} from "./data_rows.ts";

/** Names that the public files give to the same thing. */
const TEXT_NAMES = ["text", "sentence", "instagram_comments", "comentario"];
const LABEL_NAMES = [
  ...["label", "offensive_language", "label_final", "hatespeech_comb"],
  "offensive",
];
const ENTAILMENT_NAMES = ["entailment", "entailment_judgment"];
const SIMILARITY_NAMES = ["similarity", "relatedness_score"];

/** A row that is read, and how to refuse it. */
interface Row {
  readonly fields: RowFields;
  readonly fail: (why: string) => never;
}

/** The first of the fields that is there and not blank, as text. */
function textOf({ fields, fail }: Row, names: readonly string[]): string {
  const value = names.map((name) => fields[name]).find((v) => v !== undefined);
  const text = value === undefined ? "" : String(value).trim();
  return text === "" ? fail(`it has no ${names.join(" or ")}`) : text;
}

const YES = /^(1|true|sim|yes|entailment|offensive)$/i;
const NO = /^(0|false|não|nao|no|none|not_entailment|non-offensive)$/i;

/** "Sim" or "Não" from the ways in which files say it. */
function yesOrNo(row: Row, names: readonly string[]): string {
  const text = textOf(row, names);
  if (YES.test(text)) return "Sim";
  return NO.test(text) ? "Não" : row.fail(`its ${names[0]} is "${text}"`);
}

/** The label of a text, from the task's names or as yes or no. */
function labelOf(row: Row, { labelNames }: AnswerTask): string {
  if (!labelNames) return yesOrNo(row, LABEL_NAMES);
  const text = textOf(row, LABEL_NAMES).toLowerCase();
  return labelNames[text] ?? row.fail(
    `its label is "${text}", wanted ${Object.keys(labelNames).join(", ")}`,
  );
}

function similarityOf(row: Row, { form }: AnswerTask): number {
  const text = textOf(row, SIMILARITY_NAMES);
  const value = Number(text);
  const isFit = form.kind === "number" && value >= form.min &&
    value <= form.max;
  return isFit ? value : row.fail(`its similarity is "${text}", wanted 1 to 5`);
}

/** Sentences of a passage with their places. */
function sentencesOf(passage: string) {
  const parts = passage.matchAll(/\S[^]*?(?:[.!?]["”)]*(?=\s+\p{Lu})|$)/gu);
  return [...parts].map(({ 0: text, index }) => ({
    text: text.trim(),
    start: index,
    end: index + text.length,
  }));
}

interface FaquadAnswer {
  readonly text: string;
  readonly answer_start: number;
}

/** Pairs of a question and each sentence of its passage. */
function derivePairs(
  row: Row,
): { question: string; answer: string; label: "Sim" | "Não" }[] {
  const question = textOf(row, ["question"]);
  const { context } = row.fields;
  const answers = row.fields.answers as readonly FaquadAnswer[] | undefined;
  if (typeof context !== "string" || !Array.isArray(answers) || !answers[0]) {
    return row.fail("it has neither an answer nor a context with answers");
  }
  // FaQuAD gives a wrong place for some answers; each question has a right one.
  const spans = (answers as readonly FaquadAnswer[])
    .map(({ text, answer_start: start }) => ({
      text,
      start,
      end: start + text.length,
    }))
    .filter(({ text, start, end }) => context.slice(start, end) === text);
  if (spans.length === 0) {
    return row.fail("none of its answers stands where it says in its context");
  }
  // The shortest answer lies in the fewest sentences.
  const span = spans.reduce((a, b) =>
    b.end - b.start < a.end - a.start ? b : a
  );
  return sentencesOf(context).map(({ text, start, end }) => ({
    question,
    answer: text,
    label: start < span.end && span.start < end ? "Sim" : "Não",
  }));
}

/** Items of one row. */
function itemsOfRow(
  task: AnswerTask,
  row: Row,
): Omit<AnswerItem, "id" | "split">[] {
  if (task.data === "texts") {
    const text = textOf(row, TEXT_NAMES);
    return [{ fields: { text }, gold: labelOf(row, task) }];
  }
  if (task.data === "pairs") {
    const fields = {
      premise: textOf(row, ["premise", "t"]),
      hypothesis: textOf(row, ["hypothesis", "h"]),
    };
    const gold = task.form.kind === "number"
      ? similarityOf(row, task)
      : yesOrNo(row, ENTAILMENT_NAMES);
    return [{ fields, gold }];
  }
  const pairs = "answer" in row.fields
    ? [{
      question: textOf(row, ["question"]),
      answer: textOf(row, ["answer"]),
      label: yesOrNo(row, ["label"]),
    }]
    : derivePairs(row);
  const isDerived = !("answer" in row.fields);
  return pairs.map(({ question, answer, label }) => ({
    fields: { question, answer },
    gold: label,
    ...(isDerived ? { isDerived } : {}),
  }));
}

async function readExam(
  task: AnswerTask,
  path: string,
  reading: ItemReadOptions,
): Promise<AnswerItem[]> {
  const items = await readChoiceItems(path, reading);
  const letters = task.form.kind === "letter" ? task.form.letters : "";
  return usableItems(items, (item) => {
    const { id, split, question, choices, gold, group, doc } = item;
    if (choices.length > letters.length) {
      throw new FormatError(
        `Cannot use item ${id} of ${path}: it has ${choices.length} choices, ` +
          `${task.name} takes ${letters.length}`,
      );
    }
    const options = choices.map((text, i) => `${letters[i]}. ${text}`);
    return [{
      id,
      split,
      fields: { question: question.trim(), options: options.join("\n").trim() },
      gold: letters[gold]!,
      ...(group === undefined ? {} : { group }),
      ...(doc ? { doc } : {}),
    }];
  }, reading);
}

/**
 * Reads the items of a task from a file or folder. Ids of pairs begin with the
 * split, "train/3251", as those of the published examples do.
 *
 * @throws {ConfigError} when the task has its own items
 * @throws {DataError} when there is no such file or nothing in it
 * @throws {FormatError} naming the first item that cannot be used
 */
export async function readAnswerItems(
  task: AnswerTask,
  path: string,
  reading: ItemReadOptions = {},
): Promise<AnswerItem[]> {
  if (task.data === "exam") return await readExam(task, path, reading);
  if (task.data === "own") {
    throw new ConfigError(
      `Cannot read ${path}: ${task.name} has its own items`,
    );
  }
  const rows = await readDataRows(path);
  return usableItems(rows, ({ fields, file }, i) => {
    const { id: own, sentence_pair_id: pair, idx, split: given } = fields;
    const split = typeof given === "string" ? given : splitOfFile(file);
    // What is called idx counts the rows of a leaderboard's copy of the data.
    const bare = idx === undefined ? String(own ?? pair ?? i) : `idx/${idx}`;
    const id = task.data === "pairs" && !bare.includes("/")
      ? `${split}/${bare}`
      : bare;
    const fail = (why: string): never => {
      throw new FormatError(`Cannot use item ${id} of ${file}: ${why}`);
    };
    const items = itemsOfRow(task, { fields, fail });
    return items.map((item, k) => ({
      id: items.length > 1 ? `${id}/${k}` : id,
      split,
      ...item,
      ...(item.isDerived ? {} : { doc: fields }),
    }));
  }, reading);
}
