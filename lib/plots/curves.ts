/**
 * Curves and points by name: the plot for whatever was just computed.
 *
 * @module
 */
import { axisTitle, type Figure, figure, type Trace } from "./figure.ts";

/** Numbers along both axes; typed arrays are fine. */
export type Curve = readonly [x: ArrayLike<number>, y: ArrayLike<number>];

/**
 * Lines, and points, in one frame.
 *
 * @param lines drawn as lines, by name
 * @param options.points drawn as markers, by name, below the lines
 * @param options.title of the figure
 * @param options.x title of the axis, with its unit
 * @param options.y title of the axis, with its unit
 *
 * @example
 * ```ts
 * plotCurves({ loss: [steps, losses] }, { title: "Loss", x: "step", y: "nats" })
 * ```
 */
export function plotCurves(
  lines: Readonly<Record<string, Curve>>,
  { points = {}, title, x, y }: {
    readonly points?: Readonly<Record<string, Curve>>;
    readonly title: string;
    readonly x: string;
    readonly y: string;
  },
): Figure {
  const traces = (curves: Readonly<Record<string, Curve>>, mode: string) =>
    Object.entries(curves).map(([name, [x, y]]): Trace => ({
      type: "scatter",
      mode,
      name,
      x: Array.from(x),
      y: Array.from(y),
    }));
  const data = [...traces(points, "markers"), ...traces(lines, "lines")];
  return figure(data, {
    title: { text: title },
    xaxis: axisTitle(x),
    yaxis: axisTitle(y),
    showlegend: data.length > 1,
  });
}
