/**
 * Learns the merges of byte-pair encoding from counted words.
 *
 * The neighbours that stand together most often are merged, again and again. A
 * queue gives the most frequent pair, a list of words by pair says where it
 * occurs, and only the counts beside each merged place change; entries of the
 * queue that no longer hold are corrected when they surface. Equal counts are
 * settled by the smaller left id, then the smaller right id, so the result
 * depends on the words alone.
 *
 * Source: Sennrich, Haddow and Birch 2016, algorithm 1 (arXiv 1508.07909).
 *
 * @module
 */
import { IntList } from "./int_list.ts";
import { KeyQueue } from "./key_queue.ts";
import { PairTable } from "./pair_table.ts";

/** Ids stay below this, so that two of them make one exact double. */
export const MAX_VOCAB_SIZE = 2 ** 26;
/** A pair that stands together only once is not worth a piece. */
const MIN_PAIR_COUNT = 2;
/** Merges between two calls of `onProgress`. */
const PROGRESS_EVERY = 256;

/** What {@linkcode learnMerges} needs besides words and alphabet. */
export interface LearnMergesOptions {
  /** Pieces that come first and take no part in merges. */
  readonly reserved: readonly string[];
  /** Pieces wanted in all. */
  readonly vocabSize: number;
  /** Called now and then with the number of pieces so far and wanted. */
  readonly onProgress: ((done: number, total: number) => void) | undefined;
}

/** Pieces (reserved, alphabet, merged) and merges as pairs of ids (M, 2). */
export interface LearnedMerges {
  readonly pieces: string[];
  readonly merges: Int32Array;
}

/**
 * Learns merges until there are `vocabSize` pieces or no pair occurs twice.
 *
 * @param words distinct words and how often each one occurs
 * @param alphabet characters that may be merged; others part a word
 */
export function learnMerges(
  words: ReadonlyMap<string, number>,
  alphabet: readonly string[],
  { reserved, vocabSize, onProgress }: LearnMergesOptions,
): LearnedMerges {
  const pieces = [...reserved, ...alphabet];
  const merges = new IntList(1024);
  const pairs = new PairCounts(words, alphabet, reserved.length);
  while (pieces.length < vocabSize) {
    const pair = pairs.takeMostFrequent();
    if (pair < 0) break;
    const left = pairs.left(pair), right = pairs.right(pair);
    merges.push(left);
    merges.push(right);
    // The piece is new: a string that no merge has reached across has been
    // merged alike wherever it stands, so only one pair ever spells it.
    pairs.merge(pair, pieces.length);
    pieces.push(pieces[left]! + pieces[right]!);
    if (pieces.length % PROGRESS_EVERY === 0) {
      onProgress?.(pieces.length, vocabSize);
    }
  }
  onProgress?.(pieces.length, vocabSize);
  return { pieces, merges: merges.toArray() };
}

/** Words as ids, and how often each pair of neighbours occurs in them. */
class PairCounts {
  /** Ids of all words in a row; a word shrinks in place as it is merged. */
  readonly #symbols = new IntList(1 << 16);
  readonly #starts = new IntList(1 << 12);
  readonly #lengths = new IntList(1 << 12);
  readonly #wordCounts: number[] = [];
  readonly #pairs = new PairTable();
  readonly #counts: number[] = [];
  /** Words in which a pair has occurred; some may hold it no more. */
  readonly #words: number[][] = [];
  readonly #queue = new KeyQueue();
  /** Pairs whose count has grown since they were queued. */
  readonly #grown = new Set<number>();
  readonly #numReserved: number;

  constructor(
    words: ReadonlyMap<string, number>,
    alphabet: readonly string[],
    numReserved: number,
  ) {
    this.#numReserved = numReserved;
    const ids = new Map(alphabet.map((char, i) => [char, numReserved + i]));
    for (const [word, count] of words) {
      const index = this.#wordCounts.length;
      this.#starts.push(this.#symbols.length);
      // 0, a reserved id, stands for whatever the alphabet lacks.
      for (const char of word) this.#symbols.push(ids.get(char) ?? 0);
      this.#lengths.push(this.#symbols.length - this.#starts.data[index]!);
      this.#wordCounts.push(count);
      const end = this.#symbols.length;
      for (let i = this.#starts.data[index]! + 1; i < end; i++) {
        const { data } = this.#symbols;
        this.#change(data[i - 1]!, data[i]!, count, index);
      }
    }
    this.#queueGrown();
  }

  /** Left id of a pair. */
  left(pair: number): number {
    return this.#pairs.lefts.data[pair]!;
  }

  /** Right id of a pair. */
  right(pair: number): number {
    return this.#pairs.rights.data[pair]!;
  }

  /** The most frequent pair, which leaves the queue; -1 when none is left. */
  takeMostFrequent(): number {
    const queue = this.#queue;
    while (queue.pop()) {
      const left = Math.floor(queue.second / MAX_VOCAB_SIZE);
      const pair = this.#pairs.find(left, queue.second % MAX_VOCAB_SIZE);
      const count = this.#counts[pair]!, queued = -queue.first;
      if (count === queued) return pair;
      // Fewer now: queued again. More now: queued with that count already.
      if (count < queued) this.#enqueue(pair);
    }
    return -1;
  }

  /** Joins every occurrence of the pair into `id`. */
  merge(pair: number, id: number): void {
    const left = this.left(pair), right = this.right(pair);
    const words = this.#words[pair]!;
    this.#words[pair] = [];
    for (const word of words) this.#mergeWord(word, left, right, id);
    this.#queueGrown();
  }

  #mergeWord(word: number, left: number, right: number, id: number): void {
    const { data } = this.#symbols;
    const start = this.#starts.data[word]!;
    const end = start + this.#lengths.data[word]!;
    const count = this.#wordCounts[word]!;
    // [start, to) is merged, [from, end) is not yet: after each step the
    // counts are those of the two parts put together.
    let to = start;
    for (let from = start; from < end; to++) {
      if (
        data[from] !== left || from + 1 === end || data[from + 1] !== right
      ) {
        data[to] = data[from++]!;
        continue;
      }
      this.#change(left, right, -count, word);
      if (to > start) {
        this.#change(data[to - 1]!, left, -count, word);
        this.#change(data[to - 1]!, id, count, word);
      }
      from += 2;
      if (from < end) {
        this.#change(right, data[from]!, -count, word);
        this.#change(id, data[from]!, count, word);
      }
      data[to] = id;
    }
    this.#lengths.data[word] = to - start;
  }

  #change(left: number, right: number, by: number, word: number): void {
    if (left < this.#numReserved || right < this.#numReserved) return;
    const pair = this.#pairs.add(left, right);
    if (pair === this.#counts.length) {
      this.#counts.push(0);
      this.#words.push([]);
    }
    this.#counts[pair]! += by;
    if (by < 0) return;
    this.#grown.add(pair);
    const words = this.#words[pair]!;
    if (words.at(-1) !== word) words.push(word);
  }

  #queueGrown(): void {
    for (const pair of this.#grown) this.#enqueue(pair);
    this.#grown.clear();
  }

  #enqueue(pair: number): void {
    if (this.#counts[pair]! < MIN_PAIR_COUNT) return;
    const key = this.left(pair) * MAX_VOCAB_SIZE + this.right(pair);
    this.#queue.push(-this.#counts[pair]!, key);
  }
}
