/** The hash table against a Map, over sizes at which it grows. */
import assert from "node:assert/strict";
import { PairTable } from "../../lib/text/pair_table.ts";
import { Random } from "../../lib/util/mod.ts";

Deno.test("PairTable numbers pairs as a Map does, while it grows", () => {
  const random = new Random(3, "pair table");
  const table = new PairTable();
  const map = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    const left = random.int(200) * 321, right = random.int(100) - 50;
    const key = `${left} ${right}`;
    assert.equal(table.find(left, right), map.get(key) ?? -1);
    if (!map.has(key)) map.set(key, map.size);
    assert.equal(table.add(left, right), map.get(key));
    assert.equal(table.size, map.size);
  }
  for (const [key, index] of map) {
    const { lefts, rights } = table;
    assert.equal(`${lefts.data[index]} ${rights.data[index]}`, key);
  }
});
