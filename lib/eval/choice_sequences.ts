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

/**
 * How a context and its continuation are encoded: "together", so that a token
 * may reach across the border, as newer harnesses do, or "apart", each by
 * itself, as laiviet's fork did for TTL.
 */
export type PairEncoding = "together" | "apart";

/** What a sequence is made with. */
export interface SequenceOptions {
  /** Tokens that the model can see. */
  readonly maxLength: number;
  /**
   * Whether `<s>` begins the context (default true); it stays in front when the
   * context is cut nowhere, and goes with what is cut off.
   */
  readonly bos?: boolean;
  /** "together" without it. */
  readonly encoding?: PairEncoding;
}

/** Tokens of the context, and of both. */
function encodePair(
  tokenizer: Tokenizer,
  context: string,
  continuation: string,
  { bos = true, encoding = "together" }: SequenceOptions,
): { before: Int32Array; whole: Int32Array } {
  if (encoding === "apart") {
    const before = tokenizer.encode(context, { bos });
    const after = tokenizer.encode(continuation);
    return { before, whole: Int32Array.from([...before, ...after]) };
  }
  const trimmed = context.trimEnd();
  const moved = context.slice(trimmed.length) + continuation;
  const before = tokenizer.encode(trimmed, { bos });
  return { before, whole: tokenizer.encode(trimmed + moved, { bos }) };
}

/** A scored sequence, and whether its context was cut. */
export interface ChoiceSequence extends ScoredSequence {
  readonly isTruncated: boolean;
}

/**
 * The sequence of a context and one continuation.
 *
 * @throws {DataError} when there is nothing to score, or nothing before it
 */
export function choiceSequence(
  tokenizer: Tokenizer,
  context: string,
  continuation: string,
  options: SequenceOptions,
): ChoiceSequence {
  const { maxLength } = options;
  const { before, whole } = encodePair(
    tokenizer,
    context,
    continuation,
    options,
  );
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
