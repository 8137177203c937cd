/**
 * Which variant of attention runs: names of kernels that a counting device was
 * asked for, on GPUs that are described and not there, and a contest on a
 * software driver that is said to be hardware.
 */
import assert from "node:assert/strict";
import {
  type Device,
  DryDevice,
  type GpuFacts,
  type Tuning,
} from "../../lib/device/mod.ts";
import {
  attention,
  attentionBackward,
  type AttentionSizes,
  type MatmulPrecision,
} from "../../lib/kernels/mod.ts";
import {
  attentionClass,
  matrixVariants,
} from "../../lib/kernels/attention_choose.ts";
import { fitsMatrixAttention } from "../../lib/kernels/attention_matrix.ts";
import * as t from "../../lib/tensor/mod.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers } from "../support/kernel_buffers.ts";
import { NVIDIA } from "../support/gpu_facts.ts";

const UNIT = { input: "f16", result: "f32", m: 16, n: 16, k: 16 } as const;
const UNITS: GpuFacts = {
  ...NVIDIA,
  matrixUnits: [{ ...UNIT, m: 8 }, UNIT, { ...UNIT, result: "f16", n: 32 }],
};

function sizesOf(
  time: number,
  headSize: number,
  rest: Partial<AttentionSizes> = {},
): AttentionSizes {
  return {
    ...{ batch: 1, queries: time, keys: time, capacity: time, start: 0 },
    ...{ heads: 4, kvHeads: 4, headSize },
    ...rest,
  };
}

/** A device that counts, with these facts. */
function dryDevice(gpu: GpuFacts, more: Partial<Device> = {}) {
  const dry = new DryDevice("webgpu");
  return { dry, device: Object.assign(dry, { gpu, ...more }) as Device };
}

/** The kernels that a pass runs. */
function kernelsOf(
  pass: "forward" | "backward",
  sizes: AttentionSizes,
  { gpu = UNITS, precision = "float16", ...more }: {
    gpu?: GpuFacts;
    precision?: MatmulPrecision;
    isSoftware?: boolean;
    tuning?: Tuning;
  } = {},
): string[] {
  const { dry, device } = dryDevice(gpu, more);
  const x = dry.allocate(4, "x");
  const inputs = { q: x, k: x, v: x, o: x, lse: x };
  if (pass === "forward") attention(device, inputs, sizes, { precision });
  else {
    const gradients = { dO: x, dQ: x, dK: x, dV: x };
    const all = { ...inputs, ...gradients };
    attentionBackward(device, all, sizes, { precision });
  }
  return [...dry.launches.keys()].filter((name) => name !== "attentionDelta");
}

Deno.test("attention() takes matrix units for float16 where they fit", () => {
  const sizes = sizesOf(2048, 64);
  assert.deepEqual(kernelsOf("forward", sizes), [
    "attentionLse64_matrix64x32_16x16x16_32",
    "attentionOutput64_matrix64x32_16x16x16_32",
  ]);
  assert.deepEqual(kernelsOf("backward", sizes), [
    "attentionBackwardQuery64_matrix48x32_16x16x16_32",
    "attentionBackwardKey64_matrix48x32_16x16x16_32",
  ]);
  const tile = (gpu: Partial<GpuFacts>, headSize = 64) =>
    kernelsOf("backward", sizesOf(99, headSize), { gpu: { ...UNITS, ...gpu } })
      .map((name) => name.split("_")[1] ?? name)[0];
  assert.equal(tile({ workgroupBytes: 32768 }), "matrix32x16");
  assert.equal(tile({ workgroupBytes: 16384 }), "matrix16x16");
  assert.equal(tile({ workgroupSize: 32 }), "matrix16x16");
  assert.equal(tile({}, 32), "matrix64x32");
  assert.equal(tile({}, 96), "matrix32x32");
  assert.equal(tile({}, 128), "matrix32x16");
});

Deno.test("attention() does without matrix units elsewhere", () => {
  const tiled = ["attentionTiled64"];
  const sizes = sizesOf(2048, 64);
  const forward = (
    sizes: AttentionSizes,
    options?: Parameters<typeof kernelsOf>[2],
  ) => kernelsOf("forward", sizes, options);
  const precision = "float32";
  assert.deepEqual(forward(sizes, { precision }), tiled);
  const gpus: Partial<GpuFacts>[] = [
    { hasF16: false },
    { matrixUnits: [] },
    { matrixUnits: [{ ...UNIT, input: "f32" }] },
    { subgroupSize: 8 },
    { workgroupBytes: 8192 },
  ];
  for (const facts of gpus) {
    assert.deepEqual(forward(sizes, { gpu: { ...UNITS, ...facts } }), tiled);
  }
  // No whole units, and too wide for the registers.
  assert.deepEqual(forward(sizesOf(99, 40)), ["attentionTiled40"]);
  assert.deepEqual(forward(sizesOf(99, 256)), ["attentionTiled256"]);
  // No vectors, few queries, a software driver.
  assert.deepEqual(forward(sizesOf(99, 18)), ["attention18"]);
  const few = sizesOf(15, 64, { keys: 99, capacity: 99, start: 84 });
  assert.deepEqual(forward(few), ["attentionRow64"]);
  assert.deepEqual(forward(sizes, { isSoftware: true }), ["attention64"]);
});

