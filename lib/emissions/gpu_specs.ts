/**
 * What accelerators can do and draw at most, by data sheet.
 *
 * Table: `data/emissions/gpu_specs.csv`.
 *
 * @module
 */
import {
  DataError,
  describeNearNames,
  optionalCell,
  plainName,
  readDataTable,
} from "../util/mod.ts";
import type { Watts } from "./units.ts";

/** One accelerator; undefined where the data sheet says nothing. */
export interface GpuSpec {
  readonly name: string;
  /** Thermal design power. */
  readonly tdpWatts: Watts | undefined;
  /** Peak dense bfloat16 rate in FLOP/s, without sparsity. */
  readonly bf16FlopsPerSecond: number | undefined;
  /** Peak dense float16 rate, of the tensor cores where there are some. */
  readonly fp16FlopsPerSecond: number | undefined;
  /** Peak float32 rate without tensor cores. */
  readonly fp32FlopsPerSecond: number | undefined;
}

/**
 * The rate that training would use: bfloat16, else float16 (V100), else
 * float32.
 */
export function trainingFlopsPerSecond(spec: GpuSpec): number | undefined {
  return spec.bf16FlopsPerSecond ?? spec.fp16FlopsPerSecond ??
    spec.fp32FlopsPerSecond;
}

/** All accelerators of the table. */
export async function loadGpuSpecs(): Promise<GpuSpec[]> {
  const rows = await readDataTable("emissions/gpu_specs");
  return rows.map((row) => {
    const flops = (column: string) => {
      const tflops = optionalCell(row, column);
      return tflops === undefined ? undefined : tflops * 1e12;
    };
    return {
      name: row.name!,
      tdpWatts: optionalCell(row, "tdp_watts"),
      bf16FlopsPerSecond: flops("bf16_tensor_tflops"),
      fp16FlopsPerSecond: flops("fp16_tensor_tflops"),
      fp32FlopsPerSecond: flops("fp32_tflops"),
    };
  });
}

/**
 * The data sheet of a card as drivers and trackers name it:
 * "1 x NVIDIA A100-SXM4-40GB" is "A100 SXM4 40GB".
 *
 * @throws {DataError} naming near names when the table has no such card
 */
export function findGpuSpec(specs: readonly GpuSpec[], name: string): GpuSpec {
  const wanted = cardKey(name);
  const found = specs.find((spec) => cardKey(spec.name) === wanted);
  if (found) return found;
  throw new DataError(
    `Cannot find the data sheet of "${name}": ` +
      describeNearNames(wanted, specs.map((spec) => spec.name)),
  );
}

/** One spelling of a card: without maker, number and punctuation. */
export function cardKey(name: string): string {
  return plainName(name.replace(/^\d+ x /, "").replace(/^NVIDIA /i, ""));
}

/** Names of cards as trackers list them: "2 x A, 1 x B". */
export function countNames(names: readonly string[]): string {
  const groups = Map.groupBy(names, (name) => name);
  return [...groups].map(([name, all]) => `${all.length} x ${name}`).join(", ");
}
