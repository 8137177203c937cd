/**
 * Which register tile is fastest here: measured once for each processor, V8
 * and its flags, and kept beside the compiled modules.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "../../util/mod.ts";
import { noBlas, type Sgemm } from "./blas.ts";
import { cacheFolder } from "../cache_folder.ts";
import { compileFamily } from "./compile.ts";
import { type Tile, tileName, TILES, tileSource } from "./tile.ts";

/** The product that is timed: a step of a small Llama, about 2 ms. */
const SIZES = { m: 192, n: 688, k: 256 };
const PAGE = 65536;
/** Addresses: scratch memory, A, B and C, below 4 MiB. */
const [SCRATCH, A, B, C] = [PAGE, 24 * PAGE, 28 * PAGE, 40 * PAGE];

/** Measurements of a tile; V8 compiles it well during the first ones. */
const ROUNDS = 50;

/** Flags that V8 was started with, as far as they can be seen. */
async function v8Flags(): Promise<string> {
  const fromEnvironment = Deno.env.get("DENO_V8_FLAGS") ?? "";
  try {
    const line = await Deno.readTextFile("/proc/self/cmdline");
    const words = line.split("\0").filter((w) => w.startsWith("--v8-flags"));
    return [fromEnvironment, ...words].join(" ");
  } catch {
    return fromEnvironment; // not Linux, or not allowed
  }
}

/** The product of lib/kernels/cpu/gemm.ts: sizes, addresses, byte steps. */
export type Gemm = (
  ...args: [
    ...[m: number, n: number, k: number],
    ...[a: number, rowA: number, colA: number],
    ...[b: number, rowB: number, colB: number],
    ...[c: number, rowC: number, accumulate: number, scratch: number],
  ]
) => void;

/**
 * The product with a tile, on a memory of its own.
 *
 * @param base folder of the kernels' files
 */
export async function gemmWith(
  tile: Tile,
  base: URL,
  memory: WebAssembly.Memory,
  sgemm: Sgemm = noBlas,
): Promise<Gemm> {
  const family = { family: "gemm", source: `export { gemm } from "./gemm";` };
  const modules = { tile: tileSource(tile) };
  const module = await compileFamily(family, 0, base, modules);
  const { exports } = new WebAssembly.Instance(module, {
    env: { memory, sgemm, abort: () => {} },
  });
  return exports["gemm"] as unknown as Gemm;
}

/**
 * Floating-point operations a second of each tile, best of many rounds that
 * take turns, so that a busy moment hits all.
 *
 * @param base folder of the kernels' files
 */
export async function measureTiles(
  tiles: readonly Tile[],
  base: URL,
): Promise<number[]> {
  const limits = { initial: 64, maximum: PAGE, shared: true };
  const { m, n, k } = SIZES;
  const products = await Promise.all(tiles.map(async (tile) => {
    const gemm = await gemmWith(tile, base, new WebAssembly.Memory(limits));
    return () => gemm(m, n, k, A, 4 * k, 4, B, 4 * n, 4, C, 4 * n, 0, SCRATCH);
  }));
  const rates = tiles.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, multiply] of products.entries()) {
      const begin = performance.now();
      multiply();
      const seconds = (performance.now() - begin) / 1000;
      rates[i] = Math.max(rates[i]!, 2 * m * n * k / seconds);
    }
  }
  return rates;
}

/**
 * The fastest of {@link TILES}: from the cache, or measured in half a second.
 *
 * @param base folder of the kernels' files
 */
export async function chooseTile(base: URL): Promise<Tile> {
  const names = TILES.map(tileName);
  const model = cpus()[0]?.model ?? Deno.build.arch;
  const key = [Deno.version.v8, await v8Flags(), model, names];
  const hash = createHash("sha256").update(JSON.stringify(key)).digest("hex");
  const path = join(cacheFolder("wasm"), `tile-${hash.slice(0, 16)}.txt`);
  try {
    const kept = TILES[names.indexOf((await Deno.readTextFile(path)).trim())];
    if (kept) return kept;
  } catch {
    // Never measured here.
  }
  const rates = await measureTiles(TILES, base);
  const best = rates.indexOf(Math.max(...rates));
  await writeFileAtomic(path, `${names[best]}\n`).catch(() => {}); // read-only
  return TILES[best]!;
}
