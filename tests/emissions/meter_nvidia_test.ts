/**
 * A shell script in place of `nvidia-smi`: it prints frames of lines as the
 * driver does, the next frame when the test asks for it.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openNvidiaMeter } from "../../lib/emissions/mod.ts";
import { DeviceError, exists } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const isPosix = Deno.build.os !== "windows";

/** A program that prints each frame when `next()` asks for it. */
async function fakeSmi(frames: string[], { ends = false } = {}) {
  const folder = await Deno.makeTempDir();
  const command = join(folder, "nvidia-smi");
  const steps = frames.map((frame, i) =>
    `while [ ! -e ${folder}/${i} ]; do sleep 0.01; done
printf '%s\\n' '${frame}'
touch ${folder}/${i}.done`
  );
  const end = ends ? "exit 0" : "sleep 30 >/dev/null";
  await Deno.writeTextFile(
    command,
    `#!/bin/sh\necho $$ "$@" > ${folder}/arguments\n${
      steps.join("\n")
    }\n${end}\n`,
    { mode: 0o755 },
  );
  let asked = 0;
  /** Asks for the next frame. */
  const ask = () => Deno.writeTextFile(join(folder, String(asked++)), "");
  /** Asks for the next frame and waits until it was printed and read. */
  const next = async () => {
    await ask();
    while (!await exists(join(folder, `${asked - 1}.done`))) await tick();
    await tick();
  };
  return {
    folder,
    command,
    ask,
    next,
    arguments: () => Deno.readTextFile(join(folder, "arguments")),
    /** The program may write its last file a moment after it was ended. */
    remove: async () => {
      for (let left = 20;; left--) {
        try {
          return await Deno.remove(folder, { recursive: true });
        } catch (error) {
          if (left === 0) throw error;
          await tick();
        }
      }
    },
  };
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 30));
const cards = (a: string, b: string) =>
  `2, 0, NVIDIA A100-SXM4-40GB, ${a}\n2, 1, NVIDIA A100-SXM4-40GB, ${b}`;

function smiTest(name: string, fn: () => Promise<void>): void {
  // The program ends a moment after it is told to.
  Deno.test({
    name,
    ignore: !isPosix,
    sanitizeResources: false,
    sanitizeOps: false,
    fn,
  });
}

smiTest("openNvidiaMeter() adds the cards' mean powers", async () => {
  const smi = await fakeSmi([
    cards("100.00", "50.00"),
    cards("300.00", "150.00"),
    cards("400.00", "250.00"),
  ]);
  const first = smi.next();
  const meter = await openNvidiaMeter({ command: smi.command });
  try {
    await first;
    assert.equal(meter.label, "measured");
    assert.deepEqual(meter.deviceNames, Array(2).fill("NVIDIA A100-SXM4-40GB"));
    assert.match(meter.method, /2 x NVIDIA A100-SXM4-40GB/);
    assert.match(await smi.arguments(), /--query-gpu=count,index,name,power/);
    assert.deepEqual(await meter.read(0), { joules: 0, seconds: 0 });
    await smi.next();
    await smi.next();
    // (300 + 400) / 2 + (150 + 250) / 2 = 550 W over 2 s.
    const reading = await meter.read(2);
    assertClose(reading!.joules, 1100, { rtol: 1e-12 });
    // Between two lines the last power holds, but not for ever.
    assertClose((await meter.read(2.5))!.joules, 650 * 0.5, { rtol: 1e-12 });
    assert.equal(await meter.read(6.5), undefined, "silence is not 0 W");
  } finally {
    meter.close!();
    await smi.remove();
  }
});

smiTest("openNvidiaMeter() leaves out a card that shows no power", async () => {
  const smi = await fakeSmi([cards("[N/A]", "75.5")]);
  const [meter] = await Promise.all([
    openNvidiaMeter({ command: smi.command }),
    smi.next(),
  ]);
  try {
    assert.equal(meter.deviceNames!.length, 1);
  } finally {
    meter.close!();
    await smi.remove();
  }
});

smiTest("openNvidiaMeter() asks for the wanted cards only", async () => {
  const smi = await fakeSmi(["2, 1, NVIDIA A100-SXM4-40GB, 75.5"]);
  const [meter] = await Promise.all([
    openNvidiaMeter({ command: smi.command, gpus: [1] }),
    smi.next(),
  ]);
  try {
    assert.equal(meter.deviceNames!.length, 1);
    assert.match(await smi.arguments(), / --id=1$/m);
  } finally {
    meter.close!();
    await smi.remove();
  }
});

smiTest("openNvidiaMeter() takes 0 W for no reading", async () => {
  const smi = await fakeSmi([cards("0.00", "75.5")]);
  const [meter] = await Promise.all([
    openNvidiaMeter({ command: smi.command }),
    smi.next(),
  ]);
  try {
    assert.equal(meter.deviceNames!.length, 1, "no card draws 0 W");
  } finally {
    meter.close!();
    await smi.remove();
  }
});

smiTest("openNvidiaMeter() refuses cards that all show no power", async () => {
  const smi = await fakeSmi([cards("[N/A]", "[Not Supported]")]);
  await smi.ask();
  await assertFails(
    () => openNvidiaMeter({ command: smi.command }),
    DeviceError,
    /shows no power of NVIDIA A100-SXM4-40GB/,
  );
  await smi.remove();
});

smiTest(
  "openNvidiaMeter() refuses a program that fails or is silent",
  async () => {
    const failing = await fakeSmi(["NVIDIA-SMI has failed"], { ends: true });
    const printed = failing.next();
    await assertFails(
      () => openNvidiaMeter({ command: failing.command }),
      DeviceError,
      /ended without showing it/,
    );
    await printed;
    await failing.remove();
    const silent = await fakeSmi(["never asked for"]);
    await assertFails(
      () => openNvidiaMeter({ command: silent.command, timeoutSeconds: 0.2 }),
      DeviceError,
      /did not show it within 0.2 s/,
    );
    await silent.remove();
  },
);

Deno.test("openNvidiaMeter() says that the program is not there", async () => {
  await assertFails(
    () => openNvidiaMeter({ command: "/nowhere/nvidia-smi" }),
    DeviceError,
    /Cannot run \/nowhere\/nvidia-smi: it is not installed/,
  );
});

smiTest("openNvidiaMeter() ends with a program that forgot it", async () => {
  const smi = await fakeSmi([cards("10", "20")]);
  const library = new URL("../../lib/emissions/mod.ts", import.meta.url).href;
  const script = join(smi.folder, "forgetful.ts");
  await Deno.writeTextFile(
    script,
    `import { openNvidiaMeter } from ${JSON.stringify(library)};
     const command = ${JSON.stringify(smi.command)};
     console.log((await openNvidiaMeter({ command })).deviceNames.length);`,
  );
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const [{ stdout, code }] = await Promise.all([
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", `--config=${config}`, script],
    }).output(),
    smi.next(),
  ]);
  assert.equal(code, 0);
  assert.equal(new TextDecoder().decode(stdout), "2\n");
  const pid = Number.parseInt(await smi.arguments(), 10);
  await assertFails(
    async () => {
      for (let i = 0; i < 100; i++) {
        Deno.kill(pid, "SIGCONT"); // throws when there is no such process
        await tick();
      }
    },
    Deno.errors.NotFound,
    /./,
  );
  await smi.remove();
});
