/**
 * Which variant of the matrix product runs: what was measured on this device,
 * or else a table by shape and GPU.
 *
 * Sizes are put into classes, so that few measurements serve many products: the
 * layout, whether vectors are whole, and each size rounded up to a power of two.
 *
 * @module
 */
import type { Device, GpuFacts, MatrixUnit, Tuning } from "../device/mod.ts";
import { directVariant } from "./matmul_direct.ts";
import {
  fitsMatrixTile,
  MATRIX_TILE_NAMES,
  type MatrixChoice,
  type MatrixTileName,
  matrixVariant,
} from "./matmul_matrix.ts";
import {
  MATMUL_TILES,
  type MatmulTileName,
  tileBytes,
  tiledVariant,
  type TileFactor,
  tileInvocations,
} from "./matmul_tiled.ts";
import { fastestMatmul } from "./matmul_tuning.ts";
import {
  hasWholeVectors,
  matmulLayout,
  type MatmulSizes,
  type MatmulVariant,
} from "./matmul_variant.ts";

/**
 * What factors are rounded to. With "float16" a GPU that has the type f16
 * multiplies numbers of 11 bits, on its matrix units where it has such, and
 * sums in single precision; factors over 65,504 become infinite, under 6e-8
 * zero. Other devices round nothing.
 */
export type MatmulPrecision = "float32" | "float16";

const isTile = (name: string): name is MatmulTileName => name in MATMUL_TILES;
const isMatrixTile = (name: string): name is MatrixTileName =>
  (MATRIX_TILE_NAMES as readonly string[]).includes(name);

/** Type of the factors of a precision on a GPU. */
function factorOf(precision: MatmulPrecision, gpu: GpuFacts): TileFactor {
  return precision === "float16" && gpu.hasF16 ? "f16" : "f32";
}

/** Whether the GPU has room for a tile: invocations and shared memory. */
function fitsTile(
  name: MatmulTileName,
  factor: TileFactor,
  gpu: GpuFacts,
): boolean {
  const tile = MATMUL_TILES[name];
  return tileInvocations(tile) <= gpu.workgroupSize &&
    tileBytes(tile, factor) <= gpu.workgroupBytes;
}

/** The tile of the table, where nothing was measured. */
function tableTile(s: MatmulSizes, gpu: GpuFacts): MatmulTileName {
  if (s.m <= 8) return "flat";
  if (s.n <= 8) return "tall";
  const tiles = (size: number) =>
    s.batch * Math.ceil(s.m / size) * Math.ceil(s.n / size);
  // Blocks of 8 x 8 pay on NVIDIA and AMD, and do not on Apple.
  const hasManyRegisters = gpu.vendor === "nvidia" || gpu.vendor === "amd";
  if (hasManyRegisters && tiles(128) >= 128) return "large";
  return tiles(64) >= 32 ? "middle" : "small";
}

/** The tile of the table for matrix units. */
function tableMatrixTile({ batch, m, n }: MatmulSizes): MatrixTileName {
  const tiles = batch * Math.ceil(m / 128) * Math.ceil(n / 128);
  return tiles >= 128 ? "matrixLarge" : "matrixSmall";
}

/** The largest matrix unit for factors of that type that sums in f32. */
export function largestUnit(
  gpu: GpuFacts,
  input: MatrixUnit["input"],
): MatrixUnit | undefined {
  const volume = ({ m, n, k }: MatrixUnit) => m * n * k;
  return gpu.matrixUnits
    .filter((u) => u.input === input && u.result === "f32")
    .sort((a, b) => volume(b) - volume(a))[0];
}

/** A tile for the largest matrix unit that serves a precision, if any does. */
function matrixChoice(
  tile: MatrixTileName,
  gpu: GpuFacts,
  precision: MatmulPrecision,
): MatrixChoice | undefined {
  const unit = largestUnit(gpu, precision === "float16" ? "f16" : "f32");
  if (!unit) return undefined;
  const choice = { tile, unit, subgroupSize: gpu.subgroupSize };
  return fitsMatrixTile(choice, gpu) ? choice : undefined;
}

/** The variant of that name, unless the GPU has no room or no units for it. */
function namedVariant(
  name: string,
  gpu: GpuFacts,
  sizes: MatmulSizes,
  precision: MatmulPrecision,
): MatmulVariant | undefined {
  const factor = factorOf(precision, gpu);
  // Factors are rounded on their way into a tile, of which "direct" has none.
  if (name === "direct") {
    return factor === "f32" ? directVariant(sizes) : undefined;
  }
  if (isMatrixTile(name)) {
    const choice = matrixChoice(name, gpu, precision);
    return choice && matrixVariant(choice, sizes);
  }
  return isTile(name) && fitsTile(name, factor, gpu)
    ? tiledVariant(name, sizes, factor)
    : undefined;
}

