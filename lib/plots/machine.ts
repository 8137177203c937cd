/**
 * What a machine can do, in pictures: its kernels below its roofs, its speeds
 * beside those of others, and what it has time for.
 *
 * @module
 */
import type {
  KernelSpeed,
  TrainingSpeed,
  TrainingTime,
  WaySpeed,
} from "../train/mod.ts";
import {
  axisTitle,
  type Figure,
  figure,
  logAxis,
  PALETTE,
  type Trace,
} from "./figure.ts";
import { LEGEND_ABOVE } from "./style.ts";

/** Colour of the way that comes as number `i`. */
const colorOf = (i: number) => PALETTE[i % PALETTE.length];

const intensityOf = ({ flops, bytes }: KernelSpeed) => flops / bytes;

/**
 * Kernels below the roof of each way (Williams et al., 2009): memory is the
 * limit on the slope, arithmetic under the flat part. Names stand at the
 * fastest way; the others have the same kernels straight below.
 */
export function plotMachineRoofline(
  speeds: readonly WaySpeed[],
  { title = "Kernels below the roofs of this machine" }: {
    readonly title?: string;
  } = {},
): Figure {
  const ridges = speeds.map(({ limits }) =>
    limits.flopsPerSecond / limits.bytesPerSecond
  );
  const all = [
    ...ridges,
    ...speeds.flatMap(({ kernels }) => kernels.map(intensityOf)),
  ];
  const [left, right] = [Math.min(...all) / 2, Math.max(...all) * 4];
  const tallest = Math.max(
    ...speeds.map(({ limits }) => limits.flopsPerSecond),
  );
  const traces = speeds.flatMap(({ way, limits, kernels }, i): Trace[] => {
    const { bytesPerSecond, flopsPerSecond } = limits;
    const isFastest = flopsPerSecond === tallest;
    return [{
      type: "scatter",
      mode: "lines",
      name: `roof of ${way}`,
      legendgroup: way,
      showlegend: false,
      x: [left, ridges[i]!, right],
      y: [bytesPerSecond * left / 1e9, ...Array(2).fill(flopsPerSecond / 1e9)],
      line: { color: colorOf(i), width: 2 },
    }, {
      type: "scatter",
      mode: isFastest ? "markers+text" : "markers",
      name: way,
      legendgroup: way,
      x: kernels.map(intensityOf),
      y: kernels.map(({ flops, seconds }) => flops / seconds / 1e9),
      text: kernels.map(({ kernel }) => kernel),
      // Kernels of memory stand close together, those of arithmetic at the roof.
      textposition: kernels.map((kernel) =>
        intensityOf(kernel) < ridges[i]! ? "middle right" : "bottom right"
      ),
      textfont: { size: 11 },
      hovertemplate: "%{text}: %{y:.3g} GFLOP/s",
      marker: { size: 9, color: colorOf(i) },
    }];
  });
  return figure(traces, {
    title: { text: title },
    xaxis: logAxis("operations for each byte (FLOP/B)"),
    yaxis: logAxis("speed (GFLOP/s)"),
    ...LEGEND_ABOVE,
  });
}

/** A speed that somebody published, drawn beside those that were measured. */
export interface SpeedMark {
  readonly name: string;
  /** Preset, the column in which it stands. */
  readonly model: string;
  readonly parameters: number;
  readonly tokensPerSecond: number;
}

/** Symbols of published speeds, one after the other. */
const SYMBOLS = ["diamond", "square", "triangle-up", "cross", "star", "x"];

