/**
 * Measurements of a machine as rows of tables, in the units that people use;
 * the same in a notebook and in a terminal.
 *
 * @module
 */
import type { Roofline } from "../device/mod.ts";
import { formatCount, formatPercent } from "../util/mod.ts";
import type { WaySpeed } from "./measure_kernels.ts";
import type { GenerationSpeed, TrainingSpeed } from "./measure_training.ts";

/** A kernel on one way. */
export interface KernelRow {
  readonly way: string;
  readonly kernel: string;
  /** ms a call. */
  readonly time: number;
  /** GFLOP/s. */
  readonly arithmetic: number;
  /** GB/s. */
  readonly memory: number;
  /** Share of what the roof allows at its operations for each byte. */
  readonly ofRoof: string;
}

/** FLOP/s that a kernel with so many operations for each byte can reach. */
export function roofOf(
  { bytesPerSecond, flopsPerSecond }: Roofline,
  intensity: number,
): number {
  return Math.min(flopsPerSecond, bytesPerSecond * intensity);
}

/** Kernels of each way, with their share of the way's own roof. */
export function kernelRows(speeds: readonly WaySpeed[]): KernelRow[] {
  return speeds.flatMap(({ way, limits, kernels }) =>
    kernels.map(({ kernel, flops, bytes, seconds }) => ({
      way,
      kernel,
      time: 1e3 * seconds,
      arithmetic: flops / seconds / 1e9,
      memory: bytes / seconds / 1e9,
      ofRoof: formatPercent(flops / seconds / roofOf(limits, flops / bytes), 2),
    }))
  );
}

/** The limits of one way. */
export interface LimitRow {
  readonly way: string;
  /** GB/s. */
  readonly memory: number;
  /** GFLOP/s. */
  readonly arithmetic: number;
  /** FLOP for each byte from which on arithmetic is the limit. */
  readonly balance: number;
}

/** The best that was seen of each way. */
export function limitRows(speeds: readonly WaySpeed[]): LimitRow[] {
  return speeds.map(({ way, limits: { bytesPerSecond, flopsPerSecond } }) => ({
    way,
    memory: bytesPerSecond / 1e9,
    arithmetic: flopsPerSecond / 1e9,
    balance: flopsPerSecond / bytesPerSecond,
  }));
}

/** Limits of the way of that name. */
function limitsOf(way: string, speeds: readonly WaySpeed[]): Roofline {
  const nothing = { bytesPerSecond: NaN, flopsPerSecond: NaN };
  return speeds.find((speed) => speed.way === way)?.limits ?? nothing;
}

/** Training of a preset on one way. */
export interface TrainingRow {
  readonly way: string;
  readonly model: string;
  /** "5.26M". */
  readonly parameters: string;
  readonly tokensPerSecond: number;
  /** GFLOP/s that the model needs. */
  readonly arithmetic: number;
  /** Share of the fastest product of this way. */
  readonly ofPeak: string;
  /** MiB at the peak. */
  readonly memory: number;
}

/** Training speeds, with their share of the limits that were measured. */
export function trainingRows(
  speeds: readonly TrainingSpeed[],
  limits: readonly WaySpeed[],
): TrainingRow[] {
  return speeds.map(({ way, model, parameters, ...speed }) => ({
    way,
    model,
    parameters: formatCount(parameters),
    tokensPerSecond: Math.round(speed.tokensPerSecond),
    arithmetic: speed.flopsPerSecond / 1e9,
    ofPeak: formatPercent(
      speed.flopsPerSecond / limitsOf(way, limits).flopsPerSecond,
      2,
    ),
    memory: Math.round(speed.peakBytes / 2 ** 20),
  }));
}

/** Generation with a preset on one way. */
export interface GenerationRow {
  readonly way: string;
  readonly model: string;
  /** "5.26M". */
  readonly parameters: string;
  readonly tokensPerSecond: number;
  /** GB/s of weights. */
  readonly memory: number;
  /** Share of the memory's own speed; over 100 % where caches hold the model. */
  readonly ofMemory: string;
}

/** Generation speeds, with their share of the limits that were measured. */
export function generationRows(
  speeds: readonly GenerationSpeed[],
  limits: readonly WaySpeed[],
): GenerationRow[] {
  return speeds.map((
    { way, model, parameters, tokensPerSecond, bytesPerSecond },
  ) => ({
    way,
    model,
    parameters: formatCount(parameters),
    tokensPerSecond,
    memory: bytesPerSecond / 1e9,
    ofMemory: formatPercent(
      bytesPerSecond / limitsOf(way, limits).bytesPerSecond,
      2,
    ),
  }));
}
