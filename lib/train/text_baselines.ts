/**
 * What a fine-tuned model must beat to be worth its energy: the most frequent
 * class, and logistic regression on weighted bags of words.
 *
 * @module
 */
import { TfIdf, type TfIdfOptions } from "../text/mod.ts";
import { DataError } from "../util/mod.ts";
import { type ClassScores, classScores } from "./class_scores.ts";
import type { LabeledText } from "./classifier.ts";
import {
  type LogisticOptions,
  LogisticRegression,
} from "./logistic_regression.ts";

/** Labels of texts, each once, sorted. */
export function labelsOf(texts: readonly LabeledText[]): string[] {
  return [...new Set(texts.map(({ label }) => label))].sort();
}

/**
 * Scores of always giving the most frequent label of the training texts; of
 * equals the first in the alphabet.
 *
 * @throws {DataError} when one of the sets is empty
 */
export function majorityBaseline(
  train: readonly LabeledText[],
  test: readonly LabeledText[],
): ClassScores {
  const count = (label: string) =>
    train.filter((text) => text.label === label).length;
  const [most] = labelsOf(train)
    .map((label) => ({ label, count: count(label) }))
    .sort((a, b) => b.count - a.count);
  if (!most) throw new DataError("Cannot find the most frequent of no labels");
  return classScores(
    test.map(({ label }) => label),
    test.map(() => most.label),
  );
}

/**
 * Scores of logistic regression on TF-IDF. Of two texts the words of both
 * count, and again, as words of their own, those that the two have in common.
 *
 * @throws {DataError} when a set is empty or there is one label only
 */
export function tfIdfBaseline(
  train: readonly LabeledText[],
  test: readonly LabeledText[],
  options: TfIdfOptions & LogisticOptions = {},
): ClassScores {
  const labels = labelsOf(train);
  if (labels.length < 2) {
    throw new DataError(
      `Cannot fit classes to ${train.length} texts with ` +
        `${labels.length} labels: wanted at least two`,
    );
  }
  const words = new TfIdf(train.map(bagOf), { maxWords: 2, ...options });
  const fit = LogisticRegression.fit(
    words.rows,
    train.map(({ label }) => labels.indexOf(label)),
    { numColumns: words.size, numClasses: labels.length },
    options,
  );
  const given = test.map((text) => {
    const shares = fit.probabilities(words.rowOf(bagOf(text)));
    return labels[shares.indexOf(Math.max(...shares))]!;
  });
  return classScores(test.map(({ label }) => label), given);
}

/** One text of one or two. */
function bagOf({ text, pair }: LabeledText): string {
  if (pair === undefined) return text;
  const wordsOf = (s: string) => s.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const second = new Set(wordsOf(pair));
  const both = wordsOf(text).filter((word) => second.has(word));
  return [text, pair, ...both.map((word) => `ambos${word}`)].join("\n");
}
