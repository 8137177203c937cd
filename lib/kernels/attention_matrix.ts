/**
 * Attention on matrix units ("tensor cores"), for mixed precision; attention.ts
 * and attention_backward.ts have the equations, attention_matrix_tile.ts the
 * layout, attention_matrix_text.ts the text. The structure is that of Dao (2023,
 * "FlashAttention-2"), but for one thing: the elements of a sum lie in the
 * units, where nobody can scale them row by row. So lse comes first, from
 * scores alone, and every other kernel knows p[i, j] when it meets it; that is
 * one product more than the nine of both passes.
 *
 * Factors are rounded to f16 where they enter workgroup memory; scores, lse,
 * delta and sums are of single precision. Weights p are at most 1. What may
 * overflow are dO, which carries the loss scale, and with it dS: above 65,504
 * they become infinite and the gradients with them, and then the loss scale
 * skips the step (optim/loss_scale.ts). dS is rounded before it is divided by
 * sqrt(D): the small ones vanish later. A masked weight is zero and still meets
 * its factor, so an infinite v spoils every row of its tile; that step is lost
 * anyway.
 *
 * @module
 */
import {
  type BufferRole,
  defineKernel,
  type Device,
  type DeviceBuffer,
  type GpuFacts,
  type Kernel,
} from "../device/mod.ts";
import { attentionMatrixText } from "./attention_matrix_text.ts";
import {
  fitsMatrixStages,
  type MatrixAttention,
  matrixPlan,
  type MatrixStage,
} from "./attention_matrix_tile.ts";
import {
  ATTENTION_PARAMS,
  type AttentionSizes,
  pairsSeen,
} from "./attention_sizes.ts";
import { tileLaunch, type TileParams } from "./attention_tile.ts";

/** The kernels of the two passes, in their order. */
export const MATRIX_STAGES = {
  forward: [
    { name: "Lse", side: "query", block: ["q"], tile: ["k"], sums: [] },
    {
      name: "Output",
      side: "query",
      block: ["q"],
      tile: ["k", "v"],
      known: "lse",
      sums: [{ weight: "p", operand: 1, out: "o" }],
    },
  ],
  backward: [
    {
      name: "BackwardQuery",
      side: "query",
      block: ["q", "dO"],
      tile: ["k", "v"],
      known: "rows",
      sums: [{ weight: "dS", operand: 0, out: "dQ" }],
    },
    {
      name: "BackwardKey",
      side: "key",
      block: ["k", "v"],
      tile: ["q", "dO"],
      known: "rows",
      sums: [
        { weight: "dS", operand: 0, out: "dK" },
        { weight: "p", operand: 1, out: "dV" },
      ],
    },
  ],
} as const satisfies Record<string, readonly MatrixStage[]>;

/** Forward or backward. */
export type AttentionPass = keyof typeof MATRIX_STAGES;

/** Whether a GPU has the types and the room for all kernels of a pass. */
export function fitsMatrixAttention(
  choice: MatrixAttention,
  headSize: number,
  pass: AttentionPass,
  gpu: GpuFacts,
): boolean {
  return fitsMatrixStages(choice, headSize, MATRIX_STAGES[pass], gpu);
}

const kernels = new Map<string, Kernel>();

/** The kernel of a stage, made when it is first needed. */
export function matrixKernel(
  choice: MatrixAttention,
  headSize: number,
  stage: MatrixStage,
): Kernel {
  const { tile, unit: { m, n, k }, subgroupSize, isEmulated } = choice;
  const name = `attention${stage.name}${headSize}_${tile}_${m}x${n}x${k}_` +
    `${subgroupSize}${isEmulated ? "_emulated" : ""}`;
  let kernel = kernels.get(name);
  if (!kernel) {
    const { block, tile, known, sums } = stage;
    const all = (names: readonly string[], role: BufferRole) =>
      Object.fromEntries(names.map((name) => [name, role]));
    kernel = defineKernel<string, string>({
      name,
      buffers: {
        ...all([...block, ...tile], "read vec4f"),
        documents: "read i32",
        ...known && { [known]: "read f32" },
        ...all(sums.map(({ out }) => out), "write f32"),
        ...sums.length === 0 && { lse: "write f32" },
      },
      params: ATTENTION_PARAMS,
      ...attentionMatrixText(choice, headSize, stage),
    });
    kernels.set(name, kernel);
  }
  return kernel;
}

/**
 * o and lse as `attention`, or dQ, dK and dV as `attentionBackward`, which
 * takes lse and delta as `rows`.
 */
export function runMatrixAttention(
  device: Device,
  pass: AttentionPass,
  choice: MatrixAttention,
  buffers: Readonly<Record<string, DeviceBuffer>>,
  sizes: AttentionSizes,
  params: TileParams,
): void {
  const { batch, heads, kvHeads, queries, keys, headSize } = sizes;
  const { rows } = matrixPlan(choice, headSize);
  const flops = 2 * pairsSeen(sizes) * headSize;
  for (const stage of MATRIX_STAGES[pass]) {
    const [count, times] = stage.side === "query"
      ? [batch * heads, queries]
      : [batch * kvHeads, keys];
    const products = stage.block.length + stage.sums.length;
    const launch = tileLaunch(count, times, rows, flops * products);
    const kernel = matrixKernel(choice, headSize, stage);
    device.run(kernel, buffers, params, launch);
  }
}
