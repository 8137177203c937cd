/**
 * Precision and shape of products, by the kernels that a counting device is
 * asked for; their numbers are checked in tests/tensor/operators_test.ts.
 */
import assert from "node:assert/strict";
import { DryDevice, type GpuFacts } from "../../../lib/device/mod.ts";
import * as t from "../../../lib/tensor/mod.ts";
import { NVIDIA } from "../../support/gpu_facts.ts";

const TENSOR_CORES: GpuFacts = {
  ...NVIDIA,
  matrixUnits: [{ input: "f16", result: "f32", m: 16, n: 16, k: 16 }],
};

/** Layouts of a product and its two gradients. */
const LAYOUTS = ["NN4", "NT4", "TN4"];

/** Kernels of products that `run` asks for, forward and backward. */
function productsOf(
  run: (x: t.Tensor, w: t.Tensor) => t.Tensor,
): Record<string, number> {
  const dry = new DryDevice("webgpu");
  const device = Object.assign(dry, { gpu: TENSOR_CORES });
  t.scoped(() => {
    const options = { device, requiresGrad: true };
    const x = t.zeros([2, 64, 64], options);
    const w = t.zeros([64, 64], options);
    t.backward(t.sum(run(x, w)));
  });
  const products = [...dry.launches].filter(([name]) => /^matmul/.test(name));
  return Object.fromEntries(products);
}

const UNITS = "matmul_matrixSmall_f16_16x16x16_32_";

Deno.test("matmul() multiplies a batch by one matrix as one product", () => {
  // (2, 64, 64) by (64, 64): no gradient of (2, 64, 64) is summed to (64, 64).
  assert.deepEqual(productsOf((x, w) => t.matmul(x, w)), {
    matmulTiled_small_NN4: 1,
    matmulTiled_small_NT4: 1,
    matmulTiled_small_TN4: 1,
  });
});

Deno.test("matmul() keeps its precision in the backward pass", () => {
  const precision = "float16";
  assert.deepEqual(productsOf((x, w) => t.matmul(x, w, { precision })), {
    [`${UNITS}NN4`]: 1,
    [`${UNITS}NT4`]: 1,
    [`${UNITS}TN4`]: 1,
  });
});

Deno.test("withMatmulPrecision() holds within, across await, and ends", async () => {
  const precision = "float16";
  const isHalf = (products: Record<string, number>) =>
    Object.keys(products).every((name) => name.startsWith(UNITS));
  await t.withMatmulPrecision(precision, async () => {
    assert.ok(isHalf(productsOf(t.linear)));
    await new Promise((done) => setTimeout(done, 1));
    assert.ok(isHalf(productsOf(t.linear)));
    const inner = t.withMatmulPrecision("float32", () => productsOf(t.linear));
    assert.ok(!isHalf(inner));
    assert.ok(isHalf(productsOf(t.linear)));
  });
  assert.ok(!isHalf(productsOf(t.linear)));
  assert.throws(() =>
    t.withMatmulPrecision(precision, () => {
      throw new Error("in the middle");
    })
  );
  assert.ok(!isHalf(productsOf(t.linear)));
});

Deno.test("linearCrossEntropy() takes the precision, with logits in chunks too", () => {
  for (const options of [{}, { chunk: 32 }]) {
    const products = t.withMatmulPrecision(
      "float16",
      () =>
        productsOf((x, w) => {
          const targets = t.zeros([128], { device: x.device, dtype: "int32" });
          return t.linearCrossEntropy(x, w, targets, options);
        }),
    );
    const names = LAYOUTS.map((layout) => UNITS + layout);
    assert.deepEqual(Object.keys(products).sort(), names);
  }
});

Deno.test("setMatmulPrecision() serves calls that do not say", () => {
  assert.equal(t.setMatmulPrecision("float16"), "float32");
  try {
    const linear = productsOf(t.linear);
    const names = LAYOUTS.map((layout) => UNITS + layout);
    assert.deepEqual(Object.keys(linear).sort(), names);
    const exact = productsOf((x, w) =>
      t.matmul(x, w, { precision: "float32" })
    );
    assert.ok(Object.keys(exact).every((name) => /Tiled/.test(name)));
  } finally {
    assert.equal(t.setMatmulPrecision("float32"), "float16");
  }
});
