/**
 * AssemblyScript of the element-wise kernels, written from their expressions
 * (elementwise.ts): four elements a turn. Arguments that repeat are read in
 * runs, so that only the ends of a run divide.
 *
 * @module
 */

/** What the text of a kernel is written from. */
export interface ElementwiseText {
  readonly name: string;
  /** Arguments, in the order of their words, by the names of `cpu`. */
  readonly inputs: readonly string[];
  /** Those of them that begin again when their size is reached. */
  readonly repeated: readonly string[];
  /** Vector of four results. */
  readonly cpu: string;
}

/** What comes before the functions of the family. */
const HEAD = `import { exp4, log4, sigmoid4, tanh4 } from "./math";
import {
  cos4, geluTanh4, geluTanhByX4, log1p4, normalCdf4, normalPdf4, power4,
  powerByX4, powerByY4, sign4, sin4, softplus4,
} from "./special";
/** Elements from i on before a buffer of n elements begins again. */
function runOf(n: i32, i: i32): i32 {
  return n == 1 ? i32.MAX_VALUE : n - i % n;
}
/** Address to which that of element i is added to read element i mod n. */
function baseOf(at: usize, n: i32, i: i32): usize {
  return at + ((i % n - i) << 2);
}
/** Four elements from i on, of which some may be at the beginning again. */
function across(at: usize, n: i32, i: i32): v128 {
  let v = f32x4.splat(0), j = i % n;
  v = f32x4.replace_lane(v, 0, load<f32>(at + ((j as usize) << 2)));
  j = j + 1 == n ? 0 : j + 1;
  v = f32x4.replace_lane(v, 1, load<f32>(at + ((j as usize) << 2)));
  j = j + 1 == n ? 0 : j + 1;
  v = f32x4.replace_lane(v, 2, load<f32>(at + ((j as usize) << 2)));
  j = j + 1 == n ? 0 : j + 1;
  return f32x4.replace_lane(v, 3, load<f32>(at + ((j as usize) << 2)));
}
`;

/** The expression as a function of vectors, `nameOf`. */
function expression({ name, inputs, cpu }: ElementwiseText): string {
  return `// @ts-ignore: decorator
@inline
function ${name}Of(${inputs.map((x) => `${x}: v128`).join(", ")}): v128 {
  const ONE = f32x4.splat(1);
  return ${cpu};
}
`;
}

/** The kernel: words are the inputs, the result, its size, other sizes. */
function kernel({ name, inputs, repeated }: ElementwiseText): string {
  const words = [
    ...[...inputs, "result"].map((x) => [`${x}At`, "usize"]),
    ["size", "i32"],
    ...repeated.map((x) => [`${x}Size`, "i32"]),
  ];
  const lines = words.map(([word, type], i) =>
    `const ${word} = load<${type}>(args, ${4 * i});`
  );
  /** A turn of four elements, given how those that repeat are read. */
  const turn = (read: (x: string) => string) => {
    const values = inputs.map((x) =>
      repeated.includes(x) ? read(x) : `v128.load(${x}At + (i << 2))`
    );
    return `v128.store(resultAt + (i << 2), ${name}Of(${values.join(", ")}));`;
  };
  const start = `export function ${name}(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  ${lines.join("\n  ")}
  let i = begin;`;
  if (repeated.length === 0) {
    return `${start}
  for (; i < end; i += 4) ${turn(() => "")}
}
`;
  }
  const ones = repeated.map((x) =>
    `const ${x}One = v128.load32_splat(${x}At);`
  );
  const runs = repeated.map((x) => `run = min(run, runOf(${x}Size, i));`);
  const bases = repeated.map((x) =>
    `const ${x}Base = baseOf(${x}At, ${x}Size, i);`
  );
  return `${start}
  ${ones.join("\n  ")}
  while (i < end) {
    let run = end - i;
    ${runs.join("\n    ")}
    const stop = i + (run == end - i ? run : run & ~3);
    ${bases.join("\n    ")}
    for (; i < stop; i += 4) {
      ${turn((x) => `${x}Size == 1 ? ${x}One : v128.load(${x}Base + (i << 2))`)}
    }
    if (i >= end) break;
    ${turn((x) => `across(${x}At, ${x}Size, i)`)}
    i += 4;
  }
}
`;
}

/** The module of the whole family. */
export function elementwiseSource(texts: readonly ElementwiseText[]): string {
  return HEAD + texts.map((text) => expression(text) + kernel(text)).join("");
}
