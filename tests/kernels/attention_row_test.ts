/**
 * Attention of few queries against plain loops in double precision. Tolerance:
 * sums of a hundred numbers in single precision.
 */
import { attentionReference } from "../../lib/kernels/mod.ts";
import { rowAttention } from "../../lib/kernels/attention_row.ts";
import { attentionParams } from "../../lib/kernels/attention_sizes.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

/** One key, a tile and a bit, many; grouped, windowed, of two documents. */
const CASES = [
  { queries: 1, keys: 1, heads: 1, kvHeads: 1, headSize: 4 },
  { queries: 1, keys: 65, heads: 4, kvHeads: 2, headSize: 32 },
  { queries: 3, keys: 200, heads: 3, kvHeads: 1, headSize: 96 },
  { queries: 1, keys: 130, heads: 2, kvHeads: 2, headSize: 64, window: 70 },
  { queries: 2, keys: 64, heads: 2, kvHeads: 1, headSize: 256 },
  { queries: 2, keys: 140, heads: 2, kvHeads: 2, headSize: 16, cut: 90 },
];

for (const { cut, ...sizes } of CASES) {
  const { queries, keys, heads, kvHeads, headSize } = sizes;
  const name = `attentionRow${headSize} of ${queries} x ${keys}`;
  deviceTest(`${name} equals plain loops`, async (device) => {
    const [batch, capacity, start] = [2, keys + 5, keys - queries];
    const s = { ...sizes, batch, capacity, start };
    using buffers = new KernelBuffers(device);
    const q = randomData(batch * queries * heads * headSize, 1);
    const [k, v] = [2, 3].map((seed) =>
      randomData(batch * capacity * kvHeads * headSize, seed)
    );
    const ids = Int32Array.from(
      { length: batch * capacity },
      (_, i) => Number(i % capacity >= (cut ?? 0)),
    );
    const documents = cut === undefined ? undefined : ids;
    const lse = new Float64Array(batch * heads * queries);
    const expected = attentionReference(q, k!, v!, s, { lse, documents });
    const all = {
      ...{ q: buffers.put(q), k: buffers.put(k!), v: buffers.put(v!) },
      documents: buffers.put(ids),
      ...{ o: buffers.empty(q.length), lse: buffers.empty(lse.length) },
    };
    const given = documents && all.documents;
    rowAttention(device, all, s, attentionParams(s, given));
    assertClose(await buffers.get(all.o), expected, { atol: 2e-6, rtol: 1e-5 });
    assertClose(await buffers.get(all.lse), lse, { atol: 1e-5, rtol: 1e-5 });
  }, ["webgpu"]);
}
