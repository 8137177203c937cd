/**
 * The kernels that only a Llama needs: rotary embedding and SwiGLU.
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
