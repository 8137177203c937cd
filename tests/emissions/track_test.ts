import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { constantMeter, track } from "../../lib/emissions/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { inFile, inFolder } from "../support/in_folder.ts";
import { handClock, simulatedGpu, swing } from "./simulated_machine.ts";

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

Deno.test("track() takes intensity and PUE of a cloud region", async () => {
  const clock = handClock();
  await using tracker = await track({
    ...byHand(),
    clock,
    cloud: "aws/sa-east-1",
  });
  clock.now += 100;
  const { carbon, pue, intensity, notes } = await tracker.sample();
  assert.equal(pue, 1.17);
  assertClose(carbon!.grams, 1.17 * 3600 / 3.6e6 * 74, { rtol: 1e-12 });
  assert.deepEqual([intensity!.low, intensity!.high], [67.32, 205]);
  assert.deepEqual(notes, [
    "PUE 1.17 is what aws/sa-east-1 published for 2024",
  ]);
  await using own = await track({
    ...byHand(),
    cloud: "aws/sa-east-1",
    pue: 1.3,
  });
  assert.equal(own.reading().pue, 1.3, "what is stated goes first");
  assert.deepEqual(own.reading().notes, []);
  await assertFails(
    () => track({ ...byHand(), cloud: "aws/sa-east-1", country: "BRA" }),
    ConfigError,
    /with cloud and country: state one place/,
  );
});

Deno.test("track() says that another tracker meters this machine", () =>
  inFolder(async (folder) => {
    const claimFile = join(folder, "host.lock");
    const options = {
      intervalSeconds: 0,
      wattsStated: { gpu: 100, cpu: 20, ram: 5 },
      claimFile,
    };
    const first = await track({ ...options, project: "first" });
    assert.deepEqual(first.reading().notes, []);
    const second = await track({ ...options, project: "second" });
    assert.match(
      second.reading().notes.join(),
      /^process \d+ \("first", since .*\) meters this machine as well: add up/,
    );
    await assertFails(
      () => track({ ...options, project: "third", ifMetered: "refuse" }),
      ConfigError,
      /Cannot track "third": process \d+ \("first", .* or use the scope/,
    );
    // One process may be counted by itself, whoever counts the machine.
    const alone = { ...options, project: "alone", scope: "process" } as const;
    await using own = await track({ ...alone, ifMetered: "refuse" });
    assert.deepEqual(own.reading().notes, []);
    await first.stop();
    await second.stop();
    await using after = await track({ ...options, project: "after" });
    assert.deepEqual(after.reading().notes, [], "the first one has ended");
  }));

Deno.test("track() counts a machine once however many workers ask", () =>
  inFolder(async (folder) => {
    const clocks = Array.from({ length: 8 }, handClock);
    const trackers = [];
    for (const [rank, clock] of clocks.entries()) {
      trackers.push(
        await track({
          project: `rank ${rank}`,
          intervalSeconds: 0,
          wattsStated: { machine: 360 },
          claimFile: join(folder, "host.lock"),
          ifMetered: "leave",
          clock,
        }),
      );
    }
    for (const clock of clocks) clock.now += 100;
    const readings = [];
    for (const tracker of trackers) readings.push(await tracker.stop());
    assert.equal(readings[0]!.energyJoules, 36_000);
    for (const { energyJoules, notes } of readings.slice(1)) {
      assert.equal(energyJoules, undefined, "no reading, which is not 0 J");
      assert.match(notes[0]!, /"rank 0", .* counts this run as well/);
    }
  }));

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

const withStateFile = (fn: (path: string) => Promise<void>) =>
  inFile("run/emissions_state.json", fn);

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
  await Deno.mkdir(join(stateFile, ".."), { recursive: true });
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

/** Energy and time of a child that samples each 60 ms, killed after a while. */
async function runKilled(settings: { stateFile: string }): Promise<number> {
  const child = await startProgram(
    settings.stateFile,
    settings,
    `while (true) {
       await new Promise((resolve) => setTimeout(resolve, 60));
       console.log((await tracker.sample()).seconds);
     }`,
  );
  let printed = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    if (printed.split("\n").length > 5) break;
  }
  child.kill("SIGKILL");
  await child.status;
  return Number(printed.split("\n").at(-2)); // the last whole line
}