/** Names of variants to take without measurement, the best first. */
function tableNames(
  gpu: GpuFacts,
  isSoftware: boolean,
  sizes: MatmulSizes,
  precision: MatmulPrecision,
): string[] {
  const isHalf = factorOf(precision, gpu) === "f16";
  if (isSoftware) return [isHalf ? "dense" : "direct"];
  const tile = tableTile(sizes, gpu);
  const isFlat = tile === "flat" || tile === "tall";
  if (!isHalf) return [tile];
  const names = [tile, "small"]; // every GPU has room for that one
  return isFlat ? names : [tableMatrixTile(sizes), "matrixSmall", ...names];
}

/**
 * Names of the variants that are worth measuring for these sizes, at most a
 * dozen, the one of the table first. Units of f32 are only ever measured:
 * what they round is not specified, so that they have to prove themselves. With
 * factors of f16 all of them round alike.
 */
export function matmulCandidates(
  gpu: GpuFacts,
  isSoftware: boolean,
  sizes: MatmulSizes,
  precision: MatmulPrecision,
): string[] {
  const isFlat = Math.min(sizes.m, sizes.n) <= 8;
  const names = new Set(tableNames(gpu, isSoftware, sizes, precision));
  const rest = isSoftware || isFlat
    ? ["small", "dense", "direct"]
    : [...Object.keys(MATMUL_TILES), ...MATRIX_TILE_NAMES, "direct"]
      .filter((name) => name !== "flat" && name !== "tall");
  for (const name of rest) names.add(name);
  return [...names].filter((name) => namedVariant(name, gpu, sizes, precision));
}

/** Longest size that a class distinguishes, and that is measured. */
const LONGEST = 4096;
/** Most elements of all matrices of a measurement together (256 MiB). */
const MOST_ELEMENTS = 2 ** 26;

const roundUp = (x: number) =>
  Math.min(LONGEST, 2 ** Math.ceil(Math.log2(Math.max(1, x))));

/**
 * The product that stands for a class of sizes: rows of whole vectors stay so,
 * others get one element less.
 */
export function matmulClass(sizes: MatmulSizes): MatmulSizes {
  const fit = hasWholeVectors(sizes)
    ? (x: number) => Math.max(4, roundUp(x))
    : (x: number) => Math.max(1, roundUp(x) - 1);
  const [m, n, k] = [fit(sizes.m), fit(sizes.n), fit(sizes.k)];
  const most = MOST_ELEMENTS / (m * k + k * n + m * n);
  return {
    batch: Math.max(1, Math.min(roundUp(sizes.batch), Math.floor(most))),
    m,
    n,
    k,
    transposeA: sizes.transposeA,
    transposeB: sizes.transposeB,
    strideA: sizes.strideA === 0 ? 0 : m * k,
    strideB: sizes.strideB === 0 ? 0 : k * n,
  };
}

/** The variant for these sizes on this device. */
export function chooseMatmul(
  device: Device,
  sizes: MatmulSizes,
  precision: MatmulPrecision,
): MatmulVariant {
  const { gpu, tuning, isSoftware } = device;
  if (!gpu) return directVariant(sizes);
  const measured = tuning &&
    measuredName(device, gpu, tuning, sizes, precision);
  const known = measured && namedVariant(measured, gpu, sizes, precision);
  if (known) return known;
  for (const name of tableNames(gpu, isSoftware, sizes, precision)) {
    const variant = namedVariant(name, gpu, sizes, precision);
    if (variant) return variant;
  }
  return directVariant(sizes);
}

/** What was measured for the class of these sizes; asks for it if nothing was. */
function measuredName(
  device: Device,
  gpu: GpuFacts,
  tuning: Tuning,
  sizes: MatmulSizes,
  precision: MatmulPrecision,
): string | undefined {
  const example = matmulClass(sizes);
  const key = `matmul ${precision} ${matmulLayout(sizes)}` +
    `${hasWholeVectors(sizes) ? "4" : ""} ` +
    [example.batch, example.m, example.n, example.k].join("x");
  return tuning.choose(key, () => {
    const { isSoftware } = device;
    const names = matmulCandidates(gpu, isSoftware, example, precision);
    return fastestMatmul(device, example, {
      names,
      variant: (name, sizes) => namedVariant(name, gpu, sizes, precision)!,
      tolerance: precision === "float16" ? 2 ** -10 : 1e-6,
    });
  });
}
