/**
 * Attention on matrix units, twice: the kernels' text with emulated units
 * against plain loops in double precision, and the native text through Dawn's
 * compiler on its null back end, which has every feature and computes nothing.
 *
 * The references round factors as the kernels do, so most elements differ by
 * sums of single precision alone. A weight within 1e-6 of the middle between
 * two numbers of f16 may go to the other one: that is 2^-10 of it at most, for
 * a few weights of many.
 */
import assert from "node:assert/strict";
import type { Device, MatrixUnit } from "../../lib/device/mod.ts";
import {
  attention,
  attentionBackward,
  attentionBackwardReference,
  attentionReference,
  type AttentionSizes,
} from "../../lib/kernels/mod.ts";
import {
  type AttentionPass,
  fitsMatrixAttention,
  MATRIX_STAGES,
  matrixKernel,
} from "../../lib/kernels/attention_matrix.ts";
import {
  ATTENTION_TILES,
  type AttentionTileName,
  type MatrixAttention,
} from "../../lib/kernels/attention_matrix_tile.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";
import { complaints, openNullMatrixDevice } from "../support/null_gpu.ts";

const unit = (m: number, n: number, k: number): MatrixUnit => ({
  ...{ input: "f16", result: "f32", m, n, k },
});

// NVIDIA and AMD; Intel; NVIDIA's turned shape.
const UNITS = [unit(16, 16, 16), unit(8, 16, 16), unit(16, 8, 16)] as const;
const SQUARE = UNITS[0];
const round = Math.f16round;

/** Elements that may lie at a weight that was rounded the other way. */
const FEW = 0.05;
/** No factor of the tests' normal numbers is larger. */
const LARGEST = 5;

/** Close as sums of single precision are, but for few that are f16's. */
function assertRounded(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  name: string,
): void {
  assertClose(actual, expected, { atol: LARGEST * 2 ** -10, name });
  const far = Array.from(actual).filter((x, i) =>
    Math.abs(x - expected[i]!) > 1e-5 * (1 + Math.abs(expected[i]!))
  );
  const message = `${name}: ${far.length} of ${actual.length} are far`;
  assert.ok(far.length <= FEW * actual.length, message);
}

