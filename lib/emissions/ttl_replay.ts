/**
 * TeenyTinyLlama's energy replayed from its published tracker rows: Corrêa et
 * al. 2024, arXiv 2401.16640, section 4.2.
 *
 * CodeCarbon 2.3.2 ran with PUE 1 in mode "machine". Only the GPU was measured;
 * the CPU is a constant of 42.5 W (half of 85 W) and memory 3 W per 8 GiB.
 * Tables: `data/ttl/*.csv`.
 *
 * @module
 */
import { DataError, numberCell } from "../util/mod.ts";
import { type EnergyReading, makeReading } from "./energy_reading.ts";
import { findGpuSpec, loadGpuSpecs } from "./gpu_specs.ts";
import {
  intensityAt,
  type IntensityEstimate,
  type IntensityTable,
  loadIntensities,
} from "./intensity.ts";
import { NVIDIA_UNCERTAINTY } from "./nvml.ts";
import { readTable, type TableRow } from "./tables.ts";
import type { TrainedRun } from "./training_efficiency.ts";
import {
  type Grams,
  joulesFromKwh,
  MODEL_UNCERTAINTY,
  type PowerPart,
} from "./units.ts";

/** One published run. */
export interface TtlEnergyRun extends TrainedRun {
  /** "TTL-160m", "TTL-460m" or "TTL-460m-Chat". */
  readonly model: string;
  /** Energy as tracked, carbon computed again from energy and intensity. */
  readonly reading: EnergyReading;
  /** Emissions as the tracker wrote them. */
  readonly publishedGrams: Grams;
  readonly memoryGibibytes: number;
}

/** The two pre-training runs and the fine-tuning of the chat model. */
export async function loadTtlEnergyRuns(): Promise<TtlEnergyRun[]> {
  const [intensities, gpus, trackerRows, models, training] = await Promise.all([
    loadIntensities(),
    loadGpuSpecs(),
    readTable("ttl/emissions_tracker"),
    readTable("ttl/models"),
    readTable("ttl/training"),
  ]);
  return trackerRows.map((row) => {
    const model = row.run!.split(" ")[0]!;
    const rowOf = (rows: readonly TableRow[]) =>
      rows.find((other) => other.model === model);
    return {
      model,
      reading: toReading(row, intensityOf(row, intensities)),
      publishedGrams: numberCell(row, "emissions_kg") * 1000,
      memoryGibibytes: numberCell(row, "ram_gb"),
      parameters: count(rowOf(models)?.parameters),
      tokens: count(rowOf(training)?.tokens),
      gpu: findGpuSpec(gpus, row.gpu_model!),
    };
  });
}

/** A number, or undefined for "not found" and a missing row. */
function count(cell: string | undefined): number | undefined {
  const value = Number(cell);
  return Number.isNaN(value) ? undefined : value;
}

/** What the tracker used: its own edition of the table, or the US state. */
function intensityOf(row: TableRow, table: IntensityTable): IntensityEstimate {
  return row.region === ""
    ? intensityAt(table, row.country!, {
      source: `CodeCarbon ${row.codecarbon_version}`,
    })
    : intensityAt(table, row.country!, { region: row.region });
}

function toReading(row: TableRow, intensity: IntensityEstimate): EnergyReading {
  const seconds = numberCell(row, "duration_s");
  const joules = (part: PowerPart) =>
    joulesFromKwh(numberCell(row, `${part}_kwh`));
  const cpuWatts = numberCell(row, "cpu_power_w");
  const rest = { seconds, missed: 0 };
  return makeReading({
    project: row.run!,
    seconds,
    parts: [
      {
        part: "gpu",
        label: "measured",
        method: `NVML of ${row.gpu_model}`,
        uncertainty: NVIDIA_UNCERTAINTY,
        joules: joules("gpu"),
        ...rest,
      },
      {
        part: "cpu",
        label: "assumed",
        method: `half of a TDP of ${2 * cpuWatts} W, whatever the load`,
        uncertainty: MODEL_UNCERTAINTY,
        joules: joules("cpu"),
        ...rest,
      },
      {
        part: "ram",
        label: "modelled",
        method: `3 W per 8 GiB of ${numberCell(row, "ram_gb").toFixed(1)} GiB`,
        uncertainty: MODEL_UNCERTAINTY,
        joules: joules("ram"),
        ...rest,
      },
    ],
    pue: numberCell(row, "pue"),
    intensity,
    notes: [],
  });
}

/**
 * One run by the name of its model.
 *
 * @throws {DataError} listing the models when there is no such run
 */
export function findEnergyRun(
  runs: readonly TtlEnergyRun[],
  model: string,
): TtlEnergyRun {
  const found = runs.find((run) => run.model === model);
  if (found) return found;
  throw new DataError(
    `Cannot find the run of "${model}": there are ` +
      runs.map((run) => run.model).join(", "),
  );
}
