/**
 * A fine-tuning on preferences as it goes: how far the rewards of the two
 * answers drift apart.
 *
 * @module
 */
import type { PreferenceStepRecord } from "../train/mod.ts";
import { axisTitle, type Figure, figure, PALETTE } from "./figure.ts";

/** Points of a curve above which neighbours are averaged: steps are noisy. */
const MAX_POINTS = 60;

/**
 * Rewards of the chosen and the rejected answers against steps, from 0, where
 * the model is its own reference.
 *
 * @param steps of one fine-tuning, in order
 */
export function plotPreferences(
  steps: readonly PreferenceStepRecord[],
): Figure {
  const size = Math.ceil(steps.length / MAX_POINTS) || 1;
  const groups = Array.from(
    { length: Math.ceil(steps.length / size) },
    (_, i) => steps.slice(i * size, (i + 1) * size),
  );
  const curve = (of: (record: PreferenceStepRecord) => number) =>
    groups.map((some) => some.reduce((a, r) => a + of(r), 0) / some.length);
  const x = curve(({ step }) => step);
  const line = (name: string, y: number[], color: string) => ({
    ...{ type: "scatter", mode: "lines", name, x, y, line: { color } },
  });
  return figure([
    line("chosen", curve((r) => r.chosenReward), PALETTE[0]!),
    line("rejected", curve((r) => r.rejectedReward), PALETTE[1]!),
  ], {
    title: { text: "Rewards of the two answers" },
    xaxis: axisTitle("step"),
    yaxis: axisTitle("reward (nats)"),
  });
}
