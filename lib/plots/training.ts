/**
 * A run as it goes: training loss, held-out loss, and the bars to clear.
 *
 * @module
 */
import type { TrainRecord } from "../train/mod.ts";
import {
  axisTitle,
  type Figure,
  figure,
  PALETTE,
  type Trace,
} from "./figure.ts";

/** Points of a curve above which neighbours are averaged. */
const MAX_POINTS = 400;

/** Averages runs of neighbours, so that a long run stays light and readable. */
function thin(values: readonly number[], size: number): number[] {
  const means: number[] = [];
  for (let start = 0; start < values.length; start += size) {
    const run = values.slice(start, start + size);
    means.push(run.reduce((sum, x) => sum + x, 0) / run.length);
  }
  return means;
}

/**
 * Loss against training tokens.
 *
 * @param records of one run, in order
 * @param options.bars losses in nats per token to compare with, by name:
 * drawn as dashed lines
 * @param options.title of the figure
 */
export function plotTraining(
  records: readonly TrainRecord[],
  { bars = {}, title = "Loss while training" }: {
    bars?: Readonly<Record<string, number>>;
    title?: string;
  } = {},
): Figure {
  const steps = records.filter((record) => record.kind === "step");
  const evaluations = records.filter((record) => record.kind === "evaluation");
  const size = Math.ceil(steps.length / MAX_POINTS) || 1;
  const data: Trace[] = [{
    type: "scatter",
    mode: "lines",
    name: size > 1 ? `training, mean of ${size} steps` : "training",
    x: thin(steps.map(({ tokens }) => tokens), size),
    y: thin(steps.map(({ loss }) => loss), size),
    line: { width: 1.5, color: PALETTE[5] },
  }, {
    type: "scatter",
    mode: "lines+markers",
    name: "held out",
    x: evaluations.map(({ tokens }) => tokens),
    y: evaluations.map(({ loss }) => loss),
    line: { width: 2, color: PALETTE[0] },
  }];
  const last = steps.at(-1)?.tokens ?? 1;
  for (const [i, [name, loss]] of Object.entries(bars).entries()) {
    data.push({
      type: "scatter",
      mode: "lines",
      name,
      x: [0, last],
      y: [loss, loss],
      line: { width: 2, dash: "dash", color: PALETTE[1 + i] },
    });
  }
  return figure(data, {
    title: { text: title },
    xaxis: { ...axisTitle("training tokens"), rangemode: "tozero" },
    yaxis: axisTitle("loss (nats per token)"),
    legend: { x: 1, y: 1, xanchor: "right", yanchor: "top" },
  });
}
