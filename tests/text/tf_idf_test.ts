/** Weights against hand-worked ones, exact but for the last digits. */
import assert from "node:assert/strict";
import { sparseDot, TfIdf } from "../../lib/text/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

Deno.test("TfIdf weighs a rare word above a common one", () => {
  const words = new TfIdf(["O gato dorme.", "o gato corre, corre"]);
  assert.equal(words.size, 4);
  // In both texts: ln(3/3) + 1 = 1; in one: ln(3/2) + 1.
  const rare = Math.log(3 / 2) + 1;
  const norm = Math.hypot(1, 1, 2 * rare);
  const values = [1, 1, 2 * rare].map((x) => x / norm);
  const row = words.rows[1]!;
  assert.deepEqual([...row.columns], [0, 1, 3]);
  for (const [i, value] of values.entries()) {
    assert.ok(Math.abs(row.values[i]! - value) < 1e-15);
  }
  const cosine = 2 / (norm * Math.hypot(1, 1, rare));
  assert.ok(Math.abs(sparseDot(words.rows[0]!, row) - cosine) < 1e-15);
});

Deno.test("TfIdf.nearest() finds the text with the words, whatever their case", () => {
  const words = new TfIdf(["maçã verde", "céu azul", "mar azul escuro"]);
  const found = words.nearest("CÉU AZUL!", 5);
  assert.deepEqual(found.map(({ index }) => index), [1, 2]);
  assert.ok(Math.abs(found[0]!.similarity - 1) < 1e-12);
  assert.deepEqual(words.nearest("pedra", 5), []);
});

Deno.test("TfIdf counts runs of words, and leaves rare ones out", () => {
  const words = new TfIdf(["não é bom", "é bom sim"], {
    maxWords: 2,
    minTexts: 2,
  });
  assert.equal(words.size, 3); // "é", "bom", "é bom"
});

Deno.test("TfIdf refuses texts without words and counts that are none", async () => {
  await assertFails(() => new TfIdf(["…", ""]), DataError, /words of 2 texts/);
  const bad = { maxWords: 0 };
  await assertFails(() => new TfIdf(["a"], bad), ConfigError, /maxWords 0/);
});
