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
import {
  type CsvRow,
  DataError,
  numberCell,
  readDataTable,
} from "../util/mod.ts";
import { aboutModel } from "./energy_meter.ts";
import { type EnergyReading, makeReading } from "./energy_reading.ts";
import { findGpuSpec, loadGpuSpecs } from "./gpu_specs.ts";
import {
  intensityAt,
  type IntensityEstimate,
  type IntensityTable,
  loadIntensities,
} from "./intensity.ts";
import { NVIDIA_UNCERTAINTY } from "./nvml.ts";
import type { TrainedRun } from "./training_efficiency.ts";
import { type Grams, joulesFromKwh, type PowerPart } from "./units.ts";

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
    readDataTable("ttl/emissions_tracker"),
    readDataTable("ttl/models"),
    readDataTable("ttl/training"),
  ]);
  return trackerRows.map((row) => {
    const model = row.run!.split(" ")[0]!;
    const rowOf = (rows: readonly CsvRow[]) =>
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
function intensityOf(row: CsvRow, table: IntensityTable): IntensityEstimate {
  return row.region === ""
    ? intensityAt(table, row.country!, {
      source: `CodeCarbon ${row.codecarbon_version}`,
    })
    : intensityAt(table, row.country!, { region: row.region });
}

function toReading(row: CsvRow, intensity: IntensityEstimate): EnergyReading {
  const seconds = numberCell(row, "duration_s");
  const energy = (part: PowerPart) => ({
    joules: joulesFromKwh(numberCell(row, `${part}_kwh`)),
    seconds,
    missed: 0,
  });
  const tdp = `a TDP of ${2 * numberCell(row, "cpu_power_w")} W`;
  const memory = `${numberCell(row, "ram_gb").toFixed(1)} GiB`;
  return makeReading({
    project: row.run!,
    seconds,
    parts: [
      {
        part: "gpu",
        label: "measured",
        method: `NVML of ${row.gpu_model}`,
        uncertainty: NVIDIA_UNCERTAINTY,
        ...energy("gpu"),
      },
      {
        ...aboutModel("cpu", `half of ${tdp}, whatever the load`),
        label: "assumed",
        ...energy("cpu"),
      },
      {
        ...aboutModel("ram", `3 W per 8 GiB of ${memory}`),
        ...energy("ram"),
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
