/**
 * The product on matrix units, twice: the kernel's text with emulated units
 * against plain loops (factors rounded to the type of the units; the tolerance
 * is that of sums in single precision), and the native text through Dawn's
 * compiler on its null back end, which has every feature and computes nothing.
 */
import assert from "node:assert/strict";
import type { MatrixUnit } from "../../lib/device/mod.ts";
import { matmul, matmulReference } from "../../lib/kernels/mod.ts";
import {
  fitsMatrixTile,
  MATRIX_TILE_NAMES,
  matrixVariant,
} from "../../lib/kernels/matmul_matrix.ts";
import type { MatmulSizes } from "../../lib/kernels/matmul_variant.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";
import { complaints, openNullMatrixDevice } from "../support/null_gpu.ts";
import { NVIDIA } from "../support/gpu_facts.ts";

const unit = (
  input: "f16" | "f32",
  m: number,
  n: number,
  k: number,
): MatrixUnit => ({ input, result: "f32", m, n, k });

// NVIDIA and AMD; Intel; the turned shape; Apple.
const UNITS = [
  unit("f16", 16, 16, 16),
  unit("f16", 8, 16, 16),
  unit("f16", 16, 8, 16),
  unit("f32", 8, 8, 8),
];

function sizesOf(layout: string, m: number, n: number, k: number): MatmulSizes {
  return {
    batch: 2,
    m,
    n,
    k,
    transposeA: layout[0] === "T",
    transposeB: layout[1] === "T",
    strideA: m * k,
    strideB: k * n,
  };
}

const LAYOUTS = ["NN", "NT", "TN", "TT"];

// Compilation takes seconds on a software driver: every layout for one unit.
const EMULATED = [
  { tile: "matrixSmall", unit: UNITS[0]!, layouts: LAYOUTS },
  { tile: "matrixSmall", unit: UNITS[1]!, layouts: ["NT"] },
  { tile: "matrixSmall", unit: UNITS[2]!, layouts: ["TN"] },
  { tile: "matrixSmall", unit: UNITS[3]!, layouts: ["NT"] },
  { tile: "matrixLarge", unit: UNITS[0]!, layouts: ["NN"] },
] as const;

for (const { tile, unit, layouts } of EMULATED) {
  const { input } = unit;
  const name = `${tile} of emulated ${input} ${unit.m}x${unit.n}x${unit.k}`;
  deviceTest(`${name} equals plain loops`, async (device) => {
    if (input === "f16" && !device.gpu!.hasF16) return;
    const round = input === "f16" ? Math.f16round : (x: number) => x;
    for (const layout of layouts) {
      // Edges on every side of both tiles, of whole vectors and of odd ones.
      for (const [m, n, k] of [[132, 136, 36], [131, 134, 33]] as const) {
        const sizes = sizesOf(layout, m, n, k);
        const choice = { tile, unit, subgroupSize: 32, isEmulated: true };
        const variant = matrixVariant(choice, sizes);
        const [a, b] = [randomData(2 * m * k, 1), randomData(2 * k * n, 2)];
        using buffers = new KernelBuffers(device);
        const c = buffers.empty(2 * m * n);
        const inputs = { a: buffers.put(a), b: buffers.put(b), c };
        matmul(device, inputs, sizes, { variant });
        const expected = matmulReference(a.map(round), b.map(round), sizes);
        assertClose(await buffers.get(c), expected, {
          atol: 1.2e-6 * Math.sqrt(k),
          rtol: 1e-5,
          name: variant.kernel.name,
        });
      }
    }
  }, ["webgpu"]);
}

Deno.test("native matrix kernels compile without a warning", async () => {
  const { device, facts } = await openNullMatrixDevice();
  const found: string[] = [];
  let pipelines = 0;
  try {
    for (const tile of MATRIX_TILE_NAMES) {
      for (const unit of UNITS) {
        const choice = { tile, unit, subgroupSize: 32 };
        const isWhole = fitsMatrixTile(choice, facts);
        for (const layout of LAYOUTS) {
          for (const size of [64, 63]) { // whole vectors and odd ones
            const sizes = sizesOf(layout, size, size, size);
            const { kernel } = matrixVariant(choice, sizes);
            found.push(...await complaints(device, kernel, isWhole));
            if (isWhole) pipelines++;
          }
        }
      }
    }
  } finally {
    device.destroy();
  }
  assert.deepEqual(found, []);
  assert.equal(pipelines, 24); // small tiles of f16 fit the null back end
});

Deno.test("fitsMatrixTile() keeps to the GPU's workgroups and memory", () => {
  const facts = { ...NVIDIA, matrixUnits: UNITS };
  const large = {
    tile: "matrixLarge",
    unit: UNITS[0]!,
    subgroupSize: 32,
  } as const;
  assert.ok(fitsMatrixTile(large, facts));
  // 8 subgroups of 32 are 256 invocations; two tiles of 128 x 32 halves, 16
  // bytes more a row or column, and 8 patches of 1 KiB are 28,672 bytes.
  assert.ok(!fitsMatrixTile(large, { ...facts, workgroupSize: 255 }));
  assert.ok(fitsMatrixTile(large, { ...facts, workgroupBytes: 28672 }));
  assert.ok(!fitsMatrixTile(large, { ...facts, workgroupBytes: 28671 }));
});
