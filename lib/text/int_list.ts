/**
 * A list of int32 that grows: what `number[]` would be if it were certain to
 * stay four bytes an element. Tokens of a corpus and the tables of the
 * tokenizer trainer are kept in it.
 *
 * @module
 */

/** A growing array of int32. */
export class IntList {
  /** Storage; only the first {@linkcode length} elements count. */
  data: Int32Array<ArrayBuffer>;
  /** Number of elements in use. */
  length = 0;

  /** @param capacity elements that fit before the first growth */
  constructor(capacity = 16) {
    this.data = new Int32Array(Math.max(1, capacity));
  }

  /** Makes room for `extra` more elements. */
  reserve(extra: number): void {
    const wanted = this.length + extra;
    if (wanted <= this.data.length) return;
    const grown = new Int32Array(Math.max(wanted, 2 * this.data.length));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }

  /** Appends one element. */
  push(value: number): void {
    if (this.length === this.data.length) this.reserve(1);
    this.data[this.length++] = value;
  }

  /** Appends `values[from]` to `values[to - 1]`. */
  append(values: ArrayLike<number>, from = 0, to = values.length): void {
    this.reserve(to - from);
    const { data } = this;
    for (let i = from; i < to; i++) data[this.length++] = values[i]!;
  }

  /** A copy of the elements from `start`, exactly as long as they are. */
  toArray(start = 0): Int32Array<ArrayBuffer> {
    return this.data.slice(start, this.length);
  }
}
