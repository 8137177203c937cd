/** The queue against sorting. */
import assert from "node:assert/strict";
import { KeyQueue } from "../../lib/text/key_queue.ts";
import { Random } from "../../lib/util/mod.ts";

function drain(queue: KeyQueue): [number, number][] {
  const keys: [number, number][] = [];
  while (queue.pop()) keys.push([queue.first, queue.second]);
  return keys;
}

Deno.test("KeyQueue gives keys by first, then by second", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed, "key queue");
    const queue = new KeyQueue();
    const keys = Array.from(
      { length: seed * 7 },
      (): [number, number] => [random.int(9) - 4, random.int(30)],
    );
    for (const [first, second] of keys) queue.push(first, second);
    const sorted = keys.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
    assert.deepEqual(drain(queue), sorted);
  }
});

Deno.test("KeyQueue takes new keys between two pops", () => {
  const queue = new KeyQueue();
  queue.push(2, 0);
  queue.push(1, 5);
  assert.ok(queue.pop());
  assert.deepEqual([queue.first, queue.second], [1, 5]);
  queue.push(1, 7);
  queue.push(3, 0);
  assert.deepEqual(drain(queue), [[1, 7], [2, 0], [3, 0]]);
  assert.ok(!queue.pop());
});
