/**
 * Which sequences go through the model side by side. A pass over the weights
 * costs as much as some tokens; padding and what is computed twice cost tokens.
 * Everything here counts in tokens and looks for the least of them.
 *
 * Sequences of one item share their context. Items are taken together in two
 * passes: their contexts side by side, as far as the shortest goes, and what is
 * left of all their sequences. Or one after the other, where neighbours share
 * so much (a text with several questions) that this is cheaper.
 *
 * @module
 */

/** Tokens that a pass costs beside its own, and how much fits side by side. */
export interface PassCosts {
  readonly passTokens: number;
  /** Most tokens that a pass reads. */
  readonly maxRead: number;
  /** Most tokens in memory with those that were read before. */
  readonly maxHeld: number;
}

/** Neighbours `from` up to `end`. */
type Run = readonly [from: number, end: number];

/** Cuts 0 up to `count` into runs of neighbours, the cheapest in sum. */
function cheapestRuns(
  count: number,
  costOf: (from: number, end: number) => number,
): { readonly runs: readonly Run[]; readonly cost: number } {
  // cheapest[n]: cost of the first n, and where their last run begins.
  const cheapest = [{ cost: 0, from: 0 }];
  for (let end = 1; end <= count; end++) {
    let best = { cost: Infinity, from: end - 1 };
    for (let from = 0; from < end; from++) {
      const cost = cheapest[from]!.cost + costOf(from, end);
      if (cost < best.cost) best = { cost, from };
    }
    cheapest.push(best);
  }
  const runs: Run[] = [];
  for (let end = count; end > 0; end = cheapest[end]!.from) {
    runs.unshift([cheapest[end]!.from, end]);
  }
  return { runs, cost: cheapest[count]!.cost };
}

/** Places in the order of their values. */
function ascending(values: readonly number[]): number[] {
  return [...values.keys()].sort((a, b) => values[a]! - values[b]!);
}

/**
 * Rows by length, in batches: short rows are not filled up to the longest where
 * that costs more than another pass. A row that is too long goes alone.
 *
 * @param before tokens in memory in front of each row
 * @returns places of the rows of each batch
 */
export function batchesByLength(
  lengths: readonly number[],
  { passTokens, maxRead, maxHeld }: PassCosts,
  before = 0,
): number[][] {
  const order = ascending(lengths);
  const { runs } = cheapestRuns(order.length, (from, end) => {
    const longest = lengths[order[end - 1]!]!;
    const rows = end - from;
    const read = rows * longest;
    const fits = read <= maxRead && rows * before + read <= maxHeld;
    return fits || rows === 1 ? read + passTokens : Infinity;
  });
  return runs.map(([from, end]) => order.slice(from, end));
}

/** What the plan knows of an item. */
export interface ItemSizes {
  /** Tokens that its sequences begin with, all in front of what is scored. */
  readonly shared: number;
  /** Tokens that it begins with as the item before does, at most `shared`. */
  readonly kept: number;
  /** Tokens of each of its sequences. */
  readonly lengths: readonly number[];
}

/** Items that go through the model together. */
export interface ItemBatch {
  /** Places of the items. */
  readonly members: readonly number[];
  /** Tokens that all of them begin with; they are read once. */
  readonly head: number;
  /** Tokens of each item that are read once for its sequences. */
  readonly cut: number;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/**
 * Which items go together, and what of them is read once.
 *
 * @param head tokens that all items begin with, at most the least `shared`
 */
export function planItems(
  items: readonly ItemSizes[],
  head: number,
  { passTokens }: Pick<PassCosts, "passTokens">,
): ItemBatch[] {
  const fill = (tokens: number) => tokens > 0 ? tokens + passTokens : 0;
  const rest = ({ lengths }: ItemSizes, cut: number) =>
    sum(lengths) - lengths.length * cut;
  const alone = sum(
    items.map((item) =>
      fill(item.shared - item.kept) + rest(item, item.shared) + passTokens
    ),
  );
  const order = ascending(items.map(({ shared }) => shared));
  /** The cheaper cut of some items: behind their contexts, or the head. */
  const cutOf = (from: number, end: number) => {
    const members = order.slice(from, end).map((i) => items[i]!);
    const { shared } = members[0]!; // the least
    const costAt = (cut: number) =>
      fill(members.length * (cut - head)) + passTokens +
      sum(members.map((item) => rest(item, cut)));
    const costs = [costAt(head), costAt(shared)] as const;
    return costs[1] < costs[0]
      ? { cut: shared, cost: costs[1] }
      : { cut: head, cost: costs[0] };
  };
  const together = cheapestRuns(
    order.length,
    (from, end) => cutOf(from, end).cost,
  );
  const first = fill(head - Math.min(head, items[0]?.kept ?? 0));
  if (items.length < 2 || alone <= first + together.cost) {
    return items.map(({ shared }, i) => ({
      members: [i],
      head: shared,
      cut: shared,
    }));
  }
  return together.runs.map(([from, end]) => ({
    members: order.slice(from, end),
    head,
    cut: cutOf(from, end).cut,
  }));
}
