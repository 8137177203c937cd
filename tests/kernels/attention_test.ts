/**
 * Attention forward against its reference, backward against central
 * differences of it, for every mask and every variant. Tolerance: single
 * precision, sums of up to some hundred terms.
 */
import assert from "node:assert/strict";
import type { Device } from "../../lib/device/mod.ts";
import * as kernels from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

const GRADIENT = { rtol: 1e-4, atol: 1e-5 };

interface Case extends Partial<kernels.AttentionSizes> {
  readonly time: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly hasDocuments?: boolean;
}

function sizesOf({ time, hasDocuments: _, ...rest }: Case) {
  const whole = { batch: 1, queries: time, keys: time, start: 0 };
  return { ...whole, capacity: time, ...rest };
}

/** Documents of 1, 2, 3, … positions, then one that comes back. */
function packed({ batch, capacity }: kernels.AttentionSizes): Int32Array {
  const ids: number[] = [];
  for (let document = 0; ids.length < batch * capacity; document++) {
    for (let i = 0; i <= document; i++) ids.push(document % 7);
  }
  return Int32Array.from(ids.slice(0, batch * capacity));
}

/** Runs forward and backward and compares both. */
async function check(
  device: Device,
  attention: Case,
  variant?: kernels.AttentionVariant,
): Promise<void> {
  const sizes = sizesOf(attention);
  const { batch, queries, keys, heads, kvHeads, headSize } = sizes;
  using buffers = new KernelBuffers(device);
  const qSize = batch * queries * heads * headSize;
  const kvSize = batch * keys * kvHeads * headSize;
  const data = [qSize, kvSize, kvSize].map((n, i) => randomData(n, i + 1));
  const ids = attention.hasDocuments ? packed(sizes) : undefined;
  const inputs = {
    q: buffers.put(data[0]!),
    k: buffers.put(data[1]!),
    v: buffers.put(data[2]!),
    o: buffers.empty(qSize),
    lse: buffers.empty(batch * heads * queries),
    ...(ids && { documents: buffers.put(ids) }),
  };
  kernels.attention(device, inputs, sizes, { variant });
  const lse = new Float64Array(batch * heads * queries);
  const f = (...x: ArrayLike<number>[]) =>
    kernels.attentionReference(x[0]!, x[1]!, x[2]!, sizes, {
      lse,
      documents: ids,
    });
  const name = `${variant ?? device.kind} ${JSON.stringify(attention)}`;
  const expected = f(...data);
  const close = { rtol: 1e-5, atol: 3e-6, name };
  assertClose(await buffers.get(inputs.o), expected, close);
  assertClose(await buffers.get(inputs.lse), lse, close);

  const gradients = {
    dQ: buffers.empty(qSize),
    dK: buffers.empty(kvSize),
    dV: buffers.empty(kvSize),
  };
  const weights = randomData(qSize, 4);
  const all = { ...inputs, dO: buffers.put(weights), ...gradients };
  kernels.attentionBackward(device, all, sizes, { variant });
  for (const [which, d] of (["dQ", "dK", "dV"] as const).entries()) {
    const gradient = await buffers.get(gradients[d]);
    assert.ok(gradient.every(Number.isFinite), `${name} ${d} is finite`);
    const options = { ...GRADIENT, name: `${name} ${d}` };
    assertGradient(f, data, weights, which, gradient, options);
  }
}

// One, odd sizes, groups, more than a block of queries, heads that are no
// whole vectors or wider than an invocation holds.
const SIZES: readonly Case[] = [
  { time: 1, heads: 1, kvHeads: 1, headSize: 4 },
  { batch: 2, time: 5, heads: 4, kvHeads: 2, headSize: 8 },
  { time: 33, heads: 2, kvHeads: 2, headSize: 6 },
  { batch: 2, time: 70, heads: 6, kvHeads: 2, headSize: 16 },
  { time: 65, heads: 2, kvHeads: 1, headSize: 32 },
  { time: 9, heads: 3, kvHeads: 1, headSize: 64 },
];

const MASKS: readonly Partial<Case>[] = [
  { isCausal: false },
  { window: 1 },
  { window: 13 },
  { isCausal: false, window: 5 },
  { hasDocuments: true },
  { isCausal: false, hasDocuments: true },
  { window: 7, hasDocuments: true },
];

deviceTest("attention() equals its reference, both ways", async (device) => {
  for (const sizes of SIZES) await check(device, sizes);
});

// As wide as heads of large models; lavapipe compiles the widest for seconds.
for (const headSize of [128, 256]) {
  deviceTest(`attention() takes heads of ${headSize}`, async (device) => {
    await check(device, { time: 5, heads: 2, kvHeads: 1, headSize });
  });
}

deviceTest("attention() sees what its mask shows", async (device) => {
  const heads = { heads: 4, kvHeads: 2 };
  for (const mask of MASKS) {
    await check(device, { batch: 2, time: 37, ...heads, headSize: 8, ...mask });
  }
});

