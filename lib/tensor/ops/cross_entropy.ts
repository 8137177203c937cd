/**
 * Cross-entropy of logits, and of a linear layer whose logits need not all
 * exist at once.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import {
  ConfigError,
  DataError,
  formatShape,
  type Shape,
  ShapeError,
} from "../../util/mod.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";
import { currentMatmulPrecision, linear } from "./matmul.ts";
import { isStored, widenStored } from "./stored_linear.ts";

/** What the loss is, beside the logarithm. */
export interface CrossEntropyOptions {
  /** Target of rows that do not count, -100 without it. */
  readonly ignoreIndex?: number;
  /**
   * Weight of the squared log-sum-exp, which keeps logits from drifting
   * (Chowdhery et al., 2022, "PaLM": 1e-4); 0 without it.
   */
  readonly zLoss?: number;
  /**
   * Share of the target that is spread evenly over the vocabulary (Szegedy et
   * al., 2016), in [0, 1); 0 without it.
   */
  readonly labelSmoothing?: number;
}

function numbersOf(options: CrossEntropyOptions): kernels.CrossEntropyNumbers {
  const { ignoreIndex, zLoss, labelSmoothing } = {
    ...kernels.PLAIN_CROSS_ENTROPY,
    ...options,
  };
  const wrong = !Number.isInteger(ignoreIndex)
    ? `ignoreIndex ${ignoreIndex} is not a whole number`
    : !(zLoss >= 0 && zLoss < Infinity)
    ? `zLoss ${zLoss} is negative or not finite`
    : !(labelSmoothing >= 0 && labelSmoothing < 1)
    ? `labelSmoothing ${labelSmoothing} is not in [0, 1)`
    : undefined;
  if (wrong) throw new ConfigError(`Cannot take the cross-entropy: ${wrong}`);
  return { ignoreIndex, zLoss, labelSmoothing };
}

/** Number of rows of x (…, cols), which must be that of the targets. */
function rowsWithTargets(x: Tensor, name: string, targets: Tensor): number {
  const cols = x.shape.at(-1);
  if (!cols) {
    throw new ShapeError(
      `Cannot run ${name}() on a tensor ${formatShape(x.shape)}: ` +
        "it has no last axis with elements",
    );
  }
  const rows = x.size / cols;
  if (targets.size !== rows) {
    throw new ShapeError(
      `Cannot compare ${name === "crossEntropy" ? "logits" : "rows"} ` +
        `${formatShape(x.shape)} with targets ` +
        `${formatShape(targets.shape)}: ${rows} rows, ` +
        `${targets.size} targets`,
    );
  }
  return rows;
}

/** Targets that came from the host must count, or be there to be ignored. */
function checkTargets(
  targets: Tensor,
  vocab: number,
  ignoreIndex: number,
): void {
  const range = targets.hostRange;
  if (!range) return;
  const { least, most } = range;
  const isWrong = (index: number) =>
    (index < 0 || index >= vocab) && index !== ignoreIndex;
  if (!isWrong(least) && !isWrong(most)) return;
  throw new DataError(
    `Cannot take the cross-entropy with targets ${least}..${most} of ` +
      `"${targets.label}" ${formatShape(targets.shape)}: they must lie in ` +
      `0..${vocab - 1}, or be ${ignoreIndex}, which does not count`,
  );
}

/** What a forward pass leaves: log-sum-exp, [loss, count], and the loss. */
function makeResults(x: Tensor, rows: number, label: string) {
  const { device } = x;
  const make = (shape: Shape) => Tensor.empty(device, shape, { label });
  return { lse: make([rows]), stats: make([2]), out: make([]) };
}

/**
 * Mean cross-entropy in nats over the rows that have a target; 0 without any.
 * Smoothing and z-loss are part of it (kernels/cross_entropy.ts).
 *
 * @param logits (…, V)
 * @param targets int32, one a row; `ignoreIndex`, or any index outside of
 * 0..V-1 that only the device knows, does not count
 * @returns a scalar
 * @throws {ShapeError} when the number of targets is not that of the rows
 * @throws {DataError} when a target is known to lie outside of the vocabulary
 * @throws {ConfigError} when an option is out of range
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  checkInputs("crossEntropy", [logits]);
  checkInputs("crossEntropy", [targets], "int32");
  const numbers = numbersOf(options);
  const rows = rowsWithTargets(logits, "crossEntropy", targets);
  const sizes = { rows, cols: logits.shape.at(-1)! };
  checkTargets(targets, sizes.cols, numbers.ignoreIndex);
  const { device, shape } = logits;
  const { lse, stats, out } = makeResults(logits, rows, "crossEntropy");
  const buffer = (t: Tensor | undefined) => t!.bufferFor("crossEntropy()");
  kernels.crossEntropy(
    device,
    {
      logits: buffer(logits),
      targets: buffer(targets),
      lse: buffer(lse),
      stats: buffer(stats),
    },
    sizes,
    numbers,
  );
  device.copy(buffer(stats), 0, buffer(out), 0, 4);
  const saved = [logits, targets, lse, stats];
  record(out, [logits], saved, (dOut, [logits, targets, lse, stats]) => {
    const dLogits = Tensor.empty(device, shape, {
      label: "crossEntropy gradient",
    });
    kernels.crossEntropyBackward(
      device,
      {
        logits: buffer(logits),
        targets: buffer(targets),
        lse: buffer(lse),
        stats: buffer(stats),
        dLoss: buffer(dOut),
        dLogits: buffer(dLogits),
      },
      sizes,
      numbers,
    );
    return [dLogits];
  });
  lse.dispose();
  stats.dispose();
  return out;
}

/** Bytes of logits up to which they are kept: faster, see the kernel. */
const KEPT_BYTES = 32 * 2 ** 20;

