/**
 * Recorded counter traces of `/sys/class/powercap`. Counters hold whole
 * microjoules, so sums are exact up to one rounding of the division by 1e6.
 */
import assert from "node:assert/strict";
import { openRaplMeter } from "../../lib/emissions/mod.ts";
import { DeviceError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { recordedFiles } from "./simulated_machine.ts";

const RANGE = "262143328850\n"; // a typical Intel range, 262,143 J
const rounding = { rtol: 1e-9 };

type Trace = string | Error | (string | Error)[];

/** A domain of the tree: its folder, its name, its counter. */
function domain(folder: string, name: string, energy: Trace) {
  const path = `sys/class/powercap/${folder}`;
  return {
    [`${path}/name`]: `${name}\n`,
    [`${path}/energy_uj`]: energy,
    [`${path}/max_energy_range_uj`]: RANGE,
  };
}

/** The first read is the one that checks permissions. */
function trace(...microjoules: (number | Error)[]): (string | Error)[] {
  const values = microjoules.map((x) => x instanceof Error ? x : `${x}\n`);
  return [values[0]!, ...values];
}

Deno.test("openRaplMeter() adds packages and no nested domain", async () => {
  const meter = await openRaplMeter(recordedFiles({
    ...domain("intel-rapl:0", "package-0", trace(1e6, 31e6)),
    ...domain("intel-rapl:0:0", "core", trace(0, 20e6)),
    ...domain("intel-rapl:0:1", "dram", trace(0, 5e6)),
    ...domain("intel-rapl:1", "package-1", trace(7e6, 17e6)),
    ...domain("intel-rapl:2", "psys", trace(0, 90e6)),
  }));
  assert.equal(meter.label, "measured");
  assert.match(meter.method, /package-0 \+ package-1$/);
  assert.deepEqual(await meter.read(100), { joules: 0, seconds: 0 });
  const reading = await meter.read(101);
  assertClose(reading!.joules, 30 + 10, rounding);
  assert.equal(reading!.seconds, 1);
});

Deno.test("openRaplMeter() counts the memory of all packages by itself", async () => {
  const files = recordedFiles({
    ...domain("intel-rapl:0", "package-0", trace(0, 30e6)),
    ...domain("intel-rapl:0:0", "core", trace(0, 20e6)),
    ...domain("intel-rapl:0:1", "dram", trace(1e6, 6e6)),
    ...domain("intel-rapl:1", "package-1", trace(0, 10e6)),
    ...domain("intel-rapl:1:0", "dram", trace(0, 4e6)),
    ...domain("intel-rapl-mmio:0:0", "dram", trace(0, 5e6)), // the same again
  });
  const meter = await openRaplMeter(files, "ram");
  assert.equal(meter.part, "ram");
  assert.equal(meter.method, "RAPL energy counter of dram of 0 + dram of 1");
  await meter.read(0);
  assertClose((await meter.read(1))!.joules, 5 + 4, rounding);
  await assertFails(
    () =>
      openRaplMeter(
        recordedFiles(domain("intel-rapl:0", "package-0", "1")),
        "ram",
      ),
    DeviceError,
    /lists intel-rapl:0 and no memory domain/,
  );
});

Deno.test("openRaplMeter() takes MMIO where MSR shows the same package", async () => {
  const meter = await openRaplMeter(recordedFiles({
    ...domain("intel-rapl:0", "package-0", trace(0, 1e6)),
    ...domain("intel-rapl-mmio:0", "package-0", trace(0, 3e6)),
  }));
  await meter.read(0);
  assertClose((await meter.read(1))!.joules, 3, rounding);
});

Deno.test("openRaplMeter() counts both dies of one package", async () => {
  const meter = await openRaplMeter(recordedFiles({
    ...domain("intel-rapl:0", "package-0-die-0", trace(0, 1e6)),
    ...domain("intel-rapl:1", "package-0-die-1", trace(0, 2e6)),
  }));
  await meter.read(0);
  assertClose((await meter.read(1))!.joules, 3, rounding);
});

Deno.test("openRaplMeter() adds the range once when the counter wraps", async () => {
  const before = 262_143_000_000, after = 150_000_000;
  const meter = await openRaplMeter(recordedFiles(
    domain("intel-rapl:0", "package-0", trace(before, after)),
  ));
  await meter.read(0);
  // By hand: 262143.328850 - 262143.000000 + 150.000000 J.
  assertClose((await meter.read(15))!.joules, 150.32885, rounding);
});

Deno.test("openRaplMeter() tells a reset counter from a wrap", async () => {
  const meter = await openRaplMeter(recordedFiles(
    domain("intel-rapl:0", "package-0", trace(200e9, 1e6, 16e6)),
  ));
  await meter.read(0);
  // As a wrap it would be 62,144 J in 15 s: 4,143 W.
  assert.equal(await meter.read(15), undefined);
  assertClose((await meter.read(30))!.joules, 15, rounding);
});

Deno.test("openRaplMeter() does not take a failed read for a wrap", async () => {
  const meter = await openRaplMeter(recordedFiles(
    domain(
      "intel-rapl:0",
      "package-0",
      trace(5e9, new Deno.errors.Busy("try again"), 5.3e9),
    ),
  ));
  await meter.read(0);
  assert.equal(await meter.read(15), undefined);
  const reading = await meter.read(30);
  assertClose(reading!.joules, 300, rounding);
  assert.equal(reading!.seconds, 30, "the failed interval is covered as well");
});

Deno.test("openRaplMeter() takes counters that stand for no reading", async () => {
  const meter = await openRaplMeter(recordedFiles({
    ...domain("intel-rapl:0", "package-0", trace(5e6, 5e6, 5e6, 95e6)),
    ...domain("intel-rapl:1", "package-1", trace(0, 0, 0, 10e6)),
  }));
  await meter.read(0);
  assert.deepEqual(await meter.read(0.5), { joules: 0, seconds: 0.5 });
  assert.equal(await meter.read(15), undefined, "as in some virtual machines");
  const reading = await meter.read(30);
  assertClose(reading!.joules, 100, rounding);
  assert.equal(reading!.seconds, 29.5);
});

Deno.test("openRaplMeter() takes a damaged counter for no reading", async () => {
  const tree = domain("intel-rapl:0", "package-0", [
    "1000000\n",
    "1000000\n",
    "\n",
    "3000000\n",
  ]);
  const meter = await openRaplMeter(recordedFiles(tree));
  await meter.read(0);
  assert.equal(await meter.read(1), undefined);
  assertClose((await meter.read(2))!.joules, 2, rounding);
});

Deno.test("openRaplMeter() says what to run when counters are for root", async () => {
  const denied = new Deno.errors.PermissionDenied("os error 13");
  await assertFails(
    () =>
      openRaplMeter(recordedFiles(
        domain("intel-rapl:0", "package-0", denied),
      )),
    DeviceError,
    /energy_uj is for root only; run "sudo chmod a\+r .*energy_uj"/,
  );
  const incapable = new Deno.errors.NotCapable("no --allow-read");
  await assertFails(
    () =>
      openRaplMeter(recordedFiles(
        domain("intel-rapl:0", "package-0", incapable),
      )),
    DeviceError,
    /Deno may not read .*-A/,
  );
});

Deno.test("openRaplMeter() refuses a machine without packages", async () => {
  await assertFails(
    () => openRaplMeter(recordedFiles({})),
    DeviceError,
    /lists nothing and no processor package/,
  );
  await assertFails(
    () => openRaplMeter(recordedFiles(domain("intel-rapl:0", "psys", "1"))),
    DeviceError,
    /lists intel-rapl:0 and no processor package/,
  );
});