deviceTest("attention() looks from queries to other keys", async (device) => {
  const heads = { heads: 2, kvHeads: 1, headSize: 8 };
  const others = { queries: 7, keys: 41, capacity: 41, isCausal: false };
  await check(device, { time: 0, ...heads, ...others });
});

deviceTest("attention() joins many blocks of keys", async (device) => {
  // More than the 256 keys of a block of the CPU, which a window skips.
  const heads = { heads: 1, kvHeads: 1, headSize: 4 };
  for (const mask of [{}, { window: 20, hasDocuments: true }]) {
    await check(device, { time: 301, ...heads, ...mask });
  }
});

deviceTest("attention() tiled equals its reference", async (device) => {
  if (device.kind === "cpu") return;
  const heads = { heads: 2, kvHeads: 1 };
  // One lane a row, two blocks of rows; then two lanes a row.
  await check(device, { time: 131, ...heads, headSize: 8 }, "tiled");
  await check(device, { batch: 2, time: 67, ...heads, headSize: 36 }, "tiled");
  for (const mask of MASKS) {
    await check(device, { time: 37, ...heads, headSize: 8, ...mask }, "tiled");
  }
});

Deno.test("attentionBackwardReference() equals central differences", () => {
  const heads = { batch: 2, heads: 4, kvHeads: 2, headSize: 3 };
  for (const mask of [{}, { window: 3, isCausal: false }]) {
    const sizes = sizesOf({ time: 7, ...heads, ...mask });
    const data = [2 * 7 * 12, 2 * 7 * 6, 2 * 7 * 6].map((n, i) =>
      randomData(n, i + 1)
    ) as [Float32Array, Float32Array, Float32Array];
    const documents = packed(sizes);
    const lse = new Float64Array(2 * 4 * 7);
    const f = (...x: ArrayLike<number>[]) =>
      kernels.attentionReference(x[0]!, x[1]!, x[2]!, sizes, {
        lse,
        documents,
      });
    const o = f(...data);
    const dO = randomData(o.length, 4);
    const known = { dO, o, lse: lse.slice(), documents };
    const gradients = kernels.attentionBackwardReference(
      ...data,
      sizes,
      known,
    );
    for (const [which, gradient] of gradients.entries()) {
      // Differences of steps of 1e-5 in double precision.
      const close = { rtol: 1e-7, atol: 1e-8, name: `gradient ${which}` };
      assertGradient(f, data, dO, which, gradient, close);
    }
  }
});

Deno.test("pairsSeen() counts what a mask shows", () => {
  const count = (sizes: Case) => {
    const all = sizesOf(sizes);
    let pairs = 0;
    for (let i = 0; i < all.queries; i++) {
      const t = all.start + i;
      const window = Math.min(t + 1, all.window ?? Infinity);
      pairs += (all.isCausal ?? true) ? window : all.keys;
    }
    return pairs * all.batch * all.heads;
  };
  const heads = { heads: 3, kvHeads: 1, headSize: 4, batch: 2 };
  for (
    const sizes of [
      { time: 9 },
      { time: 9, window: 4 },
      { time: 9, window: 40 },
      { time: 9, isCausal: false },
      { time: 0, queries: 3, start: 5, keys: 8 },
      { time: 0, queries: 3, start: 5, keys: 8, window: 2 },
    ]
  ) {
    const all = { ...heads, ...sizes };
    assert.equal(kernels.pairsSeen(sizesOf(all)), count(all));
  }
});

deviceTest("attention() continues from a cache", async (device) => {
  // Four cached positions of room for eleven; one and three new queries.
  for (const queries of [1, 3]) {
    for (const mask of [{}, { window: 3 }, { hasDocuments: true }]) {
      using buffers = new KernelBuffers(device);
      const attention = {
        batch: 2,
        time: 0,
        queries,
        keys: 4 + queries,
        heads: 4,
        kvHeads: 2,
        headSize: 10,
        start: 4,
        capacity: 11,
        ...mask,
      };
      const sizes = sizesOf(attention);
      const data = [queries * 4, 11 * 2, 11 * 2].map((n, i) =>
        randomData(2 * n * 10, i + 1)
      );
      const documents = "hasDocuments" in mask ? packed(sizes) : undefined;
      const [q, k, v] = data.map((d) => buffers.put(d)) as [
        never,
        never,
        never,
      ];
      const o = buffers.empty(data[0]!.length);
      const lse = buffers.empty(2 * 4 * queries);
      const ids = documents && { documents: buffers.put(documents) };
      kernels.attention(device, { q, k, v, o, lse, ...ids }, sizes);
      const [x, y, z] = data as [Float32Array, Float32Array, Float32Array];
      const options = { documents };
      const expected = kernels.attentionReference(x, y, z, sizes, options);
      assertClose(await buffers.get(o), expected, { rtol: 1e-5, atol: 1e-6 });
    }
  }
});
