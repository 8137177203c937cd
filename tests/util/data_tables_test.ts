/** Tables of the project, found from anywhere. */
import assert from "node:assert/strict";
import { readDataTable } from "../../lib/util/mod.ts";

Deno.test("readDataTable() finds a table of the project wherever it was started", async () => {
  const rows = await readDataTable("emissions/cpu_tdp");
  assert.equal(rows.length, 601);
  assert.deepEqual(Object.keys(rows[0]!), ["cpu", "tdp_watts"]);
});
