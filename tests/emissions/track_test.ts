import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { constantMeter, track } from "../../lib/emissions/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { handClock, simulatedGpu } from "./simulated_machine.ts";

/** Settings with a new meter: meters have a memory. */
const byHand = () => ({
  project: "test",
  intervalSeconds: 0,
  meters: [constantMeter(
    { part: "cpu", label: "assumed", method: "36 W" },
    36,
  )],
});

Deno.test("track() refuses settings that make no sense", async () => {
  const cases: [object, RegExp][] = [
    [{ project: " " }, /without a name/],
    [{ pue: 0.9 }, /PUE of 0.9: it must be a number of at least 1/],
    [{ pue: NaN }, /PUE of NaN/],
    [{ intervalSeconds: 0.01 }, /each 0.01 s: the interval is 0.1 to 600 s/],
    [{ intervalSeconds: -1 }, /each -1 s/],
    [{ country: "Atlantis" }, /carbon intensity of "Atlantis"/],
    [{ region: "iowa" }, /region "iowa": state its country/],
    [{ gramsPerKwh: -5 }, /-5 g\/kWh/],
  ];
  for (const [setting, message] of cases) {
    await assertFails(
      () => track({ ...byHand(), ...setting }),
      ConfigError,
      message,
    );
  }
});

Deno.test("track() gives no carbon without a place", async () => {
  const clock = handClock();
  await using tracker = await track({ ...byHand(), clock });
  clock.now += 100;
  const reading = await tracker.sample();
  assert.equal(reading.energyJoules, 3600);
  assert.equal(reading.carbon, undefined);
  assert.equal(reading.intensity, undefined);
});

Deno.test("track() multiplies by PUE and gives the range of a place", async () => {
  const clock = handClock();
  await using tracker = await track({
    ...byHand(),
    clock,
    country: "BRA",
    pue: 1.5,
  });
  clock.now += 3_600_000; // 36 kWh at the machine, 54 kWh at the meter
  const { energyJoules, carbon } = await tracker.sample();
  assertClose(energyJoules!, 54 * 3.6e6, { rtol: 1e-12 });
  assertClose(carbon!.grams, 54 * 98.348, { rtol: 1e-12 });
  assertClose(carbon!.low, 54 * 38.5, { rtol: 1e-12 });
  assertClose(carbon!.high, 54 * 205, { rtol: 1e-12 });
});

Deno.test("track() takes a stated intensity before the tables", async () => {
  await using tracker = await track({
    ...byHand(),
    country: "DEU",
    gramsPerKwh: 20,
  });
  assert.equal(tracker.reading().intensity?.used.gramsPerKwh, 20);
  assert.equal(tracker.reading().intensity?.used.place, "DEU");
});

Deno.test("track() finds the meters of this machine", async () => {
  await using tracker = await track({
    project: "here",
    intervalSeconds: 0,
    wattsStated: { gpu: 0 }, // asks no driver
  });
  const { parts } = tracker.reading();
  assert.ok(parts.some(({ part }) => part === "cpu"));
  for (const { joules, method } of parts) {
    assert.equal(joules, undefined, "no time has passed: no reading");
    assert.ok(method.length > 0);
  }
});

