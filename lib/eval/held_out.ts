/**
 * How well a model predicts text that it was not trained on.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import { noGrad, scoped, tensor } from "../tensor/mod.ts";
import { numberDocuments, type TokenSource } from "../text/mod.ts";
import { ConfigError, DataError } from "../util/mod.ts";

/**
 * What weighs the same in a mean loss: every token, or every batch, also one
 * that has fewer tokens. The first depends on nothing but the text. The second
 * is what TeenyTinyLlama's perplexities are made of (its evaluation.py); it
 * changes with the size of a batch, and gives the tokens of a short last batch
 * more weight.
 */
export type LossAverage = "tokens" | "batches";

/** Loss over a stretch of tokens. */
export interface HeldOutLoss {
  /** Mean cross-entropy in nats per token, by the `average` asked for. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  /** Tokens that were predicted. */
  readonly tokens: number;
}

/** How the tokens are cut. */
export interface HeldOutOptions {
  /** Sequences that run side by side. */
  readonly batchSize: number;
  /** Tokens of a sequence; each is predicted from those before it in there. */
  readonly contextLength: number;
  /** Most tokens that are predicted; all of them without it. */
  readonly maxTokens?: number;
  /**
   * Whether no token sees those of another document, as in a training with
   * `maskDocuments` (default false).
   */
  readonly maskDocuments?: boolean;
  /** "tokens" without it. */
  readonly average?: LossAverage;
}

/**
 * Mean of the mean losses of batches.
 *
 * @param batches loss in nats per token, and tokens, of each
 * @returns nats per token; NaN of no batches
 */
export function averageLoss(
  batches: readonly { readonly loss: number; readonly tokens: number }[],
  average: LossAverage = "tokens",
): number {
  const weights = batches.map(({ tokens }) =>
    average === "tokens" ? tokens : 1
  );
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return sum(batches.map(({ loss }, i) => loss * weights[i]!)) / sum(weights);
}

/**
 * The loss on a stream of tokens, cut into sequences without overlap; what
 * does not fill a sequence at the end is left out.
 *
 * @throws {ConfigError} when a size is below 1, or documents are to be masked
 * and the tokens do not know where they begin
 * @throws {DataError} when the tokens do not fill one sequence
 */
export async function heldOutLoss(
  model: Llama,
  tokens: TokenSource,
  options: HeldOutOptions,
): Promise<HeldOutLoss> {
  const { batchSize, contextLength, maxTokens = Infinity } = options;
  const { maskDocuments = false, average } = options;
  if (!(batchSize >= 1 && contextLength >= 1)) {
    throw new ConfigError(
      `Cannot evaluate in batches of ${batchSize} x ${contextLength}`,
    );
  }
  if (maskDocuments && !tokens.documentStarts) {
    throw new ConfigError(
      "Cannot keep attention in its document: where the documents of these " +
        "tokens begin is not known; wanted withDocumentStarts",
    );
  }
  const sequences = Math.min(
    Math.floor((tokens.length - 1) / contextLength),
    Math.max(1, Math.floor(maxTokens / contextLength)),
  );
  if (sequences < 1) {
    throw new DataError(
      `Cannot evaluate on ${tokens.length} tokens: one sequence takes ` +
        `${contextLength + 1}`,
    );
  }
  const { device } = model;
  const numbersOf = (start: number, end: number) => {
    const numbers = new Int32Array(end - start);
    for (let from = 0; from < numbers.length; from += contextLength) {
      const sequence = numbers.subarray(from, from + contextLength);
      numberDocuments(tokens, start + from, sequence);
    }
    return numbers;
  };
  const batches: { loss: number; tokens: number }[] = [];
  for (let first = 0; first < sequences; first += batchSize) {
    const shape = [Math.min(batchSize, sequences - first), contextLength];
    const start = first * contextLength;
    const end = start + shape[0]! * contextLength;
    const loss = await scoped(() =>
      noGrad(() => {
        const of = (ids: ArrayLike<number>) =>
          tensor(Int32Array.from(ids), { shape, device });
        return model.loss(
          of(tokens.subarray(start, end)),
          of(tokens.subarray(start + 1, end + 1)),
          maskDocuments ? { documents: of(numbersOf(start, end)) } : {},
        ).item();
      }), "heldOutLoss");
    batches.push({ loss, tokens: end - start });
  }
  const loss = averageLoss(batches, average);
  const count = sequences * contextLength;
  return { loss, perplexity: Math.exp(loss), tokens: count };
}

/**
 * Loss in units that do not depend on the tokenizer: bits per byte of UTF-8.
 *
 * @param loss nats per token
 * @param bytesPerToken bytes of text per token, on the same text
 */
export function bitsPerByte(loss: number, bytesPerToken: number): number {
  return loss / Math.LN2 / bytesPerToken;
}
