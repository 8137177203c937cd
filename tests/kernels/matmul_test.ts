/**
 * Products against plain loops in double precision. Tolerance: k products of
 * numbers of size 1, each rounded to 24 bits, leave about sqrt(k) 6e-8.
 */
import assert from "node:assert/strict";
import { type Device, DryDevice } from "../../lib/device/mod.ts";
import { matmul, matmulReference } from "../../lib/kernels/mod.ts";
import {
  directVariant,
  scalarVariant,
} from "../../lib/kernels/matmul_direct.ts";
import {
  runMatmulVariant,
  splitParts,
} from "../../lib/kernels/matmul_launch.ts";
import {
  MATMUL_TILES,
  type MatmulTileName,
  tiledVariant,
} from "../../lib/kernels/matmul_tiled.ts";
import type {
  MatmulSizes,
  MatmulVariant,
} from "../../lib/kernels/matmul_variant.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

function sizesOf(
  layout: string,
  [m, n, k, batch]: readonly [number, number, number, number],
): MatmulSizes {
  return {
    batch,
    m,
    n,
    k,
    transposeA: layout[0] === "T",
    transposeB: layout[1] === "T",
    strideA: m * k,
    strideB: k * n,
  };
}

/**
 * Runs a product of random numbers and compares it; returns the product.
 *
 * @param round what the variant does to factors
 */
async function check(
  device: Device,
  sizes: MatmulSizes,
  name: string,
  variant?: MatmulVariant,
  parts?: number,
  round = (x: number) => x,
): Promise<Float32Array> {
  const { batch, m, n, k, strideA, strideB } = sizes;
  const a = randomData(strideA === 0 ? m * k : batch * m * k, 1);
  const b = randomData(strideB === 0 ? k * n : batch * k * n, 2);
  const expected = matmulReference(a.map(round), b.map(round), sizes);
  using buffers = new KernelBuffers(device);
  const c = buffers.empty(expected.length);
  const inputs = { a: buffers.put(a), b: buffers.put(b), c };
  if (variant && parts) {
    runMatmulVariant(device, inputs, sizes, variant, parts);
  } else matmul(device, inputs, sizes, variant ? { variant } : {});
  const actual = await buffers.get(c);
  assertClose(actual, expected, {
    atol: 4e-7 * Math.sqrt(k) * 3,
    rtol: 1e-5,
    name: `${name} ${m}x${n}x${k}`,
  });
  return actual;
}

// m, n, k, batch: ones, odd, multiples of 4, larger than every tile
const SIZES: readonly [number, number, number, number][] = [
  [1, 1, 1, 1],
  [1, 7, 5, 2],
  [3, 1, 9, 1],
  [5, 7, 300, 1],
  [8, 12, 16, 3],
  [33, 68, 20, 2],
  [36, 40, 17, 1],
  [70, 130, 261, 1],
  [200, 72, 1, 1],
  [100, 1032, 260, 1],
];

for (const layout of ["NN", "NT", "TN", "TT"]) {
  deviceTest(`matmul() ${layout} equals plain loops`, async (device) => {
    for (const size of SIZES) {
      const sizes = sizesOf(layout, size);
      await check(device, sizes, layout);
      await check(device, sizes, `${layout} scalar`, scalarVariant());
    }
  });
}

deviceTest("matmul() with stride 0 repeats one matrix", async (device) => {
  const sizes = sizesOf("NN", [4, 8, 12, 3]);
  await check(device, { ...sizes, strideB: 0 }, "B repeated");
  await check(device, { ...sizes, strideA: 0 }, "A repeated");
});

// Edges on every side of the largest tile, and a single element.
const EDGES = [[132, 136, 44, 2], [131, 133, 37, 1], [1, 1, 1, 1]] as const;
const ALL_LAYOUTS: readonly string[] = ["NN", "NT", "TN", "TT"];

