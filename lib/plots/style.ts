/**
 * Words, legends and helpers that figures share beside the theme.
 *
 * @module
 */
import type { Layout } from "./figure.ts";

/** Title of an axis of losses. */
export const LOSS_TITLE = "loss (nats per token)";
/** Title of an axis of model sizes. */
export const PARAMETERS_TITLE = "parameters N (count)";
/** Title of an axis of token counts. */
export const TOKENS_TITLE = "training tokens D (count)";

/** Parts of a layout: a legend in one row between title and figure. */
export const LEGEND_ABOVE = {
  legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
  margin: { t: 90 },
};
/** Under the axis title, where it covers nothing. */
export const LEGEND_BELOW: Layout = {
  orientation: "h",
  x: 0,
  y: -0.2,
  yanchor: "top",
};
/** In the upper right corner, which falling curves leave free. */
export const LEGEND_CORNER: Layout = {
  x: 1,
  y: 1,
  xanchor: "right",
  yanchor: "top",
};

/** Five digits: more are not seen either. */
export function shortNumbers(values: readonly number[]): number[] {
  return values.map((value) => Number(value.toPrecision(5)));
}

/** Every k-th element such that at most `most` are left. */
export function thinCloud<T>(items: readonly T[], most: number): T[] {
  const stride = Math.ceil(items.length / most);
  return items.filter((_, i) => i % stride === 0);
}

/** Places along a logarithmic axis at which a curve is drawn, ends included. */
export function curvePlaces(from: number, to: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => from * (to / from) ** (i / (count - 1)),
  );
}
