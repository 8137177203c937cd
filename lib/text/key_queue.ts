/**
 * A priority queue of two-number keys: a binary heap that gives the smallest
 * first key, and among equals the smallest second key. Both the tokenizer
 * (rank, position) and its trainer (minus count, pair) need exactly this order,
 * and both leave outdated entries in the queue and drop them when they surface.
 *
 * @module
 */

/** A queue of (first, second) keys, smallest out first. */
export class KeyQueue {
  readonly #first: number[] = [];
  readonly #second: number[] = [];
  /** First key of what {@linkcode pop} took last. */
  first = 0;
  /** Second key of what {@linkcode pop} took last. */
  second = 0;

  /** Adds a key. */
  push(first: number, second: number): void {
    let i = this.#first.length;
    this.#first.push(first);
    this.#second.push(second);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(first, second, parent)) break;
      this.#first[i] = this.#first[parent]!;
      this.#second[i] = this.#second[parent]!;
      i = parent;
    }
    this.#first[i] = first;
    this.#second[i] = second;
  }

  /** Takes the smallest key into `first` and `second`; false when empty. */
  pop(): boolean {
    const a = this.#first, b = this.#second;
    if (a.length === 0) return false;
    this.first = a[0]!;
    this.second = b[0]!;
    const first = a.pop()!, second = b.pop()!;
    const n = a.length;
    if (n === 0) return true;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= n) break;
      if (
        child + 1 < n && this.#isBefore(a[child + 1]!, b[child + 1]!, child)
      ) {
        child++;
      }
      if (this.#isBefore(first, second, child)) break;
      a[i] = a[child]!;
      b[i] = b[child]!;
      i = child;
    }
    a[i] = first;
    b[i] = second;
    return true;
  }

  #isBefore(first: number, second: number, i: number): boolean {
    const other = this.#first[i]!;
    return first < other || (first === other && second < this.#second[i]!);
  }
}