async function check(
  device: Device,
  choice: MatrixAttention,
  sizes: AttentionSizes,
  documents?: Int32Array<ArrayBuffer>,
): Promise<void> {
  const { batch, queries, keys, heads, kvHeads, headSize } = sizes;
  using buffers = new KernelBuffers(device);
  const qSize = batch * queries * heads * headSize;
  const kvSize = batch * keys * kvHeads * headSize;
  const data = [qSize, kvSize, kvSize].map((n, i) => randomData(n, i + 1));
  const [q, k, v] = data.map((x) => x.map(round)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const inputs = {
    q: buffers.put(data[0]!),
    k: buffers.put(data[1]!),
    v: buffers.put(data[2]!),
    ...documents && { documents: buffers.put(documents) },
  };
  const results = {
    o: buffers.empty(qSize),
    lse: buffers.empty(batch * heads * queries),
  };
  const name = `${choice.tile} ${JSON.stringify(sizes)}`;
  attention(device, { ...inputs, ...results }, sizes, { variant: choice });
  const lse = new Float64Array(batch * heads * queries);
  const o = attentionReference(q, k, v, sizes, { lse, documents, round });
  assertClose(await buffers.get(results.lse), lse, {
    ...{ rtol: 1e-5, atol: 3e-6, name: `${name} lse` },
  });
  assertRounded(await buffers.get(results.o), o, `${name} o`);

  const dO = randomData(qSize, 4);
  const known = { o: Float32Array.from(o), lse: Float32Array.from(lse) };
  const gradients = {
    dQ: buffers.empty(qSize),
    dK: buffers.empty(kvSize),
    dV: buffers.empty(kvSize),
  };
  attentionBackward(
    device,
    {
      ...inputs,
      ...gradients,
      o: buffers.put(known.o),
      lse: buffers.put(known.lse),
      dO: buffers.put(dO),
    },
    sizes,
    { variant: choice },
  );
  const expected = attentionBackwardReference(q, k, v, sizes, {
    ...known,
    ...{ dO, documents, round },
  });
  for (const [i, d] of (["dQ", "dK", "dV"] as const).entries()) {
    const gradient = await buffers.get(gradients[d]);
    assertRounded(gradient, expected[i]!, `${name} ${d}`);
  }
}

/** Two heads that share keys and values, unless told otherwise. */
function sizesOf(
  time: number,
  rest: Partial<AttentionSizes> = {},
): AttentionSizes {
  return {
    ...{ batch: 1, queries: time, keys: time, capacity: time, start: 0 },
    ...{ heads: 2, kvHeads: 1, headSize: 64 },
    ...rest,
  };
}

const emulated = (
  tile: AttentionTileName,
  { unit = SQUARE, subgroupSize = 32 }: Partial<MatrixAttention> = {},
): MatrixAttention => ({ tile, unit, subgroupSize, isEmulated: true });

/** A test where the driver has f16. */
function unitTest(name: string, fn: (device: Device) => Promise<void>): void {
  deviceTest(`attention() on matrix units ${name}`, async (device) => {
    if (device.gpu!.hasF16) await fn(device);
  }, ["webgpu"]);
}

unitTest("equals plain loops at any length", async (device) => {
  const choice = emulated("matrix32x16");
  // One; less than a tile; whole blocks and tiles; odd, three blocks.
  for (const time of [1, 5, 64, 75]) await check(device, choice, sizesOf(time));
  const groups = { batch: 2, heads: 6, kvHeads: 2 };
  await check(device, choice, sizesOf(37, groups));
});

unitTest("sees what its mask shows", async (device) => {
  const choice = emulated("matrix32x16");
  for (const isCausal of [true, false]) {
    for (const window of [1, 13]) {
      await check(device, choice, sizesOf(70, { isCausal, window }));
    }
    const batch = 2, time = 45;
    const documents = Int32Array.from(
      { length: batch * time },
      (_, i) => Math.floor(Math.sqrt(i)) % 5, // one comes back
    );
    const sizes = sizesOf(time, { batch, isCausal });
    await check(device, choice, sizes, documents);
    await check(device, choice, { ...sizes, window: 6 }, documents);
  }
});

unitTest("looks from queries to other keys", async (device) => {
  const choice = emulated("matrix32x16");
  const others = { keys: 41, capacity: 41, isCausal: false };
  await check(device, choice, sizesOf(18, others));
  // The last of a longer text.
  const later = { start: 23, keys: 41, capacity: 41 };
  await check(device, choice, sizesOf(18, later));
});

// Software drivers compile each for seconds.
const SHAPES: readonly (readonly [MatrixAttention, headSize: number])[] = [
  [emulated("matrix16x16", { unit: UNITS[1], subgroupSize: 64 }), 32],
  [emulated("matrix16x16", { unit: UNITS[2], subgroupSize: 16 }), 48],
];

for (const [choice, headSize] of SHAPES) {
  const { tile, unit: { m, n, k }, subgroupSize } = choice;
  const name = `${m}x${n}x${k} by ${subgroupSize}, ${tile}, head ${headSize}`;
  unitTest(`equals plain loops: ${name}`, async (device) => {
    assert.ok(fitsMatrixAttention(choice, headSize, "backward", device.gpu!));
    await check(device, choice, sizesOf(27, { headSize }));
  });
}

Deno.test("native attention kernels compile without a warning", async () => {
  const { device, facts } = await openNullMatrixDevice();
  const found: string[] = [];
  let modules = 0, pipelines = 0;
  const compile = async (
    choice: MatrixAttention,
    headSize: number,
    pass: AttentionPass,
  ) => {
    // Whole pipelines want the adapter's own subgroups, and room.
    const isWhole = choice.subgroupSize === facts.subgroupSize &&
      fitsMatrixAttention(choice, headSize, pass, facts);
    for (const stage of MATRIX_STAGES[pass]) {
      const kernel = matrixKernel(choice, headSize, stage);
      found.push(...await complaints(device, kernel, isWhole));
      modules++;
      if (isWhole) pipelines++;
    }
  };
  try {
    for (const tile of ATTENTION_TILES) {
      for (const unit of UNITS) {
        for (const subgroupSize of [32, facts.subgroupSize]) {
          for (const headSize of [32, 64, 96, 128]) {
            const choice = { tile, unit, subgroupSize };
            await compile(choice, headSize, "forward");
            await compile(choice, headSize, "backward");
          }
        }
      }
    }
  } finally {
    device.destroy();
  }
  assert.deepEqual(found, []);
  assert.equal(modules, 480); // tiles, units, subgroups, heads, kernels
  assert.equal(pipelines, 60); // the two smallest tiles' fit the null back end
});
