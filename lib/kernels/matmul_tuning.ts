/**
 * Variants of the matrix product against each other: what tuning_contest.ts
 * measures for a class of sizes.
 *
 * @module
 */
import type { Device } from "../device/mod.ts";
import { directVariant } from "./matmul_direct.ts";
import { runMatmulVariant, splitParts } from "./matmul_launch.ts";
import {
  hasWholeVectors,
  type MatmulSizes,
  type MatmulVariant,
} from "./matmul_variant.ts";
import { type ContestTrial, fastestVariant } from "./tuning_contest.ts";

/** What is measured. */
export interface MatmulContest {
  /** Candidates; the first one is taken when none can be measured. */
  readonly names: readonly string[];
  /** The variant of a name for some sizes. */
  readonly variant: (name: string, sizes: MatmulSizes) => MatmulVariant;
  /** Error allowed per step of k, for factors between -1 and 1. */
  readonly tolerance: number;
}

/** A small product of the same kind, with edges on every side. */
function smallProduct(sizes: MatmulSizes): MatmulSizes {
  const odd = hasWholeVectors(sizes) ? 0 : 1;
  const [m, n, k] = [132 + odd, 140 + odd, 100 + odd];
  const { transposeA, transposeB } = sizes;
  return { batch: 1, m, n, k, transposeA, transposeB, strideA: 0, strideB: 0 };
}

/**
 * The name of the fastest variant that is right.
 *
 * @param sizes what is multiplied; its matrices are allocated for a moment
 * @throws {DeviceError} when the device has no room for them
 */
export function fastestMatmul(
  device: Device,
  sizes: MatmulSizes,
  { names, variant, tolerance }: MatmulContest,
): Promise<string> {
  const trial = (sizes: MatmulSizes, parts: number): ContestTrial => {
    const { batch, m, n, k, strideA, strideB } = sizes;
    return {
      inputs: [
        strideA === 0 ? m * k : batch * m * k,
        strideB === 0 ? k * n : batch * k * n,
      ],
      results: [batch * m * n],
      run: (name, [a, b, c]) => {
        const chosen = name === undefined
          ? directVariant(sizes)
          : variant(name, sizes);
        const buffers = { a: a!, b: b!, c: c! };
        runMatmulVariant(device, buffers, sizes, chosen, parts);
      },
    };
  };
  const small = smallProduct(sizes);
  return fastestVariant(device, {
    names,
    small: trial(small, 1),
    large: trial(sizes, device.isSoftware ? 1 : splitParts(sizes)),
    tolerance: () => tolerance * small.k,
  });
}
