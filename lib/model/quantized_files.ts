/**
 * Quantized weights in a model folder. Codes and scales lie in safetensors
 * files as they lie in memory (kernels/quantized.ts), so that nothing is
 * rounded twice:
 *
 *     NAME         I8 (N, K)      int8: a code a byte
 *     NAME         U8 (N, K / 2)  int4: of eight codes four bytes; byte j has
 *                                 code j in its low half, code j + 4 in its high
 *     NAME_scale   F32 (N, ⌈K / 128⌉)
 *
 * Other tensors keep their type. `config.json` says so by `quantization_config`
 * with the method "caderno". Folders of other methods are refused by name.
 *
 * @module
 */
import { QUANTIZED_GROUP, QUANTIZED_STEP } from "../kernels/mod.ts";
import {
  isHalf,
  isQuantized,
  type QuantizedDType,
  type Tensor,
} from "../tensor/mod.ts";
import {
  FormatError,
  formatShape,
  invariant,
  sameShape,
  type Shape,
  sizeOf,
} from "../util/mod.ts";
import {
  ELEMENT_BYTES,
  type SafetensorsDType,
  type TensorFile,
} from "./safetensors.ts";
import type { StoredSource } from "./safetensors_write.ts";

/** What `quantization_config` calls the format of this file. */
const METHOD = "caderno";

/** How elements of a file are stored in memory. */
const STORED: Partial<Record<SafetensorsDType, Tensor["dtype"]>> = {
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I8: "int8",
  U8: "int4",
};

/** How elements in memory are stored in a file. */
function fileTypeOf(dtype: Tensor["dtype"]): SafetensorsDType {
  const types = Object.keys(STORED) as SafetensorsDType[];
  const found = types.find((type) => STORED[type] === dtype);
  invariant(found !== undefined, `no parameter is ${dtype}`);
  return found;
}

/** The name of a weight's scales. */
function scalesOf(name: string): string {
  return `${name}_scale`;
}

/** Shapes of a quantized weight's codes and scales in a file. */
function fileShapes([n, k]: Shape, dtype: QuantizedDType) {
  return {
    codes: [n!, dtype === "int8" ? k! : k! / 2],
    scales: [n!, Math.ceil(k! / QUANTIZED_GROUP)],
  };
}

/** The memory of a parameter. */
async function storedBytes(tensor: Tensor): Promise<Uint8Array<ArrayBuffer>> {
  const { device, dtype } = tensor;
  const user = "saveLlama()";
  const buffer = isQuantized(dtype)
    ? tensor.codesFor(user)
    : isHalf(dtype)
    ? tensor.halvesFor(user)
    : tensor.bufferFor(user);
  return new Uint8Array(await device.read(buffer, 0, buffer.bytes));
}

/** `quantization_config` of a model; undefined when nothing is quantized. */
export function quantizationConfig(
  parameters: ReadonlyMap<string, Tensor>,
): Record<string, unknown> | undefined {
  const dtypes = Array.from(parameters.values(), ({ dtype }) => dtype)
    .filter(isQuantized);
  if (dtypes.length === 0) return undefined;
  const bits = dtypes.includes("int4") ? 4 : 8; // a head has 8 beside 4
  return { quant_method: METHOD, bits, group_size: QUANTIZED_GROUP };
}

/**
 * Whether a configuration is one of quantized weights.
 *
 * @param path of the configuration, for the message
 * @throws {FormatError} naming the method when it is not ours, or another group
 */
export function isQuantizedConfig(
  json: Readonly<Record<string, unknown>>,
  path: string,
): boolean {
  const config = json["quantization_config"] as
    | Readonly<Record<string, unknown>>
    | null
    | undefined;
  if (config === undefined || config === null) return false;
  const { quant_method: method, group_size: group } = config;
  if (method !== METHOD) {
    const name = typeof method === "string"
      ? `the method "${method}"`
      : "a method without a name";
    throw new FormatError(
      `Cannot read ${path}: its weights are quantized by ${name}; wanted ` +
        `float32, float16, bfloat16, or the method "${METHOD}" of ` +
        "`caderno export --quantize`",
    );
  }
  if (group !== QUANTIZED_GROUP) {
    throw new FormatError(
      `Cannot read ${path}: ${group} weights share a scale (group_size); ` +
        `wanted ${QUANTIZED_GROUP}`,
    );
  }
  return true;
}

