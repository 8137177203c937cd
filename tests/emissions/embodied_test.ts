import assert from "node:assert/strict";
import {
  embodiedShare,
  findEmbodiedCarbon,
  loadEmbodiedCarbon,
} from "../../lib/emissions/mod.ts";
import {
  ConfigError,
  DataError,
  numberCell,
  readCsv,
} from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";

const table = await loadEmbodiedCarbon();

Deno.test("findEmbodiedCarbon() gives every count of a card", () => {
  const a100 = findEmbodiedCarbon(table, "1 x NVIDIA A100-SXM4-40GB");
  assert.deepEqual(
    a100.map(({ grams }) => grams / 1000),
    [273.4, 150, 318],
  );
  const h100 = findEmbodiedCarbon(table, "H100 SXM5 80GB");
  const kilograms = h100.map(({ grams }) => grams / 1000);
  // The die alone against the whole board: a factor of forty.
  assertClose(Math.max(...kilograms) / Math.min(...kilograms), 39.2, {
    atol: 0.05,
  });
  for (const { method } of table) assert.ok(method.length > 5);
});

Deno.test("findEmbodiedCarbon() names near cards when it has not the one", async () => {
  await assertFails(
    () => findEmbodiedCarbon(table, "NVIDIA A100-SXM4-60GB"),
    DataError,
    /near names are A100 SXM4 40GB/,
  );
});

Deno.test("embodiedShare() divides by the hours of a life in use", async () => {
  // 150 kg over 6 years at 85 %: 3.358 g an hour, as the BLOOM study has it.
  const life = { years: 6, utilization: 0.85 };
  assertClose(embodiedShare(150_000, 3600, life), 3.358, { atol: 5e-4 });
  assertClose(embodiedShare(1000, 5 * 365 * 86_400), 1000, { rtol: 1e-12 });
  for (const bad of [{ years: 0 }, { utilization: 0 }, { utilization: 1.5 }]) {
    await assertFails(
      () => embodiedShare(1, 1, bad),
      ConfigError,
      /share embodied carbon over/,
    );
  }
});

referenceTest(
  "loadEmbodiedCarbon() has every estimate of the reference",
  "emissions/gpu_specs.csv",
  async (path) => {
    const rows = (await readCsv(path)).rows.filter((row) =>
      row.embodied_kgco2eq !== ""
    );
    assert.equal(rows.length, 13);
    for (const row of rows) {
      const kilograms = findEmbodiedCarbon(table, row.name!)
        .map(({ grams }) => grams / 1000);
      const wanted = numberCell(row, "embodied_kgco2eq");
      // LLMCarbon's H100 has a digit more in its own table.
      assert.ok(
        kilograms.some((x) => Math.abs(x - wanted) < 0.05),
        `${row.name}: ${wanted} kg, got ${kilograms}`,
      );
    }
  },
);
