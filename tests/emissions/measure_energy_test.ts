import assert from "node:assert/strict";
import { constantMeter, measureEnergy } from "../../lib/emissions/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { handClock } from "./simulated_machine.ts";

function simulated() {
  const clock = handClock();
  let closed = 0;
  const about = { part: "cpu", label: "assumed", method: "40 W" } as const;
  const meter = { ...constantMeter(about, 40), close: () => closed++ };
  const options = {
    project: "a sum",
    intervalSeconds: 0,
    meters: [meter],
    gramsPerKwh: 360,
    clock,
  };
  return { clock, options, isClosed: () => closed === 1 };
}

Deno.test("measureEnergy() gives what came out and what it took", async () => {
  const { clock, options, isClosed } = simulated();
  const { value, reading } = await measureEnergy(() => {
    clock.now += 250;
    return 1 + 1;
  }, options);
  assert.equal(value, 2);
  assert.equal(reading.project, "a sum");
  assert.equal(reading.energyJoules, 10_000);
  assert.equal(reading.carbon!.grams, 1);
  assert.ok(isClosed());
});

Deno.test("measureEnergy() ends its meters when the work fails", async () => {
  const { options, isClosed } = simulated();
  await assertFails(
    () => measureEnergy(() => Promise.reject(new Error("no more")), options),
    Error,
    /no more/,
  );
  assert.ok(isClosed());
});
