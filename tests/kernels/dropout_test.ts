/**
 * Dropout against plain loops over the random stream; the mask is a matter of
 * bits, so only the scaling has a tolerance of one rounding.
 */
import * as kernels from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

deviceTest("dropout() equals its reference", async (device) => {
  for (const size of [1, 7, 9, 64, 1001]) {
    for (const rate of [0, 0.1, 0.5, 0.999]) {
      using buffers = new KernelBuffers(device);
      const data = randomData(size);
      const mask = { rate, seed: 4_000_000_000, stream: "dropout" };
      const y = buffers.empty(size);
      kernels.dropout(device, { x: buffers.put(data), y }, size, mask);
      assertClose(
        await buffers.get(y),
        kernels.dropoutReference(data, mask),
        { rtol: 2e-7, name: `${size} at ${rate}` },
      );
    }
  }
});
