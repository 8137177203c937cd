/**
 * Samples on the way of a run: texts that go on from a prompt, with the
 * settings of TeenyTinyLlama's script.
 *
 * @module
 */
import {
  ConfigError,
  type LlamaConfig,
  sampleTexts,
  type TextModel,
  type Tokenizer,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";

/** What is sampled, and how much of it. */
export interface SamplePlan {
  /** Beginnings, taken in turn; none for no samples. */
  readonly prompts: readonly string[];
  /** Texts from a prompt each time. */
  readonly count: number;
  /** Most tokens of a text, its prompt counted; `NEW_TOKENS` new without it. */
  readonly length: number | undefined;
}

const SAMPLING = { topK: 50, topP: 0.5, repetitionPenalty: 1.2 };
const NEW_TOKENS = 64;

/**
 * Samples as the options say.
 *
 * @param usual what samples begin with when only their steps are told
 */
export function planSamples(line: CommandLine, usual: string): SamplePlan {
  const usualPrompts = line.has("sample-every") ? [usual] : [];
  return {
    prompts: line.text("prompts")?.split("|") ?? usualPrompts,
    count: line.needNumber("samples"),
    length: line.number("sample-length"),
  };
}

/** @throws {ConfigError} when a prompt leaves no room for a sample */
export function checkSamples(
  { prompts, length = Infinity }: SamplePlan,
  { maxPositionEmbeddings }: LlamaConfig,
  tokenizer: Tokenizer,
): void {
  for (const prompt of prompts) {
    const tokens = tokenizer.encode(prompt, { bos: true }).length;
    if (tokens < Math.min(length, maxPositionEmbeddings)) continue;
    throw new ConfigError(
      `Cannot sample from the prompt "${prompt}": it has ${tokens} tokens, ` +
        (tokens >= maxPositionEmbeddings
          ? `the model's context holds ${maxPositionEmbeddings}`
          : `a sample has ${length} (--sample-length)`),
    );
  }
}

/**
 * Writes samples from the prompt whose turn it is.
 *
 * @param every steps between samples
 * @returns the texts of a step, each with its prompt
 */
export function samplerOf(
  { model, tokenizer }: TextModel,
  { prompts, count, length }: SamplePlan,
  every: number,
): (step: number) => Promise<string[]> {
  return async (step) => {
    const prompt = prompts[Math.floor(step / every) % prompts.length]!;
    const promptTokens = tokenizer.encode(prompt, { bos: true }).length;
    const texts = await sampleTexts({ model, tokenizer }, prompt, {
      ...SAMPLING,
      samples: count,
      maxTokens: length === undefined ? NEW_TOKENS : length - promptTokens,
      temperature: 1,
      seed: step,
    });
    return texts.map((text) => prompt + text);
  };
}
