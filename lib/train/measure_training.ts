/**
 * Tokens a second of training, and of generation, for each preset of a Llama on
 * one way of computing. Weights and tokens are random: neither changes the
 * time.
 *
 * @module
 */
import { totalmem } from "node:os";
import {
  countParameters,
  generate,
  Llama,
  type LlamaConfig,
  llamaConfig,
  type LlamaPreset,
  trainingFlopsPerToken,
} from "../model/mod.ts";
import { withMatmulPrecision } from "../tensor/mod.ts";
import { TokenBatches } from "../text/mod.ts";
import {
  DeviceError,
  formatBytes,
  formatDuration,
  messageOf,
  Random,
} from "../util/mod.ts";
import type { MachineWay } from "./machine_ways.ts";
import { planMemory } from "./memory_plan.ts";
import { type MeasureStepOptions, measureStepSeconds } from "./predict_time.ts";
import { resolveTrainConfig } from "./train_config.ts";

/** Training of one preset on one way. */
export interface TrainingSpeed {
  /** Name of the way. */
  readonly way: string;
  readonly model: LlamaPreset;
  readonly parameters: number;
  readonly tokensPerSecond: number;
  /** Operations that the model needs (`trainingFlopsPerToken`) a second. */
  readonly flopsPerSecond: number;
  /** Most memory on the device, as planned. */
  readonly peakBytes: number;
}

/** Generation of one preset on one way, one text. */
export interface GenerationSpeed {
  /** Name of the way. */
  readonly way: string;
  readonly model: LlamaPreset;
  readonly parameters: number;
  readonly tokensPerSecond: number;
  /** Weights that are read for the tokens of a second, without the embedding. */
  readonly bytesPerSecond: number;
}

/** What was measured, and what was not and why. */
export interface MeasuredPresets<T> {
  readonly speeds: readonly T[];
  readonly leftOut: readonly string[];
}

/** Knobs of {@linkcode measureTraining}; every field has a default. */
export interface MeasureTrainingOptions extends MeasureStepOptions {
  /** Sequences of a step; 8. */
  readonly batchSize?: number;
  /** Tokens of a sequence; 256, or the model's context where that is less. */
  readonly contextLength?: number;
  /** Presets whose step would take longer than this are left out; 8 s. */
  readonly maxStepSeconds?: number;
}

/** Knobs of {@linkcode measureGeneration}; every field has a default. */
export interface MeasureGenerationOptions {
  /** New tokens that count; 32. */
  readonly tokens?: number;
  /** Presets that would take longer than this are left out; 10 s. */
  readonly maxSeconds?: number;
}

/** Share of the machine's memory that a measurement may take. */
const MEMORY_SHARE = 0.5;

/** Why so much memory is too much, or undefined when it is not. */
function tooLarge(bytes: number): string | undefined {
  if (bytes <= MEMORY_SHARE * totalmem()) return undefined;
  return `it needs ${formatBytes(bytes)} of ${formatBytes(totalmem())} memory`;
}

/** Why so long is too long, or undefined when it is not. */
function tooSlow(
  what: string,
  seconds: number,
  most: number,
): string | undefined {
  if (seconds <= most) return undefined;
  return `${what} would take ${formatDuration(seconds)}, ` +
    `more than ${formatDuration(most)}`;
}

/** The highest rate; before there is one, nothing is too slow. */
function fastest(rates: readonly number[]): number {
  return rates.length === 0 ? Infinity : Math.max(...rates);
}

/**
 * Measures presets one after the other. `measure` gives a speed, or a reason
 * for there being none; a device that has no room is such a reason.
 */
async function measurePresets<T>(
  way: MachineWay,
  presets: readonly LlamaPreset[],
  measure: (preset: LlamaPreset, speeds: readonly T[]) => Promise<T | string>,
): Promise<MeasuredPresets<T>> {
  const speeds: T[] = [];
  const leftOut: string[] = [];
  for (const preset of presets) {
    const leave = (why: string) =>
      leftOut.push(`${preset} on ${way.name}: ${why}`);
    try {
      const speed = await measure(preset, speeds);
      if (typeof speed === "string") leave(speed);
      else speeds.push(speed);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      leave(messageOf(error).split("\n")[0]!);
    }
  }
  return { speeds, leftOut };
}

