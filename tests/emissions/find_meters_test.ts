import assert from "node:assert/strict";
import { findMeters, type HostFacts } from "../../lib/emissions/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { recordedFiles } from "./simulated_machine.ts";

/** A machine without NVIDIA's driver, whatever this one has. */
const noGpu = {
  nvmlLibrary: "/nowhere/libnvidia-ml.so.1",
  nvidiaSmi: "/nowhere/nvidia-smi",
};
const host: HostFacts = {
  os: "linux",
  arch: "x86_64",
  cpuModel: "AMD EPYC 7763 64-Core Processor",
  sockets: 1,
  threads: 128,
  memoryGibibytes: 83.477,
};
const STAT = { "proc/stat": "cpu  100 0 100 800 0 0 0 0 0 0\n" };
const rapl = (energy: string | Error) => ({
  "sys/class/powercap/intel-rapl:0/name": "package-0\n",
  "sys/class/powercap/intel-rapl:0/energy_uj": energy,
  "sys/class/powercap/intel-rapl:0/max_energy_range_uj": "65532610987\n",
});

/** "cpu measured, ram modelled" for a set. */
function labels({ meters }: Awaited<ReturnType<typeof findMeters>>): string {
  return meters.map(({ part, label }) => `${part} ${label}`).join(", ");
}

Deno.test("findMeters() prefers counters and says that there is no GPU", async () => {
  const files = recordedFiles({ ...STAT, ...rapl("1000000\n") });
  const found = await findMeters({ files, host, ...noGpu });
  assert.equal(labels(found), "cpu measured, ram modelled");
  assert.deepEqual(found.notes, [
    "gpu has no reading: Cannot load /nowhere/libnvidia-ml.so.1: there is no " +
    "NVIDIA driver; Cannot run /nowhere/nvidia-smi: it is not installed",
  ]);
});

Deno.test("findMeters() looks for no GPU where none is ours", async () => {
  const files = recordedFiles({ ...STAT, ...rapl("1000000\n") });
  const found = await findMeters({ files, host, ...noGpu, gpus: [] });
  assert.equal(labels(found), "cpu measured, ram modelled");
  assert.deepEqual(found.notes, []);
});

