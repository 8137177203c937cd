import assert from "node:assert/strict";
import {
  addToLedger,
  EMPTY_LEDGER,
  latestPower,
  ledgerBetween,
  ledgerParts,
} from "../../lib/emissions/energy_ledger.ts";
import { constantMeter, track } from "../../lib/emissions/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { handClock, simulatedGpu } from "./simulated_machine.ts";

const gpu = constantMeter(
  { part: "gpu", label: "measured", method: "counter" },
  0,
);
const cpu = constantMeter(
  { part: "cpu", label: "modelled", method: "load" },
  0,
);

Deno.test("addToLedger() sums by part and method and counts failures", () => {
  const first = addToLedger(EMPTY_LEDGER, 10, [
    { meter: gpu, reading: { joules: 3000, seconds: 10 } },
    { meter: cpu, reading: undefined },
  ]);
  const second = addToLedger(first, 5, [
    { meter: gpu, reading: { joules: 1000, seconds: 5 } },
    { meter: { ...gpu, method: "power" }, reading: { joules: 7, seconds: 1 } },
    { meter: cpu, reading: { joules: 600, seconds: 15 } },
  ]);
  assert.equal(second.seconds, 15);
  assert.deepEqual(
    second.rows.map((
      { method, joules, seconds, missed },
    ) => [method, joules, seconds, missed]),
    [["counter", 4000, 15, 0], ["load", 600, 15, 1], ["power", 7, 1, 0]],
  );
  assert.deepEqual(EMPTY_LEDGER, { seconds: 0, rows: [] }, "is not changed");
});

Deno.test("ledgerBetween() gives what came in between", () => {
  const before = addToLedger(EMPTY_LEDGER, 10, [
    { meter: gpu, reading: { joules: 3000, seconds: 10 } },
  ]);
  const after = addToLedger(before, 4, [
    { meter: gpu, reading: { joules: 100, seconds: 4 } },
    { meter: cpu, reading: { joules: 40, seconds: 4 } },
  ]);
  const between = ledgerBetween(before, after);
  assert.equal(between.seconds, 4);
  assert.deepEqual(between.rows.map(({ joules }) => joules), [100, 40]);
});

Deno.test("ledgerParts() leaves energy open where no time is covered", () => {
  const ledger = addToLedger(EMPTY_LEDGER, 10, [
    { meter: gpu, reading: { joules: 0, seconds: 10 } },
    { meter: cpu, reading: undefined },
  ]);
  const [known, open] = ledgerParts(ledger);
  assert.equal(known!.joules, 0);
  assert.equal(open!.joules, undefined);
});

Deno.test("addPowerPoint() holds cumulative energy, thinned", async () => {
  const clock = handClock();
  const tracker = await track({
    project: "points",
    intervalSeconds: 0,
    meters: [
      constantMeter({ part: "cpu", label: "assumed", method: "40 W" }, 40),
      simulatedGpu(() => 100, (t) => t === 1),
    ],
    clock,
  });
  for (let i = 0; i < 3; i++) {
    clock.now += 1;
    await tracker.sample();
  }
  assert.deepEqual(tracker.points.slice(0, 3).map(({ joules }) => joules.cpu), [
    0,
    40,
    80,
  ]);
  assert.equal(tracker.points[1]!.joules.gpu, undefined, "a failed reading");
  assertClose(tracker.points[2]!.joules.gpu!, 200, { rtol: 1e-9 });
  for (let i = 0; i < 5000; i++) {
    clock.now += 1;
    await tracker.sample();
  }
  const { points } = tracker;
  assert.ok(points.length > 2000 && points.length <= 4096, `${points.length}`);
  for (const { seconds, joules } of points) {
    assert.equal(joules.cpu, 40 * seconds);
  }
  await tracker.stop();
});

Deno.test("latestPower() is that of the last stretch, all parts together", () => {
  const points = [
    { seconds: 0, joules: { gpu: 0, cpu: 0 } },
    { seconds: 10, joules: { gpu: 1000, cpu: 400 } },
    { seconds: 14, joules: { gpu: 1800, cpu: 480 } },
  ];
  assert.equal(latestPower(points), (800 + 80) / 4);
  assert.equal(latestPower(points, 1.5), 330);
  assert.equal(latestPower(points.slice(0, 1)), undefined);
  assert.equal(latestPower([]), undefined);
});

Deno.test("latestPower() does not take a part without a reading for 0 W", () => {
  const whole = { seconds: 0, joules: { gpu: 0, cpu: 0 } };
  const part = { seconds: 10, joules: { cpu: 400 } };
  assert.equal(latestPower([whole, part]), undefined, "the GPU failed now");
  assert.equal(latestPower([part, { ...whole, seconds: 20 }]), undefined);
  const none = { seconds: 10, joules: {} };
  assert.equal(latestPower([none, { ...none, seconds: 20 }]), undefined);
});
