/** Which of many values are sent, and when, with a clock of our own. */
import assert from "node:assert/strict";
import { Throttle } from "../../lib/notebook/throttle.ts";

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("Throttle sends the first value at once and the last one later", async () => {
  const sent: number[] = [];
  const throttle = new Throttle<number>((value) => {
    sent.push(value);
    return Promise.resolve();
  }, 20);
  for (let i = 1; i <= 5; i++) throttle.push(i);
  assert.deepEqual(sent, [1]);
  await sleep(60);
  assert.deepEqual(sent, [1, 5]);
});

Deno.test("Throttle sends by its clock when timers starve", async () => {
  const sent: number[] = [];
  let now = 0;
  const throttle = new Throttle<number>(
    (value) => {
      sent.push(value);
      return Promise.resolve();
    },
    100,
    () => now,
  );
  for (; now < 1000; now += 10) {
    throttle.push(now);
    await Promise.resolve(); // a loop that leaves no room for timers
    await Promise.resolve();
    await Promise.resolve();
  }
  await throttle.cancel();
  assert.deepEqual(sent, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
});

Deno.test("Throttle waits for a slow send and drops what it overtook", async () => {
  const sent: number[] = [];
  let running = 0;
  const throttle = new Throttle<number>(async (value) => {
    assert.equal(++running, 1, "two sends at once");
    await sleep(15);
    running--;
    sent.push(value);
  }, 1);
  for (let i = 0; i < 10; i++) {
    throttle.push(i);
    await sleep(2);
  }
  await sleep(300);
  assert.equal(sent[0], 0);
  assert.equal(sent.at(-1), 9);
  assert.ok(sent.length < 10);
});

Deno.test("Throttle.cancel() drops what waits, and waits for what is out", async () => {
  const sent: number[] = [];
  const throttle = new Throttle<number>(async (value) => {
    await sleep(10);
    sent.push(value);
  }, 1000);
  throttle.push(1);
  throttle.push(2);
  await throttle.cancel();
  assert.deepEqual(sent, [1]);
  await sleep(20);
  assert.deepEqual(sent, [1]);
});