Deno.test("findMeters() models the CPU and says why when RAPL is for root", async () => {
  const denied = new Deno.errors.PermissionDenied("os error 13");
  const files = recordedFiles({ ...STAT, ...rapl(denied) });
  const found = await findMeters({ files, host, ...noGpu });
  assert.equal(labels(found), "cpu modelled, ram modelled");
  assert.match(found.notes[0]!, /^cpu: .*for root only; run "sudo chmod/);
  assert.match(found.meters[0]!.method, /load\^3.*TDP 1 x 280 W of AMD EPYC/);
});

Deno.test("findMeters() assumes where a system shows nothing", async () => {
  const files = recordedFiles({});
  for (const odd of [{ os: "windows" }, { threads: undefined }]) {
    const found = await findMeters({
      files,
      host: { ...host, ...odd },
      ...noGpu,
    });
    assert.equal(labels(found), "cpu assumed, ram modelled");
    assert.match(found.meters[0]!.method, /^half of TDP 1 x 280 W/);
  }
});

Deno.test("findMeters() models a Mac that lets nobody measure", async () => {
  const mac = { ...host, os: "darwin", cpuModel: "Apple M2", threads: 8 };
  const files = recordedFiles({});
  const powermetrics = { command: "/nowhere/sudo", args: [] };
  const options = { files, host: mac, powermetrics, ...noGpu };
  const found = await findMeters(options);
  assert.equal(labels(found), "cpu modelled, ram modelled");
  assert.match(found.meters[0]!.method, /load average .* TDP 8 threads x 4 W/);
  assert.deepEqual(
    found.notes.map((note) => note.split(/[:;] /).slice(0, 2).join(": ")),
    [
      "cpu: Cannot run /nowhere/sudo",
      "cpu: Cannot read RAPL energy counters",
      "cpu: Cannot model CPU power from load",
      "gpu has no reading: Cannot load /nowhere/libnvidia-ml.so.1",
    ],
  );
});

Deno.test("findMeters() leaves memory of unknown size without a reading", async () => {
  const found = await findMeters({
    files: recordedFiles(STAT),
    host: { ...host, memoryGibibytes: undefined },
    ...noGpu,
  });
  assert.equal(labels(found), "cpu modelled");
  assert.match(found.notes[1]!, /^ram has no reading/);
});

Deno.test("findMeters() takes stated watts before any meter", async () => {
  const found = await findMeters({
    files: recordedFiles({ ...STAT, ...rapl("1\n") }),
    host,
    wattsStated: { gpu: 300, cpu: 65 },
    ...noGpu,
  });
  assert.equal(labels(found), "gpu assumed, cpu assumed, ram modelled");
  const [gpu] = found.meters;
  assert.equal(gpu!.method, "300 W stated by the user");
  await gpu!.read(0);
  assert.equal((await gpu!.read(2))!.joules, 600);
  assert.deepEqual(found.notes, []);
});

Deno.test("findMeters() refuses stated watts that are none", async () => {
  for (const watts of [-1, NaN, Infinity]) {
    await assertFails(
      () => findMeters({ wattsStated: { ram: watts }, host, ...noGpu }),
      ConfigError,
      /Cannot meter ram with/,
    );
  }
});

Deno.test("findMeters() measures memory where it has a counter", async () => {
  const files = recordedFiles({
    ...STAT,
    ...rapl("1000000\n"),
    "sys/class/powercap/intel-rapl:0:0/name": "dram\n",
    "sys/class/powercap/intel-rapl:0:0/energy_uj": "5\n",
    "sys/class/powercap/intel-rapl:0:0/max_energy_range_uj": "65532610987\n",
  });
  const found = await findMeters({ files, host, ...noGpu });
  assert.equal(labels(found), "cpu measured, ram measured");
});

Deno.test("findMeters() meters no part beside a stated machine", async () => {
  const files = recordedFiles({ ...STAT, ...rapl("1000000\n") });
  const wattsStated = { machine: 45 };
  const found = await findMeters({ files, host, wattsStated, ...noGpu });
  assert.equal(labels(found), "machine assumed");
  for (
    const more of [
      { wattsStated: { machine: 45, gpu: 20 } },
      { wattsStated, battery: true },
      { wattsStated: { ram: 5 }, battery: true },
    ]
  ) {
    await assertFails(
      () => findMeters({ files, host, ...more }),
      ConfigError,
      /the machine by (45 W|a battery) and by .*: it would be counted twice/,
    );
  }
});

Deno.test("findMeters() states how well each method knows", async () => {
  const files = recordedFiles({ ...STAT, ...rapl("1000000\n") });
  const counted = await findMeters({ files, host, ...noGpu });
  assert.deepEqual(
    counted.meters.map(({ uncertainty }) => uncertainty),
    [0.1, 1], // RAPL's packages, a model of memory
  );
  const stated = await findMeters({
    files,
    host,
    wattsStated: { cpu: 10, ram: 5 },
    ...noGpu,
  });
  assert.deepEqual(
    stated.meters.map(({ uncertainty }) => uncertainty),
    [undefined, undefined],
  );
});

Deno.test("findMeters() can count this process alone", async () => {
  const found = await findMeters({
    files: recordedFiles({ ...STAT, ...rapl("1\n") }),
    host,
    scope: "process",
    ...noGpu,
  });
  assert.equal(labels(found), "cpu modelled, ram modelled");
  for (const { method } of found.meters) assert.match(method, /this process/);
  const ram = found.meters[1]!;
  await ram.read(0);
  // Resident size of this test over 83.5 GiB, of 38 W.
  const { joules } = (await ram.read(1))!;
  const share = Deno.memoryUsage().rss / 2 ** 30 / host.memoryGibibytes!;
  assertClose(joules, 38 * share, { rtol: 0.2 }); // it may grow in between
});

Deno.test("findMeters() can use the memory model of CodeCarbon 2", async () => {
  const files = recordedFiles(STAT);
  const found = await findMeters({ files, host, ramModel: "v2", ...noGpu });
  assert.match(found.meters[1]!.method, /3 W per 8 GiB/);
});
