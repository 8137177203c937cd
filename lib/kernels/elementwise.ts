/**
 * Kernels of the element-wise functions, written from the rows of
 * elementwise_table.ts: y = f(x), z = f(x, y), and their gradients d f'.
 * Selection and conversion between element types are written the same way.
 * Their AssemblyScript is put together in elementwise_cpu.ts.
 *
 * An argument of fewer elements repeats: element i of the result uses
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
  type ElementType,
  type Kernel,
} from "../device/mod.ts";
import { elementwiseSource } from "./elementwise_cpu.ts";
import {
  type BinaryName,
  type BinaryRow,
  binaryTable,
  type Derivative,
  derivativeReads,
  type UnaryName,
  type UnaryRow,
  unaryTable,
} from "./elementwise_table.ts";

/** What a kernel is written from. */
interface Spec {
  readonly name: string;
  /** Buffers that are read, by the names that the expressions use. */
  readonly inputs: Readonly<Record<string, ElementType>>;
  /** Inputs that are read with their index taken modulo their size. */
  readonly repeated?: readonly string[];
  /** Type of the result; f32 without it. */
  readonly result?: ElementType;
  readonly wgsl: string;
  readonly cpu: string;
  readonly library?: string | undefined;
}

const WORKGROUP = 64;

const capital = (name: string) => name[0]!.toUpperCase() + name.slice(1);
const unaryLabel = (name: string) => `unary${capital(name)}`;
const binaryLabel = (name: string, type: ElementType) =>
  `binary${capital(name)}${type === "i32" ? "Int32" : ""}`;

/** Inputs of a gradient's kernel: what the derivative reads, and d. */
function readsOf(
  derivative: Derivative,
  names: readonly ("x" | "y" | "r")[],
): Record<string, ElementType> {
  const read = names.filter((name) => derivativeReads(derivative, name));
  return Object.fromEntries([...read, "d"].map((name) => [name, "f32"]));
}

function unarySpecs([name, row]: [string, UnaryRow]): Spec[] {
  const label = unaryLabel(name);
  const { wgsl, cpu, library, derivative } = row;
  const forward: Spec = {
    name: label,
    inputs: { x: "f32" },
    wgsl,
    cpu,
    library,
  };
  if (typeof derivative === "number") return [forward];
  return [forward, {
    name: `${label}Backward`,
    inputs: readsOf(derivative, ["x", "r"]),
    wgsl: `d * (${derivative[0]})`,
    cpu: `f32x4.mul(d, ${derivative[1]})`,
    library,
  }];
}

function binarySpecs([name, row]: [string, BinaryRow]): Spec[] {
  const label = binaryLabel(name, "f32");
  const { wgsl, cpu, int32, library, compares } = row;
  const repeated = ["x", "y"];
  const inputs = { x: "f32", y: "f32" } as const;
  const specs: Spec[] = [{ name: label, inputs, repeated, wgsl, cpu, library }];
  if (int32) {
    specs.push({
      name: binaryLabel(name, "i32"),
      inputs: { x: "i32", y: "i32" },
      repeated,
      result: compares ? "f32" : "i32",
      wgsl,
      cpu: int32,
    });
  }
  for (const side of ["dx", "dy"] as const) {
    const derivative = row[side];
    if (typeof derivative === "number") continue;
    const reads = readsOf(derivative, ["x", "y"]);
    specs.push({
      name: `${label}Backward${side[1]!.toUpperCase()}`,
      inputs: reads,
      repeated: repeated.filter((name) => name in reads),
      wgsl: `d * (${derivative[0]})`,
      cpu: `f32x4.mul(d, ${derivative[1]})`,
      library,
    });
  }
  return specs;
}

/** Words pass unharmed, whatever their type. */
const WHERE: Spec = {
  name: "where",
  inputs: { condition: "f32", x: "u32", y: "u32" },
  repeated: ["condition", "x", "y"],
  result: "u32",
  wgsl: "select(y, x, condition != 0.0)",
  cpu: "v128.bitselect(x, y, f32x4.ne(condition, f32x4.splat(0)))",
};

