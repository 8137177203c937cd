/** A made-up day in four values; means by hand. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  cleanestStart,
  constantMeter,
  type IntensitySeries,
  loadIntensitySeries,
  meanIntensity,
  parseIntensitySeries,
  track,
} from "../../lib/emissions/mod.ts";
import { ConfigError, DataError, FormatError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";
import { handClock } from "./simulated_machine.ts";

const DAY = `# made up for this test
time,gco2eq_per_kwh
2024-01-03T00:00:00Z,100
2024-01-03T06:00:00Z,200
2024-01-03T12:00:00Z,50
2024-01-03T18:00:00Z,300
`;
const day = parseIntensitySeries(DAY, "a day");
const at = (hour: number) => Date.UTC(2024, 0, 3) / 1000 + hour * 3600;
const mean = (series: IntensitySeries, from: number, to: number) =>
  meanIntensity(series, at(from), at(to));
const rounding = { rtol: 1e-12 };

Deno.test("parseIntensitySeries() reads times with any zone", () => {
  assert.equal(day.end, at(24), "the last value holds as long as the others");
  const west = parseIntensitySeries(
    DAY.replaceAll("00:00Z", "00:00-03:00"),
    "west",
  );
  assert.deepEqual(west.starts, day.starts.map((start) => start + 3 * 3600));
});

Deno.test("parseIntensitySeries() refuses what is no series", async () => {
  const cases: [string, RegExp][] = [
    [DAY.replace("time", "when"), /no column time/],
    [DAY.replace("06:00:00Z", "06:00:00"), /row 2 .* no time with a zone/],
    [DAY.replace("T06:00:00Z", "T25:00:00Z"), /row 2 .* no time with a zone/],
    [DAY.replace("T12", "T06"), /row 3 .* does not come after/],
    [DAY.replace(",50", ",-50"), /row 3 .*-50 g\/kWh, wanted at least 0/],
    [DAY.replace(",50", ","), /row 3 .*is not a number/],
    [DAY.split("\n").slice(0, 3).join("\n"), /has 1 rows, wanted two/],
  ];
  for (const [text, message] of cases) {
    assert.notEqual(text, DAY);
    await assertFails(
      () => parseIntensitySeries(text, "a file"),
      FormatError,
      message,
    );
  }
});

Deno.test("loadIntensitySeries() reads a file and says which is missing", () =>
  inFolder(async (folder) => {
    const path = join(folder, "day.csv");
    await Deno.writeTextFile(path, DAY);
    const { starts, gramsPerKwh } = await loadIntensitySeries(path);
    assert.deepEqual([starts, gramsPerKwh], [day.starts, day.gramsPerKwh]);
    await assertFails(
      () => loadIntensitySeries(join(folder, "none.csv")),
      DataError,
      /Cannot read a series: there is no file/,
    );
  }));

Deno.test("meanIntensity() weights each value by its time", () => {
  assertClose(mean(day, 0, 24).gramsPerKwh, 650 / 4, rounding);
  assertClose(mean(day, 5, 7).gramsPerKwh, 150, rounding);
  assertClose(
    mean(day, 11, 19).gramsPerKwh,
    (200 + 6 * 50 + 300) / 8,
    rounding,
  );
  assert.deepEqual(mean(day, 12, 12), { gramsPerKwh: 50, coverage: 1 });
});

Deno.test("meanIntensity() says how much it does not know", () => {
  const long = mean(day, -24, 48);
  assertClose(long.coverage, 1 / 3, rounding);
  // The nearest values hold: a day of 100, the day itself, a day of 300.
  assertClose(long.gramsPerKwh, (100 + 162.5 + 300) / 3, rounding);
  assert.deepEqual(mean(day, 30, 30), { gramsPerKwh: 300, coverage: 0 });
  assert.deepEqual(mean(day, -9, -9), { gramsPerKwh: 100, coverage: 0 });
});

Deno.test("cleanestStart() finds the hours with the least", async () => {
  const six = cleanestStart(day, 6 * 3600);
  assert.equal(six.start.toISOString(), "2024-01-03T12:00:00.000Z");
  assert.equal(six.gramsPerKwh, 50);
  const twelve = cleanestStart(day, 12 * 3600);
  assert.equal(twelve.start.toISOString(), "2024-01-03T06:00:00.000Z");
  assertClose(twelve.gramsPerKwh, 125, rounding);
  for (const seconds of [25 * 3600, 0, NaN]) {
    await assertFails(
      () => cleanestStart(day, seconds),
      DataError,
      /in a day, which covers 86400 s/,
    );
  }
});

const meters = () => [constantMeter(
  { part: "cpu", label: "assumed", method: "1 kW" },
  1000,
)];

Deno.test("track() integrates power times intensity", async () => {
  const clock = handClock();
  const pass = (hours: number) => {
    clock.now += hours * 3600;
    clock.today = new Date(clock.today.getTime() + hours * 3.6e6);
  };
  clock.today = new Date(at(4) * 1000);
  await using tracker = await track({
    project: "over the day",
    intervalSeconds: 0,
    meters: meters(),
    intensitySeries: day,
    pue: 2,
    clock,
  });
  pass(1);
  await tracker.sample();
  const window = await tracker.window("later");
  pass(3); // 05:00 to 08:00
  await window.stop();
  const { carbon, energyJoules, intensity } = tracker.reading();
  assertClose(energyJoules!, 2 * 4 * 3.6e6, rounding);
  // 2 kW: two hours of 100 g/kWh, two of 200; not eight hours of one mean.
  assertClose(carbon!.grams, 2 * (2 * 100 + 2 * 200), rounding);
  assertClose(intensity!.used.gramsPerKwh, 150, rounding);
  assert.equal(intensity!.used.place, "a day");
  const [later] = tracker.closedWindows();
  assertClose(later!.carbon!.grams, 2 * (100 + 2 * 200), rounding);
  assert.deepEqual(tracker.reading().notes, []);
  pass(20); // to the next morning
  const beyond = await tracker.sample();
  assert.match(beyond.notes[0]!, /a day covers all but 4 h 0 min of this run/);
});

Deno.test("track() goes on with a series and takes no other for it", () =>
  inFolder(async (folder) => {
    const clock = handClock();
    const stateFile = join(folder, "state.json");
    const options = {
      project: "resumed",
      intervalSeconds: 0,
      clock,
      stateFile,
      intensitySeries: day,
    };
    const first = await track({ ...options, meters: meters() });
    clock.now += 3600;
    clock.today = new Date(at(14) * 1000);
    const before = await first.stop();
    assertClose(before.carbon!.grams, 50, rounding);
    const second = await track({ ...options, meters: meters() });
    clock.now += 3600;
    clock.today = new Date(at(15) * 1000);
    assertClose((await second.stop()).carbon!.grams, 100, rounding);
    const other = { ...day, name: "another day" };
    await assertFails(
      () => track({ ...options, intensitySeries: other, meters: meters() }),
      ConfigError,
      /begun with series a day, now it is another day/,
    );
    await assertFails(
      () => track({ ...options, country: "BRA" }),
      ConfigError,
      /with intensitySeries and country: state one place/,
    );
  }));
