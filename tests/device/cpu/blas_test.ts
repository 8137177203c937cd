/**
 * Products through the system's BLAS are those of our own kernel, and the
 * environment says whether it is used. Skipped where no BLAS is installed
 * (Debian: libopenblas0-pthread).
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bindBlas, findBlas } from "../../../lib/device/cpu/blas.ts";
import { TILES } from "../../../lib/device/cpu/tile.ts";
import { openDevice } from "../../../lib/device/mod.ts";
import { matmul, matmulReference } from "../../../lib/kernels/mod.ts";
import { DeviceError } from "../../../lib/util/mod.ts";
import { assertClose, assertFails } from "../../support/assert_close.ts";
import { KernelBuffers, randomData } from "../../support/kernel_buffers.ts";
import {
  checkProducts,
  productMemory,
  productTolerance,
} from "./gemm_products.ts";
import { withEnv } from "./with_env.ts";

const withBlas = <T>(value: string | undefined, fn: () => T | Promise<T>) =>
  withEnv({ CADERNO_BLAS: value }, fn);

const blas = await withEnv({ CADERNO_BLAS: undefined }, findBlas);

function blasTest(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: blas ? name : `${name} (skipped: no BLAS on this machine)`,
    ignore: !blas,
    fn,
  });
}

blasTest("BLAS multiplies like plain loops", async () => {
  const memory = productMemory();
  const sgemm = bindBlas(blas, memory);
  let calls = 0;
  await checkProducts(TILES[0]!, memory, (...words) => {
    calls++;
    return sgemm(...words);
  });
  // 3 of 7 sizes are large enough, in 4 layouts, with and without the old C.
  assert.equal(calls, 24);
});

blasTest("bindBlas() reaches memory that grew", async () => {
  const memory = productMemory();
  const sgemm = bindBlas(blas, memory);
  memory.grow(1000);
  await checkProducts(TILES[0]!, memory, sgemm);
});

for (const value of [undefined, "off"]) {
  blasTest(
    `the device multiplies ${value ? "without" : "with"} BLAS`,
    () =>
      withBlas(value, async () => {
        using device = await openDevice("cpu");
        assert.equal(device.description.includes(blas!.name), !value);
        const [m, n, k, batch] = [150, 70, 90, 3];
        for (const layout of ["NN", "NT", "TN", "TT"]) {
          const a = randomData(batch * m * k, 1);
          const b = randomData(batch * k * n, 2);
          const sizes = {
            batch,
            m,
            n,
            k,
            transposeA: layout[0] === "T",
            transposeB: layout[1] === "T",
            strideA: m * k,
            strideB: k * n,
          };
          using buffers = new KernelBuffers(device);
          const c = buffers.empty(batch * m * n);
          matmul(device, { a: buffers.put(a), b: buffers.put(b), c }, sizes);
          const expected = matmulReference(a, b, sizes);
          assertClose(await buffers.get(c), expected, {
            ...productTolerance(k),
            name: layout,
          });
        }
      }),
  );
}

Deno.test("CADERNO_BLAS names a library or fails", async () => {
  const fails = (value: string, text: RegExp) =>
    withBlas(value, () => assertFails(findBlas, DeviceError, text));
  await fails("/nowhere/libblas.so", /CADERNO_BLAS=\/nowhere.*"off" or a lib/s);
  await withBlas("off", () => assert.equal(findBlas(), undefined));
  if (!blas) return;
  const { path } = blas;
  await withBlas(path, () => assert.equal(findBlas()?.path, path));
});

Deno.test("the device opens without the permission for FFI", async () => {
  const mod = new URL("../../../lib/device/mod.ts", import.meta.url);
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--no-prompt"],
      ...["--allow-read", "--allow-env", "--allow-sys", "-"],
    ],
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    env: { NO_COLOR: "1", CADERNO_BLAS: "" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const input = process.stdin.getWriter();
  await input.write(new TextEncoder().encode(
    `import { openDevice } from "${mod}";
     console.log((await openDevice("cpu")).description);`,
  ));
  await input.close();
  const { success, stdout } = await process.output();
  assert.ok(success);
  const text = new TextDecoder().decode(stdout);
  assert.match(text, /^CPU: WebAssembly SIMD, \d+ threads/);
  assert.doesNotMatch(text, /BLAS|BLIS|MKL|Accelerate/);
});
