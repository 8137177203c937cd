/**
 * Figures of evaluation: accuracy over checkpoints, tasks with their errors and
 * floors, ranks, and the difference of two models. Tables as a whole are drawn
 * in `benchmarks.ts`.
 *
 * @module
 */
import type {
  CheckpointScore,
  ModelDifference,
  RankedModel,
  TaskResult,
} from "../eval/mod.ts";
import {
  axisTitle,
  type Figure,
  figure,
  PALETTE,
  type Trace,
} from "./figure.ts";
import { LEGEND_ABOVE } from "./style.ts";

/** Standard errors of an interval of 95 %. */
const WIDTH = 1.96;
const BLUE = PALETTE[0]!;
const ORANGE = PALETTE[1]!;
const GREY = "#999999";

/** Whether a metric is a share, to be told in percent. */
const isShare = (metric: string) => !/mse|bits|perplexity/.test(metric);

/** A model's scores while it was trained. */
export interface CheckpointScores {
  readonly name: string;
  readonly checkpoints: readonly CheckpointScore[];
}

/** Units of an axis, the largest first: tokens by name, energy by prefix. */
type AxisUnits = readonly (readonly [size: number, name: string])[];

/** What the horizontal axis of checkpoints counts. */
const CHECKPOINT_AXES: Readonly<
  Record<"tokens" | "energy", {
    readonly title: string;
    readonly units: AxisUnits;
    readonly of: (checkpoint: CheckpointScore) => number;
  }>
> = {
  tokens: {
    title: "tokens seen",
    units: [[1e9, "billions"], [1e6, "millions"], [1e3, "thousands"]],
    of: ({ tokens }) => tokens,
  },
  energy: {
    title: "energy so far",
    units: [[1, "kWh"], [1e-3, "Wh"], [1e-6, "mWh"]],
    of: ({ energyKwh }) => energyKwh,
  },
};

/**
 * Accuracy of checkpoints against tokens or energy (TTL's figure 2), with the
 * score of chance as a dashed line.
 *
 * @param options.floor percent, 25 of four choices
 */
export function plotCheckpointScores(
  runs: readonly CheckpointScores[],
  { against = "tokens", task = "ARC", floor = 25 }: {
    against?: keyof typeof CHECKPOINT_AXES;
    task?: string;
    floor?: number;
  } = {},
): Figure {
  const { title, units, of: count } = CHECKPOINT_AXES[against];
  const most = Math.max(...runs.flatMap((run) => run.checkpoints.map(count)));
  const [size, unit] = units.find(([size]) => most >= size) ?? units.at(-1)!;
  const of = (checkpoint: CheckpointScore) => count(checkpoint) / size;
  const data: Trace[] = runs.map(({ name, checkpoints }, i) => ({
    type: "scatter",
    mode: "lines+markers",
    name,
    x: checkpoints.map(of),
    y: checkpoints.map(({ score }) => score),
    text: checkpoints.map(({ step }) => `step ${step.toLocaleString("en")}`),
    hovertemplate: "%{text}: %{y:.2f} %",
    line: { color: PALETTE[i % PALETTE.length] },
  }));
  data.push({
    type: "scatter",
    mode: "lines",
    name: "chance",
    x: [0, most / size],
    y: [floor, floor],
    line: { dash: "dash", color: GREY },
  });
  return figure(data, {
    title: { text: `${task} while training` },
    xaxis: { ...axisTitle(`${title} (${unit})`), rangemode: "tozero" },
    yaxis: axisTitle("score (%)"),
    ...LEGEND_ABOVE,
  });
}

/**
 * The main metric of each task with its interval of 95 %, and as a line what one
 * answer to everything scores. Tasks whose main metric is no share (perplexity,
 * bits) are left out.
 */
