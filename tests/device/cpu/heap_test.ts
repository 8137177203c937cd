/** The CPU device's allocator: no overlap, reuse, coalescing. */
import assert from "node:assert/strict";
import { Heap } from "../../../lib/device/cpu/heap.ts";
import { Random } from "../../../lib/util/mod.ts";

Deno.test("Heap never hands out memory twice, and takes all of it back", () => {
  const random = new Random(1);
  const heap = new Heap(1000, 1 << 24);
  const live = new Map<number, number>();
  for (let i = 0; i < 5000; i++) {
    if (live.size > 0 && random.uniform() < 0.5) {
      const start = random.pick([...live.keys()]);
      live.delete(start);
      heap.free(start);
    } else {
      const bytes = random.int(5000);
      const start = heap.allocate(bytes)!;
      assert.equal(start % 64, 0);
      for (const [other, size] of live) {
        assert.ok(start + bytes <= other || other + size <= start);
      }
      live.set(start, bytes);
    }
  }
  for (const start of live.keys()) heap.free(start);
  // One free block from the first address to the end: all was merged.
  assert.equal(heap.freeBytes, heap.end - 1024);
  assert.equal(heap.allocate(heap.end - 1024), 1024);
});

Deno.test("Heap prefers the block that fits best", () => {
  const heap = new Heap(0, 1 << 20);
  const [a, , b] = [640, 64, 128, 64].map((bytes) => heap.allocate(bytes)!);
  heap.free(a!);
  heap.free(b!);
  assert.equal(heap.allocate(100), b);
  assert.equal(heap.allocate(100), a);
});

Deno.test("Heap says when it is full", () => {
  const heap = new Heap(0, 1024);
  assert.notEqual(heap.allocate(512), undefined);
  assert.equal(heap.allocate(1024), undefined);
  assert.notEqual(heap.allocate(256), undefined);
});
