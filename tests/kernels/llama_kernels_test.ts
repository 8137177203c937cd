/**
 * The kernels that only a Llama needs: rotary embedding, SwiGLU, attention.
 * Forward against the references, backward against central differences.
 */
import * as kernels from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

const GRADIENT = { rtol: 1e-4, atol: 1e-5 };

deviceTest("rope() equals its reference, both ways", async (device) => {
  for (
    const [batch, time, heads, headSize, start] of [
      [1, 1, 1, 2, 0],
      [2, 5, 3, 6, 0],
      [2, 7, 2, 16, 4],
      [1, 70, 2, 32, 1],
    ] as [number, number, number, number, number][]
  ) {
    using buffers = new KernelBuffers(device);
    const data = randomData(batch * time * heads * headSize);
    const weights = randomData(data.length, 2);
    const table = kernels.ropeTable(start + time, headSize, 10000);
    const angles = buffers.put(table);
    const [y, dX] = [buffers.empty(data.length), buffers.empty(data.length)];
    const sizes = { batch, time, heads, headSize, start };
    const forward = { ...sizes, direction: 1 } as const;
    const back = { ...sizes, direction: -1 } as const;
    kernels.rope(device, { x: buffers.put(data), angles, y }, forward);
    kernels.rope(device, { x: buffers.put(weights), angles, y: dX }, back);
    const f = (x: ArrayLike<number>) =>
      kernels.ropeReference(x, table, forward);
    assertClose(await buffers.get(y), f(data), { atol: 1e-6 });
    assertGradient(f, [data], weights, 0, await buffers.get(dX), GRADIENT);
  }
});

deviceTest("swiglu() equals its reference, both ways", async (device) => {
  for (const size of [1, 5, 64, 1001]) {
    using buffers = new KernelBuffers(device);
    const data = [randomData(size, 1, 3), randomData(size, 2)];
    const weights = randomData(size, 3);
    const [gate, up] = data.map((d) => buffers.put(d)) as [never, never];
    const dY = buffers.put(weights);
    const [y, dGate, dUp] = [0, 0, 0].map(() => buffers.empty(size)) as [
      never,
      never,
      never,
    ];
    kernels.swiglu(device, { gate, up, y }, size);
    kernels.swigluBackward(device, { gate, up, dY, dGate, dUp }, size);
    const f = kernels.swigluReference;
    assertClose(await buffers.get(y), f(data[0]!, data[1]!), {
      rtol: 1e-5,
      atol: 1e-6,
    });
    assertGradient(f, data, weights, 0, await buffers.get(dGate), GRADIENT);
    assertGradient(f, data, weights, 1, await buffers.get(dUp), GRADIENT);
  }
});

// batch, queries, heads, kvHeads, headSize: one, odd sizes, groups, more than
// one block of 32 queries, heads that are no whole vectors
const ATTENTION: readonly [number, number, number, number, number][] = [
  [1, 1, 1, 1, 4],
  [2, 5, 4, 2, 8],
  [1, 33, 2, 2, 6],
  [2, 70, 6, 2, 16],
  [1, 65, 2, 1, 32],
  [1, 9, 3, 1, 64],
];

deviceTest("attention() equals its reference, both ways", async (device) => {
  for (const [batch, time, heads, kvHeads, headSize] of ATTENTION) {
    using buffers = new KernelBuffers(device);
    const sizes = {
      batch,
      queries: time,
      keys: time,
      heads,
      kvHeads,
      headSize,
      start: 0,
      capacity: time,
    };
    const qSize = batch * time * heads * headSize;
    const kvSize = batch * time * kvHeads * headSize;
    const data = [
      randomData(qSize, 1),
      randomData(kvSize, 2),
      randomData(kvSize, 3),
    ];
    const weights = randomData(qSize, 4);
    const inputs = {
      q: buffers.put(data[0]!),
      k: buffers.put(data[1]!),
      v: buffers.put(data[2]!),
      o: buffers.empty(qSize),
      lse: buffers.empty(batch * heads * time),
    };
    kernels.attention(device, inputs, sizes);
    const lse = new Float64Array(batch * heads * time);
    const f = (...x: ArrayLike<number>[]) =>
      kernels.attentionReference(x[0]!, x[1]!, x[2]!, sizes, lse);
    const name = `${time} x ${heads}/${kvHeads} x ${headSize}`;
    const expected = f(...data);
    const close = { rtol: 1e-5, atol: 3e-6, name };
    assertClose(await buffers.get(inputs.o), expected, close);
    assertClose(await buffers.get(inputs.lse), lse, close);

    const gradients = {
      dQ: buffers.empty(qSize),
      dK: buffers.empty(kvSize),
      dV: buffers.empty(kvSize),
    };
    const dO = buffers.put(weights);
    kernels.attentionBackward(device, { ...inputs, dO, ...gradients }, sizes);
    for (const [which, d] of (["dQ", "dK", "dV"] as const).entries()) {
      const gradient = await buffers.get(gradients[d]);
      const options = { ...GRADIENT, name: `${name} ${d}` };
      assertGradient(f, data, weights, which, gradient, options);
    }
  }
});

deviceTest("attention() continues from a cache", async (device) => {
  // Four cached positions of room for eleven; one and three new queries.
  for (const queries of [1, 3]) {
    using buffers = new KernelBuffers(device);
    const sizes = {
      batch: 2,
      queries,
      keys: 4 + queries,
      heads: 4,
      kvHeads: 2,
      headSize: 10,
      start: 4,
      capacity: 11,
    };
    const data = [
      randomData(2 * queries * 4 * 10, 1),
      randomData(2 * 11 * 2 * 10, 2),
      randomData(2 * 11 * 2 * 10, 3),
    ];
    const [q, k, v] = data.map((d) => buffers.put(d)) as [never, never, never];
    const o = buffers.empty(data[0]!.length);
    const lse = buffers.empty(2 * 4 * queries);
    kernels.attention(device, { q, k, v, o, lse }, sizes);
    const [x, y, z] = data as [Float32Array, Float32Array, Float32Array];
    const expected = kernels.attentionReference(x, y, z, sizes);
    assertClose(await buffers.get(o), expected, { rtol: 1e-5, atol: 1e-6 });
  }
});
