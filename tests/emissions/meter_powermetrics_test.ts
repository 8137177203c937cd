/** Lines as Macs print them, and a shell script in place of the program. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  openPowermetricsMeters,
  parsePowermetricsLine,
} from "../../lib/emissions/mod.ts";
import { DeviceError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

Deno.test("parsePowermetricsLine() reads CPU and GPU and nothing twice", () => {
  const cases: [string, unknown][] = [
    ["CPU Power: 1234 mW", { part: "cpu", watts: 1.234 }],
    ["GPU Power: 56 mW", { part: "gpu", watts: 0.056 }],
    ["CPU Power: 0 mW", { part: "cpu", watts: 0 }],
    [
      "Intel energy model derived package power (CPUs+GT+SA): 12.34W",
      { part: "cpu", watts: 12.34 },
    ],
    ["Combined Power (CPU + GPU + ANE): 1290 mW", undefined],
    ["E-Cluster Power: 120 mW", undefined],
    ["ANE Power: 0 mW", undefined],
    ["CPU Power: n/a", undefined],
    ["GPU HW active frequency: 338 MHz", undefined],
    ["", undefined],
  ];
  for (const [line, expected] of cases) {
    assert.deepEqual(parsePowermetricsLine(line), expected, line);
  }
});

/** One sample as Apple silicon prints it. */
const sample = (cpu: number, gpu: number) =>
  [
    "*** Sampled system activity (Mon Jan  1 00:00:00 2024) (1003ms elapsed) ***",
    "**** Processor usage ****",
    "E-Cluster Power: 20 mW",
    `CPU Power: ${cpu} mW`,
    `GPU Power: ${gpu} mW`,
    "ANE Power: 0 mW",
    `Combined Power (CPU + GPU + ANE): ${cpu + gpu} mW`,
    "**** GPU usage ****",
    `GPU Power: ${gpu} mW`, // it stands there a second time
  ].join("\n");

/** The program ends a moment after it is told to. */
function scriptTest(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os === "windows",
    sanitizeResources: false,
    sanitizeOps: false,
    fn: () => inFolder(fn),
  });
}

async function script(folder: string, lines: string): Promise<string> {
  const command = join(folder, "powermetrics");
  await Deno.writeTextFile(command, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return command;
}

scriptTest("openPowermetricsMeters() meters CPU and GPU", async (folder) => {
  const text = [sample(4000, 1000), sample(8000, 2000), sample(0, 0)]
    .join("\n").replace(/CPU Power: 0 mW[^]*/, "");
  const command = await script(folder, `cat <<'END'\n${text}\nEND\nsleep 30`);
  const meters = await openPowermetricsMeters({ command, args: [] });
  try {
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(
      meters.map(({ part, label }) => [part, label]),
      [["cpu", "modelled"], ["gpu", "modelled"]],
    );
    const [cpu, gpu] = meters;
    assert.deepEqual(await cpu!.read(0), { joules: 0, seconds: 0 });
    await gpu!.read(0);
    // Nothing new came: the last sample holds, and not for ever.
    assertClose((await cpu!.read(2))!.joules, 16, { rtol: 1e-12 });
    assertClose((await gpu!.read(2))!.joules, 4, { rtol: 1e-12 });
    assert.equal(await cpu!.read(6), undefined);
  } finally {
    for (const meter of meters) meter.close!();
  }
});

scriptTest(
  "openPowermetricsMeters() says that it needs root",
  async (folder) => {
    const command = await script(folder, "exit 1");
    await assertFails(
      () => openPowermetricsMeters({ command, args: [] }),
      DeviceError,
      /ended without showing it; powermetrics needs root: run "sudo -v"/,
    );
  },
);
