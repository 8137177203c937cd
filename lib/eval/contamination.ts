/**
 * Contamination: whether the items of a test stand in what a model was trained
 * on. An item is found where a run of n words of it (13, as for GPT-3: Brown et
 * al. 2020, arXiv 2005.14165, appendix C) stands in a document, whatever the
 * case and the punctuation.
 *
 * @module
 */
import { ConfigError, DataError, plainName } from "../util/mod.ts";

/** Texts of an item that are looked for. */
export interface ContaminationItem {
  readonly id: string;
  readonly texts: readonly string[];
}

/** An item that was found. */
export interface FoundItem {
  readonly id: string;
  /** Share of its runs of words that stand in the corpus, above 0 up to 1. */
  readonly share: number;
  /** Name of the first document that one stands in. */
  readonly document: string;
  /** The first run that was found. */
  readonly words: string;
}

/** What a check found. */
export interface ContaminationReport {
  readonly items: number;
  /** Items whose texts are all shorter than a run: they cannot be found. */
  readonly tooShort: number;
  readonly documents: number;
  /** By falling share. */
  readonly found: readonly FoundItem[];
}

/** Words without case, accents and punctuation. */
function plainWords(text: string): string[] {
  return plainName(text).split(" ").filter((word) => word !== "");
}

function* runsOf(words: readonly string[], n: number): Generator<string, void> {
  for (let i = 0; i + n <= words.length; i++) {
    yield words.slice(i, i + n).join(" ");
  }
}

/** Looks for items in documents that come one by one. */
export class ContaminationCheck {
  readonly #n: number;
  readonly #items: readonly ContaminationItem[];
  /** Items by the runs of words in them. */
  readonly #owners = new Map<string, number[]>();
  readonly #runsPerItem: Int32Array;
  /** Runs that were found, with the first document. */
  readonly #seen = new Map<string, string>();
  #documents = 0;

  /**
   * @param n words of a run
   * @throws {ConfigError} when n is not a count
   * @throws {DataError} without items
   */
  constructor(items: readonly ContaminationItem[], n = 13) {
    if (!Number.isInteger(n) || n < 1) {
      throw new ConfigError(`Cannot look for runs of ${n} words`);
    }
    if (items.length === 0) {
      throw new DataError("Cannot look for no items in a corpus");
    }
    this.#n = n;
    this.#items = items;
    this.#runsPerItem = new Int32Array(items.length);
    for (const [i, { texts }] of items.entries()) {
      const runs = texts.flatMap((text) => [...runsOf(plainWords(text), n)]);
      for (const run of new Set(runs)) {
        this.#runsPerItem[i]!++;
        const owners = this.#owners.get(run);
        if (owners) owners.push(i);
        else this.#owners.set(run, [i]);
      }
    }
  }

  /** Looks at a document. */
  add({ name, text }: { readonly name: string; readonly text: string }): void {
    this.#documents++;
    for (const run of runsOf(plainWords(text), this.#n)) {
      if (this.#owners.has(run) && !this.#seen.has(run)) {
        this.#seen.set(run, name);
      }
    }
  }

  /** What was found so far. */
  report(): ContaminationReport {
    const counts = new Int32Array(this.#items.length);
    const first = new Map<number, { document: string; words: string }>();
    for (const [words, document] of this.#seen) {
      for (const i of this.#owners.get(words)!) {
        counts[i]!++;
        if (!first.has(i)) first.set(i, { document, words });
      }
    }
    const found = [...first].map(([i, place]) => ({
      id: this.#items[i]!.id,
      share: counts[i]! / this.#runsPerItem[i]!,
      ...place,
    }));
    return {
      items: this.#items.length,
      tooShort: this.#runsPerItem.filter((count) => count === 0).length,
      documents: this.#documents,
      found: found.sort((a, b) => b.share - a.share),
    };
  }
}
