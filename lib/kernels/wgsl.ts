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

/** The lowest finite number: where a maximum starts. WGSL has no infinity. */
export const LOWEST = "-0x1.fffffep+127";
