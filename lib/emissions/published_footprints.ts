/**
 * Footprints of large language models as published, and the same numbers
 * computed again: five training runs (Patterson et al. 2021, LLMCarbon 2023)
 * and BLOOM with its idle machines and their making (Luccioni et al. 2022).
 *
 * Tables: `data/emissions/llm_training_footprints.csv`, `bloom_footprint.csv`,
 * `embodied_cluster.csv`.
 *
 * @module
 */
import { numberCell, readDataTable } from "../util/mod.ts";
import { embodiedShare } from "./embodied.ts";
import type { EnergyReading } from "./energy_reading.ts";
import { estimateFromHours, estimateTraining } from "./estimate_training.ts";
import { statedIntensity } from "./intensity.ts";
import {
  type Grams,
  gramsFromEnergy,
  type Joules,
  joulesFromKwh,
  type Seconds,
} from "./units.ts";

/** One published training and its closed forms. */
export interface PublishedFootprint {
  readonly model: string;
  readonly reportedSeconds: Seconds;
  /** With PUE. */
  readonly reportedJoules: Joules;
  readonly reportedGrams: Grams;
  /** From the published days, by Patterson's form. */
  readonly fromHours: EnergyReading;
  /** From parameters and tokens, by LLMCarbon's form. */
  readonly fromFlops: EnergyReading;
}

/** T5, GPT-3, GShard, Switch and XLM. */
export async function loadPublishedFootprints(): Promise<
  PublishedFootprint[]
> {
  const rows = await readDataTable("emissions/llm_training_footprints");
  return rows.map((row) => {
    const number = (column: string) => numberCell(row, column);
    const isMixture = row.active_params_b !== "";
    const parameters = 1e9 *
      number(isMixture ? "active_params_b" : "params_b");
    const model = row.model!;
    const machines = {
      project: model,
      devices: number("devices"),
      wattsPerDevice: number("system_watts"),
      pue: number("pue"),
      intensity: statedIntensity(number("gco2eq_per_kwh"), model),
    };
    const days = number("reported_days");
    return {
      model,
      reportedSeconds: days * 86_400,
      reportedJoules: joulesFromKwh(number("reported_mwh") * 1000),
      reportedGrams: number("reported_tonnes") * 1e6,
      fromHours: estimateFromHours(days * 24, machines),
      fromFlops: estimateTraining({
        ...machines,
        parameters,
        tokens: number("tokens_b") * 1e9,
        peakFlopsPerSecond: number("peak_tflops") * 1e12,
        efficiency: number("efficiency"),
      }),
    };
  });
}

/** One part of BLOOM's footprint. */
export interface BloomPart {
  readonly part: "dynamic" | "idle" | "embodied";
  /** Undefined for what is not electricity. */
  readonly energyJoules: Joules | undefined;
  /** Computed here. */
  readonly grams: Grams;
  /** As published. */
  readonly publishedGrams: Grams;
}

/** BLOOM's footprint in parts, and the rates of its hardware. */
export interface BloomFootprint {
  readonly parts: readonly BloomPart[];
  /** Sum of the parts as computed here. */
  readonly grams: Grams;
  readonly publishedGrams: Grams;
  /** Embodied carbon of one hour of a server, grams. */
  readonly serverGramsPerHour: Grams;
  /** And of one hour of a GPU. */
  readonly gpuGramsPerHour: Grams;
}

/** BLOOM's footprint computed from its GPU hours. */
export async function loadBloomFootprint(): Promise<BloomFootprint> {
  const rows = await readDataTable("emissions/bloom_footprint");
  const value = (quantity: string) =>
    numberCell(rows.find((row) => row.quantity === quantity)!, "value");
  const hours = value("gpu_hours");
  const intensity = value("carbon_intensity");
  const dynamic = joulesFromKwh(hours * value("gpu_tdp") / 1000);
  const idle = joulesFromKwh(value("idle_energy"));
  const perHour = (quantity: string) =>
    embodiedShare(value(quantity) * 1000, 3600, {
      years: value("hardware_lifetime"),
      utilization: value("hardware_utilisation"),
    });
  const serverGramsPerHour = perHour("server_embodied");
  const gpuGramsPerHour = perHour("gpu_embodied");
  const embodied = hours *
    (serverGramsPerHour / value("gpus_per_server") + gpuGramsPerHour);
  const parts: BloomPart[] = [
    {
      part: "dynamic",
      energyJoules: dynamic,
      grams: gramsFromEnergy(dynamic, intensity),
      publishedGrams: value("dynamic_emissions") * 1e6,
    },
    {
      part: "idle",
      energyJoules: idle,
      grams: gramsFromEnergy(idle, intensity),
      publishedGrams: value("idle_emissions") * 1e6,
    },
    {
      part: "embodied",
      energyJoules: undefined,
      grams: embodied,
      publishedGrams: value("embodied_emissions") * 1e6,
    },
  ];
  return {
    parts,
    grams: parts.reduce((sum, part) => sum + part.grams, 0),
    publishedGrams: value("total_emissions") * 1e6,
    serverGramsPerHour,
    gpuGramsPerHour,
  };
}

/**
 * Embodied carbon of the cluster that trained XLM over its 20.4 days, part by
 * part: LLMCarbon's validation (0.66 t reported).
 */
export async function loadClusterEmbodied(): Promise<
  { part: string; grams: Grams }[]
> {
  const seconds = 20.4 * 86_400;
  const rows = await readDataTable("emissions/embodied_cluster");
  return rows.map((row) => {
    const kilograms = numberCell(row, "amount") *
      numberCell(row, "kgco2eq_per_unit") * numberCell(row, "count");
    return {
      part: row.part!,
      grams: embodiedShare(kilograms * 1000, seconds),
    };
  });
}
