/** Recorded trees of `/sys/class/power_supply`. */
import assert from "node:assert/strict";
import { findMeters, openBatteryMeter } from "../../lib/emissions/mod.ts";
import { DeviceError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { recordedFiles } from "./simulated_machine.ts";

type Trace = string | Error | (string | Error)[];

/** Files of one supply. */
function supply(name: string, files: Record<string, Trace>) {
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => [
      `sys/class/power_supply/${name}/${file}`,
      text,
    ]),
  );
}

/** The first entry is the one that is looked at when the meter is opened. */
const trace = (...entries: string[]) => [entries[0]!, ...entries];
const rounding = { rtol: 1e-12 };

Deno.test("openBatteryMeter() integrates the power that flows out", async () => {
  const meter = await openBatteryMeter(recordedFiles({
    ...supply("AC", { type: "Mains\n", online: "0\n" }),
    ...supply("BAT0", {
      type: "Battery\n",
      status: "Discharging\n",
      power_now: trace("10000000\n", "20000000\n"),
    }),
    ...supply("hidpp_battery_0", { type: "Battery\n", scope: "Device\n" }),
  }));
  assert.equal(meter.part, "machine");
  assert.equal(meter.label, "measured");
  assert.match(meter.method, /^discharge of BAT0, screen/);
  assert.deepEqual(await meter.read(0), { joules: 0, seconds: 0 });
  // The mean of 10 W and 20 W for a minute.
  assertClose((await meter.read(60))!.joules, 900, rounding);
});

Deno.test("openBatteryMeter() multiplies current and voltage, adds batteries", async () => {
  const meter = await openBatteryMeter(recordedFiles({
    ...supply("BAT0", {
      type: "Battery\n",
      status: "Discharging\n",
      current_now: "-1500000\n", // some drivers give what flows out a sign
      voltage_now: "12000000\n",
    }),
    ...supply("BAT1", { type: "Battery\n", status: "Not charging\n" }),
  }));
  await meter.read(0);
  assertClose((await meter.read(10))!.joules, 180, rounding);
});

Deno.test("openBatteryMeter() has no reading while mains is plugged in", async () => {
  const meter = await openBatteryMeter(recordedFiles(supply("BAT0", {
    type: "Battery\n",
    status: trace(
      "Discharging\n",
      "Charging\n",
      "Discharging\n",
      "Discharging\n",
    ),
    power_now: "8000000\n",
  })));
  await meter.read(0);
  assert.equal(await meter.read(10), undefined, "not 0 W and not 8 W");
  assert.deepEqual(await meter.read(20), { joules: 0, seconds: 0 });
  assertClose((await meter.read(30))!.joules, 80, rounding);
});

Deno.test("openBatteryMeter() says why it cannot meter", async () => {
  const cases: [Record<string, Trace>, RegExp][] = [
    [{}, /lists no battery of this machine/],
    [
      supply("BAT0", { type: "Battery\n", status: "Full\n" }),
      /BAT0 does not discharge; unplug the mains/,
    ],
    [
      supply("BAT0", { type: "Battery\n", status: "Discharging\n" }),
      /does not discharge/, // no sensor of power
    ],
  ];
  for (const [tree, message] of cases) {
    await assertFails(
      () => openBatteryMeter(recordedFiles(tree)),
      DeviceError,
      message,
    );
  }
});

Deno.test("findMeters() meters nothing beside the battery", async () => {
  const tree = supply("BAT0", {
    type: "Battery\n",
    status: "Discharging\n",
    power_now: "9000000\n",
  });
  const found = await findMeters({ files: recordedFiles(tree), battery: true });
  assert.deepEqual(found.meters.map(({ part }) => part), ["machine"]);
  await assertFails(
    () => findMeters({ files: recordedFiles({}), battery: true }),
    DeviceError,
    /lists no battery/,
  );
});
