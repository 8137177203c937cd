/**
 * Figures about fits of scaling laws: IsoFLOP parabolas, best sizes against
 * budgets, intervals side by side, and the cloud of a bootstrap. Records of
 * `lib/scaling` in, figures out.
 *
 * @module
 */
import type {
  IsoFlopProfile,
  LawConstants,
  PowerLaw,
  QuantityInterval,
} from "../scaling/mod.ts";
import { formatScientific } from "../util/mod.ts";
import {
  axisTitle,
  type Figure,
  figure,
  logAxis,
  PALETTE,
  type Trace,
} from "./figure.ts";
import {
  curvePlaces,
  LEGEND_BELOW,
  LOSS_TITLE,
  PARAMETERS_TITLE,
  shortNumbers,
  thinCloud,
} from "./style.ts";

/** Best sizes found by one method, and the power law through them. */
export interface NamedOptima {
  readonly name: string;
  /** Budgets in FLOPs, sizes N* as counts; none for a law alone. */
  readonly points?: readonly {
    readonly budget: number;
    readonly parameters: number;
  }[];
  readonly law?: PowerLaw;
}

/** Intervals of one quantity or several, told by one source. */
export interface NamedIntervals {
  readonly name: string;
  readonly intervals: readonly Omit<QuantityInterval, "standardError">[];
}

/** Small budgets pale, large ones dark: from sky through green to brown. */
const RAMP = [[0x56, 0xb4, 0xe9], [0x00, 0x9e, 0x73], [0x6b, 0x3d, 0x00]];
/** Points of a drawn parabola, and of a cloud: more make files large. */
const NUM_CURVE = 40, MAX_CLOUD = 1500;

/** The colour at a share of {@linkcode RAMP}, 0 to 1. */
function rampColour(share: number): string {
  const position = share * (RAMP.length - 1);
  const i = Math.min(Math.floor(position), RAMP.length - 2);
  const rest = position - i;
  const mixed = RAMP[i]!.map((from, c) =>
    Math.round(from + rest * (RAMP[i + 1]![c]! - from))
  );
  return `rgb(${mixed.join(",")})`;
}

/** The parabola over its runs, reaching out to its vertex. */
function parabolaOf(profile: IsoFlopProfile): { x: number[]; y: number[] } {
  const { fitted, optimalParameters: best, centre } = profile;
  if (best === undefined) return { x: [], y: [] };
  const sizes = [...fitted.map((run) => run.parameters), best];
  const x = curvePlaces(Math.min(...sizes), Math.max(...sizes), NUM_CURVE);
  const y = x.map((N) => {
    const z = Math.log(N / centre);
    return profile.level + profile.slope * z + profile.curvature * z * z;
  });
  return { x, y };
}

/**
 * Runs of each budget with their parabola and its vertex: a diamond, hollow
 * where it lies outside of the sizes that were trained.
 */
export function plotIsoFlops(profiles: readonly IsoFlopProfile[]): Figure {
  const data = profiles.flatMap((profile, i): Trace[] => {
    const color = rampColour(i / Math.max(1, profiles.length - 1));
    const { runs, isInside, optimalParameters, optimalLoss, budget } = profile;
    const name = `${formatScientific(budget, 2)} FLOPs`;
    const { x, y } = parabolaOf(profile);
    const rest = { type: "scatter", name, legendgroup: name };
    const hidden = { ...rest, showlegend: false };
    return [
      {
        ...rest,
        mode: "markers",
        x: shortNumbers(runs.map((run) => run.parameters)),
        y: shortNumbers(runs.map((run) => run.loss)),
        marker: { color, size: 6, opacity: 0.7 },
      },
      {
        ...hidden,
        mode: "lines",
        x: shortNumbers(x),
        y: shortNumbers(y),
        line: { color, width: 1.5 },
      },
      ...(optimalParameters === undefined ? [] : [{
        ...hidden,
        mode: "markers",
        x: [optimalParameters],
        y: [optimalLoss],
        marker: {
          color,
          size: 11,
          symbol: isInside ? "diamond" : "diamond-open",
          line: {
            width: isInside ? 1 : 2,
            color: isInside ? "#000000" : color,
          },
        },
      }]),
    ];
  });
  return figure(data, {
    title: { text: "Loss of each budget by model size" },
    xaxis: logAxis(PARAMETERS_TITLE),
    yaxis: axisTitle(LOSS_TITLE),
    height: 520,
  });
}

/**
 * Best sizes against budgets by several methods, as points with their power
 * law or as a power law alone.
 *
 * @param options.budgets FLOPs between which laws are drawn (default: those of
 * all points)
 */
