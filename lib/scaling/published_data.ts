/**
 * The published tables behind the analyses of this folder, from
 * `data/scaling`; each file opens with its source and licence.
 *
 * @module
 */
import {
  type CsvRow,
  dataTable,
  numberCell,
  optionalCell,
  readDataTable,
} from "../util/mod.ts";
import type { Allocation } from "./law.ts";
import { type Observation, readObservations } from "./observations.ts";
import type { TransformerShape } from "./shape_counts.ts";

/** A row's model of Hoffmann et al. 2022. */
function hoffmannShape(row: CsvRow): TransformerShape {
  return {
    numLayers: numberCell(row, "n_layers"),
    hiddenSize: numberCell(row, "d_model"),
    feedForwardSize: numberCell(row, "ffw_size"),
    numHeads: numberCell(row, "n_heads"),
    headSize: numberCell(row, "kv_size"),
    vocabSize: 32000,
    hasRelativePositions: true,
    isTied: true,
  };
}

/** A model of Hoffmann et al. 2022 with its printed size. */
export interface HoffmannModel extends TransformerShape {
  /** Parameters as printed, a count, to a million. */
  readonly parameters: number;
}

/** The 50 models of Table A9; vocabulary 32000, Gopher's relative positions. */
export async function hoffmannModels(): Promise<HoffmannModel[]> {
  const rows = await readDataTable("scaling/hoffmann_models");
  return rows.map((row) => ({
    parameters: 1e6 * numberCell(row, "params_millions"),
    ...hoffmannShape(row),
  }));
}

/** A model of Table A4 with the printed ratio of counted FLOPs to 6ND. */
export interface HoffmannFlopRatio {
  /** Size as printed: "73M". */
  readonly name: string;
  readonly shape: TransformerShape;
  readonly ratio: number;
}

/** The six models of Table A4 of Hoffmann et al. 2022. */
export async function hoffmannFlopRatios(): Promise<HoffmannFlopRatio[]> {
  const rows = await readDataTable("scaling/hoffmann_flop_ratio");
  return rows.map((row) => ({
    name: row["params_printed"]!,
    ratio: numberCell(row, "ratio_over_6ND"),
    shape: hoffmannShape(row),
  }));
}

/** A compute-optimal size as Hoffmann et al. 2022 print it. */
export interface HoffmannFrontierRow extends Allocation {
  /** 1, 2 or 3. */
  readonly approach: number;
  /** FLOPs; one misprint, 1.26e24 for 1.26e25, is mended. */
  readonly budget: number;
}

/** Tables 3 and A3: nine sizes by each of three approaches. */
export async function hoffmannFrontier(): Promise<HoffmannFrontierRow[]> {
  const rows = await readDataTable("scaling/hoffmann_frontier");
  return rows.map((row) => ({
    approach: numberCell(row, "approach"),
    parameters: numberCell(row, "params"),
    tokens: numberCell(row, "tokens"),
    budget: numberCell(row, "flop_corrected"),
  }));
}

/** Exponents of N* and D* as published, with 10 % and 90 % quantiles. */
export interface PublishedExponents {
  /** "2 isoFLOP profiles". */
  readonly approach: string;
  readonly dataset: string;
  readonly a: number;
  readonly b: number;
  /** Quantiles of a, where they are printed. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/** Tables 2 and A2 of Hoffmann et al. 2022, Kaplan's among them. */
export async function hoffmannExponents(): Promise<PublishedExponents[]> {
  const rows = await readDataTable("scaling/hoffmann_coefficients");
  return rows.map((row) => ({
    approach: row["approach"]!,
    dataset: row["dataset"]!,
    a: numberCell(row, "a"),
    b: numberCell(row, "b"),
    low: optionalCell(row, "a_p10"),
    high: optionalCell(row, "a_p90"),
  }));
}

/**
 * 234 of the 245 runs of Figure 4, cleaned by Takano, with sizes of Table A9
 * (repository kyo-takano/chinchilla).
 */
export function takanoObservations(): Promise<Observation[]> {
  return readObservations(dataTable("scaling/chinchilla_takano"), {
    parameters: "params",
  });
}

/**
 * The lowest loss of each size at 12 budgets, RefinedWeb, tuned optimizer
 * (Porian et al. 2024, arXiv 2406.19146).
 */
export function porianObservations(): Promise<Observation[]> {
  return readObservations(dataTable("scaling/porian_tuned_rw_isoflop_points"), {
    parameters: "params",
  });
}

/** A best size for a budget. */
export interface PublishedOptimum extends Allocation {
  /** FLOPs, 6ND. */
  readonly budget: number;
}

/** A best size with the scatter of its logarithm over draws of noise. */
export interface PorianOptimum extends PublishedOptimum {
  /** Standard deviation of ln N*. */
  readonly lnDeviation: number;
}

/** Best sizes of the same 12 budgets as published by Porian et al. 2024. */
export async function porianOptima(): Promise<PorianOptimum[]> {
  const rows = await readDataTable("scaling/porian_tuned_rw_optima");
  return rows.map((row) => ({
    budget: numberCell(row, "flop"),
    parameters: numberCell(row, "n_star"),
    tokens: numberCell(row, "t_star"),
    lnDeviation: numberCell(row, "ln_n_std"),
  }));
}

/** A run of Gadre et al. 2024 with its name and ratio. */
export interface GadreRun extends Observation {
  /** "d=96_l=8_h=4", "open_lm_1b", ... */
  readonly model: string;
  /** M = D / N as planned. */
  readonly multiplier: number;
}

/**
 * Over-trained models on RedPajama (Gadre et al. 2024, arXiv 2403.08540), loss
 * on held-out C4.
 */
export async function gadreRuns(): Promise<GadreRun[]> {
  const rows = await readDataTable("scaling/gadre_redpajama");
  return rows.map((row) => ({
    model: row["model"]!,
    multiplier: numberCell(row, "token_multiplier"),
    parameters: numberCell(row, "params"),
    tokens: numberCell(row, "tokens"),
    loss: numberCell(row, "loss_c4_val"),
  }));
}

/** A best size in one count of parameters, from nanochat's log. */
export interface NanochatOptimum extends PublishedOptimum {
  /** "all", "transformer_only" or "transformer+lm_head". */
  readonly convention: string;
}

/** Best sizes of four budgets under three counts (karpathy/nanochat). */
export async function nanochatOptima(): Promise<NanochatOptimum[]> {
  const rows = await readDataTable("scaling/nanochat_isoflop_optima");
  return rows.map((row) => ({
    convention: row["param_convention"]!,
    budget: numberCell(row, "flop"),
    parameters: numberCell(row, "params"),
    tokens: numberCell(row, "tokens"),
  }));
}
