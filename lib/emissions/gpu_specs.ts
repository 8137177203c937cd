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
  numberCell,
  plainName,
} from "../util/mod.ts";
import { readTable } from "./tables.ts";
import type { Watts } from "./units.ts";

/** One accelerator; undefined where the data sheet says nothing. */
export interface GpuSpec {
  readonly name: string;
  /** Thermal design power. */
  readonly tdpWatts: Watts | undefined;
  /** Peak dense bfloat16 rate in FLOP/s, without sparsity. */
  readonly bf16FlopsPerSecond: number | undefined;
}

/** All accelerators of the table. */
export async function loadGpuSpecs(): Promise<GpuSpec[]> {
  const rows = await readTable("emissions/gpu_specs");
  return rows.map((row) => {
    const cell = (column: string) =>
      row[column] === "" ? undefined : numberCell(row, column);
    const tflops = cell("bf16_tensor_tflops");
    return {
      name: row.name!,
      tdpWatts: cell("tdp_watts"),
      bf16FlopsPerSecond: tflops === undefined ? undefined : tflops * 1e12,
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
  const wanted = plainName(
    name.replace(/^\d+ x /, "").replace(/^NVIDIA /i, ""),
  );
  const found = specs.find((spec) => plainName(spec.name) === wanted);
  if (found) return found;
  throw new DataError(
    `Cannot find the data sheet of "${name}": ` +
      describeNearNames(wanted, specs.map((spec) => spec.name)),
  );
}

/** Names of cards as trackers list them: "2 x A, 1 x B". */
export function countNames(names: readonly string[]): string {
  const groups = Map.groupBy(names, (name) => name);
  return [...groups].map(([name, all]) => `${all.length} x ${name}`).join(", ");
}
