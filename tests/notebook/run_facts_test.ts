/** What lies beside a log: peaks by data sheet, labels of energy, settings. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  devicePeak,
  meterLabels,
  readRunFacts,
} from "../../lib/notebook/mod.ts";
import { FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";
import { writeRunSettings } from "./run_folder.ts";

const A100 = "WebGPU: NVIDIA A100-SXM4-40GB";
const PARTS = [{
  part: "cpu",
  label: "modelled",
  method: "load",
  joules: 5,
  seconds: 1,
  missed: 0,
}, {
  part: "gpu",
  label: "measured",
  method: "counter",
  joules: undefined,
  seconds: 0,
  missed: 1,
}] as const;

Deno.test("devicePeak() is NVIDIA's data sheet of the A100, by precision", async () => {
  assert.equal(await devicePeak(A100, { precision: "float32" }), 19.5e12);
  assert.equal(await devicePeak(A100, { precision: "float16" }), 312e12);
  const float32 = { precision: "float32" } as const;
  assert.equal(await devicePeak("WebGPU: unheard of", float32), undefined);
  assert.equal(await devicePeak("CPU: 2 threads", float32), undefined);
});

Deno.test("meterLabels() tells no reading from a label", () => {
  assert.equal(meterLabels({ parts: PARTS }), "cpu modelled, gpu no reading");
});

Deno.test("readRunFacts() reads what a run's folder says", () =>
  inFolder(async (folder) => {
    const run = join(folder, "gato");
    await writeRunSettings(run, 50);
    assert.deepEqual(await readRunFacts(run), {
      name: "gato",
      steps: 50,
      energyLabel: undefined,
    });
    const write = (name: string, value: unknown) =>
      Deno.writeTextFile(join(run, name), JSON.stringify(value));
    await write("emissions.json", { parts: PARTS.slice(0, 1) });
    const facts = await readRunFacts(run);
    assert.equal(facts.energyLabel, "cpu modelled");
    await write("config.json", { hiddenSize: 64 });
    await assertFails(
      () => readRunFacts(run),
      FormatError,
      /config\.json: wanted the settings of a run, train and model/,
    );
  }));
