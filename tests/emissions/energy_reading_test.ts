/** Sums of a reading made by hand. */
import assert from "node:assert/strict";
import {
  energyShares,
  energyUncertainty,
  makeReading,
  statedIntensity,
  sumReadings,
  totalPower,
  totalsByPart,
} from "../../lib/emissions/mod.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { partEnergy as part } from "./simulated_machine.ts";

/** Half an hour: GPU 300 W, CPU 100 W for half of it, no memory reading. */
const reading = makeReading({
  project: "by hand",
  seconds: 1800,
  parts: [
    part("gpu", 540_000, 1800),
    part("cpu", 60_000, 600),
    { ...part("cpu", 30_000, 300), method: "after a restart" },
    part("ram", undefined, 0),
  ],
  pue: 1.5,
  intensity: statedIntensity(400),
  notes: [],
});
const rounding = { rtol: 1e-12 };

Deno.test("makeReading() adds up the parts that have a reading", () => {
  assertClose(reading.energyJoules!, 630_000 * 1.5, rounding);
  assertClose(reading.carbon!.grams, 0.175 * 1.5 * 400, rounding);
});

Deno.test("makeReading() leaves energy and carbon open without any reading", () => {
  const empty = makeReading({ ...reading, parts: [part("ram", undefined, 0)] });
  assert.equal(empty.energyJoules, undefined);
  assert.equal(empty.carbon, undefined);
  assert.equal(totalPower(empty), undefined);
  assert.deepEqual(energyShares(empty), {});
});

Deno.test("makeReading() tells a known zero from no reading", () => {
  const zero = makeReading({ ...reading, parts: [part("gpu", 0, 10)] });
  assert.equal(zero.energyJoules, 0);
  assert.equal(zero.carbon!.grams, 0);
});

Deno.test("energyUncertainty() adds up what the methods state", () => {
  const [gpu, cpu] = reading.parts.map((row) => ({ ...row, uncertainty: 0.1 }));
  const both = { parts: [gpu!, { ...cpu!, uncertainty: 1 }], pue: 1.5 };
  assertClose(
    energyUncertainty(both)!,
    1.5 * (0.1 * 540_000 + 60_000),
    rounding,
  );
  const unread = part("ram", undefined, 0); // adds nothing and hides nothing
  const three = { ...both, parts: [...both.parts, unread] };
  assert.equal(energyUncertainty(three), energyUncertainty(both));
  const unstated = { ...both, parts: [gpu!, reading.parts[1]!] };
  assert.equal(energyUncertainty(unstated), undefined);
});

Deno.test("totalsByPart() joins the methods of a part", () => {
  const totals = totalsByPart(reading);
  assert.deepEqual(totals.cpu, { joules: 90_000, watts: 100 });
  assert.deepEqual(totals.gpu, { joules: 540_000, watts: 300 });
  assert.equal(totals.ram, undefined);
});

Deno.test("totalPower() adds mean powers of the covered times, times PUE", () => {
  assertClose(totalPower(reading)!, 400 * 1.5, rounding);
});

Deno.test("energyShares() add up to one", () => {
  const { gpu, cpu, ram } = energyShares(reading);
  assertClose(gpu!, 540 / 630, rounding);
  assertClose(cpu!, 90 / 630, rounding);
  assert.equal(ram, undefined);
});

Deno.test("sumReadings() adds runs up and refuses one without a number", async () => {
  const { energyJoules, grams } = sumReadings([reading, reading]);
  assertClose(energyJoules, 2 * 630_000 * 1.5, rounding);
  assertClose(grams, 2 * 0.2625 * 400, rounding);
  assert.deepEqual(sumReadings([]), { energyJoules: 0, grams: 0 });
  const unplaced = makeReading({ ...reading, intensity: undefined });
  await assertFails(
    () => sumReadings([reading, unplaced]),
    DataError,
    /"by hand" has no energy or no carbon/,
  );
});
