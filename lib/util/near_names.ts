/**
 * Looking up a name that a person typed.
 *
 * @module
 */

/** Lower case without accents, punctuation and double spaces. */
export function plainName(name: string): string {
  return name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** Insertions, deletions and replacements from one text to the other. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/**
 * The names that somebody may have meant, best first, three at the most. One
 * that contains `wanted` as a word ("Korea" in "South Korea") is as near as one
 * typing error; one that differs in more than half of its letters is not near.
 */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  const target = plainName(wanted);
  const distanceTo = (name: string): number => {
    const plain = plainName(name);
    const hasWord = target !== "" && ` ${plain} `.includes(` ${target} `);
    const distance = hasWord ? 1 : editDistance(target, plain);
    return distance > plain.length / 2 ? Infinity : distance;
  };
  return [...new Set(names)]
    .map((name) => ({ name, distance: distanceTo(name) }))
    .filter(({ distance }) => distance < Infinity)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** "near names are A, B, C", or "no name is near", for an error message. */
export function describeNearNames(
  wanted: string,
  names: Iterable<string>,
): string {
  const near = nearNames(wanted, names);
  return near.length > 0
    ? `near names are ${near.join(", ")}`
    : "no name is near";
}