Deno.test("attention() takes what was measured, and the largest until then", () => {
  const keys: string[] = [];
  const tuning = (choice: string | undefined): Tuning => ({
    choose: (key) => {
      keys.push(key);
      return choice;
    },
  });
  const sizes = sizesOf(1500, 64, { kvHeads: 2 });
  const run = (choice?: string) =>
    kernelsOf("forward", sizes, { tuning: tuning(choice) })[0];
  assert.equal(run(), "attentionLse64_matrix64x32_16x16x16_32");
  assert.equal(run("matrix32x16"), "attentionLse64_matrix32x16_16x16x16_32");
  assert.equal(run("tiled"), "attentionTiled64");
  assert.equal(run("vanished"), "attentionLse64_matrix64x32_16x16x16_32");
  const both = { isCausal: false, queries: 70 };
  kernelsOf("backward", sizesOf(129, 32, both), { tuning: tuning("tiled") });
  assert.deepEqual([...new Set(keys)], [
    "attention float16 forward 64x2048 causal grouped",
    "attention float16 backward 32x256",
  ]);
});

Deno.test("attentionClass() keeps what matters and is of one size", () => {
  const sizes = sizesOf(100, 64, {
    heads: 12,
    kvHeads: 3,
    window: 9,
    batch: 5,
  });
  assert.deepEqual(attentionClass(sizes), {
    ...{ batch: 32, queries: 128, keys: 128, capacity: 128, start: 0 },
    ...{ heads: 16, kvHeads: 4, headSize: 64, isCausal: true },
  });
  const long = attentionClass(sizesOf(10_000, 32, { isCausal: false }));
  assert.deepEqual([long.batch, long.keys, long.kvHeads], [1, 4096, 16]);
  assert.equal(long.isCausal, false);
});

Deno.test("fitsMatrixAttention() keeps to the GPU's workgroups and memory", () => {
  const choice = { tile: "matrix48x32", unit: UNIT, subgroupSize: 32 } as const;
  const fits = (pass: "forward" | "backward", gpu: Partial<GpuFacts>) =>
    fitsMatrixAttention(choice, 64, pass, { ...UNITS, ...gpu });
  // Three subgroups of 32. Rows of 72 halves: 48 of q, 32 of k and of v; 48
  // rows of 36 scores and 40 weights.
  assert.ok(fits("forward", { workgroupSize: 96, workgroupBytes: 26880 }));
  assert.ok(!fits("forward", { workgroupSize: 95 }));
  assert.ok(!fits("forward", { workgroupBytes: 26879 }));
  // For dK and dV 96 and 64 rows, twice the scores and weights, and lse and
  // delta of 32 queries.
  assert.ok(fits("backward", { workgroupBytes: 44800 }));
  assert.ok(!fits("backward", { workgroupBytes: 44799 }));
  assert.ok(matrixVariants(UNITS, 64, "forward").length === 5);
});

Deno.test("t.attention() takes the precision, forward and backward", () => {
  const isOnUnits = (options: t.AttentionOptions = {}) => {
    const { dry, device } = dryDevice(UNITS);
    const shape = [1, 64, 4, 64];
    t.scoped(() => {
      const [q, k, v] = [1, 2, 3].map(() =>
        t.zeros(shape, { device, requiresGrad: true })
      ) as [t.Tensor, t.Tensor, t.Tensor];
      const out = t.attention(q, k, v, options);
      // The backward pass keeps to what the forward pass was told.
      t.withMatmulPrecision(
        "float32",
        () => t.backward(out, { gradient: t.zeros(shape, { device }) }),
      );
    });
    const names = [...dry.launches.keys()].filter((name) =>
      name.startsWith("attention") && name !== "attentionDelta"
    );
    return names.map((name) => name.includes("matrix"));
  };
  const all = [true, true, true, true];
  assert.deepEqual(isOnUnits({ precision: "float16" }), all);
  assert.deepEqual(t.withMatmulPrecision("float16", isOnUnits), all);
  assert.deepEqual(isOnUnits(), [false, false, false]);
});

deviceTest("attention() measures, and what is wrong loses", async (device) => {
  if (!device.gpu!.hasF16) return;
  // Native kernels for units do not compile here: the tiled one is left.
  const measured = new Map<string, Promise<string>>();
  const hardware = new Proxy(device, {
    get(target, key) {
      if (key === "isSoftware") return false;
      if (key === "gpu") {
        return { ...device.gpu, subgroupSize: 32, matrixUnits: [UNIT] };
      }
      if (key === "tuning") return { choose };
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  let isMeasuring = false;
  const choose: Tuning["choose"] = (key, measure) => {
    if (!isMeasuring) {
      isMeasuring = true;
      measured.set(key, measure());
    }
    return "tiled";
  };
  const sizes = sizesOf(16, 16);
  for (const pass of ["forward", "backward"] as const) {
    using buffers = new KernelBuffers(device);
    const heads = () => buffers.empty(16 * 4 * 16);
    const inputs = { q: heads(), k: heads(), v: heads(), o: heads() };
    const lse = buffers.empty(4 * 16);
    const precision = "float16";
    isMeasuring = false;
    if (pass === "forward") {
      attention(hardware, { ...inputs, lse }, sizes, { precision });
    } else {
      const gradients = { dO: heads(), dQ: heads(), dK: heads(), dV: heads() };
      const all = { ...inputs, lse, ...gradients };
      attentionBackward(hardware, all, sizes, { precision });
    }
    const key = `attention float16 ${pass} 16x16 causal`;
    assert.equal(await measured.get(key), "tiled");
  }
}, ["webgpu"]);
