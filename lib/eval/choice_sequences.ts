/**
 * From texts to scored sequences, by the rules of lm-evaluation-harness: spaces
 * at the end of the context go to the front of the continuation; context and
 * continuation are encoded together, and what follows the tokens of the context
 * alone is the continuation; what does not fit is cut off from the left.
 *
 * @module
 */
import type { Tokenizer } from "../text/mod.ts";
import { DataError } from "../util/mod.ts";
import type { ScoredSequence } from "./continuation_scorer.ts";

/** A scored sequence, and whether its context was cut. */
export interface ChoiceSequence extends ScoredSequence {
  readonly isTruncated: boolean;
}

/**
 * The sequence of a context and one continuation.
 *
 * @param options.maxLength tokens that the model can see
 * @param options.bos whether `<s>` begins the context; it stays in front when
 * the context is cut nowhere, and goes with what is cut off
 * @throws {DataError} when there is nothing to score, or nothing before it
 */
export function choiceSequence(
  tokenizer: Tokenizer,
  context: string,
  continuation: string,
  { maxLength, bos = true }: { maxLength: number; bos?: boolean },
): ChoiceSequence {
  const trimmed = context.trimEnd();
  const moved = context.slice(trimmed.length) + continuation;
  const before = tokenizer.encode(trimmed, { bos });
  const whole = tokenizer.encode(trimmed + moved, { bos });
  const scored = whole.length - before.length;
  const shown = JSON.stringify(continuation);
  if (scored < 1) {
    throw new DataError(`Cannot score ${shown}: it adds no token`);
  }
  if (before.length === 0) {
    throw new DataError(
      `Cannot score ${shown} after nothing: a context or <s> stands before it`,
    );
  }
  if (scored > maxLength) {
    throw new DataError(
      `Cannot score a continuation of ${scored} tokens: the model's context ` +
        `holds ${maxLength}`,
    );
  }
  // The last token is predicted and not read.
  const isTruncated = whole.length > maxLength + 1;
  const ids = isTruncated ? whole.slice(-(maxLength + 1)) : whole;
  return { ids, scored, isTruncated };
}
