/**
 * A linear layer and the cross-entropy of its rows in one (cross_entropy.ts
 * has the equations), without the (N, V) logits in memory:
 *
 *     z = x Wᵀ,   L = crossEntropy(z, targets)
 *     dW = dZᵀ x,   dX = dZ W
 *
 * x is (N, C), W is (V, C). Logits are made for a chunk of the vocabulary at a
 * time: forward carries the log-sum-exp of every row from chunk to chunk, and
 * backward makes each chunk's logits a second time. That is a third more
 * arithmetic than keeping them. Chunks of rows would not need it (Hsu et al.,
 * 2024, "Liger Kernel", take the gradient in the forward pass), but would add
 * into all of dW once a chunk, or hold a second dW: here every row of dW is
 * written once, and extra memory is a few chunks and one copy of dX.
 *
 * @module
 */
import type { Device, DeviceBuffer } from "../device/mod.ts";
import { accumulate } from "./accumulate.ts";
import {
  type ColumnChunk,
  crossEntropyBackwardChunk,
  crossEntropyMean,
  type CrossEntropyNumbers,
  crossEntropyReference,
  crossEntropyRows,
} from "./cross_entropy.ts";
import { matmul, type MatmulPrecision, matmulReference } from "./matmul.ts";

/** Sizes of the layer. */
export interface LinearCrossEntropySizes {
  /** N. */
  readonly rows: number;
  /** C. */
  readonly channels: number;
  /** V. */
  readonly vocab: number;
  /** Columns of logits that exist at a time. */
  readonly chunk: number;
  /** What the factors of products are rounded to; "float32" without it. */
  readonly precision?: MatmulPrecision;
}

/** Bytes that the chunks of the backward pass may take together. */
const CHUNK_BYTES = 32 * 2 ** 20;
/** Above so many rows they take more: x is read whole for every chunk. */
const CHUNK_ROWS = 4096;

/**
 * Columns of a chunk, a multiple of 64: logits and their gradient, a piece of
 * W and its gradient fill 32 MiB, or 32 MiB for every 4096 rows.
 */
export function crossEntropyChunk(rows: number, channels: number): number {
  const bytes = CHUNK_BYTES * Math.max(1, rows / CHUNK_ROWS);
  const columns = bytes / (4 * 2 * (rows + channels));
  return Math.max(64, Math.floor(columns / 64) * 64);
}

/** The formula in plain loops. */
export function linearCrossEntropyReference(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  targets: ArrayLike<number>,
  { rows, channels, vocab }: Pick<
    LinearCrossEntropySizes,
    "rows" | "channels" | "vocab"
  >,
  numbers?: CrossEntropyNumbers,
): number {
  const logits = matmulReference(x, weight, {
    batch: 1,
    m: rows,
    n: vocab,
    k: channels,
    transposeA: false,
    transposeB: true,
    strideA: 0,
    strideB: 0,
  });
  return crossEntropyReference(
    logits,
    targets,
    { rows, cols: vocab },
    numbers,
  );
}

/** One product of matrices that lie whole in their buffers. */
function product(
  device: Device,
  [a, b, c]: readonly [DeviceBuffer, DeviceBuffer, DeviceBuffer],
  [m, n, k]: readonly [number, number, number],
  layout: "NN" | "NT" | "TN",
  precision: MatmulPrecision,
): void {
  matmul(device, { a, b, c }, {
    batch: 1,
    m,
    n,
    k,
    transposeA: layout === "TN",
    transposeB: layout === "NT",
    strideA: 0,
    strideB: 0,
  }, { precision });
}

/** Calls `use` with the logits and the piece of W of one chunk after another. */
function forEachChunk(
  device: Device,
  { x, weight }: Record<"x" | "weight", DeviceBuffer>,
  { rows, channels, vocab, chunk, precision = "float32" }:
    LinearCrossEntropySizes,
  use: (
    logits: DeviceBuffer,
    piece: DeviceBuffer,
    sizes: ColumnChunk,
  ) => void,
): void {
  const widest = Math.min(chunk, vocab);
  const logits = device.allocate(rows * widest * 4, "logits chunk");
  const piece = device.allocate(widest * channels * 4, "weight chunk");
  for (let first = 0; first < vocab; first += chunk) {
    const cols = Math.min(chunk, vocab - first);
    const row = channels * 4;
    device.copy(weight, first * row, piece, 0, cols * row);
    const sides = [rows, cols, channels] as const;
    product(device, [x, piece, logits], sides, "NT", precision);
    use(logits, piece, { rows, cols, first });
  }
  device.free(logits);
  device.free(piece);
}

/** lse (N) and stats (2) = [mean loss, rows with a target]. */
export function linearCrossEntropy(
  device: Device,
  buffers: Record<
    "x" | "weight" | "targets" | "lse" | "stats",
    DeviceBuffer
  >,
  sizes: LinearCrossEntropySizes,
  numbers: CrossEntropyNumbers,
): void {
  const { rows } = sizes;
  const { targets } = buffers;
  const state = device.allocate(rows * 16, "crossEntropy");
  forEachChunk(device, buffers, sizes, (logits, _, chunk) => {
    crossEntropyRows(device, { logits, targets, state }, chunk);
  });
  crossEntropyMean(device, { ...buffers, state }, sizes, numbers);
  device.free(state);
}

/**
 * dX (N, C) and dWeight (V, C), each where it is asked for, from what the
 * forward pass left and dLoss (1).
 */
export function linearCrossEntropyBackward(
  device: Device,
  { dX, dWeight, ...buffers }:
    & Record<
      "x" | "weight" | "targets" | "lse" | "stats" | "dLoss",
      DeviceBuffer
    >
    & { dX?: DeviceBuffer; dWeight?: DeviceBuffer },
  sizes: LinearCrossEntropySizes,
  numbers: CrossEntropyNumbers,
): void {
  const { rows, channels, vocab, precision = "float32" } = sizes;
  const widest = Math.min(sizes.chunk, vocab);
  const temporary: DeviceBuffer[] = [];
  const make = (size: number, label: string) => {
    const buffer = device.allocate(size * 4, label);
    temporary.push(buffer);
    return buffer;
  };
  const dLogits = make(rows * widest, "logits gradient chunk");
  const dPiece = dWeight && make(widest * channels, "weight gradient chunk");
  const part = dX && make(rows * channels, "part of a gradient");
  forEachChunk(device, buffers, sizes, (logits, piece, chunk) => {
    const { cols, first } = chunk;
    crossEntropyBackwardChunk(
      device,
      { ...buffers, logits, dLogits },
      { ...chunk, vocab },
      numbers,
    );
    if (dWeight && dPiece) {
      const sides = [cols, channels, rows] as const;
      product(device, [dLogits, buffers.x, dPiece], sides, "TN", precision);
      const row = channels * 4;
      device.copy(dPiece, 0, dWeight, first * row, cols * row);
    }
    if (dX && part) {
      const sum = first === 0 ? dX : part;
      const sides = [rows, channels, cols] as const;
      product(device, [dLogits, piece, sum], sides, "NN", precision);
      if (sum === part) {
        accumulate(device, { x: part, y: dX }, rows * channels);
      }
    }
  });
  for (const buffer of temporary) device.free(buffer);
}
