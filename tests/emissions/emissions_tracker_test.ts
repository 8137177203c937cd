/** Simulated meters and a clock that the test sets; sums by hand. */
import assert from "node:assert/strict";
import {
  constantMeter,
  type EnergyMeter,
  track,
} from "../../lib/emissions/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { handClock, simulatedGpu } from "./simulated_machine.ts";

const cpu = () =>
  constantMeter({ part: "cpu", label: "assumed", method: "40 W" }, 40);
const rounding = { rtol: 1e-9 };

async function start(meters: EnergyMeter[], intervalSeconds = 0) {
  const clock = handClock();
  const tracker = await track({
    project: "simulated",
    intervalSeconds,
    meters,
    clock,
  });
  return { clock, tracker };
}

Deno.test("EmissionsTracker adds up each part", async () => {
  const { clock, tracker } = await start([
    simulatedGpu((t) => t < 10 ? 100 : 300),
    cpu(),
  ]);
  for (let i = 0; i < 20; i++) {
    clock.now += 1;
    await tracker.sample();
  }
  const { parts, seconds, energyJoules } = await tracker.stop();
  assert.equal(seconds, 20);
  assertClose(parts[0]!.joules!, 10 * 100 + 10 * 300, rounding);
  assertClose(parts[1]!.joules!, 20 * 40, rounding);
  assertClose(energyJoules!, 4800, rounding);
  assert.deepEqual(parts.map(({ label }) => label), ["measured", "assumed"]);
});

Deno.test("EmissionsTracker never takes a missing reading for zero", async () => {
  const { clock, tracker } = await start([
    simulatedGpu(() => 300, () => true),
    cpu(),
  ]);
  clock.now += 10;
  const { parts, energyJoules, notes } = await tracker.stop();
  assert.equal(parts[0]!.joules, undefined);
  assert.equal(parts[0]!.missed, 2);
  assert.equal(energyJoules, 400, "what is known");
  assert.deepEqual(notes, ["gpu: 2 readings failed"]);
});

Deno.test("EmissionsTracker covers a failed reading by the next one", async () => {
  const { clock, tracker } = await start([
    simulatedGpu(() => 300, (t) => t >= 10 && t < 30),
  ]);
  for (let i = 0; i < 6; i++) {
    clock.now += 10;
    await tracker.sample();
  }
  const { parts } = await tracker.stop();
  assertClose(parts[0]!.joules!, 300 * 60, rounding);
  assert.equal(parts[0]!.seconds, 60);
  assert.equal(parts[0]!.missed, 2);
});

Deno.test("EmissionsTracker does not read meters twice within 50 ms", async () => {
  let reads = 0;
  const counter: EnergyMeter = {
    part: "gpu",
    label: "measured",
    method: "jumps by 5 J at each read",
    read: () => Promise.resolve({ joules: 5, seconds: ++reads * 1e-6 }),
  };
  const { clock, tracker } = await start([counter]);
  for (let i = 0; i < 10; i++) {
    clock.now += 0.001;
    await tracker.sample();
  }
  assert.equal(reads, 1);
  clock.now += 0.05;
  await tracker.sample();
  assert.equal(reads, 2);
  tracker[Symbol.dispose]();
});

Deno.test("EmissionsTracker does not mind the calendar", async () => {
  const { clock, tracker } = await start([cpu()]);
  clock.now += 10;
  clock.today = new Date("1970-01-01");
  await tracker.sample();
  clock.now += 10;
  clock.today = new Date("2099-01-01");
  const { seconds, energyJoules } = await tracker.stop();
  assert.equal(seconds, 20);
  assert.equal(energyJoules, 800);
});

Deno.test("EmissionsTracker survives a clock that is set back", async () => {
  const { clock, tracker } = await start([simulatedGpu(() => 100), cpu()]);
  clock.now += 10;
  await tracker.sample();
  clock.now -= 5000;
  await tracker.sample();
  clock.now += 10;
  const { seconds, parts } = await tracker.stop();
  assert.equal(seconds, 20);
  assertClose(parts[0]!.joules!, 2000, rounding);
  assertClose(parts[1]!.joules!, 800, rounding);
});

Deno.test("EmissionsTracker says when samples were late", async () => {
  const { clock, tracker } = await start([cpu()], 15);
  clock.now += 44;
  assert.deepEqual((await tracker.sample()).notes, []);
  clock.now += 140;
  const { notes, energyJoules } = await tracker.stop();
  assert.match(notes[0]!, /late, the longest gap is 2 min 20 s/);
  assert.equal(energyJoules, 184 * 40);
});

