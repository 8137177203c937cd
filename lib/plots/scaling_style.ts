/**
 * Words and looks that the figures about scaling laws share.
 *
 * @module
 */
import type { Layout } from "./figure.ts";

/** Title of an axis of losses. */
export const LOSS_TITLE = "loss (nats per token)";
/** Title of an axis of model sizes. */
export const PARAMETERS_TITLE = "parameters N (count)";
/** Under the axis title, where it covers nothing. */
export const LEGEND_BELOW: Layout = {
  orientation: "h",
  x: 0,
  y: -0.2,
  yanchor: "top",
};

/** Five digits: more are not seen either. */
export function shortNumbers(values: readonly number[]): number[] {
  return values.map((value) => Number(value.toPrecision(5)));
}
