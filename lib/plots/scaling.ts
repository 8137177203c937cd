/**
 * Figures about scaling laws: the loss surface with runs on it, residuals of a
 * fit, and what a budget buys. Records of `lib/scaling` in, figures out.
 *
 * @module
 */
import type {
  Allocation,
  LossSurface,
  Observation,
  OptimalAllocation,
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
  thinCloud,
  TOKENS_TITLE,
} from "./style.ts";

/** A run or a plan with the name to write beside it. */
export interface NamedAllocation extends Allocation {
  readonly name: string;
}

/** The frontier of one law. */
export interface NamedFrontier {
  readonly name: string;
  readonly frontier: readonly OptimalAllocation[];
}

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
/** Points of a cloud: more make files large. */
const MAX_CLOUD = 2000;

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
    yaxis: { ...logAxis(TOKENS_TITLE), range: range(surface.tokens) },
    legend: LEGEND_BELOW,
    height: 520,
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
  const rows = thinCloud(all, MAX_CLOUD);
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
