/**
 * Readers of multiple-choice data in the forms that the public sets come in,
 * and the items of the synthetic corpus. Data sets whose
 * licence forbids it are not shipped: download them and give the file.
 *
 * | form            | fields                                              |
 * | --------------- | --------------------------------------------------- |
 * | list of choices | question, choices, gold (index or letter)           |
 * | Okapi           | question, option_a … option_e, answer (letter)      |
 * | Hugging Face    | question, choices: { text, label }, answerKey       |
 * | TruthfulQA      | question, mc1_… and mc2_choices, …_labels           |
 * | HellaSwag       | activity_label, ctx_a, ctx_b, endings, label        |
 * | gpt-4-enem      | context, question, options, label (small letter)    |
 * | enem-api        | context, alternativesIntroduction, alternatives,     |
 * |                 | correctAlternative                                  |
 *
 * @module
 */
import {
  familyOf,
  type SyntheticDocument,
  type SyntheticKind,
} from "../text/mod.ts";
import { FormatError } from "../util/mod.ts";
import type { ChoiceItem } from "./choice_task.ts";
import {
  type ItemReadOptions,
  readDataRows,
  splitOfFile,
  usableItems,
} from "./data_rows.ts";

type Fields = Readonly<Record<string, unknown>>;
type Fail = (why: string) => never;

const isText = (x: unknown): x is string => typeof x === "string";
const isTexts = (x: unknown): x is string[] =>
  Array.isArray(x) && x.every(isText);

/** First of the fields that is there. */
function firstOf(fields: Fields, names: readonly string[]): unknown {
  return names.map((name) => fields[name]).find((value) => value !== undefined);
}

/** Choices and their labels, in any of the forms. */
function readChoices(
  fields: Fields,
  fail: Fail,
): { choices: string[]; labels: string[] } {
  const choices = fields.choices ?? fields.options;
  const usual = (texts: string[]) => [..."ABCDEFGHIJ"].slice(0, texts.length);
  if (isTexts(choices)) return { choices, labels: usual(choices) };
  const { text, label } = (choices ?? {}) as Fields;
  if (isTexts(text) && isTexts(label) && text.length === label.length) {
    return { choices: text, labels: label };
  }
  const { alternatives } = fields;
  if (Array.isArray(alternatives)) {
    const given = alternatives.map((one) => (one as Fields | null)?.text);
    if (isTexts(given)) return { choices: given, labels: usual(given) };
  }
  const all = [..."abcdefghij"].map((letter) => fields[`option_${letter}`]);
  // Files fill up with empty ones; one before others would move their letters.
  const last = all.findLastIndex((option) => isText(option) && option !== "");
  const options = all.slice(0, last + 1);
  if (options.length > 0 && isTexts(options)) {
    return { choices: options, labels: usual(options) };
  }
  return fail("it has neither choices nor option_a, option_b, …");
}

/** Index of the right choice. */
function readGold(fields: Fields, labels: readonly string[], fail: Fail) {
  const names = ["gold", "answer", "answerKey", "label", "correctAlternative"];
  // gpt-4-enem has an empty "answer" beside its label.
  const found = names.map((name) => fields[name])
    .find((value) => value !== undefined && value !== "");
  const gold = isText(found) && labels.includes(found.toUpperCase())
    ? found.toUpperCase()
    : found;
  const index = isText(gold) && !/^\d+$/.test(gold)
    ? labels.indexOf(gold.trim())
    : isText(gold) && labels.includes(gold)
    ? labels.indexOf(gold)
    : isText(gold) || typeof gold === "number"
    ? Number(gold)
    : NaN;
  if (Number.isInteger(index) && index >= 0 && index < labels.length) {
    return index;
  }
  return fail(
    `its answer is ${JSON.stringify(found)}, wanted one of ${
      labels.join(", ")
    } ` +
      `or an index below ${labels.length}`,
  );
}

/** The right answer of mc1 comes first in the published files, but not always. */
function readTruthful(fields: Fields, fail: Fail) {
  const part = (name: "mc1" | "mc2") => {
    const nested = (fields[`${name}_targets`] ?? {}) as Fields;
    const choices = fields[`${name}_choices`] ??
      fields[`${name}_targets_choices`] ?? nested.choices;
    const labels = fields[`${name}_labels`] ??
      fields[`${name}_targets_labels`] ?? nested.labels;
    if (
      !isTexts(choices) || !Array.isArray(labels) ||
      labels.length !== choices.length || choices.length < 2 ||
      !labels.every((label) => label === 0 || label === 1)
    ) fail(`${name} has no choices with as many labels of 0 or 1`);
    return { choices: choices as string[], labels: labels as number[] };
  };
  const mc1 = part("mc1");
  const gold = mc1.labels.indexOf(1);
  if (mc1.labels.filter((label) => label === 1).length !== 1) {
    fail("mc1 does not have one right answer");
  }
  return { choices: mc1.choices, gold, truth: part("mc2") };
}