/** Tensors to write as they are stored, to the bit. */
export function storedSources(
  parameters: ReadonlyMap<string, Tensor>,
): StoredSource[] {
  return Array.from(parameters, ([name, tensor]) => {
    const { shape, dtype, size } = tensor;
    const part = (dtype: SafetensorsDType, from: number, bytes: number) => ({
      dtype,
      bytes: async () => (await storedBytes(tensor)).slice(from, from + bytes),
    });
    if (!isQuantized(dtype)) {
      const type = fileTypeOf(dtype);
      return [{ name, shape, ...part(type, 0, ELEMENT_BYTES[type] * size) }];
    }
    const { codes, scales } = fileShapes(shape, dtype);
    const split = sizeOf(codes);
    return [
      { name, shape: codes, ...part(fileTypeOf(dtype), 0, split) },
      {
        name: scalesOf(name),
        shape: scales,
        ...part("F32", split, 4 * sizeOf(scales)),
      },
    ];
  }).flat();
}

/**
 * How parameters of these shapes are to be stored in memory, by the types that
 * they have in a file: matrices as there, the rest and what it lacks as float32.
 *
 * @throws {FormatError} for a type that no parameter of the shape can have
 */
export function storedTypes(
  file: TensorFile,
  shapes: ReadonlyMap<string, Shape>,
): Map<string, Tensor["dtype"]> {
  const types = new Map<string, Tensor["dtype"]>();
  for (const [name, shape] of shapes) {
    const { dtype } = file.entries.get(name) ?? { dtype: "F32" };
    const stored = STORED[dtype];
    const isMatrix = shape.length === 2;
    const canBeCodes = isMatrix && shape[1]! % QUANTIZED_STEP === 0;
    if (stored === undefined || isQuantized(stored) && !canBeCodes) {
      const what = `"${name}" ${formatShape(shape)}`;
      throw new FormatError(
        `Cannot load ${what} from ${file.path}: it is ${dtype}, wanted F32, ` +
          `F16 or BF16${canBeCodes ? ", or codes in I8 or U8" : ""}`,
      );
    }
    types.set(name, isMatrix ? stored : "float32");
  }
  return types;
}

/** Names in a file of tensors of these types. */
export function storedNames(
  types: ReadonlyMap<string, Tensor["dtype"]>,
): string[] {
  return [...types].flatMap(([name, dtype]) =>
    isQuantized(dtype) ? [name, scalesOf(name)] : [name]
  );
}

/**
 * Fills a quantized tensor from a file.
 *
 * @throws {FormatError} when a shape or type differs; names both
 */
export async function loadQuantized(
  file: TensorFile,
  name: string,
  tensor: Tensor,
): Promise<void> {
  const { shape, device } = tensor;
  const dtype = tensor.dtype as QuantizedDType;
  const { codes, scales } = fileShapes(shape, dtype);
  const check = (part: string, wanted: Shape, type: SafetensorsDType) => {
    const entry = file.entry(part);
    if (entry.dtype === type && sameShape(entry.shape, wanted)) return;
    throw new FormatError(
      `Cannot load "${part}" from ${file.path}: the file has ${entry.dtype} ` +
        `${formatShape(entry.shape)}, wanted ${type} ${formatShape(wanted)} ` +
        `for ${dtype} ${formatShape(shape)}`,
    );
  };
  check(name, codes, fileTypeOf(dtype));
  check(scalesOf(name), scales, "F32");
  const buffer = tensor.codesFor("loadLlama()");
  device.write(buffer, await file.readBytes(name));
  device.write(buffer, await file.readBytes(scalesOf(name)), sizeOf(codes));
}
