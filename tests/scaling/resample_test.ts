/** Resamples: sizes, repeatability, and the frequencies of rows. */
import assert from "node:assert/strict";
import { resampleClusters, resampleRows } from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { legacyResamples } from "./legacy_random.ts";

Deno.test("resampleRows() draws every row alike, with replacement", () => {
  const resamples = resampleRows(50, { count: 2000 });
  const counts = new Float64Array(50);
  let numMissing = 0;
  for (const rows of resamples) {
    assert.equal(rows.length, 50);
    for (const row of rows) counts[row]!++;
    numMissing += 50 - new Set(rows).size;
  }
  // 2000 expected of each, standard deviation 44: five of them.
  assertClose(counts, Array(50).fill(2000), { atol: 220 });
  // A row is missing with probability (1 - 1/50)^50 = 0.364.
  assertClose(numMissing / (2000 * 50), 0.98 ** 50, { atol: 0.005 });
});

Deno.test("resampleRows() begins alike whatever the count", () => {
  const few = resampleRows(20, { count: 3, seed: 5 });
  const more = resampleRows(20, { count: 9, seed: 5 });
  assert.deepEqual(few, more.slice(0, 3));
  assert.notDeepEqual(few, resampleRows(20, { count: 3, seed: 6 }));
});

Deno.test("resampleClusters() draws whole clusters", () => {
  const clusters = ["a", "b", "a", "c", "c", "c"];
  const seen = new Set<number>();
  for (const rows of resampleClusters(clusters, { count: 200 })) {
    const times = (row: number) => rows.filter((r) => r === row).length;
    assert.equal(times(0), times(2));
    assert.deepEqual([times(3), times(3)], [times(4), times(5)]);
    assert.equal(times(0) + times(1) + times(3), 3);
    seen.add(rows.length);
  }
  // Three draws of clusters of 2, 1 and 3 rows.
  assert.equal(Math.min(...seen), 3);
  assert.equal(Math.max(...seen), 9);
});

Deno.test("resampleRows() and resampleClusters() reject bad counts", async () => {
  await assertFails(
    () => resampleRows(5, { count: 0 }),
    ConfigError,
    /0 resam/,
  );
  await assertFails(
    () => resampleClusters(["a", "a"]),
    ConfigError,
    /1 clusters/,
  );
});

Deno.test("legacyResamples() are NumPy's", () => {
  // np.random.seed(42), then np.random.choice(240, 240) twice, NumPy 1.24.
  const [first, second] = legacyResamples(240, 2, 42);
  assert.deepEqual([...first!.slice(0, 6)], [102, 179, 92, 14, 106, 71]);
  assert.deepEqual([...second!.slice(0, 3)], [224, 50, 233]);
});
