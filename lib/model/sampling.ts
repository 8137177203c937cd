/**
 * Choosing the next token from its logits, on the host. In the order of
 * transformers: repetition penalty, temperature, top-k, top-p, min-p, draw.
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
  /**
   * Only the most likely tokens that together reach this share; 1 for all
   * (Holtzman et al., 2020, arXiv 1904.09751).
   */
  readonly topP?: number;
  /**
   * Only tokens with at least this share of the best one's probability; 0 for
   * all (Nguyen et al., 2024, arXiv 2407.01082).
   */
  readonly minP?: number;
  /**
   * Positive logits of tokens that were there before are divided by it,
   * negative ones multiplied; 1 changes nothing (Keskar et al., 2019, arXiv
   * 1909.05858).
   */
  readonly repetitionPenalty?: number;
}

/**
 * Refuses settings that make no sense.
 *
 * @throws {ConfigError} naming the setting
 */
export function checkSampling(
  { temperature = 0, topK = 0, topP = 1, minP = 0, repetitionPenalty = 1 }:
    SamplingOptions,
): void {
  const wrong = !(temperature >= 0)
    ? `at temperature ${temperature}`
    : !Number.isInteger(topK) || topK < 0
    ? `the ${topK} most likely tokens`
    : !(topP > 0 && topP <= 1)
    ? `a share of ${topP}: 0 < topP ≤ 1`
    : !(minP >= 0 && minP <= 1)
    ? `from ${minP} of the best: 0 ≤ minP ≤ 1`
    : !(repetitionPenalty > 0)
    ? `with a repetition penalty of ${repetitionPenalty}: it is above 0`
    : undefined;
  if (wrong) throw new ConfigError(`Cannot sample ${wrong}`);
}

/** Index of the largest value; the first of equal ones. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[best]!) best = i;
  }
  return best;
}

/** A copy in double precision, with the tokens in `seen` made less likely. */
function penalize(
  logits: ArrayLike<number>,
  seen: Iterable<number>,
  penalty: number,
): Float64Array {
  const out = Float64Array.from(logits);
  if (penalty === 1) return out;
  for (const id of new Set(seen)) {
    out[id]! *= out[id]! > 0 ? 1 / penalty : penalty;
  }
  return out;
}

/** Tokens that may be drawn, the likeliest first; equal ones by their id. */
function candidates(
  weights: Float64Array,
  { topK = 0, topP = 1, minP = 0 }: SamplingOptions,
): number[] {
  // Sorting bare numbers is ten times faster than sorting ids by them; the
  // ids of the few that are left are sorted afterwards.
  const sorted = weights.slice().sort().reverse();
  const count = topK > 0 ? Math.min(topK, sorted.length) : sorted.length;
  let total = 0;
  for (let i = 0; i < count; i++) total += sorted[i]!;
  let kept = 0;
  for (let share = 0; kept < count && share < topP * total; kept++) {
    share += sorted[kept]!;
  }
  kept = Math.max(1, kept);
  const least = Math.max(sorted[kept - 1]!, minP * sorted[0]!);
  const ids: number[] = [];
  for (let id = 0; id < weights.length; id++) {
    if (weights[id]! >= least) ids.push(id);
  }
  ids.sort((a, b) => weights[b]! - weights[a]! || a - b);
  return ids.slice(0, kept);
}

/**
 * Draws a token.
 *
 * @param logits (V)
 * @param random stream that the draw advances (not at temperature 0)
 * @param seen tokens so far, for the repetition penalty
 */
export function sampleToken(
  logits: ArrayLike<number>,
  random: Random,
  options: SamplingOptions,
  seen: Iterable<number> = [],
): number {
  const { temperature = 0, topK = 0, topP = 1, minP = 0 } = options;
  const scores = penalize(logits, seen, options.repetitionPenalty ?? 1);
  const best = argmax(scores);
  if (temperature === 0) return best;
  const top = scores[best]!;
  const weights = scores.map((z) => Math.exp((z - top) / temperature));
  if (topK === 0 && topP === 1 && minP === 0) return random.weighted(weights);
  const ids = candidates(weights, options);
  return ids[random.weighted(ids.map((id) => weights[id]!))]!;
}
