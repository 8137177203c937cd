/**
 * The runs of a sweep: loss against tokens for each size, the law through them,
 * and what it says about a run beyond them.
 *
 * @module
 */
import type {
  Allocation,
  LawConstants,
  Observation,
  QuantityInterval,
} from "../scaling/mod.ts";
import { formatCount } from "../util/mod.ts";
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
  shortNumbers,
  TOKENS_TITLE,
} from "./style.ts";

/** A run that a law predicts, and what became of it. */
export interface LossForecast extends Allocation {
  /** Predicted loss with its interval, nats per token. */
  readonly predicted: Pick<QuantityInterval, "estimate" | "low" | "high">;
  /** Once it is trained, nats per token. */
  readonly loss?: number;
}

/** Points of a drawn law. */
const NUM_POINTS = 30;

/** The law along tokens at one size. */
function curveOf(
  { E, A, B, alpha, beta }: LawConstants,
  parameters: number,
  [from, to]: readonly [number, number],
): { x: number[]; y: number[] } {
  const x = curvePlaces(from, to, NUM_POINTS);
  const floor = E + A / parameters ** alpha;
  return {
    x: shortNumbers(x),
    y: shortNumbers(x.map((D) => floor + B / D ** beta)),
  };
}

/** The prediction as a diamond with its interval, the outcome as a star. */
function forecastTraces(forecast: LossForecast, color: string): Trace[] {
  const { tokens, loss, parameters } = forecast;
  const { estimate, low, high } = forecast.predicted;
  const name = `N = ${formatCount(parameters)}`;
  const at = (text: string, y: number, rest: Trace): Trace => ({
    type: "scatter",
    mode: "markers",
    name: `${name} ${text}`,
    x: [tokens],
    y: shortNumbers([y]),
    ...rest,
  });
  const predicted = at("predicted", estimate, {
    marker: { color, symbol: "diamond-open", size: 11 },
    error_y: {
      type: "data",
      symmetric: false,
      array: [high - estimate],
      arrayminus: [estimate - low],
      color,
    },
  });
  if (loss === undefined) return [predicted];
  const marker = { color, symbol: "star", size: 12 };
  return [predicted, at("trained", loss, { marker })];
}

/**
 * Final losses of a sweep, one colour a size.
 *
 * @param options.law drawn as a line for each size
 * @param options.forecast a run beyond the sweep
 */
export function plotSweep(
  runs: readonly Observation[],
  { law, forecast, title = "Loss of the sweep" }: {
    readonly law?: LawConstants;
    readonly forecast?: LossForecast;
    readonly title?: string;
  } = {},
): Figure {
  const sizes = [...new Set(runs.map((run) => run.parameters))]
    .sort((a, b) => a - b);
  const tokens = [...runs, ...(forecast ? [forecast] : [])]
    .map((run) => run.tokens);
  const range = [Math.min(...tokens), Math.max(...tokens)] as const;
  const data = sizes.flatMap((parameters, i): Trace[] => {
    const color = PALETTE[i % PALETTE.length];
    const own = runs.filter((run) => run.parameters === parameters);
    const name = `N = ${formatCount(parameters)}`;
    const points: Trace = {
      type: "scatter",
      mode: "markers",
      name,
      legendgroup: name,
      x: own.map((run) => run.tokens),
      y: shortNumbers(own.map((run) => run.loss)),
      marker: { color, size: 9 },
    };
    if (!law) return [points];
    return [points, {
      type: "scatter",
      mode: "lines",
      name: `${name}, law`,
      legendgroup: name,
      showlegend: false,
      ...curveOf(law, parameters, range),
      line: { color, width: 1.5 },
    }];
  });
  if (forecast) {
    const color = PALETTE[sizes.length % PALETTE.length]!;
    data.push(...forecastTraces(forecast, color));
  }
  return figure(data, {
    title: { text: title },
    xaxis: logAxis(TOKENS_TITLE),
    yaxis: axisTitle(LOSS_TITLE),
    legend: LEGEND_BELOW,
    height: 480,
  });
}
