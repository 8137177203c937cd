/**
 * The questions behind `tests/golden/choices.json`: items of the reference
 * data, written as their tasks say and encoded by a tokenizer that is trained on
 * the items. The file holds only numbers: log-likelihoods that PyTorch computed
 * in float64 for the golden model `gqa`.
 *
 * @module
 */
import {
  type ChoiceItem,
  type ChoiceSequence,
  choiceSequence,
  type ChoiceTask,
  findChoiceTask,
  splitItems,
} from "../../lib/eval/mod.ts";
import { type Tokenizer, trainBpe } from "../../lib/text/mod.ts";

/** Tasks, the file of each, and how many items. */
export const GOLDEN_TASKS = [
  ["arc_pt", "eval/arc_pt.jsonl", 25],
  ["mmlu_pt", "eval/mmlu_pt.jsonl", 12],
  ["m_mmlu_pt", "eval/mmlu_pt.jsonl", 12],
  ["truthfulqa_pt", "eval/truthfulqa_pt.jsonl", 12],
  ["exam_pt", "eval/oab.jsonl", 6],
] as const;

/** Pieces of the tokenizer and context of the golden model. */
export const GOLDEN_VOCAB = 300;
export const GOLDEN_CONTEXT = 128;

/** The tokenizer that all items of a task make. */
export function goldenTokenizer(items: readonly ChoiceItem[]): Tokenizer {
  const texts = items.flatMap((
    { question, choices },
  ) => [question, ...choices]);
  return trainBpe(texts, { vocabSize: GOLDEN_VOCAB, kind: "byte-level" });
}

/** An item with the sequences of its choices. */
export interface GoldenItem {
  readonly item: ChoiceItem;
  readonly sequences: readonly ChoiceSequence[];
}

/** The first items of a task without examples before them. */
export function goldenItems(
  name: string,
  items: readonly ChoiceItem[],
  count: number,
): { readonly task: ChoiceTask; readonly rows: readonly GoldenItem[] } {
  const task = findChoiceTask(name);
  const tokenizer = goldenTokenizer(items);
  const isShort = (item: ChoiceItem) =>
    task.answers(item).every((choice) => tokenizer.encode(choice).length < 100);
  // The stored numbers are of questions without spaces at their ends.
  const asked = splitItems(task, items).asked.filter(isShort).slice(0, count)
    .map((item) => ({ ...item, question: item.question.trim() }));
  const rows = asked.map((item) => {
    const head = task.description ? `${task.description}\n\n` : "";
    const sequences = [...task.answers(item)].map((choice) =>
      choiceSequence(tokenizer, head + task.prompt(item), ` ${choice}`, {
        maxLength: GOLDEN_CONTEXT,
      })
    );
    return { item, sequences };
  });
  return { task, rows };
}
