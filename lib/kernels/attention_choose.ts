/**
 * Which variant of attention runs. A software driver gets the plain one; a GPU
 * the one for rows for few queries, the tiled one for many, or with factors of
 * f16 its matrix units, with the tile that was measured on this device or else
 * the largest that fits.
 *
 * Sizes are put into classes: head size, times rounded up to a power of two,
 * causal or not, grouped or not.
 *
 * @module
 */
import type { Device, DeviceBuffer, GpuFacts } from "../device/mod.ts";
import { type AttentionPass, fitsMatrixAttention } from "./attention_matrix.ts";
import {
  ATTENTION_TILES,
  type MatrixAttention,
} from "./attention_matrix_tile.ts";
import { fitsRow } from "./attention_row.ts";
import type { AttentionSizes } from "./attention_sizes.ts";
import { fitsTile } from "./attention_tile.ts";
import { largestUnit, type MatmulPrecision } from "./matmul_choose.ts";
import { type ContestTrial, fastestVariant } from "./tuning_contest.ts";

/** The variants for WebGPU; an object is one for matrix units. */
export type AttentionVariant = "plain" | "row" | "tiled" | MatrixAttention;

/** Queries below which most rows of a tile would be idle. */
const FEW_QUERIES = 16;
/** Tiles for matrix units that are measured: compiling takes a moment each. */
const MOST_TILES = 3;
/** Longest time that a class distinguishes, and that is measured. */
const LONGEST = 4096;
/** Queries of the whole batch in a measurement, for each head. */
const MEASURED_TOKENS = 4096;
/**
 * Error allowed, as a share of the largest element: factors of 11 bits make
 * 4e-4 of it for numbers between -1 and 1.
 */
const TOLERANCE = 2 ** -9;

/** Buffers of the passes; lse has a number for each row, others whole heads. */
const BUFFERS = {
  forward: { inputs: ["q", "k", "v"], results: ["o", "lse"] },
  backward: {
    inputs: ["q", "k", "v", "o", "lse", "dO"],
    results: ["dQ", "dK", "dV"],
  },
} as const;

/** Runs a pass with a variant. */
type RunAttention<Pass extends AttentionPass> = (
  buffers: Record<
    (typeof BUFFERS)[Pass]["inputs" | "results"][number],
    DeviceBuffer
  >,
  sizes: AttentionSizes,
  variant: AttentionVariant,
) => void;

/** The variants for matrix units that a GPU has room for, the largest first. */
export function matrixVariants(
  gpu: GpuFacts,
  headSize: number,
  pass: AttentionPass,
): MatrixAttention[] {
  const unit = largestUnit(gpu, "f16");
  if (!unit) return [];
  const { subgroupSize } = gpu;
  return ATTENTION_TILES
    .map((tile) => ({ tile, unit, subgroupSize }))
    .filter((choice) => fitsMatrixAttention(choice, headSize, pass, gpu));
}

/** The sizes that stand for a class. */
export function attentionClass(sizes: AttentionSizes): AttentionSizes {
  const { queries, keys, heads, kvHeads, headSize, isCausal = true } = sizes;
  const longest = Math.max(queries, keys);
  const time = Math.min(LONGEST, 2 ** Math.ceil(Math.log2(longest)));
  return {
    batch: Math.ceil(MEASURED_TOKENS / time),
    queries: time,
    keys: time,
    heads: 16,
    kvHeads: kvHeads < heads ? 4 : 16,
    headSize,
    start: 0,
    capacity: time,
    isCausal,
  };
}

/** A trial of a pass for some sizes. */
function trialOf<Pass extends AttentionPass>(
  pass: Pass,
  sizes: AttentionSizes,
  variant: (name: string | undefined) => AttentionVariant,
  run: RunAttention<Pass>,
): ContestTrial {
  const { batch, queries, keys, heads, kvHeads, headSize } = sizes;
  const length = (name: string) =>
    name === "lse"
      ? batch * heads * queries
      : /[kv]$/i.test(name)
      ? batch * keys * kvHeads * headSize
      : batch * queries * heads * headSize;
  const { inputs, results } = BUFFERS[pass];
  const names = [...inputs, ...results];
  return {
    inputs: inputs.map(length),
    results: results.map(length),
    run: (name, buffers) => {
      const entries = names.map((name, i) => [name, buffers[i]!]);
      run(Object.fromEntries(entries), sizes, variant(name));
    },
  };
}

/**
 * The variant for these sizes on a WebGPU device.
 *
 * @param run runs one, where it has to be measured
 */
export function chooseAttention<Pass extends AttentionPass>(
  device: Device,
  sizes: AttentionSizes,
  pass: Pass,
  precision: MatmulPrecision,
  run: RunAttention<Pass>,
): AttentionVariant {
  const { gpu, tuning, isSoftware } = device;
  const { headSize, queries } = sizes;
  if (isSoftware) return "plain";
  if (queries < FEW_QUERIES) {
    return pass === "forward" && fitsRow(headSize) ? "row" : "plain";
  }
  if (!fitsTile(headSize)) return "plain";
  if (precision === "float32" || !gpu) return "tiled";
  const units = matrixVariants(gpu, headSize, pass);
  const first = units[0];
  if (!first) return "tiled";
  const named = (name: string | undefined): AttentionVariant | undefined =>
    name === "tiled" ? name : units.find(({ tile }) => tile === name);
  const example = attentionClass(sizes);
  const key = `attention ${precision} ${pass} ${headSize}x${example.keys}` +
    `${example.isCausal ? " causal" : ""}` +
    `${example.kvHeads < example.heads ? " grouped" : ""}`;
  const measured = tuning?.choose(key, () => {
    const tiles = units.slice(0, MOST_TILES).map(({ tile }) => tile);
    // Two blocks of rows, of which the second is not whole.
    const small = { ...example, batch: 1, queries: 75, keys: 75, capacity: 75 };
    const trial = (sizes: AttentionSizes) =>
      trialOf(pass, sizes, (name) => named(name) ?? "plain", run);
    return fastestVariant(device, {
      names: [...tiles, "tiled"],
      small: trial(small),
      large: trial(example),
      tolerance: (expected) =>
        TOLERANCE *
        expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
    });
  });
  return named(measured) ?? first;
}
