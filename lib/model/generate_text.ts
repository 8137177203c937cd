/**
 * Text from a model and its tokenizer, piece by piece, with strings that end
 * it.
 *
 * @module
 */
import type { StreamDecoder, Tokenizer } from "../text/mod.ts";
import { ConfigError } from "../util/mod.ts";
import {
  generate,
  type GenerateOptions,
  generateSideBySide,
} from "./generate.ts";
import type { Llama } from "./llama.ts";

/** How long texts take, while they come. */
export class GenerationTiming {
  promptTokens = 0;
  /** Texts side by side. */
  samples = 1;
  /** Until the first new token. */
  promptSeconds = 0;
  /** Of all texts. */
  newTokens = 0;
  /** For all new tokens but the first of each text. */
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

/** A model and the tokenizer that goes with it. */
export interface TextModel {
  readonly model: Llama;
  readonly tokenizer: Tokenizer;
}

/** The new text of one row, up to a stop string. */
class TextRow {
  readonly #decoder: StreamDecoder;
  readonly #stops: StopStrings;

  constructor(
    tokenizer: Tokenizer,
    prompt: string,
    stop: readonly string[],
  ) {
    const isContinuation = prompt !== "";
    this.#decoder = tokenizer.streamDecoder({ isContinuation });
    this.#stops = new StopStrings(stop);
  }

  /** Whether a stop string came. */
  get isReached(): boolean {
    return this.#stops.isReached;
  }

  /** The text of one more token. */
  push(id: number): string {
    return this.#stops.push(this.#decoder.push(id));
  }

  /** What was held back, if no stop string came. */
  end(): string {
    if (this.isReached) return "";
    return this.#stops.push(this.#decoder.end()) + this.#stops.end();
  }
}

/** Counts one more token; `tokens` are those of all texts. */
function clock(timing: GenerationTiming, start: number, tokens: number): void {
  const seconds = (performance.now() - start) / 1000;
  if (timing.newTokens === 0) timing.promptSeconds = seconds;
  timing.newTokens += tokens;
  timing.seconds = seconds - timing.promptSeconds;
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
  { model, tokenizer }: TextModel,
  prompt: string,
  { stop = [], ...options }: GenerateTextOptions = {},
  timing = new GenerationTiming(),
): AsyncGenerator<string, void> {
  const ids = tokenizer.encode(prompt, { bos: true });
  const stopIds = [tokenizer.eosId, tokenizer.bosId];
  const row = new TextRow(tokenizer, prompt, stop);
  timing.promptTokens = ids.length;
  const start = performance.now();
  for await (const id of generate(model, ids, { ...options, stopIds })) {
    clock(timing, start, 1);
    yield row.push(id);
    if (row.isReached) return;
  }
  yield row.end();
}

/**
 * Several texts from one prompt, computed side by side (`generateSideBySide`);
 * the first is that of {@link generateText}.
 *
 * @param samples how many, at least 1
 * @returns the new texts, without the prompt
 * @throws {ConfigError} when a setting is out of range
 * @throws {DataError} when the prompt is longer than the context
 */
export async function sampleTexts(
  { model, tokenizer }: TextModel,
  prompt: string,
  { samples, stop = [], ...options }: GenerateTextOptions & {
    readonly samples: number;
  },
  timing = new GenerationTiming(),
): Promise<string[]> {
  if (!(Number.isInteger(samples) && samples >= 1)) {
    throw new ConfigError(`Cannot sample ${samples} texts: wanted 1 or more`);
  }
  const ids = tokenizer.encode(prompt, { bos: true });
  const stopIds = [tokenizer.eosId, tokenizer.bosId];
  const rows = Array.from(
    { length: samples },
    () => new TextRow(tokenizer, prompt, stop),
  );
  const texts = rows.map(() => "");
  timing.promptTokens = ids.length;
  timing.samples = samples;
  const start = performance.now();
  const prompts = rows.map(() => ids);
  const steps = generateSideBySide(model, prompts, { ...options, stopIds });
  for await (const step of steps) {
    let tokens = 0;
    for (const [i, id] of step.entries()) {
      if (id === undefined || rows[i]!.isReached) continue;
      texts[i] += rows[i]!.push(id);
      tokens++;
    }
    clock(timing, start, tokens);
    if (rows.every((row) => row.isReached)) break;
  }
  return texts.map((text, i) => text + rows[i]!.end());
}
