/**
 * Figures of TeenyTinyLlama's runs beside scaling laws: predicted against
 * observed losses, and training curves with a law's prediction.
 *
 * @module
 */
import type { TtlLossPoint, TtlPrediction } from "../scaling/mod.ts";
import {
  axisTitle,
  type Figure,
  figure,
  PALETTE,
  type Trace,
} from "./figure.ts";
import {
  LEGEND_BELOW,
  LEGEND_CORNER,
  LOSS_TITLE,
  shortNumbers,
} from "./style.ts";

/** One run's smoothed loss and what laws say about it. */
export interface TtlCurve {
  readonly name: string;
  readonly observed: readonly TtlLossPoint[];
  /** Predicted by one law along the same run. */
  readonly predicted: readonly TtlLossPoint[];
}

/** Points of a curve: more make files large. */
const MAX_CURVE = 150;

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

/** Training loss against tokens, with a law's prediction as a dashed line. */
export function plotTtlCurves(curves: readonly TtlCurve[]): Figure {
  const line = (points: readonly TtlLossPoint[], rest: Trace): Trace => ({
    type: "scatter",
    mode: "lines",
    x: shortNumbers(points.map((point) => point.tokens / 1e9)),
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
