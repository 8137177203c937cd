/**
 * Kernels that are bound by memory, as the share of what the same device
 * copies in the same run: bytes that must be read and written, over time.
 */
import { type Device, openDevice } from "../../lib/device/mod.ts";
import * as kernels from "../../lib/kernels/mod.ts";
import { formatTable, messageOf, Random } from "../../lib/util/mod.ts";

/** Elements: 16 MiB, more than a cache holds. */
const SIZE = 4 * 1024 * 1024;
const COLS = 1024, ROWS = SIZE / COLS;
const VOCAB = 4096, COUNT = 2048;

/** Seconds of one call, best of some, after one to warm up. */
async function time(device: Device, fn: () => void): Promise<number> {
  const calls = 4;
  let best = Infinity;
  for (let turn = 0; turn < 6; turn++) {
    await device.sync();
    const begin = performance.now();
    for (let i = 0; i < calls; i++) fn();
    await device.sync();
    if (turn > 0) best = Math.min(best, (performance.now() - begin) / calls);
  }
  return best / 1000;
}

async function bench(device: Device): Promise<void> {
  const buffer = (size: number) => {
    const made = device.allocate(size * 4, "bench");
    kernels.randomUniform(device, made, size, { seed: 1, stream: "bench" }, {
      low: 0.5,
      high: 1.5,
    });
    return made;
  };
  const [x, y, result] = [0, 1, 2].map(() => buffer(SIZE));
  const [weight, bias] = [buffer(COLS), buffer(COLS)];
  const [mean, scale] = [buffer(ROWS), buffer(ROWS)];
  const [a, b, c] = [x!, y!, result!];
  const random = new Random(1);
  const ids = device.allocate(4 * COUNT, "bench");
  device.write(
    ids,
    Int32Array.from({ length: COUNT }, () => random.int(VOCAB)),
  );
  const rows = { rows: ROWS, cols: COLS }, eps = 1e-5;
  const same = { xSize: SIZE, ySize: SIZE }, row = { ...same, ySize: COLS };
  const norm = { x: a, weight, mean, scale, dY: b };
  const table = { vocab: VOCAB, count: COUNT, cols: COLS };
  const view = (shape: number[], strides: number[]) => ({
    shape,
    strides,
    offset: 0,
  });
  const unary = (name: kernels.UnaryName) => () =>
    kernels.unary(device, name, { x: a, result: c }, SIZE);
  const sum = (outer: number, n: number, inner: number) => () =>
    kernels.reduce(device, "sum", { x: a, y: c }, { outer, n, inner });
  // name, tensors of SIZE elements that pass through memory, launch
  const cases: [string, number, () => void][] = [
    [
      "copy",
      2,
      () => kernels.gatherStrided(device, { x: a, y: c }, view([SIZE], [1])),
    ],
    ["fill", 1, () => kernels.fill(device, c, SIZE, 1)],
    ["affine", 2, () =>
      kernels.affine(device, { x: a, y: c }, {
        size: SIZE,
        scale: 2,
        shift: 1,
      })],
    ["exp", 2, unary("exp")],
    ["gelu", 2, unary("gelu")],
    ["sin", 2, unary("sin")],
    ["exp backward", 4, () =>
      kernels.unaryBackward(
        device,
        "exp",
        { x: a, r: a, d: b, result: c },
        SIZE,
      )],
    [
      "add",
      3,
      () =>
        kernels.binary(device, "add", { x: a, y: b, result: c }, SIZE, same),
    ],
    ["add a row", 2, () =>
      kernels.binary(
        device,
        "add",
        { x: a, y: weight, result: c },
        SIZE,
        row,
      )],
    ["where", 4, () =>
      kernels.where(
        device,
        { condition: a, x: a, y: b, result: c },
        SIZE,
        { ...same, conditionSize: SIZE },
      )],
    ["sum of all", 1, sum(1, SIZE, 1)],
    ["sum of rows", 1, sum(ROWS, COLS, 1)],
    ["sum of columns", 1, sum(1, ROWS, COLS)],
    [
      "argmax of rows",
      1,
      () =>
        kernels.argReduce(device, "argmax", { x: a, y: c }, {
          outer: ROWS,
          n: COLS,
          inner: 1,
        }),
    ],
    ["transpose", 2, () =>
      kernels.gatherStrided(
        device,
        { x: a, y: c },
        view([COLS, ROWS], [1, COLS]),
      )],
    ["softmax", 2, () => kernels.softmax(device, { x: a, y: c }, rows)],
    ["logSoftmax", 2, () => kernels.logSoftmax(device, { x: a, z: c }, rows)],
    [
      "rmsNorm",
      2,
      () => kernels.rmsNorm(device, { ...norm, y: c }, { ...rows, eps }),
    ],
    [
      "rmsNorm backward",
      3,
      () => kernels.rmsNormBackward(device, { ...norm, dX: c }, rows),
    ],
    ["rmsNorm weight", 2, () =>
      kernels.normBackwardWeight(
        device,
        { x: a, scale, dY: b, dWeight: c },
        rows,
      )],
    [
      "layerNorm",
      2,
      () =>
        kernels.layerNorm(device, { ...norm, bias, y: c }, { ...rows, eps }),
    ],
    [
      "layerNorm backward",
      3,
      () => kernels.layerNormBackward(device, { ...norm, dX: c }, rows),
    ],
    ["dropout", 2, () =>
      kernels.dropout(device, { x: a, y: c }, SIZE, {
        rate: 0.1,
        seed: 1,
        stream: "",
      })],
    [
      "embedding",
      2 * COUNT / ROWS,
      () => kernels.embedding(device, { weight: a, ids, y: c }, table),
    ],
    [
      "embedding backward",
      (COUNT + VOCAB) / ROWS,
      () =>
        kernels.embeddingBackward(device, { dY: a, ids, dWeight: c }, table),
    ],
    [
      "uniform",
      1,
      () =>
        kernels.randomUniform(device, c, SIZE, { seed: 1, stream: "" }, {
          low: 0,
          high: 1,
        }),
    ],
    [
      "normal",
      1,
      () =>
        kernels.randomNormal(device, c, SIZE, { seed: 1, stream: "" }, {
          mean: 0,
          std: 1,
        }),
    ],
  ];
  let limit = 0;
  const lines: (string | number)[][] = [["kernel", "ms", "GB/s", "of copy"]];
  for (const [name, tensors, launch] of cases) {
    const seconds = await time(device, launch);
    const rate = tensors * SIZE * 4 / seconds / 1e9;
    limit ||= rate; // the copy comes first
    lines.push([
      name,
      Number((seconds * 1000).toFixed(2)),
      Number(rate.toFixed(2)),
      Number((rate / limit).toFixed(2)),
    ]);
  }
  console.log(`${device.description}\n${formatTable(lines)}\n`);
  device.close();
}

for (const kind of ["cpu", "webgpu"] as const) {
  try {
    await bench(await openDevice(kind));
  } catch (error) {
    console.log(`${kind}: ${messageOf(error)}`);
  }
}