Deno.test("track() goes on where a killed process stopped, again and again", async () => {
  await withStateFile(async (stateFile) => {
    const settings = {
      project: "killed",
      intervalSeconds: 0,
      wattsStated,
      stateFile,
      claimFile: `${stateFile}.lock`,
    };
    let seen = 0;
    for (let kill = 0; kill < 3; kill++) {
      const last = await runKilled(settings);
      // Each life goes on from the one before, none starts anew.
      assert.ok(last > seen + 0.2, `${last} s after ${seen} s`);
      seen = last;
    }
    const tracker = await track(settings);
    const { seconds, energyJoules, notes } = tracker.reading();
    tracker[Symbol.dispose]();
    assert.deepEqual(notes, [], "the lock of the killed process holds no more");
    assert.ok(seconds >= seen, `${seconds} of ${seen} s`);
    assertClose(energyJoules!, 125 * seconds, { rtol: 1e-9 });
  });
});

Deno.test("track() agrees with an unbroken run within one interval a kill", async () => {
  await withStateFile(async (stateFile) => {
    const interval = 15;
    const clock = handClock();
    const unbroken = await track({
      project: "unbroken",
      intervalSeconds: 0,
      meters: [simulatedGpu(swing)],
      clock,
    });
    // Lives of a process; all but the last are killed between two samples.
    const lives = [157, 214, 229];
    let begins = 0;
    for (const life of lives) {
      await using program = await KilledRun.start(stateFile, begins);
      for (let passed = 0; passed < life;) {
        const step = Math.min(interval, life - passed);
        passed += step;
        clock.now += step;
        await program.tell(String(step));
        if (step === interval) await program.tell("sample");
        await unbroken.sample();
      }
      if (life === lives.at(-1)) await program.tell("sample");
      begins += life;
    }
    const whole = await unbroken.stop();
    const { ledger } = JSON.parse(await Deno.readTextFile(stateFile));
    const [{ joules, seconds }] = ledger.rows;
    // 157 = 10 x 15 + 7 and 214 = 14 x 15 + 4: what came after the samples.
    assert.equal(seconds, 600 - 7 - 4);
    const lost = whole.energyJoules! - joules;
    const energy = (from: number, to: number) =>
      300 * (to - from) + 200 * 40 * (Math.cos(from / 40) - Math.cos(to / 40));
    assertClose(lost, energy(150, 157) + energy(367, 371), {
      rtol: 1e-4, // the simulated counter integrates in steps of 10 ms
    });
    const highest = 500; // W
    assert.ok(lost < 2 * interval * highest);
  });
});

/** The program of `killed_run.ts`, killed when it is disposed. */
class KilledRun implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #answers: ReadableStreamDefaultReader<string>;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#answers = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#orders = child.stdin.getWriter();
  }

  static async start(stateFile: string, begins: number): Promise<KilledRun> {
    const script = fileURLToPath(new URL("killed_run.ts", import.meta.url));
    const run = new KilledRun(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", script, stateFile, String(begins)],
        stdin: "piped",
        stdout: "piped",
      }).spawn(),
    );
    await run.#answers.read();
    return run;
  }

  /** Gives an order and waits until it was carried out. */
  async tell(order: string): Promise<void> {
    await this.#orders.write(new TextEncoder().encode(`${order}\n`));
    const { done } = await this.#answers.read();
    assert.ok(!done, `the program ended at "${order}"`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#answers.cancel();
    await this.#orders.close().catch(() => {}); // nobody reads it any more
  }
}