for (const tile of Object.keys(MATMUL_TILES) as MatmulTileName[]) {
  // Compilation takes a second a kernel on a software driver: every layout of
  // one tile, and one layout of each other with either way to stage.
  const layouts = tile === "small" ? ALL_LAYOUTS : ["NN"];
  deviceTest(`tile "${tile}" equals plain loops`, async (device) => {
    for (const layout of layouts) {
      for (const edge of EDGES) {
        const sizes = sizesOf(layout, edge);
        await check(device, sizes, layout, tiledVariant(tile, sizes));
      }
    }
  }, ["webgpu"]);
}

// As above: every layout of one tile, and another that is not square.
const HALF_TILES = [["dense", ALL_LAYOUTS], ["wide", ["NT"]]] as const;

for (const [tile, layouts] of HALF_TILES) {
  deviceTest(`tile "${tile}" of f16 equals plain loops`, async (device) => {
    if (!device.gpu!.hasF16) return;
    for (const layout of layouts) {
      for (const edge of EDGES.slice(0, layout === "NN" ? 3 : 1)) {
        const sizes = sizesOf(layout, edge);
        const variant = tiledVariant(tile, sizes, "f16");
        // Products of rounded factors are exact in single precision.
        await check(device, sizes, layout, variant, 1, Math.f16round);
      }
    }
  }, ["webgpu"]);
}

deviceTest("tiles of f16 hold factors from 6e-8 to 65,504", async (device) => {
  if (!device.gpu!.hasF16) return;
  const sizes = sizesOf("NN", [1, 4, 4, 1]);
  const variant = tiledVariant("dense", sizes, "f16");
  using buffers = new KernelBuffers(device);
  const factors = [65504, 1e5, 1e-4, 1e-9];
  const diagonal = factors.flatMap((x, i) =>
    factors.map((_, j) => i === j ? x : 0)
  );
  const c = buffers.empty(4);
  const inputs = {
    a: buffers.put(new Float32Array(4).fill(1)),
    b: buffers.put(Float32Array.from(diagonal)),
    c,
  };
  matmul(device, inputs, sizes, { variant });
  const expected = [65504, Infinity, Math.f16round(1e-4), 0];
  assert.deepEqual([...await buffers.get(c)], expected);
}, ["webgpu"]);

deviceTest("every tile gives the same bits", async (device) => {
  const sizes = sizesOf("NN", [132, 136, 300, 1]);
  const first = await check(
    device,
    sizes,
    "small",
    tiledVariant("small", sizes),
  );
  for (const tile of ["middle", "dense", "large"] as const) {
    const other = await check(device, sizes, tile, tiledVariant(tile, sizes));
    assert.deepEqual(other, first);
  }
}, ["webgpu"]);

deviceTest("a split of k equals plain loops", async (device) => {
  // Parts that come out even, a last one that is shorter, more than there is k.
  for (const [k, parts] of [[256, 4], [300, 4], [37, 16]] as const) {
    const sizes = sizesOf("NN", [20, 12, k, 2]);
    const variant = tiledVariant("small", sizes);
    await check(device, sizes, `tiled in ${parts}`, variant, parts);
    const direct = directVariant(sizes);
    await check(device, sizes, `direct in ${parts}`, direct, parts);
  }
}, ["webgpu"]);

Deno.test("splitParts() cuts long k of a small C, by sizes alone", () => {
  const parts = (m: number, n: number, k: number) =>
    splitParts(sizesOf("NN", [m, n, k, 1]));
  assert.equal(parts(256, 256, 16384), 8); // 16 tiles
  assert.equal(parts(64, 64, 16384), 32); // k is used up
  assert.equal(parts(64, 64, 512), 1);
  assert.equal(parts(4096, 4096, 4096), 1);
  assert.equal(parts(1, 768, 768), 8); // one token: 12 tiles
});

Deno.test("matmul() runs where no GPU is known", () => {
  using device = new DryDevice("webgpu");
  const [a, b, c] = [0, 1, 2].map(() => device.allocate(64, "test"));
  const sizes = sizesOf("NN", [4, 4, 4, 1]);
  matmul(device, { a: a!, b: b!, c: c! }, sizes);
  assert.deepEqual([...device.launches], [["matmulVec4NN", 1]]);
});
