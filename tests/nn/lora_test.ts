/**
 * A changed weight against the sum that it stands for, in double precision;
 * single precision over rows of 5 gives 1e-6.
 */
import assert from "node:assert/strict";
import { project } from "../../lib/nn/mod.ts";
import { backward, sum, tensor } from "../../lib/tensor/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { randomData } from "../support/kernel_buffers.ts";

deviceTest(
  "project() adds scale · up · down to a weight and leaves it",
  async (device) => {
    const [B, inSize, outSize, r, scale] = [3, 5, 4, 2, 1.5];
    const make = (seed: number, shape: [number, number]) => {
      const data = randomData(shape[0] * shape[1], seed);
      return { data, x: tensor(data, { shape, device }) };
    };
    const x = make(1, [B, inSize]);
    const base = make(2, [outSize, inSize]);
    const down = make(3, [r, inSize]);
    const up = make(4, [outSize, r]);
    down.x.requiresGrad = true;
    up.x.requiresGrad = true;
    const change = { down: down.x, up: up.x, scale };
    const y = project(x.x, { base: base.x, change });
    const expected = Float64Array.from({ length: B * outSize }, (_, at) => {
      const [b, o] = [Math.floor(at / outSize), at % outSize];
      let total = 0;
      for (let i = 0; i < inSize; i++) {
        let weight = base.data[o * inSize + i]!;
        for (let k = 0; k < r; k++) {
          weight += scale * up.data[o * r + k]! * down.data[k * inSize + i]!;
        }
        total += x.data[b * inSize + i]! * weight;
      }
      return total;
    });
    const tolerance = { atol: 2e-6, rtol: 2e-6 };
    assertClose(await y.data(), expected, tolerance);

    using total = sum(y);
    backward(total);
    assert.equal(base.x.grad, undefined, "the weight stays as it is");
    // d Σy / d up[o, k] = scale · Σ_b Σ_i x[b, i] down[k, i]
    const slopes = Float64Array.from({ length: outSize * r }, (_, at) => {
      let total = 0;
      for (let b = 0; b < B; b++) {
        for (let i = 0; i < inSize; i++) {
          total += x.data[b * inSize + i]! * down.data[(at % r) * inSize + i]!;
        }
      }
      return scale * total;
    });
    assertClose(await up.x.grad!.data(), slopes, tolerance);
    for (const t of [x.x, base.x, y, down.x, up.x, up.x.grad!, down.x.grad!]) {
      t.dispose();
    }
  },
);
