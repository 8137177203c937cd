/**
 * The few words that a kernel for matrix units is written in, in two tongues:
 * native WGSL (Dawn's subgroup matrices) and plain WGSL that computes the same
 * on any GPU. So the kernel's own text, tiles, edges and barriers run in tests
 * where no GPU with matrix units is at hand.
 *
 * A *factor* is a piece of a tile in workgroup memory, (m, k) on the left and
 * (k, n) on the right; a *sum* is an (m, n) result that the invocations of a
 * subgroup hold together.
 *
 * @module
 */
import type { MatrixUnit } from "../device/mod.ts";

/** How a factor lies in its tile: elements from one row or column to the next. */
export interface FactorLayout {
  /** Name of the workgroup array. */
  readonly tile: string;
  readonly pitch: number;
  /** Whether the rows of the factor lie one after the other. */
  readonly isRowMajor: boolean;
}

/** What the words need to know. */
export interface MatrixSetting {
  readonly unit: MatrixUnit;
  readonly left: FactorLayout;
  readonly right: FactorLayout;
  /** Name of the workgroup array of f32 that sums are stored to. */
  readonly patch: string;
  /** Invocations that hold a sum together. */
  readonly subgroupSize: number;
}

/** WGSL for the operations on matrices; `at` is an offset in elements. */
export interface MatrixWords {
  readonly directives: string;
  /** Types and functions, outside of functions. */
  readonly declarations: string;
  /** First statement of a kernel. */
  readonly begin: string;
  /** Type of a sum; a variable of it starts at zero. */
  readonly sumType: string;
  left(at: string): string;
  right(at: string): string;
  /** left · right + sum. */
  multiplyAdd(left: string, right: string, sum: string): string;
  /** Statement that stores a sum row by row. */
  store(sum: string, at: string): string;
}

const enable = (...names: string[]) =>
  names.map((name) => `enable ${name};`).join("\n");

/** Dawn's subgroup matrices. */
export function nativeMatrixWords(setting: MatrixSetting): MatrixWords {
  const { unit: { input, m, n, k }, left, right, patch } = setting;
  const load = (type: string, { tile, pitch, isRowMajor }: FactorLayout) => {
    const order = isRowMajor ? "row_major" : "col_major";
    return (at: string) =>
      `subgroupMatrixLoad<${type}, ${order}>(&${tile}, ${at}, ${pitch}u)`;
  };
  return {
    // The offsets depend on the subgroup, which the analysis cannot see to be
    // the same for all of its invocations.
    directives: enable(
      ...(input === "f16" ? ["f16"] : []),
      "chromium_experimental_subgroup_matrix",
    ) + "\ndiagnostic(off, chromium.subgroup_matrix_uniformity);",
    declarations: `
alias Left = subgroup_matrix_left<${input}, ${k}, ${m}>;
alias Right = subgroup_matrix_right<${input}, ${n}, ${k}>;
alias Sum = subgroup_matrix_result<f32, ${n}, ${m}>;`,
    begin: "",
    sumType: "Sum",
    left: load("Left", left),
    right: load("Right", right),
    multiplyAdd: (left, right, sum) =>
      `subgroupMatrixMultiplyAccumulate(${left}, ${right}, ${sum})`,
    store: (sum, at) =>
      `subgroupMatrixStore<row_major>(&${patch}, ${at}, ${sum}, ${n}u);`,
  };
}

/**
 * The same in plain WGSL: an invocation holds elements that lie a subgroup
 * apart. Loops end at numbers that a compiler cannot see through: lavapipe takes
 * minutes to compile them unrolled.
 */
export function emulatedMatrixWords(setting: MatrixSetting): MatrixWords {
  const { unit: { input, m, n, k }, left, right, patch } = setting;
  const { subgroupSize } = setting;
  const each = Math.ceil(m * n / subgroupSize);
  const element = (
    { tile, pitch, isRowMajor }: FactorLayout,
    at: string,
    row: string,
    column: string,
  ) => {
    const [outer, inner] = isRowMajor ? [row, column] : [column, row];
    return `f32(${tile}[${at} + ${outer} * ${pitch}u + ${inner}])`;
  };
  return {
    directives: input === "f16" ? enable("f16") : "",
    declarations: `
alias Sum = array<f32, ${each}>;
var<private> member: u32;
var<private> elements: u32;
var<private> terms: u32;
fn multiplyAdd(left: u32, right: u32, sum: Sum) -> Sum {
  var out = sum;
  for (var i = 0u; i < elements; i++) {
    let row = (member + i * ${subgroupSize}u) / ${n}u;
    let column = (member + i * ${subgroupSize}u) % ${n}u;
    if (row >= ${m}u) { break; }
    for (var k = 0u; k < terms; k++) {
      out[i] = fma(${element(left, "left", "row", "k")},
        ${element(right, "right", "k", "column")}, out[i]);
    }
  }
  return out;
}
fn storeSum(sum: Sum, at: u32) {
  var values = sum;
  for (var i = 0u; i < elements; i++) {
    let element = member + i * ${subgroupSize}u;
    if (element < ${m * n}u) { ${patch}[at + element] = values[i]; }
  }
}`,
    begin: `member = lane % ${subgroupSize}u;
  elements = ${each}u + (p.m >> 31u);
  terms = ${k}u + (p.m >> 31u);`,
    sumType: "Sum",
    left: (at) => at,
    right: (at) => at,
    multiplyAdd: (left, right, sum) => `multiplyAdd(${left}, ${right}, ${sum})`,
    store: (sum, at) => `storeSum(${sum}, ${at});`,
  };
}
