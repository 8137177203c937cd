/** The table against a Map, and fingerprints of many texts apart. */
import assert from "node:assert/strict";
import {
  fingerprintOf,
  FingerprintTable,
} from "../../../lib/text/corpus/fingerprint.ts";
import { Random } from "../../../lib/util/mod.ts";

Deno.test("FingerprintTable does what a Map does", () => {
  const random = new Random(1, "table");
  const table = new FingerprintTable(4);
  const map = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    // Few low words, so that many entries meet in one place.
    const key = [random.int(50), random.int(300)] as const;
    const known = map.get(key.join());
    assert.equal(table.get(key), known);
    assert.equal(table.getOrSet(key, i), known);
    if (known === undefined) map.set(key.join(), i);
  }
  assert.equal(table.size, map.size);
});

Deno.test("fingerprintOf() tells a million short texts apart", () => {
  const table = new FingerprintTable();
  for (let i = 0; i < 1_000_000; i++) table.getOrSet(fingerprintOf(`${i}`), i);
  assert.equal(table.size, 1_000_000);
  assert.deepEqual(fingerprintOf("casa"), fingerprintOf("casa"));
});

Deno.test("fingerprintOf() spreads each bit evenly", () => {
  const ones = new Array<number>(64).fill(0);
  const count = 20_000;
  for (let i = 0; i < count; i++) {
    for (const [w, word] of fingerprintOf(`texto ${i}`).entries()) {
      for (let b = 0; b < 32; b++) ones[32 * w + b]! += (word >>> b) & 1;
    }
  }
  // Standard error of a share is sqrt(1/4 / 20000) = 0.0035; 64 bits, 5 of it.
  for (const n of ones) assert.ok(Math.abs(n / count - 0.5) < 0.0177, `${n}`);
});
