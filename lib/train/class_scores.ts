/**
 * How well classes are told apart: what a fine-tuned model and the simple
 * methods beside it are measured by.
 *
 * @module
 */
import { accuracy, confusionMatrix, macroF1 } from "../eval/mod.ts";
import type { ClassifierInput, SequenceClassifier } from "./classifier.ts";

/** Scores on a set of labelled texts. */
export interface ClassScores {
  /** Share that is right. */
  readonly accuracy: number;
  /** Mean of the classes' F1. */
  readonly macroF1: number;
  /** counts[right][given], rows and columns in the order of `labels`. */
  readonly confusion: {
    readonly labels: readonly string[];
    readonly counts: readonly number[][];
  };
  readonly texts: number;
}

/**
 * Scores of given labels.
 *
 * @throws {DataError} when there are none, or not as many as right ones
 */
export function classScores(
  gold: readonly string[],
  given: readonly string[],
): ClassScores {
  return {
    accuracy: accuracy(gold, given),
    macroF1: macroF1(gold, given),
    confusion: confusionMatrix(gold, given),
    texts: gold.length,
  };
}

/** Scores of a classifier, and its mean loss in nats. */
export async function scoreClassifier(
  classifier: SequenceClassifier,
  inputs: readonly ClassifierInput[],
  options: { readonly batchSize?: number } = {},
): Promise<ClassScores & { readonly loss: number }> {
  const { labels } = classifier;
  const shares = await classifier.probabilities(inputs, options);
  const given = shares.map((p) => labels[p.indexOf(Math.max(...p))]!);
  const gold = inputs.map(({ label }) => labels[label]!);
  const losses = shares.map((p, i) => -Math.log(p[inputs[i]!.label]!));
  const loss = losses.reduce((a, b) => a + b, 0) / losses.length;
  return { ...classScores(gold, given), loss };
}
