/**
 * Operators on rows: softmax, RMS normalisation, embedding, cross-entropy.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { formatShape, ShapeError } from "../../util/mod.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";

/** Rows and columns of a tensor seen as a matrix. */
function rowsOf(x: Tensor, name: string): { rows: number; cols: number } {
  const cols = x.shape.at(-1);
  if (!cols) {
    throw new ShapeError(
      `Cannot run ${name}() on a tensor ${formatShape(x.shape)}: ` +
        "it has no last axis with elements",
    );
  }
  return { rows: x.size / cols, cols };
}

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  checkInputs("softmax", [x]);
  const sizes = rowsOf(x, "softmax");
  const { device, shape } = x;
  const out = Tensor.empty(device, shape, { label: "softmax" });
  kernels.softmax(device, {
    x: x.bufferFor("softmax()"),
    y: out.bufferFor("softmax()"),
  }, sizes);
  return record(out, [x], [out], (dOut, [y]) => {
    const dX = Tensor.empty(device, shape, { label: "softmax gradient" });
    kernels.softmaxBackward(device, {
      y: y!.bufferFor("softmax()"),
      dY: dOut.bufferFor("softmax()"),
      dX: dX.bufferFor("softmax()"),
    }, sizes);
    return [dX];
  });
}

/**
 * Root-mean-square normalisation over the last axis (kernels/rms_norm.ts).
 *
 * @param x (…, C)
 * @param weight (C)
 * @param eps added to the mean square
 * @throws {ShapeError} when the weight does not fit
 */
export function rmsNorm(x: Tensor, weight: Tensor, eps: number): Tensor {
  checkInputs("rmsNorm", [x, weight]);
  const { rows, cols } = rowsOf(x, "rmsNorm");
  if (weight.size !== cols) {
    throw new ShapeError(
      `Cannot normalise ${formatShape(x.shape)} with a weight ` +
        `${formatShape(weight.shape)}: it needs ${cols} elements`,
    );
  }
  const { device, shape } = x;
  const out = Tensor.empty(device, shape, { label: "rmsNorm" });
  const scale = Tensor.empty(device, [rows], { label: "rmsNorm scale" });
  kernels.rmsNorm(device, {
    x: x.bufferFor("rmsNorm()"),
    weight: weight.bufferFor("rmsNorm()"),
    y: out.bufferFor("rmsNorm()"),
    scale: scale.bufferFor("rmsNorm()"),
  }, { rows, cols, eps });
  record(out, [x, weight], [x, weight, scale], (dOut, saved, needs) => {
    const [x, weight, scale] = saved as [Tensor, Tensor, Tensor];
    const dX = Tensor.empty(device, shape, { label: "rmsNorm gradient" });
    const dWeight = Tensor.empty(device, weight.shape, {
      label: "rmsNorm gradient",
    });
    const buffers = {
      x: x.bufferFor("rmsNorm()"),
      weight: weight.bufferFor("rmsNorm()"),
      scale: scale.bufferFor("rmsNorm()"),
      dY: dOut.bufferFor("rmsNorm()"),
      dX: dX.bufferFor("rmsNorm()"),
      dWeight: dWeight.bufferFor("rmsNorm()"),
    };
    if (needs[0]) kernels.rmsNormBackward(device, buffers, { rows, cols });
    if (needs[1]) {
      kernels.rmsNormBackwardWeight(device, buffers, { rows, cols });
    }
    return [needs[0] ? dX : undefined, needs[1] ? dWeight : undefined];
  });
  scale.dispose();
  return out;
}

/**
 * Rows of a table by index.
 *
 * @param weight (V, C)
 * @param ids int32 of any shape; an index outside of 0..V-1 reads zeros, since
 * it cannot be seen from here (the model checks its ids where they are made)
 * @returns (…ids, C)
 */
export function embedding(weight: Tensor, ids: Tensor): Tensor {
  checkInputs("embedding", [weight]);
  checkInputs("embedding", [ids], "int32");
  if (weight.shape.length !== 2) {
    throw new ShapeError(
      `Cannot look up rows of ${formatShape(weight.shape)}: wanted (V, C)`,
    );
  }
  const [vocab, cols] = weight.shape as [number, number];
  const sizes = { count: ids.size, cols, vocab };
  const { device } = weight;
  const shape = [...ids.shape, cols];
  const out = Tensor.empty(device, shape, { label: "embedding" });
  kernels.embedding(device, {
    weight: weight.bufferFor("embedding()"),
    ids: ids.bufferFor("embedding()"),
    y: out.bufferFor("embedding()"),
  }, sizes);
  return record(out, [weight], [ids], (dOut, [ids]) => {
    const dWeight = Tensor.empty(device, [vocab, cols], {
      label: "embedding gradient",
    });
    kernels.embeddingBackward(device, {
      ids: ids!.bufferFor("embedding()"),
      dY: dOut.bufferFor("embedding()"),
      dWeight: dWeight.bufferFor("embedding()"),
    }, sizes);
    return [dWeight];
  });
}

/**
 * Mean cross-entropy in nats over the rows that have a target; 0 without any.
 *
 * @param logits (…, V)
 * @param targets int32, one a row; -100, or any index outside of 0..V-1, does
 * not count
 * @returns a scalar
 * @throws {ShapeError} when the number of targets is not that of the rows
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  checkInputs("crossEntropy", [logits]);
  checkInputs("crossEntropy", [targets], "int32");
  const sizes = rowsOf(logits, "crossEntropy");
  if (targets.size !== sizes.rows) {
    throw new ShapeError(
      `Cannot compare logits ${formatShape(logits.shape)} with targets ` +
        `${formatShape(targets.shape)}: ${sizes.rows} rows, ` +
        `${targets.size} targets`,
    );
  }
  const { device, shape } = logits;
  const lse = Tensor.empty(device, [sizes.rows], { label: "crossEntropy" });
  // [mean loss, number of targets]; the loss is its first element
  const stats = Tensor.empty(device, [2], { label: "crossEntropy" });
  const out = Tensor.empty(device, [], { label: "crossEntropy" });
  kernels.crossEntropy(device, {
    logits: logits.bufferFor("crossEntropy()"),
    targets: targets.bufferFor("crossEntropy()"),
    lse: lse.bufferFor("crossEntropy()"),
    stats: stats.bufferFor("crossEntropy()"),
  }, sizes);
  const [from, to] = [stats, out].map((t) => t.bufferFor("crossEntropy()"));
  device.copy(from!, 0, to!, 0, 4);
  const saved = [logits, targets, lse, stats];
  record(out, [logits], saved, (dOut, [logits, targets, lse, stats]) => {
    const dLogits = Tensor.empty(device, shape, {
      label: "crossEntropy gradient",
    });
    kernels.crossEntropyBackward(device, {
      logits: logits!.bufferFor("crossEntropy()"),
      targets: targets!.bufferFor("crossEntropy()"),
      lse: lse!.bufferFor("crossEntropy()"),
      stats: stats!.bufferFor("crossEntropy()"),
      dLoss: dOut.bufferFor("crossEntropy()"),
      dLogits: dLogits.bufferFor("crossEntropy()"),
    }, sizes);
    return [dLogits];
  });
  lse.dispose();
  stats.dispose();
  return out;
}
