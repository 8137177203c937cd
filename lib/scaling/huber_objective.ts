/**
 * The objective of Hoffmann et al. 2022 (section 3.3, equation 3): the sum
 * over runs of Huber_delta(ln predicted loss - ln observed loss), with its
 * exact gradient.
 *
 * Made to be called half a million times in a fit: logs are taken once, and
 * one logarithm of a product of ratios stands for the logarithms of all.
 *
 * @module
 */
import { lawCoordinates, type LawObjective } from "./coordinates.ts";
import { fastExp } from "./fast_exp.ts";
import type { Observation } from "./observations.ts";

/** Up to this delta a series replaces the logarithm, exact to 1e-12. */
const NARROW = 0.01;
/** Rows whose ratios are multiplied before one logarithm: a power of 2. */
const BLOCK = 16;

/** What the inner loop reads, one element a run. */
interface Rows {
  readonly xs: Float64Array; // ln N - mean
  readonly ys: Float64Array; // ln D - mean
  readonly inverse: Float64Array; // 1 / loss
  readonly delta: number;
}

/** Not a closure: V8 compiles it once and well for all fits of a program. */
function evaluate(rows: Rows, p: Float64Array, gradient: Float64Array): number {
  const { xs, ys, inverse, delta } = rows;
  const upper = Math.exp(delta), lower = Math.exp(-delta);
  const isNarrow = delta <= NARROW;
  const a = p[0]!, b = p[1]!, E = Math.exp(p[2]!), alpha = p[3]!, beta = p[4]!;
  let dA = 0, dB = 0, dE = 0, dAlpha = 0, dBeta = 0;
  let squares = 0, logs = 0, numOutside = 0;
  let over = 1, under = 1; // products of the ratios beyond delta
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i]!, y = ys[i]!;
    const u = fastExp(a - alpha * x), v = fastExp(b - beta * y);
    const sum = u + v + E;
    const ratio = sum * inverse[i]!;
    let slope; // of the Huber function: the residual, clipped to ±delta
    if (ratio > upper) {
      slope = delta;
      over *= ratio;
      numOutside++;
    } else if (ratio < lower) {
      slope = -delta;
      under *= ratio;
      numOutside++;
    } else {
      const z = ratio - 1;
      slope = isNarrow
        ? z * (1 - z * (1 / 2 - z * (1 / 3 - z * (1 / 4 - z * (1 / 5)))))
        : Math.log(ratio);
      squares += slope * slope;
    }
    if ((i & (BLOCK - 1)) === BLOCK - 1) {
      logs += Math.log(over / under);
      over = under = 1;
    }
    const q = slope / sum, qu = q * u, qv = q * v;
    dA += qu;
    dB += qv;
    dE += q;
    dAlpha -= qu * x;
    dBeta -= qv * y;
  }
  logs += Math.log(over / under);
  gradient[0] = dA / delta;
  gradient[1] = dB / delta;
  gradient[2] = dE * E / delta;
  gradient[3] = dAlpha / delta;
  gradient[4] = dBeta / delta;
  return squares / (2 * delta) + logs - numOutside * delta / 2;
}

/**
 * The sum of Huber terms of these runs, divided by delta so that its size does
 * not depend on delta: it tends to the sum of |residuals| as delta goes to 0.
 *
 * @param delta in nats of log loss, above 0
 */
export function huberObjective(
  observations: readonly Observation[],
  delta: number,
): LawObjective {
  const { xs, ys, encode, decode } = lawCoordinates(observations);
  const inverse = Float64Array.from(observations, (o) => 1 / o.loss);
  const rows: Rows = { xs, ys, inverse, delta };
  return {
    scale: delta,
    evaluate: (p, gradient) => evaluate(rows, p, gradient),
    encode,
    decode,
  };
}
