/**
 * The walk that all attention kernels for workgroups make: a workgroup has a
 * block of rows of one head and meets tiles of the other side, those that some
 * row of the block may see. Rows are queries that look at keys, or keys that
 * are looked at by the queries of all heads of their group.
 *
 * @module
 */

/** What the rows of a block are. */
export type AttentionSide = "query" | "key";

/** WGSL words for the two sides. */
export const ATTENTION_SIDES = {
  query: {
    count: "p.queries",
    heads: "p.heads",
    at: "queryAt",
    firstOther: "firstKey",
    endOther: "endKey",
    others: "p.keys",
    otherAt: "keyAt",
    firstHead: "head * p.kvHeads / p.heads",
    headCount: "1u",
  },
  key: {
    count: "p.keys",
    heads: "p.kvHeads",
    at: "keyAt",
    firstOther: "firstQuery",
    endOther: "endQuery",
    others: "p.queries",
    otherAt: "queryAt",
    firstHead: "head * (p.heads / p.kvHeads)",
    headCount: "p.heads / p.kvHeads",
  },
} as const satisfies Record<AttentionSide, Record<string, string>>;

/**
 * WGSL: the block of a workgroup, from row `first` to `last` of a `head` of
 * batch row `b`. A lane has `row` of it, at the position `mine`, which starts
 * at `place` in its buffers and sees others from `low` to before `high`. Wants
 * the constant ROWS.
 */
export function blockPlace(side: AttentionSide, row: string): string {
  const { count, heads, at, firstOther, endOther } = ATTENTION_SIDES[side];
  return `let blocks = (${count} + ROWS - 1u) / ROWS;
  let head = (group / blocks) % ${heads};
  let b = group / (blocks * ${heads});
  if (b >= p.batch) { return; }
  let first = (group % blocks) * ROWS;
  let last = min(first + ROWS, ${count}) - 1u;
  let row = ${row};
  let mine = min(first + row, last); // a row past the end repeats the last
  let place = ${at}(b, mine, head);
  let low = ${firstOther}(mine);
  let high = ${endOther}(mine);`;
}

/**
 * WGSL: `body` for each tile, from position `base` of head `h` of the other
 * side. Wants the constant TILE.
 */
export function overTiles(side: AttentionSide, body: string): string {
  const { firstOther, endOther, firstHead, headCount } = ATTENTION_SIDES[side];
  return `let firstHead = ${firstHead};
  for (var h = firstHead; h < firstHead + ${headCount}; h++) {
    for (var base = ${firstOther}(first); base < ${endOther}(last); base += TILE) {
      ${body}
    }
  }`;
}

/** WGSL: whether the row sees `other`, or is seen by it. */
export function seenBy(side: AttentionSide): string {
  const pair = side === "query" ? "mine, other" : "other, mine";
  return `other >= low && other < high && isTogether(b, ${pair})`;
}

/**
 * WGSL: where vector `e` of a tile lies in its buffers; positions past the end
 * repeat the last.
 */
export function tilePlace(side: AttentionSide): string {
  const { others, otherAt } = ATTENTION_SIDES[side];
  return `${otherAt}(b, min(base + e / PARTS, ${others} - 1u), h) + e % PARTS`;
}

/** WGSL: lse and delta of a query, from `rows`. */
export function knownOf(query: string, head: string): string {
  const at = `2u * ((b * p.heads + ${head}) * p.queries + ${query})`;
  return `vec2f(rows[${at}], rows[${at} + 1u])`;
}
