/**
 * The losses of a run however long, in a few hundred means: when they are full,
 * neighbours are joined and each mean covers twice as many steps.
 *
 * @module
 */

/** Means that are kept at most; an even number. */
const CAPACITY = 512;

interface Bin {
  /** First step in it. */
  readonly step: number;
  sum: number;
  count: number;
}

/** Losses of a run, thinned. */
export class LossHistory {
  #bins: Bin[] = [];
  /** Steps of a full bin. */
  #size = 1;

  /** Adds the loss of the next step. */
  add(step: number, loss: number): void {
    const last = this.#bins.at(-1);
    if (last && last.count < this.#size) {
      last.sum += loss;
      last.count++;
      return;
    }
    if (this.#bins.length === CAPACITY) this.#join();
    this.#bins.push({ step, sum: loss, count: 1 });
  }

  /** Forgets the bins that began after a step: the run has gone back to it. */
  rewind(step: number): void {
    while ((this.#bins.at(-1)?.step ?? -1) > step) this.#bins.pop();
  }

  /** Means in order, one a bin. */
  means(): number[] {
    return this.#bins.map(({ sum, count }) => sum / count);
  }

  #join(): void {
    const pairs: Bin[] = [];
    for (let i = 0; i < this.#bins.length; i += 2) {
      const first = this.#bins[i]!, second = this.#bins[i + 1]!;
      pairs.push({
        step: first.step,
        sum: first.sum + second.sum,
        count: first.count + second.count,
      });
    }
    this.#bins = pairs;
    this.#size *= 2;
  }
}
