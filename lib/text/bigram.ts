/**
 * A bigram model: the bar that a trained network must clear.
 *
 * Witten and Bell's smoothing, interpolated (Witten and Bell 1991, method C; in
 * the form of Chen and Goodman 1999):
 *
 *     p(w | v) = (c(v w) + t(v) p(w)) / (c(v) + t(v))
 *     p(w)     = (c(w) + t / V) / (n + t)
 *
 * c counts, t(v) is the number of distinct tokens seen after v, t that of all
 * distinct tokens, n the number of tokens, V the vocabulary. It has no setting,
 * sums to one and is never zero.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import { PairTable } from "./pair_table.ts";

/** A smoothed bigram model of tokens, made by {@linkcode BigramModel.fit}. */
export class BigramModel {
  /** Ids in the vocabulary, V. */
  readonly vocabSize: number;
  /** p(w) of every id, float64 (V). */
  readonly #unigram: Float64Array;
  readonly #pairs = new PairTable();
  /** c(v w), by number of the pair. */
  readonly #pairCounts: number[] = [];
  /** c(v), how often v has a successor, (V). */
  readonly #contexts: Float64Array;
  /** t(v), how many distinct successors v has, (V). */
  readonly #successors: Float64Array;

  private constructor(vocabSize: number) {
    this.vocabSize = vocabSize;
    this.#unigram = new Float64Array(vocabSize);
    this.#contexts = new Float64Array(vocabSize);
    this.#successors = new Float64Array(vocabSize);
  }

  /**
   * Counts a stream of tokens.
   *
   * @throws {DataError} when there are fewer than two tokens, or one of them
   * is outside of the vocabulary
   */
  static fit(tokens: ArrayLike<number>, vocabSize: number): BigramModel {
    const model = new BigramModel(vocabSize);
    model.#check(tokens, "fit a bigram model");
    const counts = model.#unigram;
    counts[tokens[0]!]!++;
    for (let i = 1; i < tokens.length; i++) {
      const left = tokens[i - 1]!, right = tokens[i]!;
      counts[right]!++;
      model.#contexts[left]!++;
      const pair = model.#pairs.add(left, right);
      if (pair === model.#pairCounts.length) {
        model.#pairCounts.push(0);
        model.#successors[left]!++;
      }
      model.#pairCounts[pair]!++;
    }
    const numTypes = counts.filter((count) => count > 0).length;
    for (let id = 0; id < vocabSize; id++) {
      counts[id] = (counts[id]! + numTypes / vocabSize) /
        (tokens.length + numTypes);
    }
    return model;
  }

  /**
   * p(next | previous).
   *
   * @throws {DataError} when an id is outside of the vocabulary
   */
  probability(previous: number, next: number): number {
    this.#check([previous, next], "give a probability");
    return this.#probability(previous, next);
  }

  /**
   * Mean of -log p over all tokens but the first, in nats per token: the same
   * number as the loss of a model that predicts the same tokens.
   *
   * @throws {DataError} when there are fewer than two tokens, or one of them
   * is outside of the vocabulary
   */
  crossEntropy(tokens: ArrayLike<number>): number {
    this.#check(tokens, "measure cross entropy");
    let sum = 0;
    for (let i = 1; i < tokens.length; i++) {
      sum -= Math.log(this.#probability(tokens[i - 1]!, tokens[i]!));
    }
    return sum / (tokens.length - 1);
  }

  #probability(previous: number, next: number): number {
    const unigram = this.#unigram[next]!;
    const types = this.#successors[previous]!;
    if (types === 0) return unigram; // nothing was seen after it
    const pair = this.#pairs.find(previous, next);
    const count = pair < 0 ? 0 : this.#pairCounts[pair]!;
    return (count + types * unigram) / (this.#contexts[previous]! + types);
  }

  #check(tokens: ArrayLike<number>, what: string): void {
    if (tokens.length < 2) {
      throw new DataError(
        `Cannot ${what} on ${tokens.length} tokens: wanted at least 2`,
      );
    }
    for (let i = 0; i < tokens.length; i++) {
      const id = tokens[i]!;
      if (Number.isInteger(id) && id >= 0 && id < this.vocabSize) continue;
      throw new DataError(
        `Cannot ${what}: token ${id} at place ${i} is not in a vocabulary of ` +
          this.vocabSize,
      );
    }
  }
}
