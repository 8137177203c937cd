/**
 * Choosing the next token from its logits, on the host.
 *
 * @module
 */
import { ConfigError, type Random } from "../util/mod.ts";

/** How a token is chosen. */
export interface SamplingOptions {
  /** 0 takes the most likely token; 1 samples as the model says. */
  readonly temperature?: number;
  /** Only the k most likely tokens; 0 for all. */
  readonly topK?: number;
  /** Only the most likely tokens that together reach this share; 1 for all. */
  readonly topP?: number;
}

/**
 * Refuses settings that make no sense.
 *
 * @throws {ConfigError} naming the setting
 */
export function checkSampling(
  { temperature = 0, topK = 0, topP = 1 }: SamplingOptions,
): void {
  if (!(temperature >= 0)) {
    throw new ConfigError(`Cannot sample at temperature ${temperature}`);
  }
  if (!Number.isInteger(topK) || topK < 0) {
    throw new ConfigError(`Cannot sample the ${topK} most likely tokens`);
  }
  if (!(topP > 0 && topP <= 1)) {
    throw new ConfigError(`Cannot sample a share of ${topP}: 0 < topP ≤ 1`);
  }
}

/** Index of the largest value; the first of equal ones. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[best]!) best = i;
  }
  return best;
}

/**
 * Draws a token.
 *
 * @param logits (V)
 * @param random stream that the draw advances (not at temperature 0)
 */
export function sampleToken(
  logits: ArrayLike<number>,
  random: Random,
  { temperature = 0, topK = 0, topP = 1 }: SamplingOptions,
): number {
  if (temperature === 0) return argmax(logits);
  const top = logits[argmax(logits)]!;
  const weights = Float64Array.from(
    logits,
    (z) => Math.exp((z - top) / temperature),
  );
  if (topK === 0 && topP === 1) return random.weighted(weights);
  const order = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]!);
  if (topK > 0) order.length = Math.min(order.length, topK);
  const total = order.reduce((sum, i) => sum + weights[i]!, 0);
  let share = 0;
  let count = 0;
  while (count < order.length && share < topP * total) {
    share += weights[order[count++]!]!;
  }
  const kept = order.slice(0, Math.max(1, count));
  return kept[random.weighted(kept.map((i) => weights[i]!))]!;
}
