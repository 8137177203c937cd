/**
 * Divides documents into training and held-out text.
 *
 * @module
 */
import { ConfigError, DataError, hashText, threefry } from "../util/mod.ts";
import {
  NearDuplicateIndex,
  type NearDuplicateKnobs,
} from "./corpus/near_duplicates.ts";

/** Documents divided by {@linkcode splitDocuments}. */
export interface DocumentSplit<T> {
  readonly train: T[];
  readonly heldOut: T[];
}

/** How documents are divided. */
export interface DocumentSplitOptions {
  /** Probability of being held out, 0 to 1. */
  readonly heldOutShare: number;
  /** Whole number, 0 to 2^32 - 1. */
  readonly seed: number;
  /**
   * Keeps near-duplicates on one side: a group of similar texts is judged by
   * its first. Without it only exact duplicates stay together.
   */
  readonly nearDuplicates?: Partial<NearDuplicateKnobs>;
}

const KEY = hashText("held-out documents");

function checkShare(heldOutShare: number): void {
  if (heldOutShare >= 0 && heldOutShare <= 1) return;
  throw new ConfigError(
    `Cannot hold out a share of ${heldOutShare}: wanted 0 to 1`,
  );
}

/** Whether a text with this `hashText` is held out. */
function isHeldOut(
  hash: number,
  { heldOutShare, seed }: DocumentSplitOptions,
): boolean {
  const [word] = threefry(seed, KEY, hash, 0);
  return word / 2 ** 32 < heldOutShare;
}

/** Whether document number `index` of a pass, with that text, is held out. */
export type HeldOutJudge = (text: string, index: number) => boolean;

/**
 * Judges documents of a corpus that does not fit into memory. To keep
 * near-duplicates together it reads them all once; they must come again in the
 * same order.
 *
 * @param open gives the documents of that first pass
 * @throws {ConfigError} when the share is not in 0..1
 */
export async function heldOutJudge(
  open: () =>
    | AsyncIterable<{ readonly text: string }>
    | Iterable<{ readonly text: string }>,
  options: DocumentSplitOptions,
): Promise<HeldOutJudge> {
  checkShare(options.heldOutShare);
  if (!options.nearDuplicates) {
    return (text) => isHeldOut(hashText(text), options);
  }
  const hashes: number[] = [];
  const index = new NearDuplicateIndex(options.nearDuplicates);
  for await (const { text } of open()) {
    hashes.push(hashText(text));
    index.add(text);
  }
  return (text, i) => {
    const isSame = hashes[i] === hashText(text);
    if (isSame) return isHeldOut(hashes[index.groupOf(i)]!, options);
    throw new DataError(
      `Cannot divide documents that change: number ${i} was another one in the ` +
        "first pass",
    );
  };
}

/**
 * Divides documents by a seeded hash of their text: each is held out with the
 * given probability, whatever the others are, and exact duplicates always land
 * on the same side; near-duplicates too where that is asked for.
 *
 * @throws {ConfigError} when the share is not in 0..1
 */
export function splitDocuments<T extends { readonly text: string }>(
  documents: Iterable<T>,
  options: DocumentSplitOptions,
): DocumentSplit<T> {
  checkShare(options.heldOutShare);
  const index = options.nearDuplicates &&
    new NearDuplicateIndex(options.nearDuplicates);
  const all = [...documents];
  for (const { text } of all) index?.add(text);
  const split: DocumentSplit<T> = { train: [], heldOut: [] };
  for (const [i, document] of all.entries()) {
    const { text } = all[index?.groupOf(i) ?? i]!;
    const side = isHeldOut(hashText(text), options) ? "heldOut" : "train";
    split[side].push(document);
  }
  return split;
}
