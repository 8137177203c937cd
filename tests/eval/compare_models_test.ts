/**
 * Two models on the same items: against hand calculation, and against the
 * spread that many repetitions of the comparison have.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  compareSamples,
  type KeptAnswer,
  type KeptChoice,
  readKeptSamples,
  readResultFolder,
  samplesPath,
} from "../../lib/eval/mod.ts";
import { appendRecord, DataError, Random } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

const choices = (values: readonly number[]): KeptChoice[] =>
  values.map((acc, i) => ({
    id: `${i}`,
    gold: 0,
    isTruncated: false,
    metrics: { acc },
  }));

Deno.test("compareSamples() pairs items by id", async () => {
  const a = choices([1, 0, 0, 1]);
  // The other way round, and one item more.
  const b = [...choices([1, 1, 1, 1, 0])].reverse();
  const [row] = compareSamples("arc_pt", a, b);
  assert.equal(row!.items, 4);
  assert.deepEqual([row!.a, row!.b, row!.difference], [0.5, 1, 0.5]);
  // Differences 0, 1, 1, 0: deviation sqrt(1/3), error sqrt(1/12).
  assertClose(row!.standardError, Math.sqrt(1 / 12), { rtol: 1e-12 });
  assertClose(row!.z, Math.sqrt(3), { rtol: 1e-12 });
  assert.ok(row!.low >= 0 && row!.high === 1);
  const [same] = compareSamples("arc_pt", a, a);
  assert.deepEqual([same!.z, same!.low, same!.high], [0, 0, 0]);
  await assertFails(
    () => compareSamples("arc_pt", a.slice(0, 1), b),
    DataError,
    /1 items in common/,
  );
  await assertFails(
    () => compareSamples("arc_pt", a, [{ ...a[0]!, gold: 2 }, ...a.slice(1)]),
    DataError,
    /item 0 has the right answer 0 here and 2 there/,
  );
});

Deno.test("compareSamples() has intervals as wide as z says", () => {
  const random = new Random(1, "items");
  const draw = (p: number) =>
    choices(Array.from({ length: 800 }, () => Number(random.uniform() < p)));
  const [row] = compareSamples("arc_pt", draw(0.3), draw(0.42));
  // Two ends of 95 %; 1,000 draws place each within some 5 % of the width.
  assertClose(row!.high - row!.low, 2 * 1.96 * row!.standardError, {
    rtol: 0.12,
  });
  assert.ok(row!.z > 2.5 && row!.low > 0);
});

Deno.test("compareSamples() compares F1 and correlation", () => {
  const golds = Array.from({ length: 200 }, (_, i) => i % 3 ? "Sim" : "Não");
  const answers = (wrongEvery: number): KeptAnswer[] =>
    golds.map((gold, i) => ({
      id: `${i}`,
      gold,
      isTruncated: false,
      answer: i % wrongEvery === 0 ? (gold === "Sim" ? "Não" : "Sim") : gold,
    }));
  const rows = compareSamples("assin2_rte", answers(2), answers(10), {
    draws: 200,
  });
  assert.deepEqual(rows.map(({ metric }) => metric), ["f1_macro", "acc"]);
  for (const { difference, low, high, z } of rows) {
    assert.ok(low > 0 && low < difference && difference < high);
    assert.ok(z > 4);
  }
  const scores = (noise: number): KeptAnswer[] =>
    Array.from({ length: 60 }, (_, i) => ({
      id: `${i}`,
      gold: 1 + (i % 5),
      answer: 1 + (i % 5) * (1 - noise) + noise * ((i * 7) % 4),
      isTruncated: false,
    }));
  const [correlation, error] = compareSamples(
    "assin2_sts",
    scores(0.8),
    scores(0.1),
    { draws: 200 },
  );
  assert.ok(correlation!.metric === "pearson" && correlation!.low > 0);
  assert.ok(error!.metric === "mse" && error!.high < 0);
});

Deno.test("readResultFolder() reads what was kept", () =>
  inFolder(async (folder) => {
    await assertFails(
      () => readResultFolder(folder),
      DataError,
      /has no samples_\*\.jsonl/,
    );
    assert.deepEqual(await readKeptSamples(join(folder, "none.jsonl")), []);
    const kept = choices([1, 0]);
    const path = samplesPath(folder, "arc_pt");
    for (const row of kept) await appendRecord(path, { doc_id: 1, kept: row });
    assert.deepEqual([...await readResultFolder(folder)], [["arc_pt", kept]]);
    await appendRecord(path, { doc_id: 2 });
    await assertFails(
      () => readResultFolder(folder),
      DataError,
      /samples_arc_pt\.jsonl: its lines are not those of "caderno eval/,
    );
  }));