/** Training speeds: a line a way, and a symbol for each published one. */
export function plotTrainingSpeeds(
  speeds: readonly TrainingSpeed[],
  published: readonly SpeedMark[] = [],
): Figure {
  const ways = [...new Set(speeds.map(({ way }) => way))];
  const models = [...speeds, ...published]
    .toSorted((a, b) => a.parameters - b.parameters)
    .map(({ model }) => model);
  const lines = ways.map((way, i) => {
    const own = speeds.filter((speed) => speed.way === way);
    return {
      type: "scatter",
      mode: "lines+markers",
      name: way,
      x: own.map(({ model }) => model),
      y: own.map(({ tokensPerSecond }) => tokensPerSecond),
      line: { color: colorOf(i) },
      marker: { size: 9 },
    };
  });
  const marks = published.map(({ name, model, tokensPerSecond }, i) => ({
    type: "scatter",
    mode: "markers",
    name: `${name}, published`,
    x: [model],
    y: [tokensPerSecond],
    marker: {
      size: 10,
      symbol: SYMBOLS[i % SYMBOLS.length],
      color: PALETTE[7],
    },
  }));
  return figure([...lines, ...marks], {
    title: { text: "Training speed" },
    xaxis: {
      ...axisTitle("model"),
      categoryorder: "array",
      categoryarray: [...new Set(models)],
    },
    yaxis: logAxis("tokens per second"),
    width: 860,
  });
}

/** Times of training against the size of the model, on one way. */
export interface TimeCurve {
  readonly way: string;
  /** From the smallest model to the largest. */
  readonly times: readonly TrainingTime[];
}

/** A training that has its own place in the figure. */
export interface TimeMark {
  readonly name: string;
  readonly parameters: number;
  readonly seconds: number;
}

/** Ticks of an axis of hours that reaches from seconds to centuries. */
const TIME_TICKS = {
  tickvals: [1 / 3600, 1 / 60, 1, 24, 730.5, 8766, 876600],
  ticktext: ["1 s", "1 min", "1 h", "1 day", "1 month", "1 year", "100 years"],
};

/**
 * Time of training against the size of the model, a line a way, with a line
 * across at the hours that there are. Dots are sizes that were measured.
 */
export function plotTrainingTimes(
  curves: readonly TimeCurve[],
  { hours, marks = [] }: {
    /** Hours of a night. */
    readonly hours: number;
    readonly marks?: readonly TimeMark[];
  },
): Figure {
  const inHours = (times: readonly { readonly seconds: number }[]) =>
    times.map(({ seconds }) => seconds / 3600);
  const sizes = (rows: readonly { readonly parameters: number }[]) =>
    rows.map(({ parameters }) => parameters);
  const lines = curves.flatMap(({ way, times }, i): Trace[] => {
    const measured = times.filter(({ isMeasured }) => isMeasured);
    const style = { legendgroup: way, name: way, type: "scatter" };
    return [{
      ...style,
      mode: "lines",
      x: sizes(times),
      y: inHours(times),
      line: { color: colorOf(i) },
    }, {
      ...style,
      mode: "markers",
      name: `${way}, measured`,
      showlegend: false,
      x: sizes(measured),
      y: inHours(measured),
      marker: { size: 9, color: colorOf(i) },
    }];
  });
  const all = [...marks, ...curves.flatMap(({ times }) => times)];
  const [left, right] = [Math.min(...sizes(all)), Math.max(...sizes(all))];
  return figure([...lines, {
    type: "scatter",
    mode: "lines",
    name: `${hours} h`,
    x: [left, right],
    y: [hours, hours],
    line: { color: PALETTE[7], dash: "dash", width: 1 },
  }, {
    type: "scatter",
    mode: "markers+text",
    name: "marks",
    showlegend: false,
    x: sizes(marks),
    y: inHours(marks),
    text: marks.map(({ name }) => name),
    textposition: "middle left",
    textfont: { size: 11 },
    marker: { size: 10, symbol: "diamond", color: PALETTE[7] },
  }], {
    title: { text: "What there is time for" },
    xaxis: logAxis("parameters, trained on their compute-optimal tokens"),
    yaxis: { ...logAxis("time of training"), ...TIME_TICKS },
    ...LEGEND_ABOVE,
  });
}
