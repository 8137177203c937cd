/**
 * Figures of evaluation: accuracy over checkpoints, tasks with their errors and
 * floors, benchmark tables at a glance, and the difference of two models.
 *
 * @module
 */
import type {
  BenchmarkTable,
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

/** Standard errors of an interval of 95 %. */
const WIDTH = 1.96;
/** Standard deviations at which the colours of the map end. */
const MAP_DEVIATIONS = 2;
const BLUE = PALETTE[0]!;
const ORANGE = PALETTE[1]!;
const GREY = "#999999";

/** A model's scores while it was trained. */
export interface CheckpointScores {
  readonly name: string;
  readonly checkpoints: readonly CheckpointScore[];
}

/** What the horizontal axis of checkpoints counts. */
const CHECKPOINT_AXES = {
  tokens: {
    title: "tokens seen (billions)",
    of: ({ tokens }: CheckpointScore) => tokens / 1e9,
  },
  energy: {
    title: "energy so far (kWh)",
    of: ({ energyKwh }: CheckpointScore) => energyKwh,
  },
} as const;

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
  const { title, of } = CHECKPOINT_AXES[against];
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
  const last = Math.max(...runs.flatMap((run) => run.checkpoints.map(of)));
  data.push({
    type: "scatter",
    mode: "lines",
    name: "chance",
    x: [0, last],
    y: [floor, floor],
    line: { dash: "dash", color: GREY },
  });
  return figure(data, {
    title: { text: `${task} while training` },
    xaxis: { ...axisTitle(title), rangemode: "tozero" },
    yaxis: axisTitle("score (%)"),
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    margin: { t: 90 },
  });
}

/**
 * The main metric of each task with its interval of 95 %, and as a line what one
 * answer to everything scores.
 */
export function plotTaskScores(results: readonly TaskResult[]): Figure {
  const rows = results.toReversed().map(({ task, summary }) => {
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
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    margin: { t: 90 },
    height: 200 + 60 * rows.length,
  });
}

/** Mean and standard deviation of a column's scores. */
function spreadOf(
  scores: readonly number[],
): { mean: number; deviation: number } {
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const squares = scores.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / scores.length) || 1 };
}

/**
 * A benchmark table as a heat map: the colour tells how many standard deviations
 * of its column a published score is from the column's mean, the text the score
 * itself; scores of English sets are marked "en". Own models stand on top.
 */
export function plotBenchmarkMap(table: BenchmarkTable): Figure {
  const { columns } = table;
  const published = table.rows.filter(({ isOwn }) => !isOwn);
  const own = table.rows.filter(({ isOwn }) => isOwn);
  const rows = [...published.toReversed(), ...own]; // the first row is drawn last
  const spreads = columns.map(({ key }) =>
    spreadOf(published.flatMap(({ cells }) => cells[key]?.score ?? []))
  );
  const text = rows.map(({ cells }) =>
    columns.map(({ key }) => {
      const cell = cells[key];
      return cell ? cell.score.toFixed(1) + (cell.isEnglish ? " en" : "") : "";
    })
  );
  return figure([{
    type: "heatmap",
    x: columns.map(({ title }) => title),
    y: rows.map(({ model }) => model),
    z: rows.map(({ cells }) =>
      columns.map(({ key }, c) => {
        const { mean, deviation } = spreads[c]!;
        const cell = cells[key];
        return cell ? (cell.score - mean) / deviation : null;
      })
    ),
    text,
    texttemplate: "%{text}",
    hovertemplate: "%{y}, %{x}: %{text} %<extra></extra>",
    colorscale: [[0, "#e6a06a"], [0.5, "#ffffff"], [1, "#7fb4d9"]],
    zmin: -MAP_DEVIATIONS,
    zmax: MAP_DEVIATIONS,
    showscale: false,
    xgap: 2,
    ygap: 2,
  }], {
    title: { text: table.title },
    xaxis: { ...axisTitle("benchmark (score in %)"), side: "bottom" },
    yaxis: { automargin: true },
    height: 190 + 26 * rows.length,
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

/** Differences of two models with their bootstrap intervals, zero as a line. */
export function plotDifferences(
  differences: readonly ModelDifference[],
  { a, b }: { readonly a: string; readonly b: string },
): Figure {
  const rows = differences.toReversed().map((row) => ({
    name: `${row.task}<br>${row.metric}`,
    at: 100 * row.difference,
    low: 100 * row.low,
    high: 100 * row.high,
    isMarked: row.low > 0 || row.high < 0,
  }));
  return figure([intervals(rows)], {
    title: { text: `${b} minus ${a}, on the same items` },
    xaxis: { ...axisTitle("difference (points)"), zeroline: true },
    height: 190 + 50 * rows.length,
  });
}
