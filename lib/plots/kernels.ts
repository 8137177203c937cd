/**
 * Kernels against the limits of a device: memory traffic by size, and the
 * roofline (Williams et al., 2009).
 *
 * @module
 */
import { axisTitle, type Figure, figure, logAxis, PALETTE } from "./figure.ts";

/** Traffic of a kernel on tensors of one size. */
export interface TrafficRow {
  readonly kernel: string;
  /** Size of the tensor. */
  readonly bytes: number;
  /** Bytes read and written in a second. */
  readonly bytesPerSecond: number;
}

/** Memory traffic against the size of the tensor, a line a kernel. */
export function plotTraffic(
  rows: readonly TrafficRow[],
  { title = "Memory traffic by size" }: { readonly title?: string } = {},
): Figure {
  const kernels = [...new Set(rows.map(({ kernel }) => kernel))];
  const data = kernels.map((kernel) => {
    const own = rows.filter((row) => row.kernel === kernel);
    return {
      type: "scatter",
      mode: "lines+markers",
      name: kernel,
      x: own.map(({ bytes }) => bytes / 1e6),
      y: own.map(({ bytesPerSecond }) => bytesPerSecond / 1e9),
    };
  });
  return figure(data, {
    title: { text: title },
    xaxis: logAxis("size of the tensor (MB)"),
    yaxis: { ...axisTitle("traffic (GB/s)"), rangemode: "tozero" },
  });
}

/** What a device can do at best. */
export interface DeviceLimits {
  readonly bytesPerSecond: number;
  readonly flopsPerSecond: number;
}

/** A kernel on the roofline. */
export interface RooflineSpot {
  readonly kernel: string;
  /** Operations for each byte that is read or written. */
  readonly intensity: number;
  readonly flopsPerSecond: number;
}

/**
 * Kernels below the roof of a device: memory is the limit on its slope,
 * arithmetic under its flat part.
 */
export function plotRoofline(
  { bytesPerSecond, flopsPerSecond }: DeviceLimits,
  spots: readonly RooflineSpot[],
  { title = "Roofline" }: { readonly title?: string } = {},
): Figure {
  const ridge = flopsPerSecond / bytesPerSecond;
  const all = [ridge, ...spots.map(({ intensity }) => intensity)];
  // Labels stand to the right of their points: room for the last one.
  const ends = [Math.min(...all) / 2, ridge, Math.max(...all) * 4];
  const roof = (intensity: number) =>
    Math.min(flopsPerSecond, bytesPerSecond * intensity) / 1e9;
  return figure([{
    type: "scatter",
    mode: "lines",
    name: "roof",
    x: ends,
    y: ends.map(roof),
    line: { color: PALETTE[7], width: 2 },
  }, {
    type: "scatter",
    mode: "markers+text",
    name: "kernels",
    x: spots.map(({ intensity }) => intensity),
    y: spots.map(({ flopsPerSecond }) => flopsPerSecond / 1e9),
    text: spots.map(({ kernel }) => kernel),
    textposition: "bottom right",
    textfont: { size: 11 },
    marker: { size: 9, color: PALETTE[1] },
  }], {
    title: { text: title },
    xaxis: logAxis("operations for each byte (FLOP/B)"),
    yaxis: logAxis("speed (GFLOP/s)"),
    showlegend: false,
  });
}
