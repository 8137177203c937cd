import assert from "node:assert/strict";
import { join } from "node:path";
import { openRaplMeter, systemFiles } from "../../lib/emissions/mod.ts";
import { readIfThere } from "../../lib/emissions/system_files.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

Deno.test("systemFiles() reads a recorded tree on disk", async () => {
  const root = await Deno.makeTempDir();
  try {
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
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("systemFiles() throws what Deno throws, readIfThere() does not", async () => {
  const files = systemFiles("/nowhere");
  await assertFails(() => files.read("x"), Deno.errors.NotFound, /./);
  await assertFails(() => files.list("x"), Deno.errors.NotFound, /./);
  assert.equal(await readIfThere(files, "x"), undefined);
});
