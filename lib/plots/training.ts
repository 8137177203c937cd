/**
 * A run as it goes: training loss, held-out loss, and the bars to clear; and
 * runs side by side.
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
import { LEGEND_CORNER, LOSS_TITLE } from "./style.ts";

/** Points of a curve above which neighbours are averaged. */
const MAX_POINTS = 400;
/** The same where several curves share a frame: steps are noisy. */
const MAX_COMPARED_POINTS = 60;
/** Strokes that tell curves apart where they lie on each other. */
const DASHES = ["solid", "dash", "dot", "dashdot"];

/** Mean tokens and losses of runs of `size` steps, in one pass. */
function thinSteps(
  records: readonly TrainRecord[],
  size: number,
): { x: number[]; y: number[] } {
  const x: number[] = [], y: number[] = [];
  let tokens = 0, loss = 0, count = 0;
  const close = (): void => {
    if (count === 0) return;
    x.push(tokens / count);
    y.push(loss / count);
    tokens = loss = count = 0;
  };
  for (const record of records) {
    if (record.kind !== "step") continue;
    tokens += record.tokens;
    loss += record.loss;
    if (++count === size) close();
  }
  close();
  return { x, y };
}

/** Training loss of a run, thinned so that it stays light and readable. */
function lossCurve(
  records: readonly TrainRecord[],
  maxPoints: number,
): { x: number[]; y: number[]; size: number } {
  let steps = 0;
  for (const { kind } of records) if (kind === "step") steps++;
  const size = Math.ceil(steps / maxPoints) || 1;
  return { ...thinSteps(records, size), size };
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
  const { x, y, size } = lossCurve(records, MAX_POINTS);
  const evaluations = records.filter((record) => record.kind === "evaluation");
  const data: Trace[] = [{
    type: "scatter",
    mode: "lines",
    name: size > 1 ? `training, mean of ${size} steps` : "training",
    x,
    y,
    line: { width: 1.5, color: PALETTE[5] },
  }, {
    type: "scatter",
    mode: "lines+markers",
    name: "held out",
    x: evaluations.map(({ tokens }) => tokens),
    y: evaluations.map(({ loss }) => loss),
    line: { width: 2, color: PALETTE[0] },
  }];
  const last = records.findLast((record) => record.kind === "step");
  const end = last?.tokens ?? 1;
  for (const [i, [name, loss]] of Object.entries(bars).entries()) {
    data.push({
      type: "scatter",
      mode: "lines",
      name,
      x: [0, end],
      y: [loss, loss],
      line: { width: 2, dash: "dash", color: PALETTE[1 + i] },
    });
  }
  return figure(data, {
    title: { text: title },
    xaxis: { ...axisTitle("training tokens"), rangemode: "tozero" },
    yaxis: axisTitle(LOSS_TITLE),
    legend: LEGEND_CORNER,
  });
}

/**
 * Runs side by side: the loss on held-out text where it was measured, and
 * behind it, thin, that of the training.
 *
 * @param runs records in order, by the name of the run
 * @param options.title of the figure
 */
export function plotRuns(
  runs: Readonly<Record<string, readonly TrainRecord[]>>,
  { title = "Loss of the runs" }: { title?: string } = {},
): Figure {
  const data = Object.entries(runs).flatMap(([name, records], i): Trace[] => {
    const { x, y } = lossCurve(records, MAX_COMPARED_POINTS);
    const evaluations = records.filter((r) => r.kind === "evaluation");
    const style = {
      color: PALETTE[i % PALETTE.length],
      dash: DASHES[i % DASHES.length],
    };
    const isEvaluated = evaluations.length > 0;
    const training: Trace = {
      type: "scatter",
      mode: "lines",
      name: isEvaluated ? `${name}, training` : name,
      legendgroup: name,
      showlegend: !isEvaluated,
      x,
      y,
      line: { ...style, width: isEvaluated ? 1 : 2 },
      opacity: isEvaluated ? 0.5 : 1,
    };
    if (!isEvaluated) return [training];
    return [training, {
      type: "scatter",
      mode: "lines+markers",
      name,
      legendgroup: name,
      x: evaluations.map(({ tokens }) => tokens),
      y: evaluations.map(({ loss }) => loss),
      line: { ...style, width: 2 },
    }];
  });
  return figure(data, {
    title: { text: title },
    xaxis: { ...axisTitle("training tokens"), rangemode: "tozero" },
    yaxis: axisTitle(LOSS_TITLE),
    legend: LEGEND_CORNER,
    showlegend: true,
  });
}