/** Runs with a state file in a folder of its own. */
async function withStateFile(fn: (path: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await fn(join(folder, "run", "emissions_state.json"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Power that swings, so that a lost stretch shows. */
const swing = (t: number) => 300 + 200 * Math.sin(t / 40);

Deno.test("track() goes on after a kill and loses at most one interval", async () => {
  await withStateFile(async (stateFile) => {
    const interval = 15;
    const unbrokenClock = handClock();
    const unbroken = await track({
      project: "run",
      intervalSeconds: 0,
      meters: [simulatedGpu(swing)],
      clock: unbrokenClock,
    });
    const clock = handClock();
    let tracker = await track({
      project: "run",
      intervalSeconds: 0,
      meters: [simulatedGpu(swing)],
      clock,
      stateFile,
    });
    const { runId } = tracker;
    const killedAt = [157, 371]; // 7 s and 11 s after a sample
    for (let t = 1; t <= 600; t++) {
      unbrokenClock.now++;
      clock.now++;
      if (t % interval === 0) {
        await Promise.all([unbroken.sample(), tracker.sample()]);
      }
      if (!killedAt.includes(t)) continue;
      // Nothing of the killed tracker runs any more; a counter goes on.
      const from = t;
      tracker = await track({
        project: "run",
        intervalSeconds: 0,
        meters: [simulatedGpu((now) => swing(from + now))],
        clock,
        stateFile,
      });
      assert.equal(tracker.runId, runId);
    }
    const whole = await unbroken.stop();
    const resumed = await tracker.stop();
    assert.equal(resumed.seconds, 600 - 7 - 11);
    const lost = whole.energyJoules! - resumed.energyJoules!;
    assert.ok(lost > 0, `${lost} J`);
    // Each kill lost less than one interval at the highest power of 500 W.
    assert.ok(lost <= killedAt.length * interval * 500, `${lost} J`);
    // Exactly: the energy from the last sample to each kill.
    const energy = (a: number, b: number) =>
      300 * (b - a) + 200 * 40 * (Math.cos(a / 40) - Math.cos(b / 40));
    assertClose(lost, energy(150, 157) + energy(360, 371), {
      rtol: 1e-4, // the simulated counter integrates in steps of 10 ms
    });
  });
});

Deno.test("track() keeps closed windows and both methods of a part", async () => {
  await withStateFile(async (stateFile) => {
    const clock = handClock();
    const first = await track({ ...byHand(), clock, stateFile });
    const window = await first.window("epoch 1");
    clock.now += 10;
    await window.stop();
    clock.now += 10;
    const second = await track({
      ...byHand(),
      clock,
      stateFile,
      meters: [constantMeter(
        { part: "cpu", label: "modelled", method: "load model" },
        20,
      )],
    });
    clock.now += 5;
    const { parts, seconds, energyJoules } = await second.stop();
    assert.deepEqual(
      parts.map(({ label, joules }) => [label, joules]),
      [["assumed", 360], ["modelled", 100]],
    );
    assert.equal(seconds, 15);
    assert.equal(energyJoules, 460);
    const [epoch] = second.closedWindows();
    assert.equal(epoch!.project, "epoch 1");
    assert.equal(epoch!.energyJoules, 360);
  });
});

/** Starts a program beside the state file that tracks with these settings. */
async function startProgram(stateFile: string, settings: object, then: string) {
  const library = new URL("../../lib/emissions/mod.ts", import.meta.url);
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const script = `${stateFile}.ts`;
  await Deno.mkdir(join(stateFile, ".."));
  await Deno.writeTextFile(
    script,
    `import { track } from ${JSON.stringify(library.href)};
     const tracker = await track(${JSON.stringify(settings)});
     ${then}`,
  );
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `--config=${config}`, script],
    stdout: "piped",
  }).spawn();
}

const wattsStated = { gpu: 100, cpu: 20, ram: 5 };

Deno.test("track() does not keep a program alive that forgot it", async () => {
  await withStateFile(async (stateFile) => {
    const settings = { project: "forgotten", wattsStated };
    const child = await startProgram(
      stateFile,
      settings,
      "console.log(tracker.runId.length)",
    );
    const { code, stdout } = await child.output();
    assert.equal(code, 0);
    assert.equal(new TextDecoder().decode(stdout), "36\n");
  });
});

Deno.test("track() leaves a whole state when its process is killed", async () => {
  await withStateFile(async (stateFile) => {
    const settings = {
      project: "killed",
      intervalSeconds: 0,
      wattsStated,
      stateFile,
    };
    const child = await startProgram(
      stateFile,
      settings,
      `while (true) {
         await new Promise((resolve) => setTimeout(resolve, 60));
         console.log((await tracker.sample()).seconds);
       }`,
    );
    let printed = "";
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      printed += text;
      if (printed.split("\n").length > 5) break;
    }
    child.kill("SIGKILL");
    await child.status;
    const seen = Number(printed.split("\n").at(-2)); // the last whole line
    const tracker = await track(settings);
    const { seconds, energyJoules } = tracker.reading();
    tracker[Symbol.dispose]();
    assert.ok(seen > 0.2 && seconds >= seen, `${seconds} of ${seen} s`);
    assertClose(energyJoules!, 125 * seconds, { rtol: 1e-9 });
  });
});
