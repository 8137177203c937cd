import assert from "node:assert/strict";
import { constantMeter, track } from "../../lib/emissions/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { handClock, simulatedGpu } from "./simulated_machine.ts";

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