export function plotOptima(
  methods: readonly NamedOptima[],
  { budgets, title = "Best size by budget" }: {
    readonly budgets?: readonly [from: number, to: number];
    readonly title?: string;
  } = {},
): Figure {
  const all = methods.flatMap(({ points = [] }) =>
    points.map((point) => point.budget)
  );
  const [from, to] = budgets ?? [Math.min(...all), Math.max(...all)];
  const data = methods.flatMap(({ name, points = [], law }, i): Trace[] => {
    const color = PALETTE[i % PALETTE.length];
    const rest = { type: "scatter", name, legendgroup: name };
    const lines: Trace[] = law
      ? [{
        ...rest,
        mode: "lines",
        x: [from, to],
        y: [from, to].map((C) => law.coefficient * C ** law.exponent),
        line: { color, width: 2 },
        showlegend: points.length === 0,
      }]
      : [];
    if (points.length === 0) return lines;
    return [{
      ...rest,
      mode: "markers",
      x: shortNumbers(points.map((point) => point.budget)),
      y: shortNumbers(points.map((point) => point.parameters)),
      marker: { color, size: 9 },
    }, ...lines];
  });
  return figure(data, {
    title: { text: title },
    xaxis: logAxis("budget 6ND (FLOPs)"),
    yaxis: logAxis("best size N* (parameters, count)"),
    legend: LEGEND_BELOW,
    height: 480,
  });
}

/**
 * Estimates with intervals, one line for each name and one colour for each
 * source; sources stand a little apart.
 *
 * @param options.x title of the axis, with its unit
 */
export function plotIntervals(
  sources: readonly NamedIntervals[],
  { title, x }: { readonly title: string; readonly x: string },
): Figure {
  const names = [
    ...new Set(
      sources.flatMap(({ intervals }) => intervals.map((r) => r.name)),
    ),
  ];
  const spread = 0.5 / Math.max(1, sources.length);
  const data = sources.map(({ name, intervals }, i): Trace => {
    const shift = (i - (sources.length - 1) / 2) * spread;
    return {
      type: "scatter",
      mode: "markers",
      name,
      x: shortNumbers(intervals.map((row) => row.estimate)),
      y: intervals.map((row) => names.indexOf(row.name) + shift),
      error_x: {
        type: "data",
        symmetric: false,
        array: shortNumbers(intervals.map((row) => row.high - row.estimate)),
        arrayminus: shortNumbers(
          intervals.map((row) => row.estimate - row.low),
        ),
        thickness: 2,
        width: 5,
      },
      marker: { color: PALETTE[i % PALETTE.length], size: 9 },
    };
  });
  return figure(data, {
    title: { text: title },
    xaxis: axisTitle(x),
    yaxis: {
      ...axisTitle("source (by name)"),
      tickvals: names.map((_, k) => k),
      ticktext: names,
      range: [names.length - 0.5, -0.5], // the first on top
    },
    showlegend: sources.length > 1,
    legend: LEGEND_BELOW,
    height: 200 + 45 * names.length,
  });
}

/** One quantity of a law along an axis. */
export interface LawAxis {
  /** Title of the axis, with its unit: "alpha (none)". */
  readonly title: string;
  readonly of: (law: LawConstants) => number;
  readonly isLog?: boolean;
}

/**
 * The cloud of a bootstrap in two quantities, with chosen laws marked.
 *
 * @param laws one for each resample; at most 1500 are drawn
 */
export function plotLawCloud(
  laws: readonly LawConstants[],
  { x, y, title, marks = [] }: {
    readonly x: LawAxis;
    readonly y: LawAxis;
    readonly title: string;
    readonly marks?: readonly (LawConstants & { readonly name: string })[];
  },
): Figure {
  const shown = thinCloud(laws, MAX_CLOUD);
  const axis = ({ title, isLog }: LawAxis) =>
    isLog ? logAxis(title) : axisTitle(title);
  const data: Trace[] = [
    {
      type: "scatter",
      mode: "markers",
      name: `${laws.length} resamples`,
      x: shortNumbers(shown.map(x.of)),
      y: shortNumbers(shown.map(y.of)),
      marker: { color: PALETTE[5], size: 4, opacity: 0.5 },
    },
    ...marks.map((law, i): Trace => ({
      type: "scatter",
      mode: "markers",
      name: law.name,
      x: shortNumbers([x.of(law)]),
      y: shortNumbers([y.of(law)]),
      marker: {
        color: PALETTE[[1, 7, 2, 3][i % 4]!],
        symbol: ["diamond", "x", "square", "triangle-up"][i % 4],
        size: 12,
      },
    })),
  ];
  return figure(data, {
    title: { text: title },
    xaxis: axis(x),
    yaxis: axis(y),
    legend: LEGEND_BELOW,
    height: 480,
  });
}
