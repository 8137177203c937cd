/**
 * Attention.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import {
  ConfigError,
  formatShape,
  sameShape,
  type Shape,
  ShapeError,
} from "../../util/mod.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";
import { headShape } from "./head_shape.ts";
import { currentMatmulPrecision } from "./matmul.ts";

/** Where attention looks. */
export interface AttentionOptions {
  /** Position of the first query: the number of tokens in the cache. */
  readonly start?: number;
  /** Positions of k and v that are filled; all of them without it. */
  readonly keys?: number;
  /** Whether a query sees no later positions; true without it. */
  readonly isCausal?: boolean;
  /** Keys at this distance and further are out of sight; none without it. */
  readonly window?: number;
  /** What factors of products are rounded to; see `withMatmulPrecision`. */
  readonly precision?: kernels.MatmulPrecision;
  /**
   * (B, Tk) int32, the document of every position of k and v: a query sees
   * those of its own. All are of one without it.
   */
  readonly documents?: Tensor | undefined;
}

function attentionSizes(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { start = 0, keys = k.shape[1]!, isCausal = true, window, documents }:
    AttentionOptions,
): kernels.AttentionSizes {
  const [batch, queries, heads, headSize] = headShape(q, "attention()");
  const [batchK, capacity, kvHeads, headSizeK] = headShape(k, "attention()");
  const shapes = [q, k, v].map(({ shape }) => formatShape(shape)).join(", ");
  if (
    !sameShape(k.shape, v.shape) || batch !== batchK || headSize !== headSizeK
  ) {
    throw new ShapeError(
      `Cannot attend with q, k, v ${shapes}: k and v must be equal, ` +
        "and agree with q in batch and head size",
    );
  }
  if (heads % kvHeads !== 0) {
    throw new ShapeError(
      `Cannot attend with ${heads} heads over ${kvHeads} groups: ` +
        "the heads must divide evenly",
    );
  }
  // With a mask every query must find itself among the keys.
  const isMasked = isCausal || window !== undefined || documents !== undefined;
  if (isMasked && start + queries > keys || keys > capacity) {
    throw new ShapeError(
      `Cannot attend from positions ${start}..${start + queries - 1} to ` +
        `${keys} keys of room for ${capacity}`,
    );
  }
  if (window !== undefined && !(Number.isInteger(window) && window >= 1)) {
    throw new ConfigError(
      `Cannot attend within a window of ${window}: it is a whole number of ` +
        "at least 1",
    );
  }
  if (documents && !sameShape(documents.shape, [batch, capacity])) {
    throw new ShapeError(
      `Cannot attend with documents ${formatShape(documents.shape)}: ` +
        `k is ${formatShape(k.shape)}, wanted (${batch}, ${capacity})`,
    );
  }
  return {
    batch,
    queries,
    keys,
    heads,
    kvHeads,
    headSize,
    start,
    capacity,
    isCausal,
    ...(window !== undefined && { window }),
  };
}

/**
 * Attention with grouped queries (kernels/attention.ts), causal unless asked
 * otherwise: query i sees keys 0..start + i, as far as `window` and
 * `documents` let it. Memory grows with Tq, not with its square. With the
 * precision "float16" a GPU's matrix units take factors of 11 bits, forward and
 * backward; without such units attention stays in single precision.
 *
 * @param q (B, Tq, H, D)
 * @param k (B, Tk, G, D), G divides H
 * @param v (B, Tk, G, D)
 * @returns (B, Tq, H, D)
 * @throws {ShapeError} when the shapes do not fit
 * @throws {ConfigError} when the window is no whole number of at least 1
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Tensor {
  checkInputs("attention", [q, k, v]);
  const { documents, precision = currentMatmulPrecision() } = options;
  if (documents) checkInputs("attention", [documents], "int32");
  const sizes = attentionSizes(q, k, v, options);
  const { device, shape } = q;
  const { batch, heads, queries } = sizes;
  const out = Tensor.empty(device, shape, { label: "attention" });
  const lse = Tensor.empty(device, [batch, heads, queries], {
    label: "attention lse",
  });
  const buffer = (t: Tensor) => t.bufferFor("attention()");
  kernels.attention(
    device,
    {
      q: buffer(q),
      k: buffer(k),
      v: buffer(v),
      documents: documents && buffer(documents),
      o: buffer(out),
      lse: buffer(lse),
    },
    sizes,
    { precision },
  );
  const saved = [q, k, v, out, lse, ...documents ? [documents] : []];
  record(out, [q, k, v], saved, (dOut, saved) => {
    const [q, k, v, o, lse, documents] = saved.map(buffer);
    const gradient = (shape: Shape) =>
      Tensor.empty(device, shape, { label: "attention gradient" });
    const results = saved.slice(0, 3).map(({ shape }) => gradient(shape));
    const [dQ, dK, dV] = results.map(buffer);
    kernels.attentionBackward(
      device,
      {
        q: q!,
        k: k!,
        v: v!,
        documents,
        o: o!,
        lse: lse!,
        dO: buffer(dOut),
        dQ: dQ!,
        dK: dK!,
        dV: dV!,
      },
      sizes,
      { precision },
    );
    return results;
  });
  lse.dispose();
  return out;
}
