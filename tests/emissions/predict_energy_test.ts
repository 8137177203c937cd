/** A run with a slow first step, predicted from each of its moments. */
import assert from "node:assert/strict";
import {
  constantMeter,
  makeReading,
  predictReading,
  statedIntensity,
  track,
} from "../../lib/emissions/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { handClock, partEnergy } from "./simulated_machine.ts";

const rounding = { rtol: 1e-12 };

/** A reading of so many joules after so many seconds. */
function at(joules: number | undefined, seconds: number) {
  return makeReading({
    project: "run",
    seconds,
    parts: [partEnergy("gpu", joules, seconds)],
    pue: 1.5,
    intensity: statedIntensity(400),
    notes: [],
  });
}

Deno.test("predictReading() scales what was used to the whole of the work", () => {
  const end = predictReading({ reading: at(1000, 10), done: 20, total: 100 })!;
  assertClose(end.energyJoules!, 1.5 * 5000, rounding);
  assertClose(end.seconds, 50, rounding);
  assertClose(end.carbon!.grams, 1.5 * 5000 / 3.6e6 * 400, rounding);
  assert.deepEqual(end.notes, ["predicted from 20 of 100"]);
});

Deno.test("predictReading() leaves the first steps out of the rate", () => {
  // 600 J for the first step, which compiles, then 10 J each.
  const since = { reading: at(600, 60), done: 1 };
  const end = predictReading({
    reading: at(690, 69),
    done: 10,
    total: 100,
    since,
  })!;
  assertClose(end.energyJoules!, 1.5 * (600 + 99 * 10), rounding);
  assertClose(end.seconds, 60 + 99, rounding);
});

Deno.test("predictReading() is the reading itself when all is done", () => {
  const last = at(5000, 50);
  const end = predictReading({ reading: last, done: 100, total: 100 })!;
  assert.equal(end.energyJoules, last.energyJoules);
  const over = predictReading({ reading: last, done: 120, total: 100 })!;
  assert.equal(over.energyJoules, last.energyJoules);
});

Deno.test("predictReading() does not guess before there is a rate", () => {
  const reading = at(1000, 10);
  assert.equal(predictReading({ reading, done: 0, total: 10 }), undefined);
  const since = { reading, done: 3 };
  const still = { reading, done: 3, total: 10, since };
  assert.equal(predictReading(still), undefined);
  const unread = at(undefined, 0);
  assert.equal(
    predictReading({ reading: unread, done: 5, total: 10 }),
    undefined,
  );
});

Deno.test("predictReading() is right after the first steps of a tracked run", async () => {
  const clock = handClock();
  await using tracker = await track({
    project: "run",
    intervalSeconds: 0,
    meters: [
      constantMeter({ part: "gpu", label: "assumed", method: "300 W" }, 300),
      constantMeter({ part: "cpu", label: "assumed", method: "50 W" }, 50),
    ],
    clock,
  });
  const predicted: number[] = [];
  let since;
  for (let step = 1; step <= 200; step++) {
    clock.now += step === 1 ? 30 : 2;
    const reading = await tracker.sample();
    since ??= { reading, done: step };
    const end = predictReading({ reading, done: step, total: 200, since });
    if (end) predicted.push(end.energyJoules!);
  }
  const { energyJoules } = tracker.reading();
  assert.equal(predicted.length, 199);
  assertClose(predicted, predicted.map(() => energyJoules!), { rtol: 1e-9 });
});
