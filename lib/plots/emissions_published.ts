/**
 * Figures of what others published: what perplexity cost TeenyTinyLlama, the
 * footprints of large models beside their closed forms, and a grid's intensity
 * over time.
 *
 * @module
 */
import type {
  EnergyCheckpoint,
  IntensitySeries,
  MarginalEnergy,
  PublishedFootprint,
} from "../emissions/mod.ts";
import { axisTitle, type Figure, figure, logAxis, PALETTE } from "./figure.ts";
import { LEGEND_ABOVE } from "./style.ts";

/** Joules in one kWh, exactly: figures are a door, so they show kWh. */
const JOULES_PER_KWH = 3.6e6;

/** Published checkpoints of one run under its name. */
export interface CheckpointSeries {
  readonly name: string;
  readonly checkpoints: readonly EnergyCheckpoint[];
}

/** Perplexity of each run's checkpoints against the energy up to them. */
export function plotPerplexityEnergy(
  runs: readonly CheckpointSeries[],
): Figure {
  const traces = runs.map(({ name, checkpoints }, i) => ({
    type: "scatter",
    mode: "lines+markers",
    name,
    x: checkpoints.map(({ energyJoules }) => energyJoules / JOULES_PER_KWH),
    y: checkpoints.map(({ perplexity }) => perplexity),
    text: checkpoints.map(({ step }) => `step ${step.toLocaleString("en")}`),
    hovertemplate: "%{text}: %{x:.2f} kWh, perplexity %{y:.2f}",
    line: { color: PALETTE[i % PALETTE.length] },
  }));
  return figure(traces, {
    title: { text: "What perplexity costs" },
    xaxis: logAxis("energy so far (kWh)"),
    yaxis: axisTitle("evaluation perplexity (e<sup>loss</sup>)"),
    ...LEGEND_ABOVE,
  });
}

/** Energy for each further point of perplexity, between checkpoints. */
export interface MarginalSeries {
  readonly name: string;
  readonly rows: readonly MarginalEnergy[];
}

/**
 * What one point of perplexity costs as training goes on. Stretches that
 * gained nothing have no price and are left out.
 */
export function plotMarginalEnergy(runs: readonly MarginalSeries[]): Figure {
  const traces = runs.map(({ name, rows }, i) => {
    const priced = rows.flatMap(({ tokens, joulesPerPoint }) =>
      joulesPerPoint === undefined
        ? []
        : [{ billions: tokens / 1e9, kwh: joulesPerPoint / JOULES_PER_KWH }]
    );
    return {
      type: "scatter",
      mode: "lines+markers",
      name,
      x: priced.map(({ billions }) => billions),
      y: priced.map(({ kwh }) => kwh),
      line: { color: PALETTE[i % PALETTE.length] },
    };
  });
  return figure(traces, {
    title: { text: "What one more point of perplexity costs" },
    xaxis: axisTitle("tokens seen (billions)"),
    yaxis: logAxis("energy for one point (kWh)"),
    ...LEGEND_ABOVE,
  });
}

/** What a model emitted as reported, and by each closed form, in tonnes. */
export function plotFootprints(rows: readonly PublishedFootprint[]): Figure {
  const models = rows.map(({ model }) => model);
  const tonnes = (grams: (number | undefined)[]) =>
    grams.map((x) => x === undefined ? null : x / 1e6);
  const kinds = [
    {
      name: "reported",
      y: tonnes(rows.map(({ reportedGrams }) => reportedGrams)),
      marker: { symbol: "line-ew-open", size: 34, line: { width: 3 } },
    },
    {
      name: "from hours",
      y: tonnes(rows.map(({ fromHours }) => fromHours.carbon?.grams)),
      marker: { symbol: "circle", size: 10 },
    },
    {
      name: "from parameters and tokens",
      y: tonnes(rows.map(({ fromFlops }) => fromFlops.carbon?.grams)),
      marker: { symbol: "diamond-open", size: 12, line: { width: 2 } },
    },
  ];
  const traces = kinds.map(({ name, y, marker }, i) => ({
    type: "scatter",
    mode: "markers",
    name,
    x: models,
    y,
    marker: { color: PALETTE[i === 0 ? 7 : i - 1], ...marker },
    hovertemplate: `%{x}, ${name}: %{y:.1f} t<extra></extra>`,
  }));
  return figure(traces, {
    title: { text: "Five footprints, reported and recomputed" },
    xaxis: axisTitle("model (by name)"),
    yaxis: logAxis("emissions (t CO2 equivalent)"),
    ...LEGEND_ABOVE,
  });
}

/** A stretch of time to mark, such as a run. */
export interface MarkedTime {
  readonly name: string;
  readonly start: Date;
  readonly seconds: number;
}

/** Carbon intensity over time, with runs as shaded stretches. */
export function plotIntensitySeries(
  { name, starts, gramsPerKwh, end }: IntensitySeries,
  runs: readonly MarkedTime[] = [],
): Figure {
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  const trace = {
    type: "scatter",
    mode: "lines",
    name,
    x: [...starts, end].map(iso),
    y: [...gramsPerKwh, gramsPerKwh.at(-1)!], // the last value holds to the end
    line: { shape: "hv", color: PALETTE[0] },
    hovertemplate: "%{x}: %{y:.0f} g/kWh<extra></extra>",
  };
  const spans = runs.map(({ start, seconds }, i) => {
    const from = start.getTime() / 1000;
    return {
      type: "rect",
      xref: "x",
      yref: "paper",
      x0: iso(from),
      x1: iso(from + seconds),
      y0: 0,
      y1: 1,
      fillcolor: PALETTE[(i + 1) % PALETTE.length],
      opacity: 0.2,
      line: { width: 0 },
      label: { text: runs[i]!.name, textposition: "top center" },
    };
  });
  return figure([trace], {
    title: { text: `Carbon intensity over time: ${name}` },
    xaxis: axisTitle("time (UTC)"),
    yaxis: { ...axisTitle("intensity (g CO2eq/kWh)"), rangemode: "tozero" },
    shapes: spans,
    showlegend: false,
  });
}
