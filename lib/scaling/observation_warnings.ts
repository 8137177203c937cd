/**
 * Runs that can be fitted and yet look wrong: what a careful reader of the
 * table would ask about first. Nothing here stops a fit.
 *
 * @module
 */
import { formatCount } from "../util/mod.ts";
import { nameRows } from "./checks.ts";
import type { Observation } from "./observations.ts";

/** Neighbours in sorted order further apart than this are in other units. */
const UNIT_GAP = 300;
/** No loss of a trained model in nats or bits per token is higher. */
const MAX_LOSS = 15;
/** Tokens per parameter outside of these are hardly a training run. */
const RATIOS = [0.01, 1e5] as const;
/** Sizes within this share are one size. */
const SAME = 1e-3;

/** Where sorted values jump as if their unit changed. */
function unitGap(values: readonly number[]): [number, number] | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const at = sorted.findIndex((value, i) =>
    i > 0 && value > UNIT_GAP * sorted[i - 1]!
  );
  return at < 0 ? undefined : [sorted[at - 1]!, sorted[at]!];
}

function countDistinct(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.filter((value, i) =>
    i === 0 || value > sorted[i - 1]! * (1 + SAME)
  ).length;
}

/**
 * What is odd about these runs, one sentence each: mixed units, losses that
 * are none, repeated rows, too few different sizes, a single budget.
 */
export function observationWarnings(
  observations: readonly Observation[],
): string[] {
  const warnings: string[] = [];
  for (const key of ["parameters", "tokens"] as const) {
    const gap = unitGap(observations.map((run) => run[key]));
    if (!gap) continue;
    warnings.push(
      `${key} jump from ${gap[0]} to ${gap[1]}: are some rows in other units ` +
        `(millions, billions)? Use plain counts in all`,
    );
  }
  const wrong = (test: (run: Observation) => boolean) =>
    [...observations.keys()].filter((i) => test(observations[i]!));
  const high = wrong((run) => run.loss > MAX_LOSS);
  if (high.length > 0) {
    warnings.push(
      `loss is above ${MAX_LOSS} in ${
        nameRows(high)
      }: wanted nats per token, ` +
        `not a perplexity`,
    );
  }
  const strange = wrong(({ parameters, tokens }) =>
    !(tokens / parameters > RATIOS[0] && tokens / parameters < RATIOS[1])
  );
  if (strange.length > 0) {
    const { parameters, tokens } = observations[strange[0]!]!;
    warnings.push(
      `${nameRows(strange)}: ${formatCount(tokens)} tokens for ` +
        `${formatCount(parameters)} parameters, are both counts?`,
    );
  }
  const seen = new Set<string>();
  const repeated = wrong(({ parameters, tokens, loss }) => {
    const key = `${parameters} ${tokens} ${loss}`;
    const isRepeated = seen.has(key);
    seen.add(key);
    return isRepeated;
  });
  if (repeated.length > 0) {
    warnings.push(
      `${nameRows(repeated)} repeat an earlier row: keep one, or draw the ` +
        `bootstrap by cluster`,
    );
  }
  for (const key of ["parameters", "tokens"] as const) {
    const count = countDistinct(observations.map((run) => run[key]));
    if (count >= 3) continue;
    warnings.push(
      `${key} take ${count} different values: an exponent needs at least 3`,
    );
  }
  const budgets = observations.map((run) => run.parameters * run.tokens);
  if (Math.max(...budgets) < 1.2 * Math.min(...budgets)) {
    warnings.push("all runs have one budget: they say little about any other");
  }
  return warnings;
}
