/**
 * AdamW of many tensors with clipping by the global norm, against its
 * reference. Tolerance: five steps of single precision.
 */
import * as kernels from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

// More tensors than a launch takes, sizes 1, odd and larger than a chunk.
const SIZES = [1, 7, 16384, 40001, 64, 5, 3, 2, 129];

deviceTest("globalNorm() is the root of all squares", async (device) => {
  for (const count of [1, 4, SIZES.length]) {
    using buffers = new KernelBuffers(device);
    const data = SIZES.slice(0, count).map((n, i) => randomData(n, i));
    const tensors = data.map((d) => ({
      buffer: buffers.put(d),
      size: d.length,
    }));
    const norm = buffers.empty(1);
    kernels.globalNorm(device, tensors, norm);
    const squares = data.flatMap((d) => [...d]).reduce((s, x) => s + x * x, 0);
    assertClose(await buffers.get(norm), [Math.sqrt(squares)], { rtol: 1e-6 });
  }
});

for (const clip of [1, Infinity]) {
  deviceTest(
    `adamw() with clip ${clip} equals its reference`,
    async (device) => {
      for (const sizes of [[1], [5, 1000], [130, 3, 4001]]) {
        using buffers = new KernelBuffers(device);
        const exact = sizes.map((size, i) => ({
          weight: Float64Array.from(randomData(size, i)),
          grad: Float64Array.from(randomData(size, i + 10)),
          m: new Float64Array(size),
          v: new Float64Array(size),
        }));
        const put = (x: Float64Array) => buffers.put(Float32Array.from(x));
        const tensors = exact.map(({ weight, grad, m, v }, i) => ({
          weight: put(weight),
          grad: put(grad),
          m: put(m),
          v: put(v),
          size: weight.length,
          weightDecay: 0.1 * i,
        }));
        const norm = buffers.empty(1);
        const length = Math.hypot(...exact.flatMap(({ grad }) => [...grad]));
        for (let step = 1; step <= 5; step++) {
          const numbers = {
            learningRate: 0.01,
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            clip,
            step,
          };
          const gradients = tensors.map(({ grad, size }) => ({
            buffer: grad,
            size,
          }));
          kernels.globalNorm(device, gradients, norm);
          kernels.adamw(device, norm, tensors, numbers);
          for (const [i, tensor] of exact.entries()) {
            kernels.adamwReference(tensor, length, 0.1 * i, numbers);
          }
        }
        for (const [i, { weight, m, v }] of tensors.entries()) {
          const wanted = exact[i]!;
          const close = { atol: 1e-6 };
          assertClose(await buffers.get(weight), wanted.weight, close);
          assertClose(await buffers.get(m), wanted.m, close);
          const small = { rtol: 1e-5, atol: 1e-12 };
          assertClose(await buffers.get(v), wanted.v, small);
        }
      }
    },
  );
}
