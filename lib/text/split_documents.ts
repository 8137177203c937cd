/**
 * Divides documents into training and held-out text.
 *
 * @module
 */
import { ConfigError, hashText, threefry } from "../util/mod.ts";

/** Documents divided by {@linkcode splitDocuments}. */
export interface DocumentSplit<T> {
  readonly train: T[];
  readonly heldOut: T[];
}

/**
 * Divides documents by a seeded hash of their text: each is held out with the
 * given probability, whatever the others are, and exact duplicates always land
 * on the same side.
 *
 * @param options.heldOutShare probability of being held out, 0 to 1
 * @param options.seed whole number, 0 to 2^32 - 1
 * @throws {ConfigError} when the share is not in 0..1
 */
export function splitDocuments<T extends { readonly text: string }>(
  documents: Iterable<T>,
  { heldOutShare, seed }: { heldOutShare: number; seed: number },
): DocumentSplit<T> {
  if (!(heldOutShare >= 0 && heldOutShare <= 1)) {
    throw new ConfigError(
      `Cannot hold out a share of ${heldOutShare}: wanted 0 to 1`,
    );
  }
  const key = hashText("held-out documents");
  const split: DocumentSplit<T> = { train: [], heldOut: [] };
  for (const document of documents) {
    const [word] = threefry(seed, key, hashText(document.text), 0);
    const side = word / 2 ** 32 < heldOutShare ? "heldOut" : "train";
    split[side].push(document);
  }
  return split;
}
