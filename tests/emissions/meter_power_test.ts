/** Power of simulated meters, and what takes its place where they are blind. */
import assert from "node:assert/strict";
import {
  constantMeter,
  energyAtPower,
  energyLabels,
  type EnergyMeter,
  expectedPower,
  type HostFacts,
  meterPower,
  type MeterReading,
} from "../../lib/emissions/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { handClock } from "./simulated_machine.ts";

const rounding = { rtol: 1e-12 };

/** Two sockets of 125 W by data sheet, four modules of 5 W. */
const HOST: HostFacts = {
  os: "linux",
  arch: "x86_64",
  cpuModel: "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz",
  sockets: 2,
  threads: 80,
  memoryGibibytes: 64,
};

/** A counter that tells these readings, one after the other. */
function toldMeter(
  part: "gpu" | "cpu" | "ram",
  readings: (MeterReading | undefined)[],
): EnergyMeter {
  const read = () => Promise.resolve(readings.shift());
  const about = { part, label: "measured", method: "counter" } as const;
  return { ...about, uncertainty: 0.05, read };
}

Deno.test("meterPower() and energyAtPower() make hours of a second", async () => {
  const clock = handClock();
  const about = { part: "ram", label: "assumed", method: "20 W" } as const;
  const counter = toldMeter("cpu", [
    { joules: 0, seconds: 0 },
    { joules: 130, seconds: 2 },
  ]);
  const { value, power } = await meterPower(() => {
    clock.now += 2;
    return "done";
  }, {
    project: "run",
    meters: [counter, constantMeter(about, 20)],
    host: HOST,
    gramsPerKwh: 100,
    pue: 1.5,
    clock,
  });
  assert.equal(value, "done");
  assert.deepEqual(power.parts.map(({ watts }) => watts), [65, 20]);
  assert.deepEqual(power.notes, []);
  const reading = energyAtPower(power, 7200);
  // 85 W x 2 h x 1.5 = 255 Wh, at 100 g/kWh.
  assertClose(reading.energyJoules!, 255 * 3600, rounding);
  assertClose(reading.carbon!.grams, 25.5, rounding);
  assert.equal(reading.seconds, 7200);
  assert.equal(energyLabels(reading), "cpu measured, ram assumed");
  assert.equal(reading.parts[0]!.uncertainty, 0.05);
});

Deno.test("meterPower() takes tables where a meter shows nothing", async () => {
  const clock = handClock();
  const start = { joules: 0, seconds: 0 };
  const { power } = await meterPower(() => {
    clock.now += 1;
  }, {
    project: "run",
    meters: [
      toldMeter("gpu", [start, undefined]), // fails, and has no name
      toldMeter("cpu", [start, { joules: 0, seconds: 1 }]), // has not moved
      toldMeter("ram", [start, undefined]),
    ],
    host: HOST,
    clock,
  });
  const [gpu, cpu, ram] = power.parts;
  assert.equal(gpu!.watts, undefined);
  assert.deepEqual([cpu!.label, cpu!.watts], ["modelled", 2 * 125]);
  assert.match(cpu!.method, /^full load, TDP 2 x 125 W/);
  assert.deepEqual([ram!.label, ram!.watts], ["modelled", 4 * 5]);
  for (const { method } of power.parts) {
    assert.match(method, /; its meter showed nothing in 1\.00 s$/);
  }
  const reading = energyAtPower(power, 10);
  assertClose(reading.energyJoules!, 10 * (2 * 125 + 4 * 5), rounding);
  assert.equal(energyLabels(reading), "cpu modelled, ram modelled");
});

Deno.test("meterPower() does not divide by too short a time", async () => {
  const clock = handClock();
  const cpu = { part: "cpu", label: "assumed", method: "9 W" } as const;
  const { power } = await meterPower(() => {
    clock.now += 0.01;
  }, { project: "run", meters: [constantMeter(cpu, 9)], host: HOST, clock });
  assert.equal(power.parts[0]!.watts, 2 * 125);
});

Deno.test("expectedPower() adds up cards and knows what it does not know", async () => {
  const names = ["NVIDIA A100-SXM4-40GB", "NVIDIA A100-SXM4-40GB"];
  const gpu = await expectedPower("gpu", HOST, names);
  assert.equal(gpu.watts, 2 * 400);
  assert.equal((await expectedPower("gpu", HOST)).watts, undefined);
  assert.equal((await expectedPower("gpu", HOST, ["Banana"])).watts, undefined);
  const bare = { ...HOST, memoryGibibytes: undefined };
  assert.equal((await expectedPower("ram", bare)).watts, undefined);
  assert.equal((await expectedPower("machine", HOST)).watts, undefined);
});
