/**
 * Figures about scaling laws: the loss surface with runs on it, predicted
 * against observed losses, residuals of a fit, what a budget buys, and
 * training curves beside a law. Records of `lib/scaling` in, figures out.
 *
 * @module
 */
import type {
  Allocation,
  LossSurface,
  Observation,
  OptimalAllocation,
  TtlLossPoint,
  TtlPrediction,
} from "../scaling/mod.ts";
import { formatCount, formatScientific } from "../util/mod.ts";
import {
  axisTitle,
  type Figure,
  figure,
  type Layout,
  logAxis,
  PALETTE,
  type Trace,
} from "./figure.ts";
import {
  LEGEND_BELOW,
  LOSS_TITLE,
  PARAMETERS_TITLE,
  shortNumbers,
} from "./scaling_style.ts";

/** A run or a plan with the name to write beside it. */
export interface NamedAllocation extends Allocation {
  readonly name: string;
}

/** The frontier of one law. */
export interface NamedFrontier {
  readonly name: string;
  readonly frontier: readonly OptimalAllocation[];
}

/** One run's smoothed loss and what laws say about it. */
export interface TtlCurve {
  readonly name: string;
  readonly observed: readonly TtlLossPoint[];
  /** Predicted by one law along the same run. */
  readonly predicted: readonly TtlLossPoint[];
}

const TOKENS = "training tokens D (count)";
/** Low losses light, high ones darker, so that dark text is read anywhere. */
const PALE_BLUES = [
  [0, "#fff7d6"],
  [0.35, "#cfe8d5"],
  [0.7, "#8fc3d9"],
  [1, "#5b9bc8"],
];
const INK = "#333333";
/** Marks that stay apart where one lies upon another: hollow around solid. */
const SYMBOLS = ["circle", "square-open", "diamond-open", "triangle-up-open"];
/** In the upper right corner, which falling curves leave free. */
const LEGEND_CORNER: Layout = { x: 1, y: 1, xanchor: "right", yanchor: "top" };
const BILLION = 1e9;
/** Points of a curve and of a cloud: more make files large. */
const MAX_CURVE = 150, MAX_CLOUD = 2000;

/** Every k-th element such that at most `MAX_CLOUD` are left. */
function thinCloud<T>(items: readonly T[]): T[] {
  const stride = Math.ceil(items.length / MAX_CLOUD);
  return items.filter((_, i) => i % stride === 0);
}

/**
 * At most `MAX_CURVE` points, the first and the last among them, closest
 * together at the start, where a loss falls fastest.
 */
function thinCurve(points: readonly TtlLossPoint[]): TtlLossPoint[] {
  const end = points.at(-1)?.tokens ?? 0;
  let rank = 0; // of the next point to keep
  return points.filter(({ tokens }) => {
    if (tokens < end * (rank / (MAX_CURVE - 1)) ** 2) return false;
    rank = 1 + Math.floor(Math.sqrt(tokens / end) * (MAX_CURVE - 1));
    return true;
  });
}

/**
 * One mark for each plan, told in the legend, where long names have room:
 * "TTL-160m: 162M parameters, 3.75B tokens".
 */
function markPlans<T extends NamedAllocation>(
  plans: readonly T[],
  at: (plan: T) => { x: number; y: number },
): Trace[] {
  return plans.map((plan, i) => ({
    type: "scatter",
    mode: "markers",
    x: [at(plan).x],
    y: [at(plan).y],
    name: `${plan.name}: ${formatCount(plan.parameters)} parameters, ` +
      `${formatCount(plan.tokens)} tokens`,
    marker: {
      symbol: SYMBOLS[i % SYMBOLS.length],
      color: "#000000",
      size: 9 + 4 * i,
      line: { width: 2, color: "#000000" },
    },
  }));
}

/** 1e19 → "10<sup>19</sup>", 3.28e18 → "3.3×10<sup>18</sup>". */
function powerText(x: number): string {
  const [digits, exponent] = formatScientific(x, 2).split("e");
  const factor = digits === "1.0" ? "" : `${Number(digits)}×`;
  return `${factor}10<sup>${exponent}</sup>`;
}