/** Tokens of some batches. */
function randomTokens({ vocabSize }: LlamaConfig, count: number): Uint16Array {
  const random = new Random(0, "machine");
  return Uint16Array.from({ length: count }, () => random.int(vocabSize));
}

/**
 * Training speed of presets, the smallest first; see
 * {@linkcode measureStepSeconds} for how a step is measured. A preset is left
 * out when it needs more than half of the machine's memory, or when its step
 * would take too long at the best rate so far.
 *
 * @throws {ConfigError} for an unknown preset or knobs out of range
 */
export function measureTraining(
  way: MachineWay,
  presets: readonly LlamaPreset[],
  options: MeasureTrainingOptions = {},
): Promise<MeasuredPresets<TrainingSpeed>> {
  const { batchSize = 8, maxStepSeconds = 8 } = options;
  const { device, precision } = way;
  return measurePresets(way, presets, async (preset, before) => {
    const model = llamaConfig(preset);
    const contextLength = Math.min(
      options.contextLength ?? 256,
      model.maxPositionEmbeddings,
    );
    const tokens = batchSize * contextLength;
    const sizes = { batchSize, contextLength, precision };
    const config = resolveTrainConfig({ tokens, ...sizes }, model);
    const flops = trainingFlopsPerToken(model, contextLength);
    const best = fastest(before.map(({ flopsPerSecond }) => flopsPerSecond));
    const isSlow = tooSlow("a step", tokens * flops / best, maxStepSeconds);
    if (isSlow) return isSlow;
    const { peakBytes } = await planMemory(model, config, device.kind);
    const isLarge = tooLarge(peakBytes);
    if (isLarge) return isLarge;
    using llama = Llama.create(model, { seed: 0, device });
    const { vocabSize } = model;
    const batches = new TokenBatches(randomTokens(model, 4 * tokens + 1), {
      ...sizes,
      vocabSize,
      seed: 0,
    });
    const seconds = await measureStepSeconds(llama, batches, config, options);
    const tokensPerSecond = tokens / seconds;
    return {
      way: way.name,
      model: preset,
      parameters: countParameters(model).total,
      tokensPerSecond,
      flopsPerSecond: tokensPerSecond * flops,
      peakBytes,
    };
  });
}

/**
 * Generation speed of presets, the smallest first: tokens after the first of
 * one text, without its prompt. A preset is left out when its weights take more
 * than half of the machine's memory, or when it would take too long at the best
 * rate so far.
 *
 * @throws {ConfigError} for an unknown preset
 */
export function measureGeneration(
  way: MachineWay,
  presets: readonly LlamaPreset[],
  { tokens = 32, maxSeconds = 10 }: MeasureGenerationOptions = {},
): Promise<MeasuredPresets<GenerationSpeed>> {
  const { device, precision } = way;
  return measurePresets(way, presets, async (preset, before) => {
    const config = llamaConfig(preset);
    const { total, embedding } = countParameters(config);
    const bytes = 4 * (total - embedding); // of the embedding one row is read
    const best = fastest(before.map(({ bytesPerSecond }) => bytesPerSecond));
    const isSlow = tooSlow("it", tokens * bytes / best, maxSeconds);
    const why = isSlow ?? tooLarge(4 * total);
    if (why) return why;
    using model = Llama.create(config, { seed: 0, device });
    const times: number[] = [];
    await withMatmulPrecision(precision, async () => {
      // The first two compile: kernels of the prompt, then those of one token.
      const maxTokens = tokens + 2;
      const options = { temperature: 0, stopIds: [], maxTokens };
      for await (const _ of generate(model, [config.bosTokenId], options)) {
        times.push(performance.now());
      }
    });
    const count = times.length - 2;
    const tokensPerSecond = 1e3 * count / (times.at(-1)! - times[1]!);
    return {
      way: way.name,
      model: preset,
      parameters: total,
      tokensPerSecond,
      bytesPerSecond: tokensPerSecond * bytes,
    };
  });
}
