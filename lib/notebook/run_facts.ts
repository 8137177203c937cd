/**
 * What lies beside the log of a run: its settings, its model, its device and
 * how its energy is known.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import {
  type EnergyReading,
  findGpuSpec,
  loadGpuSpecs,
} from "../emissions/mod.ts";
import type { LlamaConfig } from "../model/mod.ts";
import type { TrainConfig } from "../train/mod.ts";
import { FormatError, readJson } from "../util/mod.ts";
import type { RunFacts } from "./run_status.ts";

/** Settings of a run as its folder has them. */
export interface RunSettings {
  readonly train: TrainConfig;
  readonly model: LlamaConfig;
}

/** "cpu modelled, gpu no reading": how each part is known. */
export function meterLabels({ parts }: Pick<EnergyReading, "parts">): string {
  return parts.map(({ part, label, joules }) =>
    `${part} ${joules === undefined ? "no reading" : label}`
  ).join(", ");
}

/** A JSON file that may be absent, and of which no field is sure. */
async function readOptional<T>(path: string): Promise<Partial<T>> {
  try {
    return JSON.parse(await Deno.readTextFile(path)) ?? {};
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound;
    if (isAbsent || error instanceof SyntaxError) return {};
    throw error;
  }
}

/**
 * Settings of a run.
 *
 * @throws {DataError} when the folder holds no `config.json`
 * @throws {FormatError} when that is not the settings of a run
 */
export async function readRunSettings(folder: string): Promise<RunSettings> {
  const path = join(folder, "config.json");
  const settings = await readJson<Partial<RunSettings> | null>(
    path,
    "the settings of a run",
  );
  const { train, model } = settings ?? {};
  if (!(train?.steps && model?.hiddenSize)) {
    throw new FormatError(
      `Cannot read ${path}: wanted the settings of a run, train and model`,
    );
  }
  return { train, model };
}

/**
 * Peak rate of a device in FLOP/s: that of its matrix units for mixed
 * precision, else that of 32 bits.
 *
 * @param description as the device has it: "WebGPU: NVIDIA A100-SXM4-40GB"
 * @returns undefined for processors and for cards that the table lacks
 */
export async function devicePeak(
  description: string,
  { precision }: Pick<TrainConfig, "precision">,
): Promise<number | undefined> {
  const card = /^WebGPU: (.+)$/.exec(description)?.[1];
  if (card === undefined) return undefined;
  try {
    const spec = findGpuSpec(await loadGpuSpecs(), card);
    return precision === "float16"
      ? spec.fp16FlopsPerSecond
      : spec.fp32FlopsPerSecond;
  } catch {
    return undefined; // the table has no such card
  }
}

/** How the energy of a run is known, once its folder tells. */
export async function readEnergyLabel(
  folder: string,
): Promise<string | undefined> {
  const path = join(folder, "emissions.json");
  const { parts } = await readOptional<EnergyReading>(path);
  return parts && meterLabels({ parts });
}

/**
 * What a run's folder says about it.
 *
 * @throws {DataError} when the folder holds no `config.json`
 * @throws {FormatError} when that is not the settings of a run
 */
export async function readRunFacts(folder: string): Promise<RunFacts> {
  const { train } = await readRunSettings(folder);
  return {
    name: basename(resolve(folder)),
    steps: train.steps,
    energyLabel: await readEnergyLabel(folder),
  };
}
