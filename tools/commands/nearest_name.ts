/**
 * The name that somebody may have meant.
 *
 * @module
 */

/** Letters that both texts begin with. */
function commonStart(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}

const reversed = (text: string) => [...text].reverse().join("");

/**
 * The name that shares the most letters with `wanted` at its two ends, or
 * undefined when all share less than half: enough for one slip of the finger,
 * wherever it is.
 */
export function nearestName(
  wanted: string,
  names: Iterable<string>,
): string | undefined {
  let best: string | undefined;
  let bestShare = 0.5;
  for (const name of names) {
    const ends = commonStart(wanted, name) +
      commonStart(reversed(wanted), reversed(name));
    const shortest = Math.min(wanted.length, name.length);
    const share = Math.min(ends, shortest) /
      Math.max(wanted.length, name.length);
    if (share < bestShare) continue;
    best = name;
    bestShare = share;
  }
  return best;
}