/** Options of the layer and its loss. */
export interface LinearCrossEntropyOptions extends CrossEntropyOptions {
  /**
   * Columns of logits that exist at a time. Without it logits of up to 32 MiB
   * are kept for the backward pass, and larger ones are made twice, in chunks
   * that fill 32 MiB for every 4096 rows.
   */
  readonly chunk?: number;
}

/**
 * `crossEntropy(linear(x, weight), targets)`, in chunks of the vocabulary, so
 * that the logits of a large one never exist at once
 * (kernels/linear_cross_entropy.ts). Extra memory is at most 64 MiB for every
 * 4096 rows, or 32 MiB and a copy of x's gradient.
 *
 * @param x (…, C)
 * @param weight (V, C)
 * @param targets int32, one a row of x
 * @returns a scalar
 * @throws {ShapeError} when the shapes do not fit
 * @throws {DataError} when a target is known to lie outside of the vocabulary
 * @throws {ConfigError} when an option is out of range
 */
export function linearCrossEntropy(
  x: Tensor,
  weight: Tensor,
  targets: Tensor,
  options: LinearCrossEntropyOptions = {},
): Tensor {
  if (isStored(weight)) {
    using wide = widenStored(weight);
    return linearCrossEntropy(x, wide, targets, options);
  }
  checkInputs("linearCrossEntropy", [x, weight]);
  checkInputs("linearCrossEntropy", [targets], "int32");
  const channels = x.shape.at(-1)!;
  if (weight.shape.length !== 2 || weight.shape[1] !== channels) {
    throw new ShapeError(
      `Cannot multiply ${formatShape(x.shape)} by a weight ` +
        `${formatShape(weight.shape)}ᵀ: wanted (V, ${channels})`,
    );
  }
  const { chunk, ...plain } = options;
  if (chunk !== undefined && !(Number.isInteger(chunk) && chunk >= 1)) {
    throw new ConfigError(
      `Cannot take the cross-entropy in chunks of ${chunk} columns`,
    );
  }
  const numbers = numbersOf(plain);
  const rows = rowsWithTargets(x, "linearCrossEntropy", targets);
  const vocab = weight.shape[0]!;
  checkTargets(targets, vocab, numbers.ignoreIndex);
  if (chunk === undefined && rows * vocab * 4 <= KEPT_BYTES) {
    const logits = linear(x, weight);
    const out = crossEntropy(logits, targets, plain);
    logits.dispose(); // the tape keeps what it needs
    return out;
  }
  const sizes = {
    rows,
    channels,
    vocab,
    chunk: chunk ?? kernels.crossEntropyChunk(rows, channels),
    precision: currentMatmulPrecision(),
  };
  const { device } = x;
  const label = "linearCrossEntropy";
  const { lse, stats, out } = makeResults(x, rows, label);
  const buffer = (t: Tensor | undefined) => t!.bufferFor(`${label}()`);
  kernels.linearCrossEntropy(
    device,
    {
      x: buffer(x),
      weight: buffer(weight),
      targets: buffer(targets),
      lse: buffer(lse),
      stats: buffer(stats),
    },
    sizes,
    numbers,
  );
  device.copy(buffer(stats), 0, buffer(out), 0, 4);
  const saved = [x, weight, targets, lse, stats];
  record(out, [x, weight], saved, (dOut, saved, [needsX, needsWeight]) => {
    const [x, weight, targets, lse, stats] = saved.map(buffer);
    const gradient = (shape: Shape) =>
      Tensor.empty(device, shape, { label: `${label} gradient` });
    const dX = needsX ? gradient(saved[0]!.shape) : undefined;
    const dWeight = needsWeight ? gradient(saved[1]!.shape) : undefined;
    kernels.linearCrossEntropyBackward(
      device,
      {
        x: x!,
        weight: weight!,
        targets: targets!,
        lse: lse!,
        stats: stats!,
        dLoss: buffer(dOut),
        ...(dX && { dX: buffer(dX) }),
        ...(dWeight && { dWeight: buffer(dWeight) }),
      },
      sizes,
      numbers,
    );
    return [dX, dWeight];
  });
  lse.dispose();
  stats.dispose();
  return out;
}
