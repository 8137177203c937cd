/**
 * Figures of energy and carbon: which part of the machine uses the energy, what
 * the same run emits elsewhere, and the power of a run as it goes. A tracker's
 * readings and published ones draw the same way.
 *
 * @module
 */
import type { EnergyReading, PowerPart, PowerPoint } from "../emissions/mod.ts";
import {
  axisTitle,
  type Figure,
  figure,
  PALETTE,
  type Trace,
} from "./figure.ts";
import { LEGEND_ABOVE } from "./style.ts";

/** Parts of a machine in the order in which bars are stacked. */
const PARTS: readonly PowerPart[] = ["gpu", "cpu", "ram", "machine"];

const PART_COLORS: Readonly<Record<PowerPart, string>> = {
  gpu: PALETTE[0]!,
  cpu: PALETTE[1]!,
  ram: PALETTE[2]!,
  machine: PALETTE[3]!,
};

/** Pattern by method: what was measured is solid. */
const LABEL_PATTERNS = { measured: "", modelled: "/", assumed: "x" } as const;

/** Sum of one part's energy in joules, or undefined without a reading. */
function partJoules(
  reading: EnergyReading,
  part: PowerPart,
): number | undefined {
  const known = reading.parts.filter((row) => row.part === part)
    .flatMap(({ joules }) => joules ?? []);
  return known.length === 0
    ? undefined
    : known.reduce((sum, joules) => sum + joules, 0);
}

/**
 * Shares of GPU, CPU and memory, a bar for each reading. Solid parts were
 * measured, striped ones modelled, crossed ones assumed; a part without a
 * reading has no piece.
 */
export function plotEnergyShares(
  readings: readonly EnergyReading[],
): Figure {
  const rows = readings.toReversed().map((reading) => {
    const joules = PARTS.map((part) => partJoules(reading, part));
    const total = joules.reduce<number>((sum, x) => sum + (x ?? 0), 0);
    const shares = joules.map((x) => x === undefined ? null : x / total * 100);
    return { reading, shares };
  });
  const traces = PARTS.flatMap((part, p): Trace[] => {
    const shares = rows.map((row) => row.shares[p]!);
    if (shares.every((share) => share === null)) return [];
    const labels = rows.map(({ reading }) =>
      reading.parts.find((row) => row.part === part)?.label ?? ""
    );
    return [{
      type: "bar",
      orientation: "h",
      name: `${part.toUpperCase()} ${[...new Set(labels)].join(" ").trim()}`,
      y: rows.map(({ reading }) => reading.project),
      x: shares,
      text: shares.map((x) => x === null ? "" : x.toFixed(1)),
      hovertemplate: `%{y}: %{x:.1f} % ${part}<extra></extra>`,
      textposition: "inside",
      insidetextanchor: "middle",
      textangle: 0,
      marker: {
        color: PART_COLORS[part],
        pattern: {
          shape: labels.map((label) => label && LABEL_PATTERNS[label]),
          fillmode: "overlay",
          fgcolor: "#ffffff",
          fgopacity: 0.25, // faint, so that the numbers stay readable
          size: 10,
        },
      },
    }];
  });
  return figure(traces, {
    title: { text: "Where the energy goes" },
    barmode: "stack",
    xaxis: { ...axisTitle("share of energy (%)"), range: [0, 100] },
    margin: LEGEND_ABOVE.margin,
    legend: { ...LEGEND_ABOVE.legend, traceorder: "normal" },
    height: 190 + 60 * readings.length,
  });
}

/** Settings of {@linkcode plotGridComparison}. */
export interface GridComparisonOptions {
  /** Places that stand out. */
  marked?: readonly string[];
}

/**
 * Emissions of the same run in several places, lowest at the bottom. A line
 * shows the range where published counts of a place differ. Readings without
 * carbon are left out.
 */
