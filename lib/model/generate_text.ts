/**
 * Text from a model and its tokenizer, piece by piece, with strings that end
 * it.
 *
 * @module
 */
import type { Tokenizer } from "../text/mod.ts";
import { ConfigError } from "../util/mod.ts";
import { generate, type GenerateOptions } from "./generate.ts";
import type { Llama } from "./llama.ts";

/** How long a text takes, while it comes. */
export class GenerationTiming {
  promptTokens = 0;
  /** Until the first new token. */
  promptSeconds = 0;
  newTokens = 0;
  /** For all new tokens but the first. */
  seconds = 0;
}

/** How text is generated. */
export interface GenerateTextOptions extends Omit<GenerateOptions, "stopIds"> {
  /** Strings that end the text; they are not part of it. */
  readonly stop?: readonly string[];
}

/** Holds back what may be the beginning of a string that ends the text. */
class StopStrings {
  readonly #stops: readonly string[];
  #held = "";
  /** Whether one of the strings came. */
  isReached = false;

  constructor(stops: readonly string[]) {
    if (stops.includes("")) {
      throw new ConfigError("Cannot stop at an empty string");
    }
    this.#stops = stops;
  }

  /** Text that is certain not to be part of an ending. */
  push(text: string): string {
    const all = this.#held + text;
    const ends = this.#stops.map((stop) => all.indexOf(stop))
      .filter((at) => at >= 0);
    if (ends.length > 0) {
      this.isReached = true;
      this.#held = "";
      return all.slice(0, Math.min(...ends));
    }
    // The longest end of `all` that a stop begins with may go on.
    let keep = 0;
    for (const stop of this.#stops) {
      for (let n = Math.min(stop.length - 1, all.length); n > keep; n--) {
        if (stop.startsWith(all.slice(all.length - n))) keep = n;
      }
    }
    this.#held = all.slice(all.length - keep);
    return all.slice(0, all.length - keep);
  }

  /** What was held back and nothing followed. */
  end(): string {
    return this.isReached ? "" : this.#held;
  }
}

/**
 * Goes on from a prompt and yields the text as it comes. It ends at the end of
 * a document, where a model has learned either `</s>` or the next `<s>`, or at
 * one of the strings in `stop`.
 *
 * @param timing filled on the way, so that it holds after a stop too
 * @throws {ConfigError} when a setting is out of range
 * @throws {DataError} when the prompt is longer than the context
 *
 * @example
 * ```ts
 * for await (const text of generateText({ model, tokenizer }, "Era uma vez")) …
 * ```
 */
export async function* generateText(
  { model, tokenizer }: {
    readonly model: Llama;
    readonly tokenizer: Tokenizer;
  },
  prompt: string,
  { stop = [], ...options }: GenerateTextOptions = {},
  timing = new GenerationTiming(),
): AsyncGenerator<string, void> {
  const ids = tokenizer.encode(prompt, { bos: true });
  const decoder = tokenizer.streamDecoder({ isContinuation: prompt !== "" });
  const stopIds = [tokenizer.eosId, tokenizer.bosId];
  const stops = new StopStrings(stop);
  timing.promptTokens = ids.length;
  const start = performance.now();
  for await (const id of generate(model, ids, { ...options, stopIds })) {
    const seconds = (performance.now() - start) / 1000;
    if (timing.newTokens++ === 0) timing.promptSeconds = seconds;
    timing.seconds = seconds - timing.promptSeconds;
    yield stops.push(decoder.push(id));
    if (stops.isReached) return;
  }
  yield stops.push(decoder.end()) + stops.end();
}
