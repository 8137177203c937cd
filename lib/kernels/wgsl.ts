/**
 * Pieces of WGSL that several kernels share.
 *
 * @module
 */

/** A function that joins one value of each lane; every lane gets the result. */
function workgroupJoin(
  name: string,
  join: (a: string, b: string) => string,
): string {
  const values = `${name}Values`;
  return /* wgsl */ `
var<workgroup> ${values}: array<f32, WORKGROUP>;
fn ${name}(value: f32, lane: u32) -> f32 {
  workgroupBarrier(); // the values of an earlier call were read
  ${values}[lane] = value;
  for (var step = WORKGROUP / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) {
      ${values}[lane] = ${join(`${values}[lane]`, `${values}[lane + step]`)};
    }
  }
  workgroupBarrier();
  return ${values}[0];
}`;
}

/** `workgroupSum(value, lane)`: the sum over the workgroup. */
export const WORKGROUP_SUM = workgroupJoin(
  "workgroupSum",
  (a, b) => `${a} + ${b}`,
);

/** `workgroupTop(value, lane)`: the largest value of the workgroup. */
export const WORKGROUP_TOP = workgroupJoin(
  "workgroupTop",
  (a, b) => `max(${a}, ${b})`,
);

/** `workgroupBottom(value, lane)`: the smallest value of the workgroup. */
export const WORKGROUP_BOTTOM = workgroupJoin(
  "workgroupBottom",
  (a, b) => `min(${a}, ${b})`,
);

/** The lowest finite number: where a maximum starts. WGSL has no infinity. */
export const LOWEST = "-0x1.fffffep+127";
/** The highest finite number: where a minimum starts. */
export const HIGHEST = "0x1.fffffep+127";

/**
 * `threefry(counter)`: two random words of lib/util/random.ts, of the kernel's
 * parameters `key0` and `key1`. `unit(word)`: a number in [0, 1) of 24 bits.
 */
export const WGSL_THREEFRY = /* wgsl */ `
fn rotate(x: u32, bits: u32) -> u32 { return (x << bits) | (x >> (32u - bits)); }
fn threefry(counter: u32) -> vec2u {
  var keys = array<u32, 3>(p.key0, p.key1, 0x1bd11bdau ^ p.key0 ^ p.key1);
  var rotations = array<u32, 8>(13u, 15u, 26u, 6u, 17u, 29u, 16u, 24u);
  var x = vec2u(counter + p.key0, p.key1);
  for (var round = 0u; round < 20u; round++) {
    x.x += x.y;
    x.y = rotate(x.y, rotations[round & 7u]) ^ x.x;
    if ((round & 3u) == 3u) {
      let inject = (round >> 2u) + 1u;
      x.x += keys[inject % 3u];
      x.y += keys[(inject + 1u) % 3u] + inject;
    }
  }
  return x;
}
fn unit(word: u32) -> f32 { return f32(word >> 8u) * 0x1p-24; }`;