export function plotTaskScores(results: readonly TaskResult[]): Figure {
  const shares = results.filter(({ task }) => isShare(task.metric));
  const rows = shares.toReversed().map(({ task, summary }) => {
    const { mean, standardError } = summary.metrics[task.metric]!;
    const score = 100 * mean;
    const width = Number.isFinite(standardError)
      ? 100 * WIDTH * standardError
      : 0;
    return {
      name: `${task.name}<br>${task.metric}`,
      score,
      above: Math.min(width, 100 - score),
      below: Math.min(width, score), // there is nothing outside of 0 to 100
      floor: summary.floors[task.metric],
    };
  });
  const floors = rows.filter(({ floor }) => floor !== undefined);
  return figure([{
    type: "scatter",
    mode: "markers",
    name: "this model, 95 %",
    y: rows.map(({ name }) => name),
    x: rows.map(({ score }) => score),
    error_x: {
      type: "data",
      symmetric: false,
      array: rows.map(({ above }) => above),
      arrayminus: rows.map(({ below }) => below),
    },
    marker: { color: BLUE, size: 10 },
  }, {
    type: "scatter",
    mode: "markers",
    name: "one answer to everything",
    y: floors.map(({ name }) => name),
    x: floors.map(({ floor }) => 100 * floor!),
    marker: {
      symbol: "line-ns-open",
      size: 22,
      color: ORANGE,
      line: { width: 3 },
    },
  }], {
    title: { text: "Scores and their floors" },
    xaxis: { ...axisTitle("score (%)"), rangemode: "tozero" },
    ...LEGEND_ABOVE,
    height: 200 + 60 * rows.length,
  });
}

/** A line with a dot for each row, between two ends. */
function intervals(
  rows: readonly {
    readonly name: string;
    readonly at: number;
    readonly low: number;
    readonly high: number;
    readonly isMarked: boolean;
  }[],
): Trace {
  return {
    type: "scatter",
    mode: "markers",
    y: rows.map(({ name }) => name),
    x: rows.map(({ at }) => at),
    error_x: {
      type: "data",
      symmetric: false,
      array: rows.map(({ at, high }) => high - at),
      arrayminus: rows.map(({ at, low }) => at - low),
      color: GREY,
    },
    marker: {
      size: 10,
      color: rows.map(({ isMarked }) => isMarked ? ORANGE : BLUE),
    },
    showlegend: false,
  };
}

/** Ranks with what the errors leave open, the best on top; own models marked. */
export function plotRanks(
  ranks: readonly RankedModel[],
  { title = "Ranks, and what the errors leave open" } = {},
): Figure {
  const rows = ranks.toReversed().map(({ model, rank, interval, isOwn }) => ({
    name: model,
    at: rank,
    low: interval?.[0] ?? rank,
    high: interval?.[1] ?? rank,
    isMarked: isOwn,
  }));
  return figure([intervals(rows)], {
    title: { text: title },
    xaxis: { ...axisTitle("rank (1 is the best)"), dtick: 1 },
    height: 190 + 24 * rows.length,
  });
}

/**
 * Differences of two models with their bootstrap intervals, zero as a line.
 * Metrics that are no shares (mse, perplexity, bits) are left out.
 */
export function plotDifferences(
  differences: readonly ModelDifference[],
  { a, b }: { readonly a: string; readonly b: string },
): Figure {
  const shares = differences.filter(({ metric }) => isShare(metric));
  const rows = shares.toReversed().map((row) => ({
    name: `${row.task}<br>${row.metric}`,
    at: 100 * row.difference,
    low: 100 * row.low,
    high: 100 * row.high,
    isMarked: row.low > 0 || row.high < 0,
  }));
  return figure([intervals(rows)], {
    title: { text: `${b} minus ${a}, on the same items` },
    xaxis: {
      ...axisTitle("difference (points)"),
      rangemode: "tozero",
      zeroline: true,
      zerolinecolor: GREY,
    },
    yaxis: { range: [-0.6, rows.length - 0.4] }, // room for two lines of label
    height: 190 + 50 * rows.length,
  });
}