export function plotGridComparison(
  readings: readonly EnergyReading[],
  { marked = [] }: GridComparisonOptions = {},
): Figure {
  const bars = readings.flatMap(({ carbon, intensity }) =>
    carbon && intensity
      ? [{
        place: intensity.used.place,
        year: intensity.used.year,
        kilograms: carbon.grams / 1000,
        low: carbon.low / 1000,
        high: carbon.high / 1000,
      }]
      : []
  ).sort((a, b) => a.kilograms - b.kilograms);
  const labelOf = ({ place, year }: typeof bars[number]) =>
    year ? `${place} ${year}` : place;
  const ranges = bars.filter(({ low, high }) => high > low);
  const traces = [
    {
      type: "bar",
      orientation: "h",
      y: bars.map(labelOf),
      x: bars.map(({ kilograms }) => kilograms),
      marker: {
        color: bars.map(({ place }) =>
          marked.includes(place) ? PALETTE[1] : PALETTE[0]
        ),
      },
      hovertemplate: "%{y}: %{x:.3f} kg<extra></extra>",
    },
    {
      type: "scatter",
      mode: "lines+markers",
      // null lifts the pen between two ranges
      y: ranges.flatMap((bar) => [labelOf(bar), labelOf(bar), null]),
      x: ranges.flatMap(({ low, high }) => [low, high, null]),
      line: { color: PALETTE[7], width: 2 },
      marker: { symbol: "line-ns-open", size: 9, color: PALETTE[7] },
      hovertemplate: "%{y}, other counts: %{x:.3f} kg<extra></extra>",
    },
  ];
  const name = readings[0]?.project ?? "no run";
  return figure(traces, {
    title: { text: `${name} on other grids` },
    xaxis: {
      ...axisTitle("emissions (kg CO2 equivalent)"),
      range: [0, 1.05 * Math.max(0, ...bars.map(({ high }) => high))],
    },
    showlegend: false,
    height: 160 + 26 * bars.length,
  });
}

/** Units for the time axis, by the longest time they suit. */
const TIME_UNITS = [
  { name: "s", seconds: 1, upTo: 600 },
  { name: "min", seconds: 60, upTo: 3 * 3600 },
  { name: "h", seconds: 3600, upTo: Infinity },
] as const;

/**
 * Mean power of each part between the samples of a tracker. Stretches over
 * which a part could not be read are bridged by the mean over them.
 */
export function plotPowerCurve(points: readonly PowerPoint[]): Figure {
  const last = points.at(-1)?.seconds ?? 0;
  const unit = TIME_UNITS.find(({ upTo }) => last <= upTo)!;
  const traces = PARTS.flatMap((part): Trace[] => {
    const steps = partPower(points, part);
    if (steps.length === 0) return [];
    return [{
      type: "scatter",
      mode: "lines",
      name: part.toUpperCase(),
      x: steps.map(({ seconds }) => seconds / unit.seconds),
      y: steps.map(({ watts }) => watts),
      line: { color: PART_COLORS[part], shape: "vh" },
    }];
  });
  return figure(traces, {
    title: { text: "Power while it runs" },
    xaxis: axisTitle(`time (${unit.name})`),
    yaxis: { ...axisTitle("mean power (W)"), rangemode: "tozero" },
    ...LEGEND_ABOVE,
    showlegend: true,
  });
}

/**
 * Power over each stretch, given at its end; the first point is given the
 * power of the first stretch so that the step line begins there.
 */
function partPower(
  points: readonly PowerPoint[],
  part: PowerPart,
): { seconds: number; watts: number }[] {
  const known = points.flatMap(({ seconds, joules }) => {
    const sum = joules[part];
    return sum === undefined ? [] : [{ seconds, sum }];
  });
  const steps = known.slice(1).map(({ seconds, sum }, i) => ({
    seconds,
    watts: (sum - known[i]!.sum) / (seconds - known[i]!.seconds),
  }));
  return steps.length === 0
    ? []
    : [{ seconds: known[0]!.seconds, watts: steps[0]!.watts }, ...steps];
}
