/**
 * The FFI against a library of ours with NVML's entry points, built from
 * `fake_nvml.c` where there is a C compiler.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findMeters, openNvmlMeter } from "../../lib/emissions/mod.ts";
import { openNvml } from "../../lib/emissions/nvml.ts";
import { DeviceError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

const source = fileURLToPath(new URL("fake_nvml.c", import.meta.url));

/** Runs the compiler; false where there is none. */
async function compile(...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command("cc", { args }).output()).success;
  } catch {
    return false;
  }
}

const hasCompiler = Deno.build.os === "linux" && await compile("--version");

/** The library, and how to write what its cards show. */
interface FakeNvml {
  readonly path: string;
  /** One line a card: energy in mJ and power in mW, "-" for none. */
  show(...cards: string[]): Promise<void>;
}

function nvmlTest(name: string, fn: (fake: FakeNvml) => Promise<void>): void {
  Deno.test({
    name: hasCompiler ? name : `${name} (skipped: no C compiler)`,
    ignore: !hasCompiler,
    fn: () =>
      inFolder(async (folder) => {
        const path = join(folder, "libnvidia-ml.so.1");
        const state = join(folder, "cards");
        const define = `-DSTATE="${state}"`;
        assert.ok(
          await compile("-shared", "-fPIC", define, "-o", path, source),
        );
        const show = async (...cards: string[]) => {
          // In one step: the library reads the file at any time.
          await Deno.writeTextFile(`${state}.new`, cards.join("\n") + "\n");
          await Deno.rename(`${state}.new`, state);
        };
        await fn({ path, show });
      }),
  });
}

nvmlTest("openNvml() names cards and reads both sensors", async (fake) => {
  await fake.show("123456 250500", "- 75000");
  const { cards, close } = openNvml(fake.path);
  assert.deepEqual(cards.map(({ name }) => name), [
    "NVIDIA Fake 0",
    "NVIDIA Fake 1",
  ]);
  assert.equal(await cards[0]!.energy(), 123.456);
  assert.equal(await cards[0]!.power(), 250.5);
  assert.equal(await cards[1]!.energy(), undefined, "no counter, not 0 J");
  assert.equal(await cards[1]!.power(), 75);
  await fake.show("- -", "- 0");
  assert.equal(await cards[0]!.power(), undefined);
  assert.equal(await cards[1]!.power(), undefined, "no card draws 0 W");
  close();
});

nvmlTest("openNvml() can be closed while it reads", async (fake) => {
  await fake.show("1000 2000");
  const { cards, close } = openNvml(fake.path);
  const running = Array.from({ length: 20 }, () => cards[0]!.energy());
  close();
  close();
  assert.deepEqual(new Set(await Promise.all(running)), new Set([1]));
  assert.equal(await cards[0]!.energy(), undefined, "closed is no reading");
});

nvmlTest("openNvml() reads counters past 32 bits", async (fake) => {
  await fake.show("9007199254740991 0"); // a card for 285 years at 1 kW
  const { cards, close } = openNvml(fake.path);
  assert.equal(await cards[0]!.energy(), 9007199254740.991);
  close();
});

nvmlTest(
  "openNvml() refuses a driver that is not loaded or has no card",
  async (fake) => {
    await assertFails(
      () => openNvml(fake.path),
      DeviceError,
      /Cannot read GPUs by NVML: Driver Not Loaded/,
    );
    await Deno.writeTextFile(join(fake.path, "..", "cards"), "");
    await assertFails(() => openNvml(fake.path), DeviceError, /knows no card/);
  },
);

nvmlTest("openNvmlMeter() meters by the library", async (fake) => {
  await fake.show("1000000 200000", "5000000 100000");
  const meter = await openNvmlMeter({ nvml: openNvml(fake.path) });
  assert.equal(
    meter.method,
    "NVML energy counter of 1 x NVIDIA Fake 0, 1 x NVIDIA Fake 1",
  );
  assert.equal(meter.uncertainty, 0.05);
  assert.deepEqual(await meter.read(0), { joules: 0, seconds: 0 });
  await fake.show("4000000 200000", "6500000 100000");
  const reading = await meter.read(15);
  assertClose(reading!.joules, 3000 + 1500, { rtol: 1e-12 });
  assert.equal(reading!.seconds, 15);
  meter.close!();
});

nvmlTest("findMeters() prefers NVML to nvidia-smi", async (fake) => {
  await fake.show("1000 200000");
  const { meters, gpuNames, notes } = await findMeters({
    nvmlLibrary: fake.path,
    nvidiaSmi: "/nowhere/nvidia-smi",
    wattsStated: { cpu: 1, ram: 1 },
  });
  assert.match(meters[0]!.method, /^NVML energy counter/);
  assert.deepEqual(gpuNames, ["NVIDIA Fake 0"]);
  assert.deepEqual(notes, []);
  meters[0]!.close!();
  const process = await findMeters({
    nvmlLibrary: fake.path,
    scope: "process",
    wattsStated: { cpu: 1, ram: 1 },
  });
  assert.match(process.notes.join(), /^gpu is counted whole/);
  process.meters[0]!.close!();
});

Deno.test("openNvml() says that there is no driver", async () => {
  await assertFails(
    () => openNvml("/nowhere/libnvidia-ml.so.1"),
    DeviceError,
    /Cannot load \/nowhere\/libnvidia-ml.so.1: there is no NVIDIA driver/,
  );
});
