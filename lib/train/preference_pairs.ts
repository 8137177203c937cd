/**
 * Pairs of answers on their way into a model: what can be used of them, in
 * which order they are read.
 *
 * @module
 */
import {
  type ChatModel,
  type ChatTokens,
  encodePreference,
  type Preference,
  type PreferenceTokens,
} from "../chat/mod.ts";
import { DataError, messageOf } from "../util/mod.ts";

/**
 * Why a pair is left out: something in it is blank; both answers are the same
 * tokens; one of the conversations is longer than `maxTokens` or the context.
 */
export const UNUSED_PAIR_REASONS = ["blank", "equal", "long"] as const;

/** A pair that is left out. */
export interface UnusedPair {
  /** Its place in the list, from 1. */
  readonly pair: number;
  readonly reason: (typeof UNUSED_PAIR_REASONS)[number];
}

/**
 * Pairs as tokens, and those that cannot be used.
 *
 * @throws {DataError} when the template refuses a pair, naming it, or none can
 * be used
 */
export function encodePairs(
  chat: ChatModel,
  all: readonly Preference[],
  maxTokens: number,
) {
  const pairs: PreferenceTokens[] = [];
  const unused: UnusedPair[] = [];
  for (const [i, pair] of all.entries()) {
    const tokens = encodeNumbered(chat, pair, i + 1);
    const reason = unusedReason(tokens, maxTokens);
    if (reason) unused.push({ pair: i + 1, reason });
    else pairs.push(tokens!);
  }
  if (pairs.length > 0) return { pairs, unused };
  const counts = UNUSED_PAIR_REASONS.map((reason) => {
    const count = unused.filter((pair) => pair.reason === reason).length;
    return `${count} ${reason}`;
  });
  throw new DataError(
    `Cannot fine-tune on ${all.length} pairs: none can be used within ` +
      `${maxTokens} tokens (${counts.join(", ")})`,
  );
}

/** Tokens of a pair; undefined when something in it is blank. */
function encodeNumbered(
  chat: ChatModel,
  pair: Preference,
  number: number,
): PreferenceTokens | undefined {
  const { prompt, chosen, rejected } = pair;
  const texts = [...prompt.map(({ content }) => content), chosen, rejected];
  if (texts.some((text) => text.trim() === "")) return undefined;
  try {
    return encodePreference(pair, chat);
  } catch (error) {
    throw new DataError(`Cannot use pair ${number}: ${messageOf(error)}`);
  }
}

function unusedReason(
  tokens: PreferenceTokens | undefined,
  maxTokens: number,
): UnusedPair["reason"] | undefined {
  if (!tokens) return "blank";
  const [chosen, rejected] = [tokens.chosen.ids, tokens.rejected.ids];
  const isEqual = chosen.length === rejected.length &&
    chosen.every((id, i) => id === rejected[i]);
  if (isEqual) return "equal";
  const isLong = Math.max(chosen.length, rejected.length) > maxTokens;
  return isLong ? "long" : undefined;
}

/** Both answers of some pairs: the chosen ones, then the rejected ones. */
export function answersOf(pairs: readonly PreferenceTokens[]): ChatTokens[] {
  return [
    ...pairs.map(({ chosen }) => chosen),
    ...pairs.map(({ rejected }) => rejected),
  ];
}

/** Tokens that run through a model for some pairs, with their padding. */
export function paddedTokens(pairs: readonly PreferenceTokens[]): number {
  const lengths = answersOf(pairs).map(({ ids }) => ids.length - 1);
  return lengths.length * Math.max(...lengths);
}