Deno.test("EmissionsTracker windows nest, overlap and keep their energy", async () => {
  const { clock, tracker } = await start([
    simulatedGpu((t) => t < 20 ? 100 : 400),
  ]);
  const train = await tracker.window("train");
  clock.now += 10;
  const evaluation = await train.window("evaluation");
  clock.now += 20;
  const inner = await evaluation.stop();
  clock.now += 5;
  const outer = await train.stop();
  assert.equal(inner.project, "train/evaluation");
  assertClose(inner.energyJoules!, 10 * 100 + 10 * 400, rounding);
  assert.equal(inner.seconds, 20);
  assertClose(outer.energyJoules!, 20 * 100 + 15 * 400, rounding);
  clock.now += 100;
  assert.equal((await train.stop()).seconds, 35, "a closed window stays");
  assert.equal(train.reading().seconds, 35);
  await tracker.stop();
  assert.deepEqual(
    tracker.closedWindows().map(({ project, seconds }) => [project, seconds]),
    [["train/evaluation", 20], ["train", 35]],
  );
});

Deno.test("EmissionsTracker windows close by themselves and after the end", async () => {
  const { clock, tracker } = await start([cpu()]);
  {
    await using scoped = await tracker.window("scoped");
    clock.now += 3;
    assert.equal(scoped.reading().seconds, 0, "up to the last sample");
  }
  const open = await tracker.window("open");
  clock.now += 4;
  await tracker.stop();
  assert.equal((await open.stop()).energyJoules, 160);
  assert.deepEqual(
    tracker.closedWindows().map(({ energyJoules }) => energyJoules),
    [120, 160],
  );
});

Deno.test("EmissionsTracker gives no energy to a window without time", async () => {
  const { clock, tracker } = await start([cpu()]);
  clock.now += 10;
  const window = await tracker.window("blink");
  clock.now += 0.001;
  const { energyJoules, parts } = await window.stop();
  assert.equal(energyJoules, undefined);
  assert.equal(parts[0]!.joules, undefined);
  await tracker.stop();
});

Deno.test("EmissionsTracker takes samples one after the other", async () => {
  let running = 0;
  const slow: EnergyMeter = {
    part: "gpu",
    label: "measured",
    method: "slow",
    async read(now) {
      assert.equal(++running, 1, "two reads at once");
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
      return { joules: 1, seconds: now };
    },
  };
  const { clock, tracker } = await start([slow]);
  const samples = [];
  for (let i = 0; i < 5; i++) {
    samples.push(tracker.sample());
    clock.now += 1;
  }
  await Promise.all(samples);
  await tracker.stop();
});

Deno.test("EmissionsTracker samples by its timer", async () => {
  await using tracker = await track({
    project: "timer",
    intervalSeconds: 0.1,
    meters: [cpu()],
  });
  const begin = performance.now();
  while (tracker.points.length < 4) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(performance.now() - begin < 10_000, "no samples for 10 s");
  }
  const { seconds, energyJoules } = tracker.reading();
  assert.ok(seconds >= 0.25, `${seconds} s after three intervals of 0.1 s`);
  assertClose(energyJoules!, seconds * 40, rounding);
});

Deno.test("EmissionsTracker turns a meter's error into a note", async () => {
  let isBroken = true;
  const meter: EnergyMeter = {
    ...cpu(),
    read: () =>
      isBroken
        ? Promise.reject(new Error("the bus fell off"))
        : Promise.resolve({ joules: 8, seconds: 1 }),
  };
  const { clock, tracker } = await start([meter]);
  clock.now += 1;
  const { notes, energyJoules } = await tracker.sample();
  assert.deepEqual(notes, ["cpu: 2 readings failed", "cpu: the bus fell off"]);
  assert.equal(energyJoules, undefined);
  isBroken = false;
  clock.now += 1;
  const healed = await tracker.stop();
  assert.deepEqual(healed.notes, ["cpu: 2 readings failed"]);
  assert.equal(healed.energyJoules, 8);
});

Deno.test("EmissionsTracker goes on by its timer when the state is not saved", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/disk`);
  await Deno.writeTextFile(`${folder}/no disk`, "a file, not a folder");
  await Deno.symlink(`${folder}/disk`, `${folder}/run`);
  const tracker = await track({
    project: "lost disk",
    intervalSeconds: 0.1,
    meters: [cpu()],
    stateFile: `${folder}/run/state.json`,
  });
  // In one step, since the timer may be writing right now.
  await Deno.symlink(`${folder}/no disk`, `${folder}/link`);
  await Deno.rename(`${folder}/link`, `${folder}/run`);
  const begin = performance.now();
  while (tracker.reading().notes.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(performance.now() - begin < 10_000, "no note for 10 s");
  }
  assert.match(tracker.reading().notes[0]!, /^state: /);
  await assertFails(() => tracker.stop(), Error, /./);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("EmissionsTracker stops once and closes its meters", async () => {
  let closed = 0;
  const { clock, tracker } = await start([{ ...cpu(), close: () => closed++ }]);
  clock.now += 5;
  const first = await tracker.stop();
  assert.equal(closed, 1);
  clock.now += 5;
  assert.deepEqual(await tracker.stop(), first);
  assert.equal(first.energyJoules, 200);
  await assertFails(
    () => tracker.sample(),
    ConfigError,
    /tracker of "simulated" was stopped/,
  );
});