/** Takes out what the videos' captions left in HellaSwag's texts. */
function cleanCaption(text: string): string {
  return text.trim().replaceAll(" [title]", ". ").replace(/\[.*?\]/g, "")
    .replaceAll("  ", " ");
}

function readHellaSwag(fields: Fields, fail: Fail) {
  const { activity_label: activity, ctx_a: a, ctx_b: b, endings } = fields;
  if (!isText(activity) || !isText(a) || !isText(b) || !isTexts(endings)) {
    return fail("it has no activity_label, ctx_a, ctx_b and endings");
  }
  const last = b.slice(0, 1).toUpperCase() + b.slice(1).toLowerCase();
  return {
    question: cleanCaption(`${activity}: ${a} ${last}`),
    choices: endings.map(cleanCaption),
    gold: readGold(fields, endings.map((_, i) => String(i)), fail),
  };
}

/** Reads one item. */
function readItem(fields: Fields, index: number, file: string): ChoiceItem {
  const { year, index: number } = fields;
  const numbered = year !== undefined && number !== undefined
    ? `${year}_${number}`
    : undefined;
  // The leaderboard's ids of ENEM are those of gpt-4-enem without its name.
  const id = String(fields.id ?? fields.question_id ?? numbered ?? index)
    .replace(/^ENEM_/, "");
  const fail: Fail = (why) => {
    throw new FormatError(`Cannot use item ${id} of ${file}: ${why}`);
  };
  const split = isText(fields.split) ? fields.split : splitOfFile(file);
  let item: Omit<ChoiceItem, "id" | "split">;
  if ("endings" in fields) item = readHellaSwag(fields, fail);
  else {
    const { has_associated_images: hasImages, files } = fields;
    if (hasImages === true || Array.isArray(files) && files.length > 0) {
      fail("it needs a picture");
    }
    const asked = firstOf(fields, [
      ...["question", "instruction", "alternativesIntroduction"],
    ]);
    if (!isText(asked)) return fail("it has no question");
    const { context } = fields;
    const parts = [isText(context) ? context : "", asked];
    const question = parts.filter((part) => part !== "").join("\n");
    if (
      "mc1_choices" in fields || "mc1_targets" in fields ||
      "mc1_targets_choices" in fields
    ) {
      item = { question, ...readTruthful(fields, fail) };
    } else {
      const { choices, labels } = readChoices(fields, fail);
      item = { question, choices, gold: readGold(fields, labels, fail) };
    }
  }
  if (item.choices.length < 2) fail("it has fewer than two choices");
  for (const text of [item.question, ...item.choices]) {
    if (text.trim() === "") fail("its question or a choice is empty");
  }
  const group = firstOf(fields, ["subject", "exam", "exam_id"]);
  return {
    id,
    split,
    ...item,
    ...(isText(group) ? { group } : {}),
    doc: fields,
  };
}

/**
 * Reads the items of a file or folder, as {@linkcode readDataRows} does.
 *
 * @throws {DataError} when there is no such file or nothing in it
 * @throws {FormatError} naming the first item that cannot be used
 */
export async function readChoiceItems(
  path: string,
  options: ItemReadOptions = {},
): Promise<ChoiceItem[]> {
  const rows = await readDataRows(path);
  return usableItems(
    rows,
    ({ fields, file }, i) => [readItem(fields, i, file)],
    options,
  );
}

/**
 * The items of synthetic documents, in groups by what they examine; a question
 * about a text comes behind it.
 */
export function* syntheticItems(
  stories: Iterable<SyntheticDocument>,
  split: "train" | "heldOut" = "heldOut",
): Generator<ChoiceItem & { readonly kind: SyntheticKind }> {
  for (const { index, text, multipleChoice } of stories) {
    for (const [i, item] of multipleChoice.entries()) {
      const { kind, needsStory, question, choices, gold } = item;
      yield {
        id: `${index}/${i}`,
        split,
        kind,
        group: familyOf(kind),
        question: needsStory ? `${text}\n\n${question}` : question,
        choices,
        gold,
      };
    }
  }
}
