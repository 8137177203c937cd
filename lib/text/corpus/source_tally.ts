/**
 * Which corpora went into something, how much of each, under which licences.
 *
 * @module
 */
import { type CorpusDocument, utf8Length } from "./document.ts";

/** One corpus that went in. */
export interface CorpusSource {
  readonly name: string;
  /** Null where nothing is known. */
  readonly licence: string | null;
  readonly documents: number;
  /** UTF-8 bytes. */
  readonly bytes: number;
}

/** Totals by source, in the order in which sources come. */
export class SourceTally {
  readonly #totals = new Map<string, { documents: number; bytes: number }>();
  readonly #licences = new Map<string, string | null>();

  /** Counts a document. */
  count({ source, licence, text }: CorpusDocument): void {
    let total = this.#totals.get(source);
    if (!total) {
      this.#totals.set(source, total = { documents: 0, bytes: 0 });
      this.#licences.set(source, licence ?? null);
    }
    total.documents++;
    total.bytes += utf8Length(text);
  }

  /** The totals so far. */
  rows(): CorpusSource[] {
    return [...this.#totals].map(([name, total]) => ({
      name,
      licence: this.#licences.get(name)!,
      ...total,
    }));
  }
}
