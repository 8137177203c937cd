/**
 * The contest between variants, run for real: a variant that computes something
 * else must never win, however fast it is, and one that does not compile must
 * not stop the others.
 */
import assert from "node:assert/strict";
import { defineKernel } from "../../lib/device/mod.ts";
import { findAdapter } from "../../lib/device/webgpu/adapter.ts";
import { WebGpuDevice } from "../../lib/device/webgpu/device.ts";
import { TuningCache, tuningPath } from "../../lib/device/webgpu/tuning.ts";
import { matmul } from "../../lib/kernels/mod.ts";
import { directVariant } from "../../lib/kernels/matmul_direct.ts";
import { tiledVariant } from "../../lib/kernels/matmul_tiled.ts";
import { fastestMatmul } from "../../lib/kernels/matmul_tuning.ts";
import {
  MATMUL_PARAMS,
  matmulBuffers,
  type MatmulSizes,
  type MatmulVariant,
} from "../../lib/kernels/matmul_variant.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";

function broken(name: string, wgsl: string): MatmulVariant {
  const kernel = defineKernel({
    name,
    buffers: matmulBuffers(true),
    params: MATMUL_PARAMS,
    workgroupSize: 64,
    wgsl,
  });
  return { kernel, rows: 64, columns: 64, depth: 4 };
}

// Quick, and right in the first vector of C alone at best.
const wrong = broken(
  "matmulWrong",
  "fn kernel(group: u32, lane: u32) { c[0] = a[0] * b[0] * f32(p.k); }",
);
const invalid = broken("matmulInvalid", "fn kernel(group: u32) {}");

const SIZES: MatmulSizes = {
  batch: 1,
  m: 256,
  n: 256,
  k: 256,
  transposeA: false,
  transposeB: false,
  strideA: 0,
  strideB: 0,
};

deviceTest(
  "fastestMatmul() takes the fastest that is right",
  async (device) => {
    const variants = {
      wrong: () => wrong,
      invalid: () => invalid,
      direct: directVariant,
      small: (sizes: MatmulSizes) => tiledVariant("small", sizes),
    };
    type Name = keyof typeof variants;
    const contest = (...names: Name[]) =>
      fastestMatmul(device, SIZES, {
        names,
        variant: (name, sizes) => variants[name as Name](sizes),
        tolerance: 1e-6,
      });
    const { liveBuffers } = device.memory();
    assert.equal(await contest("wrong", "direct"), "direct");
    assert.equal(await contest("invalid", "wrong", "small"), "small");
    assert.match(await contest("direct", "small"), /^(direct|small)$/);
    // Nothing is right: the first, which the table chose, goes on.
    assert.equal(await contest("wrong"), "wrong");
    assert.equal(device.memory().liveBuffers, liveBuffers);
  },
  ["webgpu"],
);

deviceTest(
  "a device tunes while the program waits, then uses it",
  () =>
    inFolder(async (folder) => {
      const adapter = await findAdapter();
      const path = tuningPath(adapter.name, folder);
      const key = "matmul float32 NN4 1x256x256x256";
      using device = await WebGpuDevice.open(
        adapter,
        new TuningCache(path, "on"),
      );
      const [a, b, c] = [0, 1, 2].map(() => device.allocate(4 << 16, "m"));
      device.write(a!, new Float32Array(1 << 16).fill(1));
      device.write(b!, new Float32Array(1 << 16).fill(2));
      matmul(device, { a: a!, b: b!, c: c! }, SIZES);
      const result = new Float32Array(await device.read(c!, 0, 4 << 16));
      assert.ok(result.every((x) => x === 512));
      const { [key]: choice, ...others } = JSON.parse(
        await Deno.readTextFile(path),
      );
      assert.match(choice, /^(direct|small|dense)$/);
      assert.deepEqual(others, {});
      const { liveBuffers, pooledBytes } = device.memory();
      assert.equal(liveBuffers, 3);
      assert.equal(pooledBytes, 0); // room for the measurement was given back

      // Another device takes the choice from the file.
      await Deno.writeTextFile(path, JSON.stringify({ [key]: "small" }));
      using later = await WebGpuDevice.open(
        await findAdapter(),
        new TuningCache(path, "on"),
      );
      const buffers = [0, 1, 2].map(() => later.allocate(4 << 16, "m"));
      const [x, y, z] = buffers;
      later.startProfile();
      matmul(later, { a: x!, b: y!, c: z! }, SIZES);
      const rows = await later.stopProfile();
      assert.equal(rows[0]!.kernel, "matmulTiled_small_NN4");
    }),
  ["webgpu"],
);
