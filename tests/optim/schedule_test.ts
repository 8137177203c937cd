/** Schedules by hand. */
import {
  learningRateSchedule,
  SCHEDULE_KINDS,
  type ScheduleOptions,
} from "../../lib/optim/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const OPTIONS = { peak: 2, warmupSteps: 4, steps: 12, minShare: 0.1 };

Deno.test("learningRateSchedule() climbs the same way to every kind", () => {
  for (const kind of SCHEDULE_KINDS) {
    const rate = learningRateSchedule({ ...OPTIONS, kind });
    assertClose([0, 1, 3, 4].map(rate), [0.5, 1, 2, 2], { atol: 1e-12 });
  }
});

const ENDS: [ScheduleOptions, number[], number[]][] = [
  // Half-way down the cosine: the middle between 2 and 0.2.
  [OPTIONS, [8, 12, 100], [1.1, 0.2, 0.2]],
  [{ peak: 1, warmupSteps: 0, steps: 2 }, [0, 1, 2], [1, 0.5, 0]],
  [{ ...OPTIONS, kind: "linear" }, [6, 8, 12, 100], [1.55, 1.1, 0.2, 0.2]],
  [{ ...OPTIONS, kind: "constant" }, [8, 12, 100], [2, 2, 2]],
  // The last four steps: y = 1/4 is half of the way down.
  [
    { ...OPTIONS, kind: "wsd", decayShare: 1 / 3 },
    [5, 8, 9, 12, 100],
    [2, 2, 1.1, 0.2, 0.2],
  ],
];

for (const [options, steps, wanted] of ENDS) {
  Deno.test(`learningRateSchedule() of ${options.kind ?? "cosine"} ends where it should, ${options.steps} steps`, () => {
    const rate = learningRateSchedule(options);
    assertClose(steps.map(rate), wanted, { atol: 1e-12 });
  });
}

Deno.test("learningRateSchedule() refuses numbers that contradict", async () => {
  const cases: [Partial<ScheduleOptions>, RegExp][] = [
    [{ peak: 0 }, /peak rate of 0/],
    [{ minShare: 1.5 }, /down to 1\.5 of it/],
    [{ warmupSteps: 13 }, /13 of 12 steps/],
    [{ kind: "wsd", decayShare: 0.9 }, /last 0\.9 of 12 steps .* 4: they over/],
    [{ kind: "wsd", decayShare: -1 }, /last -1 of/],
  ];
  for (const [change, text] of cases) {
    const options = { ...OPTIONS, ...change };
    await assertFails(() => learningRateSchedule(options), ConfigError, text);
  }
});