/** The part of the line 6ND = budget that lies on the surface, if any. */
function isoFlop(surface: LossSurface, budget: number): Trace[] {
  const { parameters, tokens } = surface;
  const from = Math.max(parameters[0]!, budget / 6 / tokens.at(-1)!);
  const to = Math.min(parameters.at(-1)!, budget / 6 / tokens[0]!);
  if (from >= to) return [];
  // The name stands where the line comes in, away from most runs.
  const x = [from, from * (to / from) ** 0.2, to];
  const name = `${powerText(budget)} FLOPs`;
  return [{
    type: "scatter",
    mode: "lines+text",
    x,
    y: x.map((N) => budget / 6 / N),
    text: ["", name, ""],
    textposition: "top right",
    textfont: { color: INK, size: 11 },
    name,
    line: { color: INK, width: 1, dash: "dot" },
    showlegend: false,
  }];
}

/**
 * Contours of predicted loss over parameters and tokens, both logarithmic,
 * with the compute-optimal frontier, lines of equal compute and runs.
 *
 * @param options.budgets FLOPs of the dotted lines of equal compute
 */
export function plotLossSurface(
  surface: LossSurface,
  options: {
    readonly title?: string;
    readonly frontier?: readonly Allocation[];
    readonly budgets?: readonly number[];
    readonly runs?: readonly NamedAllocation[];
  } = {},
): Figure {
  const { title = "Predicted loss", frontier = [], budgets = [], runs = [] } =
    options;
  const data: Trace[] = [
    {
      type: "contour",
      x: shortNumbers(surface.parameters),
      y: shortNumbers(surface.tokens),
      z: surface.loss.map(shortNumbers),
      colorscale: PALE_BLUES,
      ncontours: 20,
      contours: { showlabels: true, labelfont: { color: INK, size: 10 } },
      line: { width: 0.7, color: "#ffffff" },
      colorbar: { title: { text: LOSS_TITLE, side: "right" } },
      name: "loss",
    },
    ...budgets.flatMap((budget) => isoFlop(surface, budget)),
  ];
  if (frontier.length > 0) {
    data.push({
      type: "scatter",
      mode: "lines",
      x: shortNumbers(frontier.map((point) => point.parameters)),
      y: shortNumbers(frontier.map((point) => point.tokens)),
      name: "compute-optimal",
      line: { color: PALETTE[1], width: 3 },
    });
  }
  data.push(...markPlans(runs, ({ parameters, tokens }) => (
    { x: parameters, y: tokens }
  )));
  const range = (values: readonly number[]) => [
    Math.log10(values[0]!),
    Math.log10(values.at(-1)!),
  ];
  return figure(data, {
    title: { text: title },
    xaxis: { ...logAxis(PARAMETERS_TITLE), range: range(surface.parameters) },
    yaxis: { ...logAxis(TOKENS), range: range(surface.tokens) },
    legend: LEGEND_BELOW,
    height: 520,
  });
}

/** Losses that several laws predict for runs, observed ones as lines. */
export function plotTtlPredictions(
  predictions: readonly TtlPrediction[],
): Figure {
  const models = [...new Set(predictions.map((row) => row.model))];
  const data = models.flatMap((model, i): Trace[] => {
    const rows = predictions.filter((row) => row.model === model);
    const color = PALETTE[i % PALETTE.length];
    const laws = rows.map((row) => row.law);
    return [
      {
        type: "scatter",
        mode: "markers+text",
        x: rows.map((row) => row.predictedLoss),
        y: laws,
        text: rows.map((row) => row.predictedLoss.toFixed(2)),
        // On either side, so that labels keep clear of the other run's line.
        textposition: i % 2 ? "middle left" : "middle right",
        name: `${model} predicted`,
        marker: { color, size: 11 },
      },
      {
        type: "scatter",
        mode: "lines",
        x: rows.map((row) => row.observedLoss),
        y: laws,
        name: `${model} observed, ${rows[0]!.observedLoss}`,
        line: { color, dash: "dash" },
      },
    ];
  });
  const losses = predictions.flatMap((row) => [
    row.predictedLoss,
    row.observedLoss,
  ]);
  const range = [Math.min(...losses) - 0.1, Math.max(...losses) + 0.15];
  return figure(data, {
    title: { text: "Predicted and observed loss of TTL's runs" },
    xaxis: { ...axisTitle(LOSS_TITLE), range },
    yaxis: { ...axisTitle("constants (by name)"), autorange: "reversed" },
    legend: LEGEND_BELOW,
    height: 480,
  });
}

