import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type HostFacts,
  openRaplMeter,
  readHostFacts,
  runtimeFacts,
  systemFiles,
} from "../../lib/emissions/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";
import { recordedFiles } from "./simulated_machine.ts";

const fallback: HostFacts = {
  os: "darwin",
  arch: "aarch64",
  cpuModel: "Apple M2",
  sockets: 1,
  threads: 8,
  memoryGibibytes: 16,
};

/** Two sockets with two threads each. */
const CPUINFO = [0, 1, 2, 3].map((i) =>
  `processor\t: ${i}
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz
physical id\t: ${i >> 1}
cpu cores\t: 2
`
).join("\n");

Deno.test("readHostFacts() reads processor and memory of Linux", async () => {
  const host = await readHostFacts(
    recordedFiles({
      "proc/cpuinfo": CPUINFO,
      "proc/meminfo": "MemTotal:       33554432 kB\nMemFree: 1 kB\n",
      "sys/fs/cgroup/memory.max": "max\n",
    }),
    { ...fallback, os: "linux", arch: "x86_64" },
  );
  assert.deepEqual(host, {
    os: "linux",
    arch: "x86_64",
    cpuModel: "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz",
    sockets: 2,
    threads: 4,
    memoryGibibytes: 32,
  });
});

Deno.test("readHostFacts() takes a container's limit where it is lower", async () => {
  const meminfo = { "proc/meminfo": "MemTotal: 1073741824 kB\n" }; // 1 TiB
  const limits: [string, number][] = [
    ["sys/fs/cgroup/memory.max", 100],
    ["sys/fs/cgroup/memory/memory.limit_in_bytes", 100],
  ];
  for (const [file, gibibytes] of limits) {
    const host = await readHostFacts(
      recordedFiles({ ...meminfo, [file]: `${gibibytes * 2 ** 30}\n` }),
      fallback,
    );
    assert.equal(host.memoryGibibytes, gibibytes, file);
  }
  const unlimited = await readHostFacts(
    recordedFiles({ ...meminfo, [limits[1]![0]]: "9223372036854771712\n" }),
    fallback,
  );
  assert.equal(unlimited.memoryGibibytes, 1024);
});

Deno.test("readHostFacts() asks the runtime where there is no /proc", async () => {
  assert.deepEqual(await readHostFacts(recordedFiles({}), fallback), fallback);
});

Deno.test("runtimeFacts() describes this machine", () => {
  const { threads, memoryGibibytes, os } = runtimeFacts();
  assert.equal(os, Deno.build.os);
  assert.ok(threads! >= 1);
  assert.ok(memoryGibibytes! > 0.1);
});

Deno.test("systemFiles() reads a recorded tree on disk", async () => {
  await inFolder(async (root) => {
    const folder = join(root, "sys/class/powercap/intel-rapl:0");
    await Deno.mkdir(folder, { recursive: true });
    const energy = join(folder, "energy_uj");
    await Deno.writeTextFile(join(folder, "name"), "package-0\n");
    await Deno.writeTextFile(
      join(folder, "max_energy_range_uj"),
      "262143328850\n",
    );
    await Deno.writeTextFile(energy, "1000000\n");
    const meter = await openRaplMeter(systemFiles(root));
    await meter.read(0);
    await Deno.writeTextFile(energy, "2500000\n");
    assertClose((await meter.read(1))!.joules, 1.5, { rtol: 1e-9 });
    await Deno.remove(energy);
    assert.equal(await meter.read(2), undefined);
  });
});

Deno.test("systemFiles() throws what Deno throws", async () => {
  const files = systemFiles("/nowhere");
  await assertFails(() => files.read("x"), Deno.errors.NotFound, /./);
  await assertFails(() => files.list("x"), Deno.errors.NotFound, /./);
});
