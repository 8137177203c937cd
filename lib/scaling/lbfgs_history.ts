/**
 * The memory of L-BFGS: the last few steps and how the gradient changed along
 * them, and the direction that follows from them by the two-loop recursion
 * (Nocedal and Wright, "Numerical Optimization", 2006, algorithm 7.4).
 *
 * @module
 */

/** b . (a from `offset` on). */
export function dot(a: Float64Array, b: Float64Array, offset = 0): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += a[offset + i]! * b[i]!;
  return sum;
}

/** The last `memory` steps s and changes of the gradient y, in a ring. */
export class LbfgsHistory {
  readonly #size: number;
  readonly #memory: number;
  readonly #steps: Float64Array;
  readonly #changes: Float64Array;
  readonly #inverse: Float64Array; // 1 / (s . y)
  readonly #alpha: Float64Array;
  #count = 0;

  constructor(size: number, memory: number) {
    this.#size = size;
    this.#memory = memory;
    this.#steps = new Float64Array(size * memory);
    this.#changes = new Float64Array(size * memory);
    this.#inverse = new Float64Array(memory);
    this.#alpha = new Float64Array(memory);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Remembers one step, unless the curvature along it is not positive. */
  push(
    x: Float64Array,
    nextX: Float64Array,
    gradient: Float64Array,
    nextGradient: Float64Array,
  ): void {
    const slot = this.#count % this.#memory;
    const offset = slot * this.#size;
    let product = 0;
    for (let i = 0; i < this.#size; i++) {
      const s = nextX[i]! - x[i]!;
      const y = nextGradient[i]! - gradient[i]!;
      this.#steps[offset + i] = s;
      this.#changes[offset + i] = y;
      product += s * y;
    }
    if (!(product > 0)) return;
    this.#inverse[slot] = 1 / product;
    this.#count++;
  }

  /** Writes -H gradient into `direction`, H the inverse Hessian so far. */
  descend(gradient: Float64Array, direction: Float64Array): void {
    for (let i = 0; i < this.#size; i++) direction[i] = -gradient[i]!;
    if (this.#count === 0) return;
    const oldest = Math.max(0, this.#count - this.#memory);
    for (let k = this.#count - 1; k >= oldest; k--) {
      const slot = k % this.#memory;
      const offset = slot * this.#size;
      const alpha = this.#inverse[slot]! * dot(this.#steps, direction, offset);
      this.#alpha[slot] = alpha;
      for (let i = 0; i < this.#size; i++) {
        direction[i]! -= alpha * this.#changes[offset + i]!;
      }
    }
    const newest = (this.#count - 1) % this.#memory;
    let norm = 0; // y . y
    for (let i = 0; i < this.#size; i++) {
      norm += this.#changes[newest * this.#size + i]! ** 2;
    }
    const scale = 1 / (this.#inverse[newest]! * norm);
    for (let i = 0; i < this.#size; i++) direction[i]! *= scale;
    for (let k = oldest; k < this.#count; k++) {
      const slot = k % this.#memory;
      const offset = slot * this.#size;
      const beta = this.#inverse[slot]! * dot(this.#changes, direction, offset);
      const weight = this.#alpha[slot]! - beta;
      for (let i = 0; i < this.#size; i++) {
        direction[i]! += weight * this.#steps[offset + i]!;
      }
    }
  }
}
