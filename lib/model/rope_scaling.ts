/**
 * Rotary frequencies for contexts longer than a model was trained with, as in
 * Hugging Face's `rope_scaling`.
 *
 * - linear: every frequency over the factor, that is positions squeezed together
 *   (Chen et al., 2023, arXiv 2306.15595).
 * - llama3: slow frequencies over the factor, fast ones as they are, a smooth
 *   step between them (Llama 3.1; `_compute_llama3_parameters` of transformers).
 *
 * @module
 */
import { ConfigError, FormatError } from "../util/mod.ts";

/** How rotary frequencies are changed. */
export type RopeScaling =
  | { readonly type: "linear"; readonly factor: number }
  | {
    readonly type: "llama3";
    readonly factor: number;
    /** Wavelengths above the old context over this are stretched in full. */
    readonly lowFreqFactor: number;
    /** Wavelengths below the old context over this stay. */
    readonly highFreqFactor: number;
    /** Context that the model was trained with first, in tokens. */
    readonly originalMaxPositionEmbeddings: number;
  };

/** The change as a function of a frequency in radians per token. */
export function ropeScale(
  scaling: RopeScaling | null,
): (frequency: number) => number {
  if (!scaling) return (frequency) => frequency;
  const { factor } = scaling;
  if (scaling.type === "linear") return (frequency) => frequency / factor;
  const { lowFreqFactor: low, highFreqFactor: high } = scaling;
  return (frequency) => {
    const turns = scaling.originalMaxPositionEmbeddings * frequency /
      (2 * Math.PI);
    // 0 where the wave is long, 1 where it is short.
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return (1 - kept) * frequency / factor + kept * frequency;
  };
}

/** @throws {ConfigError} naming the number that is out of range */
export function checkRopeScaling(scaling: RopeScaling | null): void {
  if (!scaling) return;
  const fail = (why: string): never => {
    throw new ConfigError(`Cannot scale rotary frequencies: ${why}`);
  };
  if (!(scaling.factor >= 1)) {
    fail(`factor is ${scaling.factor}, not at least 1`);
  }
  if (scaling.type === "linear") return;
  const { lowFreqFactor: low, highFreqFactor: high } = scaling;
  if (!(low > 0 && high > low)) {
    fail(`lowFreqFactor ${low} and highFreqFactor ${high} do not rise from 0`);
  }
  if (!(scaling.originalMaxPositionEmbeddings >= 1)) {
    fail(
      `originalMaxPositionEmbeddings is ` +
        scaling.originalMaxPositionEmbeddings,
    );
  }
}

/** As in `config.json`. */
export function toHuggingFaceRope(
  scaling: RopeScaling | null,
): Record<string, unknown> | null {
  if (!scaling) return null;
  const { type, factor } = scaling;
  // Older readers know "type" alone.
  if (type === "linear") return { rope_type: type, type, factor };
  return {
    rope_type: type,
    factor,
    low_freq_factor: scaling.lowFreqFactor,
    high_freq_factor: scaling.highFreqFactor,
    original_max_position_embeddings: scaling.originalMaxPositionEmbeddings,
  };
}

/**
 * From `config.json`.
 *
 * @param name file, for the error
 * @throws {FormatError} for a kind that is computed otherwise (yarn, dynamic,
 * longrope), or a number that is missing
 */
export function fromHuggingFaceRope(
  json: unknown,
  name: string,
): RopeScaling | null {
  if (json === null || json === undefined) return null;
  const fields = json as Record<string, unknown>;
  const type = fields.rope_type ?? fields.type;
  if (type === "default") return null;
  const fail = (why: string): never => {
    throw new FormatError(`Cannot use ${name}: rope_scaling ${why}`);
  };
  const number = (field: string): number => {
    const value = fields[field];
    if (typeof value === "number") return value;
    return fail(`has ${field} ${JSON.stringify(value)}, wanted a number`);
  };
  if (type === "linear") return { type, factor: number("factor") };
  if (type === "llama3") {
    return {
      type,
      factor: number("factor"),
      lowFreqFactor: number("low_freq_factor"),
      highFreqFactor: number("high_freq_factor"),
      originalMaxPositionEmbeddings: number("original_max_position_embeddings"),
    };
  }
  return fail(
    `is of type ${JSON.stringify(type)}: only linear and llama3 are supported`,
  );
}
