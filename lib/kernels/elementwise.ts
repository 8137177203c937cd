/**
 * Kernels of the element-wise functions, written from the rows of
 * elementwise_table.ts: y = f(x), z = f(x, y), and their gradients d * f'.
 *
 * A binary argument of fewer elements repeats: element i of the result uses
 * x[i mod size of x], which covers scalars and every argument whose shape is
 * the end of the result's shape.
 *
 * @module
 */
import {
  type BufferRole,
  defineKernel,
  type Device,
  type DeviceBuffer,
  type Kernel,
} from "../device/mod.ts";
import {
  type BinaryName,
  type BinaryRow,
  binaryTable,
  type UnaryName,
  type UnaryRow,
  unaryTable,
} from "./elementwise_table.ts";

/** What a kernel is written from. */
interface Spec {
  readonly name: string;
  /** Buffers that are read, by the names that the expressions use. */
  readonly inputs: readonly string[];
  /** Whether x and y repeat. */
  readonly repeats: boolean;
  readonly wgsl: string;
  readonly cpu: string;
}

const WORKGROUP = 64;

const capital = (name: string) => name[0]!.toUpperCase() + name.slice(1);
const unaryLabel = (name: string) => `unary${capital(name)}`;
const binaryLabel = (name: string) => `binary${capital(name)}`;

function unarySpecs([name, row]: [string, UnaryRow]): Spec[] {
  const label = unaryLabel(name);
  const [wgsl, cpu] = row.derivative;
  return [
    { ...row, name: label, inputs: ["x"], repeats: false },
    {
      name: `${label}Backward`,
      inputs: ["x", "r", "d"],
      repeats: false,
      wgsl: `d * (${wgsl})`,
      cpu: `f32x4.mul(d, ${cpu})`,
    },
  ];
}

function binarySpecs([name, row]: [string, BinaryRow]): Spec[] {
  const label = binaryLabel(name);
  const specs: Spec[] = [
    { ...row, name: label, inputs: ["x", "y"], repeats: true },
  ];
  for (const side of ["dx", "dy"] as const) {
    const derivative = row[side];
    if (typeof derivative === "number") continue;
    specs.push({
      name: `${label}Backward${side[1]!.toUpperCase()}`,
      inputs: ["x", "y", "d"],
      repeats: true,
      wgsl: `d * (${derivative[0]})`,
      cpu: `f32x4.mul(d, ${derivative[1]})`,
    });
  }
  return specs;
}

/** Whether an input is read with its index taken modulo its size. */
const isRepeated = (spec: Spec, input: string) =>
  spec.repeats && (input === "x" || input === "y");

const CPU_HEAD = `import { exp4, log4, sigmoid4, tanh4 } from "./math";
/** Four elements from i on of a buffer whose n elements repeat. */
function repeated(p: usize, n: i32, i: i32): v128 {
  if (n == 1) return v128.load32_splat(p);
  i %= n;
  if (i + 4 <= n) return v128.load(p + ((i as usize) << 2));
  let v = f32x4.splat(load<f32>(p + ((i as usize) << 2)));
  i = i + 1 == n ? 0 : i + 1;
  v = f32x4.replace_lane(v, 1, load<f32>(p + ((i as usize) << 2)));
  i = i + 1 == n ? 0 : i + 1;
  v = f32x4.replace_lane(v, 2, load<f32>(p + ((i as usize) << 2)));
  i = i + 1 == n ? 0 : i + 1;
  return f32x4.replace_lane(v, 3, load<f32>(p + ((i as usize) << 2)));
}
`;

/** AssemblyScript of one kernel: four elements a turn. */
function cpuFunction(spec: Spec): string {
  const { inputs } = spec;
  // Words: the inputs, the result, the size, the sizes of x and y.
  const loads = inputs.map((name, i) => {
    const pointer = `load<usize>(args, ${4 * i})`;
    const size = `load<i32>(args, ${4 * (inputs.length + 2 + i)})`;
    return isRepeated(spec, name)
      ? `const ${name} = repeated(${pointer}, ${size}, i);`
      : `const ${name} = v128.load(${pointer} + at);`;
  });
  return `export function ${spec.name}(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const ONE = f32x4.splat(1);
  const to = load<usize>(args, ${4 * inputs.length});
  for (let i = begin; i < end; i += 4) {
    const at = (i as usize) << 2;
    ${loads.join("\n    ")}
    v128.store(to + at, ${spec.cpu});
  }
}
`;
}

type ElementwiseKernel = Kernel<string, "size" | "xSize" | "ySize">;

function makeKernel(spec: Spec, source: string): ElementwiseKernel {
  const loads = spec.inputs.map((name) =>
    isRepeated(spec, name)
      ? `let ${name} = ${name}[i % p.${name}Size];`
      : `let ${name} = ${name}[i];`
  );
  const buffers: Record<string, BufferRole> = {};
  for (const name of spec.inputs) buffers[name] = "read f32";
  buffers.result = "write f32";
  return defineKernel({
    name: spec.name,
    buffers,
    params: { size: "u32", xSize: "u32", ySize: "u32" },
    workgroupSize: WORKGROUP,
    cpu: { family: "elementwise", source },
    wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  ${loads.join("\n  ")}
  result[i] = ${spec.wgsl};
}`,
  });
}

const specs = [
  ...Object.entries<UnaryRow>(unaryTable).flatMap(unarySpecs),
  ...Object.entries<BinaryRow>(binaryTable).flatMap(binarySpecs),
];
const source = CPU_HEAD + specs.map(cpuFunction).join("");
const kernels = new Map(
  specs.map((spec) => [spec.name, makeKernel(spec, source)]),
);

/** Sizes of the two arguments, where they differ from the result's. */
interface Repeats {
  readonly xSize: number;
  readonly ySize: number;
}

function run(
  device: Device,
  name: string,
  buffers: Record<string, DeviceBuffer>,
  size: number,
  repeats: Repeats = { xSize: size, ySize: size },
): void {
  device.run(kernels.get(name)!, buffers, { size, ...repeats }, {
    groups: Math.ceil(size / WORKGROUP),
    items: size,
    align: 4,
    work: size * 4,
  });
}

/** result = f(x), `size` elements. */
export function unary(
  device: Device,
  name: UnaryName,
  buffers: { x: DeviceBuffer; result: DeviceBuffer },
  size: number,
): void {
  run(device, unaryLabel(name), buffers, size);
}

/** result = d f'(x); r is f(x). */
export function unaryBackward(
  device: Device,
  name: UnaryName,
  buffers: Record<"x" | "r" | "d" | "result", DeviceBuffer>,
  size: number,
): void {
  run(device, `${unaryLabel(name)}Backward`, buffers, size);
}

/** result = f(x, y), `size` elements; x and y repeat. */
export function binary(
  device: Device,
  name: BinaryName,
  buffers: { x: DeviceBuffer; y: DeviceBuffer; result: DeviceBuffer },
  size: number,
  repeats: Repeats,
): void {
  run(device, binaryLabel(name), buffers, size, repeats);
}

/**
 * result = d df/dx or d df/dy, `size` elements, not yet summed; for functions
 * whose derivative is no constant.
 */
export function binaryBackward(
  device: Device,
  name: BinaryName,
  side: "X" | "Y",
  buffers: Record<"x" | "y" | "d" | "result", DeviceBuffer>,
  size: number,
  repeats: Repeats,
): void {
  run(device, `${binaryLabel(name)}Backward${side}`, buffers, size, repeats);
}
