/**
 * An item with choices, and a tokenizer trained on a few stories, for tests.
 *
 * @module
 */
import type { ChoiceItem } from "../../lib/eval/mod.ts";
import { syntheticCorpus, trainBpe } from "../../lib/text/mod.ts";

/** Twelve synthetic stories. */
export const stories = [...syntheticCorpus({ seed: 3, documents: 12 })];

/** A tokenizer of the stories. */
export const tokenizer = trainBpe(stories.map(({ text }) => text), {
  vocabSize: 1000,
});

/** An item with two choices, and what is to be otherwise. */
export function sampleItem(over: Partial<ChoiceItem> = {}): ChoiceItem {
  return {
    id: "1",
    split: "test",
    question: "Quantas pernas tem um gato?",
    choices: ["duas", "quatro"],
    gold: 1,
    ...over,
  };
}
