/**
 * Parameters of a transformer by part, and what different papers call N:
 * Kaplan et al. 2020 leave embeddings out, Porian et al. 2024 put the output
 * head back, Hoffmann et al. 2022 count all. The best size in one count is not
 * the best in another; see `reconcile.ts`.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";

/** Sizes of a decoder-only transformer; all are counts. */
export interface TransformerShape {
  readonly numLayers: number;
  /** d, width of the residual stream. */
  readonly hiddenSize: number;
  /** Width of the feed-forward block. */
  readonly feedForwardSize: number;
  readonly numHeads: number;
  /** Heads of keys and values (default `numHeads`). */
  readonly numKvHeads?: number;
  /** Size of one head (default d / heads). */
  readonly headSize?: number;
  readonly vocabSize: number;
  /** Three feed-forward matrices, as in Llama, in place of two (false). */
  readonly isGated?: boolean;
  /** Keys for relative positions in each layer, as in Gopher (false). */
  readonly hasRelativePositions?: boolean;
  /** Whether the head shares the embedding's weights (false). */
  readonly isTied?: boolean;
}

/** Parameters by part. */
export interface ShapeParameters {
  /** V d */
  readonly embedding: number;
  /** L (2 d k h + 2 d k g): queries and output, keys and values */
  readonly attention: number;
  /** L d k h, or 0 */
  readonly positions: number;
  /** L times 2 or 3 d ffw */
  readonly feedForward: number;
  /** (2 L + 1) d */
  readonly norms: number;
  /** V d, or 0 when tied */
  readonly head: number;
}

/** What counts as N. */
export const PARAMETER_CONVENTIONS = [
  "all",
  "without embeddings",
  "with head",
] as const;

/** One of {@linkcode PARAMETER_CONVENTIONS}. */
export type ParameterConvention = (typeof PARAMETER_CONVENTIONS)[number];

/** k h, width of all heads together. */
export function attentionWidth(shape: TransformerShape): number {
  const { hiddenSize, numHeads, headSize = hiddenSize / numHeads } = shape;
  return headSize * numHeads;
}

function checkTransformerShape(shape: TransformerShape): void {
  for (const [name, value] of Object.entries(shape)) {
    if (typeof value !== "number") continue;
    if (Number.isInteger(value) && value >= 1) continue;
    throw new ConfigError(
      `Cannot count a transformer with ${name} ${value}: ` +
        `wanted a whole number of at least 1`,
    );
  }
}

/**
 * Counts parameters by part.
 *
 * @throws {ConfigError} when a size is not a whole number of at least 1
 */
export function shapeParameters(shape: TransformerShape): ShapeParameters {
  checkTransformerShape(shape);
  const { numLayers: L, hiddenSize: d, vocabSize: V, numHeads } = shape;
  const width = attentionWidth(shape);
  const kvWidth = width / numHeads * (shape.numKvHeads ?? numHeads);
  return {
    embedding: V * d,
    attention: L * (2 * d * width + 2 * d * kvWidth),
    positions: shape.hasRelativePositions ? L * d * width : 0,
    feedForward: L * (shape.isGated ? 3 : 2) * d * shape.feedForwardSize,
    norms: (2 * L + 1) * d,
    head: shape.isTied ? 0 : V * d,
  };
}

/**
 * N by a convention. "with head" counts the output matrix once, whether it is
 * tied or not: it is what multiplies.
 *
 * @throws {ConfigError} when a size is not a whole number of at least 1
 */
export function countByConvention(
  shape: TransformerShape,
  convention: ParameterConvention,
): number {
  const parts = shapeParameters(shape);
  const inner = parts.attention + parts.positions + parts.feedForward +
    parts.norms;
  switch (convention) {
    case "all":
      return parts.embedding + inner + parts.head;
    case "without embeddings":
      return inner;
    case "with head":
      return inner + parts.embedding; // of the same size as the head
  }
}
