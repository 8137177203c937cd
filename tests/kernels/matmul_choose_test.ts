/**
 * Which variant of the product runs, on GPUs that are described and not there:
 * names of kernels that a counting device was asked for.
 */
import assert from "node:assert/strict";
import {
  type Device,
  DryDevice,
  type GpuFacts,
  type Tuning,
} from "../../lib/device/mod.ts";
import { matmul, type MatmulPrecision } from "../../lib/kernels/mod.ts";
import {
  matmulCandidates,
  matmulClass,
} from "../../lib/kernels/matmul_choose.ts";
import type { MatmulSizes } from "../../lib/kernels/matmul_variant.ts";
import { NVIDIA } from "../support/gpu_facts.ts";

const WITH_UNITS: GpuFacts = {
  ...NVIDIA,
  matrixUnits: [
    { input: "f16", result: "f16", m: 16, n: 16, k: 16 },
    { input: "f16", result: "f32", m: 16, n: 8, k: 8 },
    { input: "f16", result: "f32", m: 16, n: 8, k: 16 },
  ],
};

function sizesOf(m: number, n: number, k: number, layout = "NN"): MatmulSizes {
  return {
    batch: 1,
    m,
    n,
    k,
    transposeA: layout[0] === "T",
    transposeB: layout[1] === "T",
    strideA: 0,
    strideB: 0,
  };
}

/** The kernels that a product runs on a GPU. */
function kernelsOf(
  gpu: GpuFacts,
  sizes: MatmulSizes,
  precision: MatmulPrecision = "float32",
  tuning?: Tuning,
): string[] {
  const dry = new DryDevice("webgpu");
  const device: Device = Object.assign(dry, { gpu, ...(tuning && { tuning }) });
  const { m, n, k } = sizes;
  const [a, b, c] = [m * k, k * n, m * n].map((x) => dry.allocate(4 * x, "x"));
  matmul(device, { a: a!, b: b!, c: c! }, sizes, { precision });
  return [...dry.launches.keys()];
}

Deno.test("matmul() takes a tile by shape and vendor", () => {
  const only = (gpu: GpuFacts, ...sizes: Parameters<typeof sizesOf>) => {
    const names = kernelsOf(gpu, sizesOf(...sizes));
    assert.equal(names.length, 1);
    return names[0];
  };
  const apple = { ...NVIDIA, vendor: "apple" };
  assert.equal(only(NVIDIA, 4096, 4096, 64), "matmulTiled_large_NN4");
  assert.equal(only(apple, 4096, 4096, 64, "NT"), "matmulTiled_middle_NT4");
  assert.equal(only(NVIDIA, 512, 512, 512, "TN"), "matmulTiled_middle_TN4");
  assert.equal(only(NVIDIA, 100, 100, 100), "matmulTiled_small_NN4");
  assert.equal(only(NVIDIA, 101, 100, 99), "matmulTiled_small_NN");
  assert.equal(only(NVIDIA, 1, 8192, 768, "NT"), "matmulTiled_flat_NT4");
  assert.equal(only(NVIDIA, 8192, 4, 96), "matmulTiled_tall_NN4");
});

Deno.test("matmul() keeps to small workgroups, or does without", () => {
  const small = { ...NVIDIA, workgroupSize: 128 };
  assert.deepEqual(kernelsOf(small, sizesOf(4096, 4096, 64)), ["matmulVec4NN"]);
  assert.deepEqual(
    kernelsOf(small, sizesOf(100, 100, 100)),
    ["matmulTiled_small_NN4"],
  );
});

Deno.test("matmul() splits a long k of a small C", () => {
  assert.deepEqual(
    kernelsOf(NVIDIA, sizesOf(64, 64, 8192)),
    ["matmulTiled_small_NN4", "matmulSumParts"],
  );
});

Deno.test("matmul() takes matrix units for float16 alone", () => {
  const units = (sizes: MatmulSizes, gpu = WITH_UNITS) =>
    kernelsOf(gpu, sizes, "float16")[0];
  const unit = "f16_16x8x16_32"; // sums in single precision
  const large = sizesOf(4096, 4096, 64);
  assert.equal(units(large), `matmul_matrixLarge_${unit}_NN4`);
  assert.equal(
    units(sizesOf(512, 512, 512, "TT")),
    `matmul_matrixSmall_${unit}_TT4`,
  );
  assert.equal(
    units(large, { ...WITH_UNITS, workgroupBytes: 16384 }),
    `matmul_matrixSmall_${unit}_NN4`,
  );
  assert.equal(units(sizesOf(1, 512, 100)), "matmulTiled_flat_f16_NN4");
  const withoutF16 = { ...WITH_UNITS, hasF16: false };
  assert.equal(units(large, withoutF16), "matmulTiled_large_NN4");
  assert.deepEqual(kernelsOf(WITH_UNITS, large), ["matmulTiled_large_NN4"]);
});

