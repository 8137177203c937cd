/** Both memory models of CodeCarbon (2.3.2 and 3.3.0), worked by hand. */
import assert from "node:assert/strict";
import {
  guessMemoryModules,
  ramMeter,
  ramPowerV2,
  ramPowerV3,
  ramProcessMeter,
} from "../../lib/emissions/mod.ts";
import { assertClose } from "../support/assert_close.ts";

const rounding = { rtol: 1e-12 };

Deno.test("ramPowerV2() gives the 31.304 W of both published runs", () => {
  assertClose(ramPowerV2(83.47711181640625), 31.303916931152344, rounding);
});

Deno.test("guessMemoryModules() follows the sizes of common machines", () => {
  const cases: [number, number][] = [
    [1, 1],
    [2, 1],
    [8, 2],
    [16, 2],
    [24, 4],
    [64, 4],
    [83.477, 8],
    [128, 8],
    [130, 9], // modules of 16 GB
    [512, 8], // modules of 64 GB
    [1000, 16], // modules of 64 GB
    [1024, 8], // modules of 128 GB
    [8192, 32], // never more than 32
  ];
  for (const [gibibytes, modules] of cases) {
    assert.equal(guessMemoryModules(gibibytes), modules, `${gibibytes} GiB`);
  }
});

Deno.test("ramPowerV3() makes later modules cheaper", () => {
  assertClose(ramPowerV3(83.477), 38, rounding); // 4 x 5 + 4 x 4.5
  assertClose(ramPowerV3(16), 10, rounding);
  assertClose(ramPowerV3(1), 10, rounding); // the least on x86
  assertClose(ramPowerV3(1000), 38 + 8 * 4, rounding);
  assertClose(ramPowerV3(8192), 38 + 8 * 4 + 16 * 3.5, rounding);
});

Deno.test("ramPowerV3() takes 1.5 W a module on ARM, at least 3 W", () => {
  assertClose(ramPowerV3(1, "aarch64"), 3, rounding);
  assertClose(ramPowerV3(83.477, "aarch64"), 4 * 1.5 + 4 * 1.35, rounding);
});

Deno.test("ramMeter() names model and size", async () => {
  const v2 = ramMeter("v2", 83.47711181640625, "x86_64");
  const v3 = ramMeter("v3", 83.47711181640625, "x86_64");
  assert.equal(v2.method, "3 W per 8 GiB of 83.5 GiB");
  assert.equal(v3.method, "8 modules guessed from 83.5 GiB");
  await v3.read(0);
  assertClose((await v3.read(10))!.joules, 380, rounding);
});

Deno.test("ramProcessMeter() charges the share that is resident", async () => {
  let resident = 2 * 2 ** 30;
  const meter = ramProcessMeter(20, 16, () => resident);
  await meter.read(0);
  assertClose((await meter.read(10))!.joules, 20 * 10 / 8, rounding);
  resident = 64 * 2 ** 30; // shared pages may exceed a control group's limit
  assertClose((await meter.read(20))!.joules, 200, rounding);
});
