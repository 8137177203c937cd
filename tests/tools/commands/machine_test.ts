/** The command that measures a machine: its tables, its file, bad input. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../../support/in_folder.ts";
import { output, refused } from "./cli.ts";

const FAST = [
  "machine",
  ...["--presets", "tiny-64", "--generate", "tiny-64", "--seconds", "0.01"],
];

Deno.test("machine prints every table and writes what it measured", () =>
  inFolder(async (folder) => {
    const out = join(folder, "machine.json");
    const text = await output([
      ...FAST,
      ...["--hours", "2", "--intensity", "100", "--pue", "1.5", "--out", out],
    ], { env: { CADERNO_BLAS: "off" } });
    for (
      const heading of [
        "Ways to compute",
        "Kernels",
        "Limits",
        "Training",
        "Published training speeds",
        "Generation",
        "What there is time for",
      ]
    ) {
      assert.match(text, new RegExp(`^${heading}$`, "m"));
    }
    assert.match(text, /^left out:\n {2}CPU with a BLAS.*\n {2}WebGPU: /m);
    assert.match(text, /^in 2 h +CPU .* 2 h 0 min /m);
    assert.match(
      text,
      /^TTL-160m +A100 SXM4 40GB .* 38 h 44 min .* published$/m,
    );
    assert.match(text, /^power of CPU:\n {2}cpu .* W, /m);
    const report = JSON.parse(await Deno.readTextFile(out));
    const [plan] = report.plans;
    assert.equal(plan.reading.pue, 1.5);
    // 100 g for each kWh of 3.6 MJ.
    const grams = plan.reading.energyJoules / 3.6e4;
    assert.ok(Math.abs(plan.reading.carbon.grams / grams - 1) < 1e-12);
    const [speed] = report.training;
    assert.equal(speed.parameters, 231744);
    assert.ok(text.includes(
      Math.round(speed.tokensPerSecond).toLocaleString("en-US", {
        useGrouping: speed.tokensPerSecond >= 1e4,
      }),
    ));
  }));

Deno.test("machine refuses bad input before it measures", async () => {
  await refused(
    ["machine", "--presets", "tiny-65"],
    /preset "tiny-65" of --presets: the nearest is tiny-64; there are tiny-64, /,
  );
  await refused(
    ["machine", "--generate", "x,tiny-64"],
    /preset "x" of --generate/,
  );
  await refused([...FAST, "--country", "Brasl"], /near names are Brazil/);
  await refused([...FAST, "--hours", "0"], /--hours 0/);
  await refused(FAST, /CADERNO_DEVICE=tpu: it is webgpu or cpu/, {
    env: { CADERNO_DEVICE: "tpu" },
  });
});