/** Ticks of a colour bar of log10 of sizes: 100M, 300M, 1B, ... */
function sizeTicks(sizes: readonly number[]): Layout {
  const low = Math.min(...sizes), high = Math.max(...sizes);
  const ticks: number[] = [];
  for (let p = Math.floor(Math.log10(low)); 10 ** p <= high; p++) {
    ticks.push(10 ** p, 3 * 10 ** p);
  }
  return {
    tickvals: ticks.map(Math.log10),
    ticktext: ticks.map((size) => formatCount(size, 1)),
  };
}

/**
 * Residuals of a fit against the observed loss, coloured by model size.
 *
 * @param residuals ln predicted - ln observed, one for each run
 */
export function plotFitResiduals(
  observations: readonly Observation[],
  residuals: ArrayLike<number>,
): Figure {
  const all = observations.map((run, i) => ({
    ...run,
    name: `row ${i + 1}`,
    percent: 100 * Math.expm1(residuals[i]!),
  }));
  const rows = thinCloud(all);
  const sizes = rows.map((row) => row.parameters);
  const data: Trace[] = [{
    type: "scatter",
    mode: "markers",
    x: shortNumbers(rows.map((row) => row.loss)),
    y: shortNumbers(rows.map((row) => row.percent)),
    text: rows.map((row) => row.name),
    name: "runs",
    marker: {
      size: 7,
      opacity: 0.8,
      color: shortNumbers(sizes.map(Math.log10)),
      colorscale: "Viridis",
      colorbar: {
        title: { text: PARAMETERS_TITLE, side: "right" },
        ...sizeTicks(sizes),
      },
    },
  }];
  const shapes = [{
    type: "line",
    xref: "paper",
    x0: 0,
    x1: 1,
    y0: 0,
    y1: 0,
    line: { color: "#333333", width: 1 },
  }];
  return figure(data, {
    title: { text: `Residuals of ${observations.length} runs` },
    xaxis: axisTitle(`observed ${LOSS_TITLE}`),
    yaxis: axisTitle("predicted above observed (%)"),
    shapes,
  });
}

/** Loss along the frontier of one or more laws, with chosen budgets marked. */
export function plotFrontier(
  curves: readonly NamedFrontier[],
  options: {
    readonly marks?: readonly (OptimalAllocation & NamedAllocation)[];
  } = {},
): Figure {
  const { marks = [] } = options;
  const data: Trace[] = curves.map(({ name, frontier }) => ({
    type: "scatter",
    mode: "lines",
    x: shortNumbers(frontier.map((point) => point.budget)),
    y: shortNumbers(frontier.map((point) => point.loss)),
    name,
  }));
  data.push(...markPlans(marks, ({ budget, loss }) => (
    { x: budget, y: loss }
  )));
  return figure(data, {
    title: { text: "What a budget buys" },
    xaxis: logAxis("budget 6ND (FLOPs)"),
    yaxis: axisTitle(`lowest predicted ${LOSS_TITLE}`),
    legend: LEGEND_BELOW,
    height: 540,
  });
}

/** Training loss against tokens, with a law's prediction as a dashed line. */
export function plotTtlCurves(curves: readonly TtlCurve[]): Figure {
  const line = (points: readonly TtlLossPoint[], rest: Trace): Trace => ({
    type: "scatter",
    mode: "lines",
    x: shortNumbers(points.map((point) => point.tokens / BILLION)),
    y: shortNumbers(points.map((point) => point.loss)),
    ...rest,
  });
  const data = curves.flatMap(({ name, observed, predicted }, i) => {
    const color = PALETTE[i % PALETTE.length];
    return [
      line(thinCurve(observed), { name, line: { color } }),
      line(thinCurve(predicted), {
        name: `${name} by the law`,
        line: { color, dash: "dash" },
      }),
    ];
  });
  return figure(data, {
    title: { text: "Training loss of TTL's runs, mean over 50,000 steps" },
    xaxis: axisTitle("training tokens (billions)"),
    yaxis: axisTitle(LOSS_TITLE),
    legend: LEGEND_CORNER,
  });
}

export * from "./scaling_fits.ts";
