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
  /** Invocations that hold a sum together. */
  readonly subgroupSize: number;
  /** Workgroup array of f32 that sums are stored to, and its row length. */
  readonly patch: { readonly tile: string; readonly pitch: number };
}

/** WGSL for products of two tiles; `at` is an offset in elements. */
export interface ProductWords {
  /** Functions, outside of functions. */
  readonly declarations: string;
  left(at: string): string;
  right(at: string): string;
  /** Statement that adds left · right to a variable of the type `Sum`. */
  multiplyAdd(left: string, right: string, sum: string): string;
}

/**
 * WGSL for the operations on matrices. `Sum()` is a sum of zero; in a loop it
 * has to be written: a variable without it kept the value of the last turn on
 * lavapipe.
 */
export interface MatrixWords {
  readonly directives: string;
  /** Types and functions, outside of functions. */
  readonly declarations: string;
  /** First statements of a kernel. */
  readonly begin: string;
  /** Words for two tiles; `name` is unique in the kernel. */
  product(name: string, left: FactorLayout, right: FactorLayout): ProductWords;
  /** Statement that stores a sum row by row. */
  store(sum: string, at: string): string;
  /** The end of a loop of constant length. */
  end(length: number): string;
}

const enable = (...names: string[]) =>
  names.map((name) => `enable ${name};`).join("\n");

/** Dawn's subgroup matrices. */
export function nativeMatrixWords(
  { unit: { input, m, n, k }, patch }: MatrixSetting,
): MatrixWords {
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
    product: (_, left, right) => ({
      declarations: "",
      left: load("Left", left),
      right: load("Right", right),
      multiplyAdd: (left, right, sum) =>
        `${sum} = subgroupMatrixMultiplyAccumulate(${left}, ${right}, ${sum});`,
    }),
    store: (sum, at) =>
      `subgroupMatrixStore<row_major>(&${patch.tile}, ${at}, ${sum}, ${patch.pitch}u);`,
    end: (length) => `${length}u`,
  };
}

/**
 * The same in plain WGSL: an invocation holds elements that lie a subgroup
 * apart. Loops end at numbers that a compiler cannot see through: lavapipe takes
 * minutes to compile them unrolled. Wants a parameter `batch`.
 */
export function emulatedMatrixWords(
  { unit: { input, m, n, k }, subgroupSize, patch }: MatrixSetting,
): MatrixWords {
  const each = Math.ceil(m * n / subgroupSize);
  const end = (length: number) => `(${length}u + zero)`;
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
var<private> zero: u32;
fn storeSum(sum: ptr<function, Sum>, at: u32) {
  for (var i = 0u; i < ${end(each)}; i++) {
    let element = member + i * ${subgroupSize}u;
    if (element < ${m * n}u) {
      ${patch.tile}[at + element / ${n}u * ${patch.pitch}u + element % ${n}u] =
        (*sum)[i];
    }
  }
}`,
    begin: `member = lane % ${subgroupSize}u;
  zero = p.batch >> 31u;`,
    product: (name, left, right) => ({
      declarations: `
fn ${name}Product(left: u32, right: u32, sum: ptr<function, Sum>) {
  for (var i = 0u; i < ${end(each)}; i++) {
    let element = member + i * ${subgroupSize}u;
    let row = element / ${n}u;
    let column = element % ${n}u;
    if (row >= ${m}u) { break; }
    var total = (*sum)[i];
    for (var k = 0u; k < ${end(k)}; k++) {
      total = fma(${element(left, "left", "row", "k")},
        ${element(right, "right", "k", "column")}, total);
    }
    (*sum)[i] = total;
  }
}`,
      left: (at) => at,
      right: (at) => at,
      multiplyAdd: (left, right, sum) =>
        `${name}Product(${left}, ${right}, &${sum});`,
    }),
    store: (sum, at) => `storeSum(&${sum}, ${at});`,
    end,
  };
}
