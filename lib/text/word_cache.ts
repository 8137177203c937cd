/**
 * Ids of words that were seen before: most words of a text are. The words of a
 * language are few and the work on one is long, so this is what makes encoding
 * fast.
 *
 * @module
 */
import { IntList } from "./int_list.ts";
import { detachWord } from "./word_cuts.ts";

/** Longer words are rare and long keys costly. */
const MAX_CACHED_LENGTH = 32;
/** Ids in the cache before it starts anew: 4 MiB, about 200,000 words. */
const CACHE_CAPACITY = 1 << 20;

/** Encodes words, each one once. */
export class WordCache {
  readonly #encode: (word: string, ids: IntList) => void;
  /** Ids of the word at work. */
  readonly #word = new IntList(64);
  /** Word → where the pool holds its number of ids, followed by the ids. */
  readonly #places = new Map<string, number>();
  readonly #pool = new IntList(1 << 12);

  /** @param encode appends the ids of a word to a list that is empty */
  constructor(encode: (word: string, ids: IntList) => void) {
    this.#encode = encode;
  }

  /** Appends the ids of a word. */
  append(word: string, out: IntList): void {
    if (word.length > MAX_CACHED_LENGTH) {
      out.append(this.#encodeNew(word), 0, this.#word.length);
      return;
    }
    const at = this.#places.get(word) ?? this.#remember(word);
    const ids = this.#pool.data;
    out.append(ids, at + 1, at + 1 + ids[at]!);
  }

  /** Leaves the ids of the word at the start of what is returned. */
  #encodeNew(word: string): Int32Array {
    this.#word.length = 0;
    this.#encode(word, this.#word);
    return this.#word.data;
  }

  #remember(word: string): number {
    const ids = this.#encodeNew(word), count = this.#word.length;
    if (this.#pool.length + count + 1 > CACHE_CAPACITY) {
      this.#places.clear();
      this.#pool.length = 0;
    }
    const at = this.#pool.length;
    this.#pool.push(count);
    this.#pool.append(ids, 0, count);
    this.#places.set(detachWord(word), at);
    return at;
  }
}
