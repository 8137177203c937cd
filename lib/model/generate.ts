/**
 * Text from a model, token by token, with a cache of keys and values.
 *
 * @module
 */
import { noGrad, scoped, tensor } from "../tensor/mod.ts";
import { DataError, InterruptedError, Random } from "../util/mod.ts";
import { KvCache } from "./kv_cache.ts";
import type { Llama } from "./llama.ts";
import {
  checkSampling,
  sampleToken,
  type SamplingOptions,
} from "./sampling.ts";

/** How much to generate, and how. */
export interface GenerateOptions extends SamplingOptions {
  /** Most new tokens; the context is a bound too. */
  readonly maxTokens?: number;
  /** Seed of the draws, 0 without it. */
  readonly seed?: number;
  /** Tokens that end the text; the model's `eosTokenId` without it. */
  readonly stopIds?: readonly number[];
  /** Stops between tokens. */
  readonly signal?: AbortSignal;
}

/**
 * Yields new tokens until one that stops, which is not yielded.
 *
 * @param prompt at least one token (BOS)
 * @throws {DataError} when the prompt is empty or longer than the context
 * @throws {ConfigError} when a setting is out of range
 *
 * @example
 * ```ts
 * for await (const id of generate(model, prompt, { temperature: 0.8 })) …
 * ```
 */
export async function* generate(
  model: Llama,
  prompt: ArrayLike<number>,
  options: GenerateOptions = {},
): AsyncGenerator<number> {
  const { maxTokens = 128, seed = 0, signal } = options;
  const { config, device } = model;
  const stopIds = options.stopIds ?? [config.eosTokenId];
  checkSampling(options);
  const room = config.maxPositionEmbeddings - prompt.length;
  if (prompt.length === 0 || room < 0) {
    throw new DataError(
      `Cannot generate from a prompt of ${prompt.length} tokens: wanted ` +
        `1..${config.maxPositionEmbeddings}`,
    );
  }
  const random = new Random(seed, "generate");
  const count = Math.min(maxTokens, room);
  using cache = new KvCache(config, {
    device,
    capacity: prompt.length + count,
  });
  const seen = Array.from(prompt);
  let next = Int32Array.from(prompt);
  for (let i = 0; i < count; i++) {
    if (signal?.aborted) {
      throw new InterruptedError(`Stopped after ${i} generated tokens`);
    }
    const logits = await scoped(() =>
      noGrad(() => {
        const ids = tensor(next, { shape: [1, next.length], device });
        return model.forward(ids, { cache, lastOnly: true }).data();
      }), "generate");
    const id = sampleToken(logits, random, options, seen);
    if (stopIds.includes(id)) return;
    yield id;
    seen.push(id);
    next = Int32Array.of(id);
  }
}
