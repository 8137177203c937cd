/**
 * Operators of the Llama block: rotary embedding, attention, SwiGLU.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import {
  formatShape,
  sameShape,
  type Shape,
  ShapeError,
} from "../../util/mod.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";

/** (B, T, H, D), or an error that names the argument. */
function headShape(
  x: Tensor,
  name: string,
): [batch: number, time: number, heads: number, headSize: number] {
  if (x.shape.length !== 4) {
    throw new ShapeError(
      `Cannot run ${name} on ${formatShape(x.shape)}: wanted (B, T, H, D)`,
    );
  }
  return x.shape as unknown as [number, number, number, number];
}

/**
 * Rotates queries or keys by their positions (kernels/rope.ts).
 *
 * @param x (B, T, H, D), D even
 * @param angles (positions, D/2, 2), from `ropeAngles`
 * @param start position of the first token
 * @throws {ShapeError} when the table does not fit or is too short
 */
export function rope(x: Tensor, angles: Tensor, start = 0): Tensor {
  checkInputs("rope", [x, angles]);
  const [batch, time, heads, headSize] = headShape(x, "rope()");
  const [positions, half] = angles.shape;
  if (half !== headSize / 2 || angles.shape.length !== 3) {
    throw new ShapeError(
      `Cannot rotate heads of size ${headSize} with angles ` +
        `${formatShape(angles.shape)}: wanted (positions, ${headSize / 2}, 2)`,
    );
  }
  if (start + time > positions!) {
    throw new ShapeError(
      `Cannot rotate positions ${start}..${start + time - 1}: ` +
        `the model has ${positions}`,
    );
  }
  const sizes = { batch, time, heads, headSize, start };
  const { device } = x;
  const rotate = (x: Tensor, angles: Tensor, direction: 1 | -1) => {
    const out = Tensor.empty(device, x.shape, { label: "rope" });
    kernels.rope(device, {
      x: x.bufferFor("rope()"),
      angles: angles.bufferFor("rope()"),
      y: out.bufferFor("rope()"),
    }, { ...sizes, direction });
    return out;
  };
  const out = rotate(x, angles, 1);
  return record(out, [x], [angles], (dOut, [angles]) => [
    rotate(dOut, angles!, -1),
  ]);
}

/** Where attention looks. */
export interface AttentionOptions {
  /** Position of the first query: the number of tokens in the cache. */
  readonly start?: number;
  /** Positions of k and v that are filled; all of them without it. */
  readonly keys?: number;
}

function attentionSizes(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { start = 0, keys = k.shape[1]! }: AttentionOptions,
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
  if (start + queries > keys || keys > capacity) {
    throw new ShapeError(
      `Cannot attend from positions ${start}..${start + queries - 1} to ` +
        `${keys} keys of room for ${capacity}`,
    );
  }
  return { batch, queries, keys, heads, kvHeads, headSize, start, capacity };
}

/**
 * Causal attention with grouped queries (kernels/attention.ts). Query i sees
 * keys 0..start + i.
 *
 * @param q (B, Tq, H, D)
 * @param k (B, Tk, G, D), G divides H
 * @param v (B, Tk, G, D)
 * @returns (B, Tq, H, D)
 * @throws {ShapeError} when the shapes do not fit
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Tensor {
  checkInputs("attention", [q, k, v]);
  const sizes = attentionSizes(q, k, v, options);
  const { device, shape } = q;
  const { batch, heads, queries } = sizes;
  const out = Tensor.empty(device, shape, { label: "attention" });
  const lse = Tensor.empty(device, [batch, heads, queries], {
    label: "attention lse",
  });
  kernels.attention(device, {
    q: q.bufferFor("attention()"),
    k: k.bufferFor("attention()"),
    v: v.bufferFor("attention()"),
    o: out.bufferFor("attention()"),
    lse: lse.bufferFor("attention()"),
  }, sizes);
  record(out, [q, k, v], [q, k, v, out, lse], (dOut, saved) => {
    const [q, k, v, o, lse] = saved.map((t) => t.bufferFor("attention()"));
    const gradient = (shape: Shape) =>
      Tensor.empty(device, shape, { label: "attention gradient" });
    const results = saved.slice(0, 3).map(({ shape }) => gradient(shape));
    const [dQ, dK, dV] = results.map((t) => t.bufferFor("attention()"));
    kernels.attentionBackward(device, {
      q: q!,
      k: k!,
      v: v!,
      o: o!,
      lse: lse!,
      dO: dOut.bufferFor("attention()"),
      dQ: dQ!,
      dK: dK!,
      dV: dV!,
    }, sizes);
    return results;
  });
  lse.dispose();
  return out;
}

/**
 * silu(gate) up, the gate of Llama's feed-forward block (kernels/swiglu.ts).
 *
 * @throws {ShapeError} when the shapes differ
 */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  checkInputs("swiglu", [gate, up]);
  if (!sameShape(gate.shape, up.shape)) {
    throw new ShapeError(
      `Cannot gate ${formatShape(up.shape)} with ${formatShape(gate.shape)}: ` +
        "the shapes must be equal",
    );
  }
  const { device, shape, size } = gate;
  const out = Tensor.empty(device, shape, { label: "swiglu" });
  kernels.swiglu(device, {
    gate: gate.bufferFor("swiglu()"),
    up: up.bufferFor("swiglu()"),
    y: out.bufferFor("swiglu()"),
  }, size);
  return record(out, [gate, up], [gate, up], (dOut, [gate, up]) => {
    const dGate = Tensor.empty(device, shape, { label: "swiglu gradient" });
    const dUp = Tensor.empty(device, shape, { label: "swiglu gradient" });
    kernels.swigluBackward(device, {
      gate: gate!.bufferFor("swiglu()"),
      up: up!.bufferFor("swiglu()"),
      dY: dOut.bufferFor("swiglu()"),
      dGate: dGate.bufferFor("swiglu()"),
      dUp: dUp.bufferFor("swiglu()"),
    }, size);
    return [dGate, dUp];
  });
}
