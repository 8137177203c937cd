/**
 * Tokens from a model, one after the other, with a cache of keys and values;
 * several texts side by side.
 *
 * @module
 */
import { noGrad, scoped, tensor, type TensorData } from "../tensor/mod.ts";
import { DataError, InterruptedError, Random } from "../util/mod.ts";
import { DecodeStep } from "./decode_step.ts";
import { KvCache } from "./kv_cache.ts";
import type { Llama } from "./llama.ts";
import { commonStart, PromptCache } from "./prompt_cache.ts";
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
  /**
   * What was read for earlier texts: what the prompts begin with and it holds
   * is not read again, and it holds their beginning (of one prompt, all of the
   * text) afterwards. For one text at a time.
   */
  readonly cache?: PromptCache;
}

/**
 * Tokens that several prompts must share for their beginning to be read by
 * itself: a pass over the weights costs about as much as so many rows.
 */
const LEAST_SHARED = 16;

/** A text on its way: its draws, its tokens, and whether it has ended. */
interface Row {
  readonly random: Random;
  readonly seen: number[];
  isEnded: boolean;
}

/** Length of the prompts, which is the same for all. */
function promptLength(
  prompts: readonly ArrayLike<number>[],
  most: number,
): number {
  const length = prompts[0]?.length ?? 0;
  const other = prompts.find((prompt) => prompt.length !== length);
  if (other) {
    throw new DataError(
      `Cannot generate from prompts of ${length} and ${other.length} tokens ` +
        "side by side: wanted the same length",
    );
  }
  if (length === 0 || length > most) {
    throw new DataError(
      `Cannot generate from a prompt of ${length} tokens: wanted 1..${most}`,
    );
  }
  return length;
}

/** Logits (B, V) behind the tokens (B, T), which go into the cache. */
function nextLogits(
  model: Llama,
  tokens: readonly ArrayLike<number>[],
  cache: KvCache,
): Promise<TensorData> {
  const shape = [tokens.length, tokens[0]!.length];
  const { device } = model;
  const flat = Int32Array.from(tokens.flatMap((row) => Array.from(row)));
  return scoped(() =>
    noGrad(() => {
      const ids = tensor(flat, { shape, device });
      return model.forward(ids, { cache, lastOnly: true }).data();
    }), "generate");
}

/** Tokens that all prompts begin with, where they are worth a pass. */
function sharedStart([first, ...others]: readonly ArrayLike<number>[]): number {
  const most = Math.min(...others.map((ids) => commonStart(first!, ids)));
  if (most >= first!.length) return first!.length; // equal, or alone
  return most < LEAST_SHARED ? 0 : most;
}

/** What has been read, and logits (1, V) or (B, V) of what follows. */
interface Reading {
  /** Of as many rows as there are prompts. */
  readonly cache: KvCache;
  readonly logits: TensorData;
}

/**
 * Reads prompts of the same length. What all begin with is read in one row,
 * as far as `held` does not have it.
 *
 * @param options.caches owns what is made
 */
async function readPrompts(
  model: Llama,
  prompts: readonly ArrayLike<number>[],
  { held, capacity, caches }: {
    readonly held: PromptCache;
    readonly capacity: number;
    readonly caches: DisposableStack;
  },
): Promise<Reading> {
  const { config, device } = model;
  const batch = prompts.length;
  const shared = sharedStart(prompts);
  if (shared === 0) {
    const cache = caches.use(new KvCache(config, { device, batch, capacity }));
    return { cache, logits: await nextLogits(model, prompts, cache) };
  }
  const start = Array.from(prompts[0]!).slice(0, shared);
  const one = held.begin(model, start, batch === 1 ? capacity : shared);
  const rest = start.slice(one.length);
  const logits = await nextLogits(model, [rest], one);
  held.advance(rest);
  const cache = batch === 1 ? one : caches.use(one.repeat(batch, capacity));
  const ends = prompts.map((ids) => Array.from(ids).slice(shared));
  if (ends[0]!.length === 0) return { cache, logits };
  return { cache, logits: await nextLogits(model, ends, cache) };
}

/**
 * Goes on from several prompts of the same length side by side, which costs
 * little more than one: each step yields the next token of every prompt, and
 * undefined for those that have ended. What all prompts begin with is read
 * once. Each has its own stream of draws; the first has that of
 * {@link generate}.
 *
 * @param prompts at least one; each with at least one token (BOS)
 * @throws {DataError} when prompts are empty, longer than the context, or of
 * different lengths
 * @throws {ConfigError} when a setting is out of range
 */
export async function* generateSideBySide(
  model: Llama,
  prompts: readonly ArrayLike<number>[],
  options: GenerateOptions = {},
): AsyncGenerator<(number | undefined)[]> {
  const { maxTokens = 128, seed = 0, signal } = options;
  const { config } = model;
  const stopIds = options.stopIds ?? [config.eosTokenId];
  checkSampling(options);
  const context = config.maxPositionEmbeddings;
  const length = promptLength(prompts, context);
  const count = Math.min(maxTokens, context - length);
  const rows = prompts.map((prompt, i): Row => ({
    random: new Random(seed, i === 0 ? "generate" : `generate ${i}`),
    seen: Array.from(prompt),
    isEnded: false,
  }));
  const capacity = length + count;
  using caches = new DisposableStack();
  const held = options.cache ?? caches.use(new PromptCache());
  let reading: Reading | undefined;
  let step: DecodeStep | undefined;
  for (let i = 0; i < count; i++) {
    if (signal?.aborted) {
      throw new InterruptedError(`Stopped after ${i} generated tokens`);
    }
    if (!reading) {
      reading = await readPrompts(model, prompts, { held, capacity, caches });
    } else {
      // What follows an ended text is computed with the others and not read.
      const next = rows.map(({ seen }) => seen.at(-1)!);
      const { cache } = reading;
      step ??= caches.use(new DecodeStep(model, cache, rows.length));
      reading = { cache, logits: await step.next(next) };
      if (rows.length === 1) held.advance(next);
    }
    const { logits } = reading;
    const ids = rows.map((row, r) => {
      if (row.isEnded) return undefined;
      const at = logits.length === config.vocabSize ? 0 : r * config.vocabSize;
      const scores = logits.subarray(at, at + config.vocabSize);
      const id = sampleToken(scores, row.random, options, row.seen);
      row.isEnded = stopIds.includes(id);
      row.seen.push(id);
      return row.isEnded ? undefined : id;
    });
    if (rows.every((row) => row.isEnded)) return;
    yield ids;
  }
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
  for await (const [id] of generateSideBySide(model, [prompt], options)) {
    yield id!;
  }
}