Deno.test("matmul() takes tiles of f16 for float16 without matrix units", () => {
  const half = (sizes: MatmulSizes, gpu = NVIDIA) =>
    kernelsOf(gpu, sizes, "float16")[0];
  const large = sizesOf(4096, 4096, 64);
  assert.equal(half(large), "matmulTiled_large_f16_NN4");
  assert.equal(half(sizesOf(101, 100, 99)), "matmulTiled_small_f16_NN");
  assert.equal(
    half(sizesOf(512, 512, 512, "TN"), { ...NVIDIA, vendor: "apple" }),
    "matmulTiled_middle_f16_TN4",
  );
  // Rows of 2 bytes: 16 x (128 + 4 + 128 + 4) of them fit into 8,448 bytes.
  const deep = { choose: () => "deep" };
  const name = (workgroupBytes: number) =>
    kernelsOf({ ...NVIDIA, workgroupBytes }, large, "float16", deep)[0];
  assert.equal(name(8448), "matmulTiled_deep_f16_NN4");
  assert.equal(name(8447), "matmulTiled_large_f16_NN4");
  // Without room for the table's tile the smallest, and never "direct".
  const tiny = { ...NVIDIA, workgroupSize: 64 };
  assert.equal(half(large, tiny), "matmulTiled_small_f16_NN4");
  const direct = { choose: () => "direct" };
  assert.deepEqual(
    kernelsOf(NVIDIA, large, "float16", direct),
    ["matmulTiled_large_f16_NN4"],
  );
});

Deno.test("matmul() takes what was measured, and the table until then", () => {
  const keys: string[] = [];
  const tuning = (choice: string | undefined): Tuning => ({
    choose: (key) => {
      keys.push(key);
      return choice;
    },
  });
  const sizes = sizesOf(500, 300, 700, "NT");
  const run = (choice?: string) =>
    kernelsOf(NVIDIA, sizes, "float32", tuning(choice));
  assert.deepEqual(run(), ["matmulTiled_middle_NT4"]);
  assert.deepEqual(run("wide"), ["matmulTiled_wide_NT4"]);
  assert.deepEqual(run("direct"), ["matmulVec4NT"]);
  // A name of an older version, or of units that are not there.
  assert.deepEqual(run("vanished"), ["matmulTiled_middle_NT4"]);
  assert.deepEqual(run("matrixLarge"), ["matmulTiled_middle_NT4"]);
  assert.deepEqual(
    new Set(keys),
    new Set(["matmul float32 NT4 1x512x512x1024"]),
  );
});

Deno.test("matmulCandidates() are a dozen at most, the table's first", () => {
  const units = {
    ...WITH_UNITS,
    matrixUnits: [
      ...WITH_UNITS.matrixUnits,
      { input: "f32", result: "f32", m: 8, n: 8, k: 8 } as const,
    ],
  };
  const names = (precision: MatmulPrecision, sizes: MatmulSizes) =>
    matmulCandidates(units, false, sizes, precision);
  const square = sizesOf(4096, 4096, 4096);
  assert.deepEqual(names("float32", square), [
    "large",
    "small",
    "middle",
    "dense",
    "high",
    "wide",
    "deep",
    "matrixSmall",
    "matrixLarge",
    "direct",
  ]);
  assert.equal(names("float16", square)[0], "matrixLarge");
  assert.equal(names("float16", square).length, 9); // all but "direct"
  assert.deepEqual(
    names("float16", sizesOf(1, 4096, 4096)),
    ["flat", "small", "dense"],
  );
  assert.deepEqual(
    matmulCandidates(NVIDIA, true, square, "float32"),
    ["direct", "small", "dense"],
  );
  assert.deepEqual(
    matmulCandidates(NVIDIA, true, square, "float16"),
    ["dense", "small"],
  );
});

Deno.test("matmulClass() rounds up, keeps vectors and fits into memory", () => {
  const pick = ({ batch, m, n, k }: MatmulSizes) => [batch, m, n, k];
  const odd = matmulClass(sizesOf(5, 300, 9));
  assert.deepEqual(pick(odd), [1, 7, 511, 15]);
  const even = matmulClass(sizesOf(2, 300, 8));
  assert.deepEqual(pick(even), [1, 4, 512, 8]);
  const vast = matmulClass({
    ...sizesOf(100_000, 4096, 4096),
    batch: 1000,
    strideA: 100_000 * 4096,
    strideB: 4096 * 4096,
  });
  assert.deepEqual(pick(vast), [1, 4096, 4096, 4096]);
  assert.equal(vast.strideA, 4096 * 4096);
});
