/**
 * Functions of four lanes against JavaScript's in double precision, in units
 * in the last place (ulp) of single precision, over their whole range.
 */
import assert from "node:assert/strict";
import { compileFamily } from "../../../lib/device/cpu/compile.ts";

const KERNELS = new URL("../../../lib/kernels/cpu/", import.meta.url);
const NAMES = ["exp4", "log4", "sigmoid4", "tanh4"] as const;
const family = {
  family: "math",
  source: `import { ${NAMES.join(", ")} } from "./math";` +
    NAMES.map((name) => `
export function ${name}All(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(y, ${name}(v128.load(x)));
    x += 16;
    y += 16;
  }
}`).join(""),
};
const memory = new WebAssembly.Memory({
  initial: 64,
  maximum: 65536,
  shared: true,
});
const { exports } = new WebAssembly.Instance(
  await compileFamily(family, 0, KERNELS),
  { env: { memory, abort: () => {} } },
);

/** The function of each number, in single precision. */
function apply(
  name: (typeof NAMES)[number],
  x: readonly number[] | Float32Array,
): Float32Array {
  const [from, to] = [1 << 20, 2 << 20];
  new Float32Array(memory.buffer).set(x, from / 4);
  (exports[`${name}All`] as CallableFunction)(from, to, x.length);
  return new Float32Array(memory.buffer, to, x.length).slice();
}

/** 100,000 numbers from `low` to `high`, in single precision. */
function between(low: number, high: number): Float32Array {
  const n = 100_000;
  return Float32Array.from(
    { length: n },
    (_, i) => low + (high - low) * i / (n - 1),
  );
}

/** Largest distance in units of the last place of the expected value. */
function worstUlp(
  actual: Float32Array,
  x: Float32Array,
  exact: (x: number) => number,
): number {
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    const expected = exact(x[i]!);
    const exponent = Math.floor(Math.log2(Math.abs(expected)));
    const ulp = 2 ** (Math.max(exponent, -126) - 23);
    const distance = Math.abs(actual[i]! - expected) / ulp;
    if (!(distance <= worst)) worst = distance; // NaN stays
  }
  return worst;
}

Deno.test("exp4() is within 2 ulp, and right at the ends", () => {
  for (const [low, high] of [[-86.9, 88.7], [-1, 1], [-1e-6, 1e-6]] as const) {
    const x = between(low, high);
    const worst = worstUlp(apply("exp4", x), x, Math.exp);
    assert.ok(worst <= 2, `${low} to ${high}: ${worst}`);
  }
  const ends = [NaN, -Infinity, Infinity, -1e30, -88, 89, 0, -0];
  assert.deepEqual(
    [...apply("exp4", ends)],
    [NaN, 0, Infinity, 0, 0, Infinity, 1, 1],
  );
});

Deno.test("log4() is within 2 ulp, and right at the ends", () => {
  // Next to 1 the result is small: its own ulp is what counts.
  for (const [low, high] of [[1e-30, 1e-3], [0.01, 100], [1, 3e38]] as const) {
    const x = between(low, high).filter((value) => value !== 1);
    const four = x.subarray(0, x.length & ~3);
    const worst = worstUlp(apply("log4", four), four, Math.log);
    assert.ok(worst <= 2, `${low} to ${high}: ${worst}`);
  }
  const ends = [NaN, -1, 0, Infinity, 1, -Infinity, -0, 2];
  assert.deepEqual(
    [...apply("log4", ends)],
    [NaN, NaN, -Infinity, Infinity, 0, NaN, -Infinity, Math.fround(Math.LN2)],
  );
});

Deno.test("sigmoid4() and tanh4() are within 4 ulp", () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  for (const [low, high] of [[-80, 80], [-1, 1]] as const) {
    const x = between(low, high);
    const worst = worstUlp(apply("sigmoid4", x), x, sigmoid);
    assert.ok(worst <= 4, `sigmoid, ${low} to ${high}: ${worst}`);
  }
  for (const [low, high] of [[-20, 20], [0.001, 0.5]] as const) {
    const x = between(low, high);
    const worst = worstUlp(apply("tanh4", x), x, Math.tanh);
    assert.ok(worst <= 4, `tanh, ${low} to ${high}: ${worst}`);
  }
});
