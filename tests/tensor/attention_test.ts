/**
 * The operator of attention: its masks reach the kernel in both passes, and
 * what does not fit is refused. The numbers are the kernels' test.
 */
import * as kernels from "../../lib/kernels/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import { ConfigError, DTypeError, ShapeError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { assertGradient } from "../support/central_differences.ts";
import { deviceTest } from "../support/devices.ts";
import { randomData } from "../support/kernel_buffers.ts";

const [B, T, H, G, D] = [2, 9, 4, 2, 4];
const SHAPES = [[B, T, H, D], [B, T, G, D], [B, T, G, D]];
const DATA = SHAPES.map((shape, i) =>
  randomData(shape.reduce((n, size) => n * size), i + 1)
);
const IDS = Int32Array.from({ length: B * T }, (_, i) => (i % T) >> 2);

deviceTest("attention() hides by window and document", async (device) => {
  for (const isCausal of [true, false]) {
    await t.scoped(async () => {
      const [q, k, v] = DATA.map((data, i) =>
        t.tensor(data, { shape: SHAPES[i]!, device, requiresGrad: true })
      ) as [t.Tensor, t.Tensor, t.Tensor];
      const documents = t.tensor(IDS, { shape: [B, T], device });
      const options = { isCausal, window: 3, documents };
      const out = t.attention(q, k, v, options);
      const f = (...x: ArrayLike<number>[]) =>
        kernels.attentionReference(x[0]!, x[1]!, x[2]!, {
          batch: B,
          queries: T,
          keys: T,
          heads: H,
          kvHeads: G,
          headSize: D,
          start: 0,
          capacity: T,
          isCausal,
          window: 3,
        }, { documents: IDS });
      assertClose(await out.data(), f(...DATA), { rtol: 1e-5, atol: 1e-6 });
      const weights = randomData(out.size, 9);
      const gradient = t.tensor(weights, { shape: out.shape, device });
      t.backward(out, { gradient });
      for (const [i, input] of [q, k, v].entries()) {
        const actual = await input.grad!.data();
        const close = { rtol: 1e-4, atol: 1e-5, name: `input ${i}` };
        assertGradient(f, DATA, weights, i, actual, close);
      }
    });
  }
});

deviceTest("attention() refuses masks that do not fit", async (device) => {
  await t.scoped(async () => {
    const [q, k] = SHAPES.map((shape) => t.zeros(shape, { device })) as [
      t.Tensor,
      t.Tensor,
    ];
    const run = (options: t.AttentionOptions) => () =>
      t.attention(q, k, k, options);
    await assertFails(run({ window: 0 }), ConfigError, /window of 0/);
    await assertFails(run({ window: 1.5 }), ConfigError, /window of 1.5/);
    const ids = (shape: number[]) =>
      t.tensor(new Int32Array(shape[0]! * shape[1]!), { shape, device });
    await assertFails(
      run({ documents: ids([T, B]) }),
      ShapeError,
      /documents \(9, 2\).*wanted \(2, 9\)/,
    );
    const numbers = t.zeros([B, T], { device });
    await assertFails(run({ documents: numbers }), DTypeError, /int32/);
    const few = t.zeros([B, T - 1, G, D], { device });
    const short = () => t.attention(q, few, few);
    await assertFails(short, ShapeError, /positions 0\.\.8 to 8 keys/);
  });
});
