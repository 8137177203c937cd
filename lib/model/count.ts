/**
 * Parameters and arithmetic of a Llama, from its sizes alone.
 *
 * @module
 */
import { headSizeOf, type LlamaConfig } from "./config.ts";

/** Number of parameters by part. */
export interface ParameterCount {
  /** V C */
  readonly embedding: number;
  /** L (2 C H D + 2 C G D) */
  readonly attention: number;
  /** 3 L C I */
  readonly feedForward: number;
  /** (2 L + 1) C */
  readonly norms: number;
  /** V C, or 0 when tied to the embedding */
  readonly head: number;
  readonly total: number;
  /** Without embedding and head. */
  readonly nonEmbedding: number;
}

/** Counts the parameters of a configuration. */
export function countParameters(config: LlamaConfig): ParameterCount {
  const { vocabSize: V, hiddenSize: C, numHiddenLayers: L } = config;
  const { numAttentionHeads: H, numKeyValueHeads: G } = config;
  const D = headSizeOf(config);
  const embedding = V * C;
  const attention = L * (2 * C * H * D + 2 * C * G * D);
  const feedForward = 3 * L * C * config.intermediateSize;
  const norms = (2 * L + 1) * C;
  const head = config.tieWordEmbeddings ? 0 : V * C;
  const nonEmbedding = attention + feedForward + norms;
  return {
    embedding,
    attention,
    feedForward,
    norms,
    head,
    total: embedding + nonEmbedding + head,
    nonEmbedding,
  };
}

/**
 * Floating-point operations of training on one token: forward, and twice that
 * backward. Two operations for each weight that multiplies (the embedding only
 * looks up), and 2 · 2 · C · T / 2 a layer for causal attention over T tokens
 * (Hoffmann et al., 2022, appendix F, with half of the scores masked).
 */
export function trainingFlopsPerToken(
  config: LlamaConfig,
  contextLength: number,
): number {
  const { attention, feedForward } = countParameters(config);
  const { vocabSize, hiddenSize: C, numHiddenLayers: L } = config;
  const weights = attention + feedForward + vocabSize * C;
  return 3 * (2 * weights + 2 * L * C * contextLength);
}
