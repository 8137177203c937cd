/** Recorded `/proc` files; formulas of CodeCarbon 3 worked by hand. */
import assert from "node:assert/strict";
import {
  cpuConstantMeter,
  cpuLoadAverageMeter,
  cpuProcessMeter,
  findCpuTdp,
  type HostFacts,
  loadCpuTdps,
  openCpuLoadMeter,
  powerAtLoad,
} from "../../lib/emissions/mod.ts";
import { DeviceError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { recordedFiles } from "./simulated_machine.ts";

const tdps = await loadCpuTdps();
const host: HostFacts = {
  os: "linux",
  arch: "x86_64",
  cpuModel: undefined,
  sockets: 1,
  threads: 16,
  memoryGibibytes: 32,
};
const tdp = { watts: 100, method: "TDP 100 W" };
const rounding = { rtol: 1e-12 };

Deno.test("findCpuTdp() finds processors by the names that kernels give", () => {
  const cases: [string, number][] = [
    ["AMD EPYC 7763 64-Core Processor", 280],
    ["Intel(R) Xeon(R) Platinum 8280L CPU @ 2.70GHz", 205],
    ["Intel(R) Xeon(R) Gold 6438Y+", 205],
    ["AMD Ryzen 9 7900X 12-Core Processor", 170],
    ["Intel(R) Core(TM) Ultra 7 265H", 28],
  ];
  for (const [cpuModel, watts] of cases) {
    const found = findCpuTdp({ ...host, cpuModel }, tdps);
    assert.equal(found.watts, watts, cpuModel);
    assert.ok(found.method.includes(cpuModel), found.method);
  }
});

Deno.test("findCpuTdp() counts every socket", () => {
  const cpuModel = "AMD EPYC 7763 64-Core Processor";
  assert.equal(findCpuTdp({ ...host, cpuModel, sockets: 2 }, tdps).watts, 560);
});

Deno.test("findCpuTdp() falls back to 4 W a thread, then to 85 W", () => {
  const cpuModel = "Intel(R) Xeon(R) Processor"; // what a cloud guest sees
  const byThread = findCpuTdp({ ...host, cpuModel }, tdps);
  assert.equal(byThread.watts, 64);
  assert.match(byThread.method, /16 threads x 4 W .*not in the table/);
  const unknown = findCpuTdp({ ...host, threads: undefined }, tdps);
  assert.equal(unknown.watts, 85);
  assert.match(unknown.method, /no CPU name/);
});

Deno.test("powerAtLoad() is a tenth of the TDP idle and the TDP under full load", () => {
  assertClose(powerAtLoad(100, 0), 10, rounding);
  assertClose(powerAtLoad(100, 1), 100, rounding);
  assertClose(powerAtLoad(100, 0.5), 21.25, rounding); // 10 + 90 / 8
});

/** user nice system idle iowait irq softirq steal guest guest_nice */
const stat = (...ticks: number[]) =>
  `cpu  ${ticks.join(" ")}\ncpu0 1 2 3 4 5 6 7 8 9 10\n`;

Deno.test("openCpuLoadMeter() models power from the ticks between samples", async () => {
  const meter = await openCpuLoadMeter(
    recordedFiles({
      "proc/stat": [
        stat(100, 0, 100, 700, 100, 0, 0, 0, 50, 0),
        stat(100, 0, 100, 700, 100, 0, 0, 0, 50, 0), // start
        stat(400, 0, 200, 1000, 200, 0, 0, 0, 350, 0), // load 0.5
        stat(400, 0, 200, 1800, 400, 0, 0, 0, 350, 0), // load 0
        "cpu  gone\n",
        stat(1400, 0, 200, 1800, 400, 0, 0, 0, 350, 0), // load 1
      ],
    }),
    tdp,
  );
  assert.equal(meter.label, "modelled");
  assert.deepEqual(await meter.read(10), { joules: 0, seconds: 0 });
  // Busy 400 of 800 ticks; guest time is within user time already.
  assertClose((await meter.read(14))!.joules, 21.25 * 4, rounding);
  assertClose((await meter.read(24))!.joules, 10 * 10, rounding);
  assert.equal(await meter.read(34), undefined, "no reading is not 0 W");
  const last = await meter.read(44);
  assertClose(last!.joules, 100 * 20, rounding);
  assert.equal(last!.seconds, 20);
});

Deno.test("openCpuLoadMeter() refuses a machine without /proc/stat", async () => {
  await assertFails(
    () => openCpuLoadMeter(recordedFiles({}), tdp),
    DeviceError,
    /proc\/stat cannot be read/,
  );
});

Deno.test("cpuProcessMeter() charges this process's share of the threads", async () => {
  let used = 5;
  const meter = cpuProcessMeter(tdp, 8, () => used);
  await meter.read(0);
  used += 20; // two threads busy for 10 s: a quarter of the machine
  const reading = await meter.read(10);
  assertClose(reading!.joules, 100 * 20 / 8, rounding);
  assert.match(meter.method, /this process only/);
});

Deno.test("cpuProcessMeter() sees the work of this very process", async () => {
  const meter = cpuProcessMeter(tdp, 1);
  await meter.read(0);
  let x = 0; // work by count, not by time: other programs may take the time
  for (let i = 0; i < 3e7; i++) x += Math.sqrt(x + 1);
  assert.ok(x > 0);
  const reading = await meter.read(1); // joules = 100 W x CPU seconds
  assert.ok(
    reading!.joules > 1,
    `${reading!.joules} J for 30 million square roots`,
  );
});

Deno.test("cpuConstantMeter() assumes half of the TDP", async () => {
  const meter = cpuConstantMeter({ watts: 85, method: "TDP 85 W" });
  assert.equal(meter.label, "assumed");
  await meter.read(0);
  // The 42.5 W of both published runs.
  assertClose((await meter.read(2))!.joules, 85, rounding);
});

Deno.test("cpuLoadAverageMeter() takes the load of a minute, at most all", async () => {
  const loads = [0, 4, 8, 20];
  const meter = cpuLoadAverageMeter(tdp, 8, () => loads.shift()!);
  assert.deepEqual(await meter.read(0), { joules: 0, seconds: 0 });
  // Half of the threads: 100 W x (0.1 + 0.9 / 8) for ten seconds.
  assertClose((await meter.read(10))!.joules, 212.5, rounding);
  assertClose((await meter.read(20))!.joules, 1000, rounding);
  assertClose((await meter.read(30))!.joules, 1000, rounding);
});
