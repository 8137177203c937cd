/**
 * Products on the CPU device, best GFLOP/s, on one thread and on all: in
 * WebAssembly as Deno comes, with V8's fast flags, and through the system's
 * BLAS, beside a C program that calls the same BLAS.
 *
 * Bars: one thread at 512 to 1024 at least 45 as Deno comes and 85 with the
 * fast flags, 1.7 times that on two, 10 at 64; BLAS at least 90 % of C's.
 */
import { fileURLToPath } from "node:url";
import { openDevice } from "../../lib/device/mod.ts";
import { matmul } from "../../lib/kernels/mod.ts";
import { formatTable } from "../../lib/util/mod.ts";
import { CPU_MODES, MEASURE, measureIn, report } from "../support/cpu_modes.ts";

/** m, k, n and layout: squares, and the products of a small Llama. */
const PRODUCTS = [
  [64, 64, 64, "NN"],
  [256, 256, 256, "NN"],
  [512, 512, 512, "NN"],
  [1024, 1024, 1024, "NN"],
  [2048, 256, 688, "NN"],
  [2048, 256, 688, "NT"],
  [256, 2048, 688, "TN"],
] as const;
const ROUNDS = 11;
/** Milliseconds before: V8 makes the way into the library fast on the way. */
const WARM_UP = 200;

async function measure(): Promise<number[]> {
  using device = await openDevice("cpu");
  return PRODUCTS.map(([m, k, n, layout]) => {
    const buffers = {
      a: device.allocate(4 * m * k, "a"),
      b: device.allocate(4 * k * n, "b"),
      c: device.allocate(4 * m * n, "c"),
    };
    const sizes = {
      ...{ batch: 1, m, n, k, strideA: 0, strideB: 0 },
      transposeA: layout[0] === "T",
      transposeB: layout[1] === "T",
    };
    const flops = 2 * m * n * k;
    const count = Math.max(1, Math.floor(5e8 / flops));
    const warm = performance.now() + WARM_UP;
    while (performance.now() < warm) matmul(device, buffers, sizes);
    let best = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      const begin = performance.now();
      for (let i = 0; i < count; i++) matmul(device, buffers, sizes);
      best = Math.min(best, (performance.now() - begin) / count / 1000);
    }
    for (const buffer of Object.values(buffers)) device.free(buffer);
    return flops / best / 1e9;
  });
}

/** The same by a C program, or undefined without compiler or OpenBLAS. */
async function measureC(threads: number): Promise<number[] | undefined> {
  const source = new URL("./blas_caller.c", import.meta.url);
  const program = await Deno.makeTempFile();
  try {
    const compiled = await new Deno.Command("cc", {
      args: [
        ...["-O2", "-o", program, fileURLToPath(source)],
        "-l:libopenblas.so.0",
      ],
      stderr: "null",
    }).output();
    if (!compiled.success) return undefined;
    const { stdout } = await new Deno.Command(program, {
      args: [String(threads), ...PRODUCTS.map((product) => product.join())],
    }).output();
    return new TextDecoder().decode(stdout).trim().split(" ").map(Number);
  } catch {
    return undefined; // no compiler
  } finally {
    await Deno.remove(program);
  }
}

async function main(): Promise<void> {
  const all = navigator.hardwareConcurrency;
  const rows: string[][] = [];
  for (const threads of all > 1 ? [1, all] : [1]) {
    const add = (name: string, cells: readonly string[]) =>
      rows.push([`${name}, ${threads}`, ...cells]);
    const whole = (rate: number) => rate.toFixed(0);
    let blas: number[] | undefined;
    for (const mode of CPU_MODES) {
      const env = { CADERNO_THREADS: String(threads) };
      const rates = await measureIn<number[]>(import.meta.url, mode, env);
      add(mode.name, rates.map(whole));
      if (mode.env["CADERNO_BLAS"] !== "off") blas = rates;
    }
    const c = await measureC(threads);
    if (!c) continue;
    add("C on OpenBLAS", c.map(whole));
    const percent = (rate: number, i: number) =>
      `${whole(100 * rate / c[i]!)} %`;
    if (blas) add("BLAS here / in C", blas.map(percent));
  }
  const names = PRODUCTS.map(([m, k, n, layout]) => `${m}x${k}x${n} ${layout}`);
  console.log(formatTable([["GFLOP/s, threads", ...names], ...rows]));
}

if (Deno.args.includes(MEASURE)) report(await measure());
else await main();
