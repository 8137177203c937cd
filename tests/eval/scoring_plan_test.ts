/** Plans worked out by hand: what is read together, and what is read once. */
import assert from "node:assert/strict";
import { batchesByLength, planItems } from "../../lib/eval/mod.ts";

const COSTS = { passTokens: 16, maxRead: 1000, maxHeld: 1000 };

Deno.test("batchesByLength() fills up where that is cheaper", () => {
  assert.deepEqual(batchesByLength([3, 5, 4], COSTS), [[0, 2, 1]]);
  // 3 x 40 + 16 tokens in one batch, 2 x 4 + 40 + 2 x 16 in two.
  assert.deepEqual(batchesByLength([4, 40, 3], COSTS), [[2, 0], [1]]);
  assert.deepEqual(batchesByLength([1, 100, 50], COSTS), [[0], [2], [1]]);
  assert.deepEqual(batchesByLength([], COSTS), []);
});

Deno.test("batchesByLength() keeps to what a pass reads and memory holds", () => {
  const rows = [10, 10, 10, 10, 10];
  // Behind 90 tokens two rows of 10 fill 200.
  const small = { ...COSTS, maxHeld: 200 };
  assert.deepEqual(
    batchesByLength(rows, small, 90).map(({ length }) => length),
    [1, 2, 2],
  );
  const few = { ...COSTS, maxRead: 25 };
  assert.deepEqual(
    batchesByLength(rows, few).map(({ length }) => length),
    [1, 2, 2],
  );
  // A row that is too long goes alone.
  assert.deepEqual(batchesByLength([300, 1], small), [[1], [0]]);
});

Deno.test("planItems() takes items together by the length they share", () => {
  // Four sequences each, 5 tokens behind what they share: 10, 60 and 12.
  const items = [10, 60, 12].map((shared) => ({
    shared,
    kept: 1,
    lengths: Array<number>(4).fill(shared + 5),
  }));
  // The first and last together: 2 x (10 - 1) + 16 for their contexts, then
  // 4 x 5 + 4 x 7 + 16: 98, alone 9 + 16 + 20 + 16 and 11 + 16 + 20 + 16: 124.
  assert.deepEqual(planItems(items, 1, COSTS), [
    { members: [0, 2], head: 1, cut: 10 },
    { members: [1], head: 1, cut: 60 },
  ]);
  // Where a pass is dear all go in one, whatever is read four times for it.
  assert.deepEqual(planItems(items, 1, { passTokens: 500 }), [
    { members: [0, 2, 1], head: 1, cut: 1 },
  ]);
});

Deno.test("planItems() reads single sequences in one pass", () => {
  const items = [20, 24].map((shared) => ({
    shared,
    kept: 1,
    lengths: [shared + 3],
  }));
  // 22 + 26 tokens and a pass; with their contexts first it would be two.
  assert.deepEqual(planItems(items, 1, COSTS), [
    { members: [0, 1], head: 1, cut: 1 },
  ]);
});

Deno.test("planItems() keeps neighbours that share a text", () => {
  // Two questions of 5 tokens about each of two texts of 200.
  const items = [1, 200, 1, 200].map((kept) => ({
    shared: 205,
    kept,
    lengths: [208, 208],
  }));
  assert.deepEqual(
    planItems(items, 1, COSTS),
    items.map((_, i) => ({ members: [i], head: 205, cut: 205 })),
  );
  const [alone] = planItems(items.slice(0, 1), 205, COSTS);
  assert.deepEqual(alone, { members: [0], head: 205, cut: 205 });
});