/** Towards zero; what lies outside of int32 becomes its nearest number. */
const TO_INT32: Spec = {
  name: "castInt32",
  inputs: { x: "f32" },
  result: "i32",
  // i32(x) would stop at the largest float below 2^31.
  wgsl: "select(i32(x), 2147483647, x >= 2147483648.0)",
  cpu: "i32x4.trunc_sat_f32x4_s(x)",
};

const TO_FLOAT32: Spec = {
  name: "castFloat32",
  inputs: { x: "i32" },
  wgsl: "f32(x)",
  cpu: "f32x4.convert_i32x4_s(x)",
};

function makeKernel(spec: Spec, source: string): Kernel {
  const { repeated = [], result = "f32", library = "" } = spec;
  const loads = Object.keys(spec.inputs).map((name) =>
    repeated.includes(name)
      ? `let ${name} = ${name}[i % p.${name}Size];`
      : `let ${name} = ${name}[i];`
  );
  const buffers: Record<string, BufferRole> = {};
  for (const name in spec.inputs) buffers[name] = `read ${spec.inputs[name]!}`;
  buffers.result = `write ${result}`;
  const sizes = repeated.map((name) => [`${name}Size`, "u32"] as const);
  return defineKernel({
    name: spec.name,
    buffers,
    params: { size: "u32", ...Object.fromEntries(sizes) },
    workgroupSize: WORKGROUP,
    cpu: { family: "elementwise", source },
    wgsl: /* wgsl */ `${library}
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
  ...[WHERE, TO_INT32, TO_FLOAT32],
];
const source = elementwiseSource(
  specs.map(({ name, inputs, repeated = [], cpu }) => ({
    name,
    inputs: Object.keys(inputs),
    repeated,
    cpu,
  })),
);
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
  buffers: Readonly<Record<string, DeviceBuffer | undefined>>,
  size: number,
  repeats: Readonly<Record<string, number>> = {},
): void {
  const given = buffers as Record<string, DeviceBuffer>;
  device.run(kernels.get(name)!, given, { size, ...repeats }, {
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

/** Buffers of a gradient; of x, y and r those that the derivative reads. */
type GradientBuffers =
  & Record<"d" | "result", DeviceBuffer>
  & { readonly [name in "x" | "y" | "r"]?: DeviceBuffer | undefined };

/**
 * result = d f'(x); r is f(x). For functions whose derivative is no constant.
 */
export function unaryBackward(
  device: Device,
  name: UnaryName,
  buffers: GradientBuffers,
  size: number,
): void {
  run(device, `${unaryLabel(name)}Backward`, buffers, size);
}

/**
 * result = f(x, y), `size` elements; x and y repeat.
 *
 * @param type of x and y; "i32" for functions that have an `int32` in the table
 */
export function binary(
  device: Device,
  name: BinaryName,
  buffers: { x: DeviceBuffer; y: DeviceBuffer; result: DeviceBuffer },
  size: number,
  repeats: Repeats,
  type: "f32" | "i32" = "f32",
): void {
  run(device, binaryLabel(name, type), buffers, size, { ...repeats });
}

/**
 * result = d df/dx or d df/dy, `size` elements, not yet summed; for functions
 * whose derivative is no constant.
 */
export function binaryBackward(
  device: Device,
  name: BinaryName,
  side: "X" | "Y",
  buffers: GradientBuffers,
  size: number,
  repeats: Repeats,
): void {
  const label = `${binaryLabel(name, "f32")}Backward${side}`;
  run(device, label, buffers, size, { ...repeats });
}

/**
 * result = x where the condition is not 0, else y: `size` words of any type;
 * all three repeat.
 */
export function where(
  device: Device,
  buffers: Record<"condition" | "x" | "y" | "result", DeviceBuffer>,
  size: number,
  repeats: Repeats & { readonly conditionSize: number },
): void {
  run(device, WHERE.name, buffers, size, { ...repeats });
}

/** result = x as the other type, `size` elements. */
export function cast(
  device: Device,
  to: "float32" | "int32",
  buffers: { x: DeviceBuffer; result: DeviceBuffer },
  size: number,
): void {
  const { name } = to === "int32" ? TO_INT32 : TO_FLOAT32;
  run(device, name, buffers, size);
}
