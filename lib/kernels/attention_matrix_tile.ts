/**
 * How attention on matrix units cuts its work, and whether a GPU has room for
 * it; attention_matrix.ts has the kernels.
 *
 * A workgroup takes a block of rows of one head, 16 for each subgroup, and
 * walks over tiles of the other side. In workgroup memory lie
 *
 *     block (operands, rows, D) f16       scores (operands, rows, tile) f32
 *     tile (others, tile, D) f16          weights (sums, rows, tile) f16
 *
 * with 16 bytes more a row, which keeps neighbours on different banks, and for
 * the gradients of keys lse and delta of the tile's queries.
 *
 * @module
 */
import type { GpuFacts, MatrixUnit } from "../device/mod.ts";
import type { AttentionSide } from "./attention_block.ts";

/** Subgroups of a workgroup, and rows of the other side in a tile. */
const TILES = {
  matrix64x32: { subgroups: 4, tile: 32 },
  matrix48x32: { subgroups: 3, tile: 32 },
  matrix32x32: { subgroups: 2, tile: 32 },
  matrix32x16: { subgroups: 2, tile: 16 },
  matrix16x16: { subgroups: 1, tile: 16 },
} as const;

/** Names of tiles: rows of the block, rows of the tile. */
export type AttentionTileName = keyof typeof TILES;
/** The same as a list, the largest first. */
export const ATTENTION_TILES = Object.keys(TILES) as AttentionTileName[];

/** A tile with its unit, and whether the unit is real. */
export interface MatrixAttention {
  readonly tile: AttentionTileName;
  /** Factors of f16, sums of f32. */
  readonly unit: MatrixUnit;
  readonly subgroupSize: number;
  /** Computes in plain WGSL what a unit would. */
  readonly isEmulated?: boolean;
}

/** Rows of the block that a subgroup has: each unit's m divides it. */
export const SUBGROUP_ROWS = 16;
/** Widest head: its sums must stay in registers. */
const WIDEST = 128;

/** A result: weights times an operand of the tile. */
interface MatrixSum {
  readonly weight: "p" | "dS";
  /** Which operand of the tile. */
  readonly operand: 0 | 1;
  /** Buffer of the result. */
  readonly out: string;
}

/** What a kernel multiplies, by names of buffers. */
export interface MatrixStage {
  /** A part of the kernel's name. */
  readonly name: string;
  /** What the rows of a block are. */
  readonly side: AttentionSide;
  /** Operands of the block. */
  readonly block: readonly string[];
  /** Operands of the other side. */
  readonly tile: readonly string[];
  /** Results, summed over the tiles; lse where there are none. */
  readonly sums: readonly MatrixSum[];
  /** Buffer of lse, or of lse and delta side by side. */
  readonly known?: "lse" | "rows";
}

/** How a choice cuts heads of some size. */
export interface MatrixPlan {
  /** Rows of a block. */
  readonly rows: number;
  /** Rows of a tile. */
  readonly tile: number;
  /** Invocations of a workgroup. */
  readonly lanes: number;
  /** Lanes that share a row. */
  readonly shares: number;
  /** Elements from one row to the next: of operands, scores and weights. */
  readonly pitch: number;
  readonly scorePitch: number;
  readonly weightPitch: number;
}

/** Sizes that follow from a choice. */
export function matrixPlan(
  { tile: name, subgroupSize }: MatrixAttention,
  headSize: number,
): MatrixPlan {
  const { subgroups, tile } = TILES[name];
  return {
    rows: subgroups * SUBGROUP_ROWS,
    tile,
    lanes: subgroups * subgroupSize,
    shares: subgroupSize / SUBGROUP_ROWS,
    pitch: headSize + 8,
    scorePitch: tile + 4,
    weightPitch: tile + 8,
  };
}

/** Bytes of workgroup memory that a kernel takes. */
export function matrixBytes(
  choice: MatrixAttention,
  headSize: number,
  { block, tile, sums, side }: MatrixStage,
): number {
  const plan = matrixPlan(choice, headSize);
  return 2 * plan.pitch * (block.length * plan.rows + tile.length * plan.tile) +
    4 * plan.scorePitch * block.length * plan.rows +
    2 * plan.weightPitch * sums.length * plan.rows +
    (side === "key" ? 8 * plan.tile : 0);
}

/** Whether a GPU has the types and the room for all these kernels. */
export function fitsMatrixStages(
  choice: MatrixAttention,
  headSize: number,
  stages: readonly MatrixStage[],
  gpu: GpuFacts,
): boolean {
  const { unit: { input, result, m, n, k }, subgroupSize } = choice;
  const { tile, lanes } = matrixPlan(choice, headSize);
  const isWhole = SUBGROUP_ROWS % m === 0 &&
    [headSize, tile].every((size) => size % n === 0 && size % k === 0) &&
    subgroupSize % SUBGROUP_ROWS === 0;
  return gpu.hasF16 && input === "f16" && result === "f32" && isWhole &&
    headSize <= WIDEST && lanes <= gpu.workgroupSize &&
    stages.every((stage) =>
      matrixBytes(choice, headSize, stage) <= gpu.workgroupBytes
    );
}
