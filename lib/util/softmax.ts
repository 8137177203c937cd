/**
 * Softmax of a few numbers on the host; tensors have their own.
 *
 * @module
 */

/** e^x over its sum, in double precision. */
export function softmaxOf(scores: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(scores);
  // A loop: a vocabulary has more numbers than a call has room for.
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = values.map((x) => Math.exp(x - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / sum);
}
