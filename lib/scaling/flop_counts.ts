/**
 * FLOPs of a training, counted three ways: 6ND; by Hoffmann et al. 2022,
 * appendix F, matrix by matrix; by Kaplan et al. 2020, section 2.1. And a table
 * of what each count of parameters and FLOPs makes of one run.
 *
 * @module
 */
import { optimalTokens } from "./allocate.ts";
import { checkPositive } from "./checks.ts";
import { budgetOf, type LawConstants, predictLoss } from "./law.ts";
import {
  attentionWidth,
  countByConvention,
  PARAMETER_CONVENTIONS,
  type ParameterConvention,
  type TransformerShape,
} from "./shape_counts.ts";

/** Knobs of {@linkcode hoffmannFlops}. */
export interface FlopOptions {
  /** Tokens of one sequence, s. */
  readonly sequenceLength: number;
  /**
   * Count the embedding (2 s V d, as if it multiplied) and the final logits
   * (default true). The ratios that the paper prints, Table A4, leave both out.
   */
  readonly hasVocabulary?: boolean;
}

/**
 * FLOPs of training on `tokens`, matrix by matrix; backward is twice forward.
 * Forward, for each sequence of s tokens: embedding 2 s V d; in each layer
 * queries, keys, values and output 2 s d k h each, logits and mixing
 * 2 s s k h each, softmax 3 h s s, feed-forward 2 s d ffw for each matrix;
 * final logits 2 s d V.
 *
 * @throws {ConfigError} when a number is not above 0
 */
export function hoffmannFlops(
  shape: TransformerShape,
  tokens: number,
  { sequenceLength: s, hasVocabulary = true }: FlopOptions,
): number {
  checkPositive("tokens", tokens);
  checkPositive("sequenceLength", s);
  const { hiddenSize: d, numHeads, vocabSize, feedForwardSize } = shape;
  const width = attentionWidth(shape);
  const kvShare = (shape.numKvHeads ?? numHeads) / numHeads;
  const projections = 2 * s * d * width * (2 + 2 * kvShare);
  const scores = 2 * (2 * s * s * width) + 3 * numHeads * s * s;
  const feedForward = 2 * s * d * feedForwardSize * (shape.isGated ? 3 : 2);
  const vocabulary = hasVocabulary ? 2 * (2 * s * vocabSize * d) : 0;
  const forward = shape.numLayers * (projections + scores + feedForward) +
    vocabulary;
  return 3 * forward * (tokens / s);
}

/**
 * FLOPs of training on `tokens` by Kaplan et al. 2020: 6 n and 6 L s k h for
 * each token, n without embeddings.
 *
 * @throws {ConfigError} when a number is not above 0
 */
export function kaplanFlops(
  shape: TransformerShape,
  tokens: number,
  { sequenceLength }: Pick<FlopOptions, "sequenceLength">,
): number {
  checkPositive("tokens", tokens);
  checkPositive("sequenceLength", sequenceLength);
  const n = countByConvention(shape, "without embeddings");
  const context = shape.numLayers * sequenceLength * attentionWidth(shape);
  return 6 * tokens * (n + context);
}

/** One run under one count of parameters. */
export interface ConventionRow {
  readonly convention: ParameterConvention;
  /** N, a count. */
  readonly parameters: number;
  readonly tokensPerParameter: number;
  /** 6ND, FLOPs. */
  readonly budget: number;
  /** 6ND as a share of Hoffmann's full count. */
  readonly shareOfFullCount: number;
  /** Predicted by the law, nats per token. */
  readonly loss: number;
  /** Tokens for which the law calls this size the best, a count. */
  readonly optimalTokens: number;
}

/**
 * How the answer changes with the convention: the same model and tokens under
 * each count of N, put into the same law.
 *
 * @throws {ConfigError} when a number is not above 0
 */
export function compareConventions(
  law: LawConstants,
  shape: TransformerShape,
  { tokens, sequenceLength }: {
    readonly tokens: number;
    readonly sequenceLength: number;
  },
): ConventionRow[] {
  const full = hoffmannFlops(shape, tokens, { sequenceLength });
  return PARAMETER_CONVENTIONS.map((convention) => {
    const parameters = countByConvention(shape, convention);
    const budget = budgetOf({ parameters, tokens });
    return {
      convention,
      parameters,
      tokensPerParameter: tokens / parameters,
      budget,
      shareOfFullCount: budget / full,
      loss: predictLoss(law, { parameters, tokens }),
      optimalTokens: optimalTokens(law, parameters),
    };
  });
}
