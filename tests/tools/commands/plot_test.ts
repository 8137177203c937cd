/** Figures of what other commands write, read back from the files. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { planSweep, resolveSweep } from "../../../lib/sweep/mod.ts";
import { exists } from "../../../lib/util/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { output, refused } from "./cli.ts";

/** A log of three steps and an evaluation, as a run writes it. */
async function writeRun(folder: string, loss: number): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const records = [
    ...[1, 2, 3].map((step) => ({
      ...{ kind: "step", step, tokens: 100 * step, loss: loss / step },
      ...{ learningRate: 1e-3, gradientNorm: 1, seconds: step },
      ...{ tokensPerSecond: 100, flopsPerSecond: 1e9 },
    })),
    {
      ...{ kind: "evaluation", step: 3, tokens: 300, loss: 2.5 },
      ...{ perplexity: Math.exp(2.5), evaluatedTokens: 50, seconds: 3 },
    },
  ];
  await Deno.writeTextFile(join(folder, "config.json"), "{}");
  await Deno.writeTextFile(
    join(folder, "log.jsonl"),
    records.map((record) => JSON.stringify(record) + "\n").join(""),
  );
}

const read = async (cwd: string, name: string) =>
  JSON.parse(await Deno.readTextFile(join(cwd, name)));

Deno.test("plot draws the loss of runs in every form", () =>
  inFolder(async (cwd) => {
    await Promise.all([
      writeRun(join(cwd, "a"), 6),
      writeRun(join(cwd, "<b>"), 9),
    ]);
    const plot = (out: string, ...runs: string[]) =>
      output(["plot", ...runs, "--out", out], { cwd });
    assert.equal(await plot("one.json", "a"), "one.json\n");
    const { data, layout } = await read(cwd, "one.json");
    assert.deepEqual(data[0].x, [100, 200, 300]);
    assert.deepEqual(data[0].y, [6, 3, 2]);
    assert.deepEqual(data[1].y, [2.5]);
    assert.equal(layout.title.text, "Loss of a");

    await plot("two.html", "a", "<b>");
    const page = await Deno.readTextFile(join(cwd, "two.html"));
    assert.ok(page.includes("<title>a, &lt;b&gt;</title>"));
    assert.ok(page.length > 1e6, "plotly.js is inside");
    assert.doesNotMatch(page, /<script[^>]+src=|<link/);
    await plot("all.json", "."); // all runs of the folder
    const all = await read(cwd, "all.json");
    const names = all.data.map((trace: { name: string }) => trace.name);
    assert.deepEqual(
      names.filter((name: string) => !name.includes(",")).sort(),
      [
        "<b>",
        "a",
      ],
    );
    await plot("one.svg", "a");
    const svg = await Deno.readTextFile(join(cwd, "one.svg"));
    assert.match(svg, /^<svg [^]*loss \(nats per token\)/);
    await plot("one.png", "a");
    const png = await Deno.readFile(join(cwd, "one.png"));
    assert.deepEqual([...png.subarray(1, 4)], [0x50, 0x4e, 0x47]); // "PNG"
  }));

Deno.test("plot draws a sweep with its law, and what cleaning left", () =>
  inFolder(async (cwd) => {
    await Deno.mkdir(join(cwd, "sweep", "rows"), { recursive: true });
    const write = (name: string, value: unknown) =>
      Deno.writeTextFile(join(cwd, name), JSON.stringify(value));
    const spec = resolveSweep({ depths: [1], tokens: [2048] });
    const [run] = planSweep(spec);
    await write("sweep/sweep.json", spec);
    await write(`sweep/rows/${run!.id}.json`, { ...run, loss: 4 });
    const sweep = ["plot", "sweep", "--out"];
    await output([...sweep, "points.json"], { cwd });
    const points = await read(cwd, "points.json");
    assert.deepEqual([points.data[0].x, points.data[0].y], [[2048], [4]]);
    const law = { E: 1, A: 2, B: 3, alpha: 0.5, beta: 0.5 };
    await write("sweep/fit.json", { law, intervals: [], warnings: [] });
    await output([...sweep, "law.json"], { cwd });
    const { data } = await read(cwd, "law.json");
    assert.equal(data.length, points.data.length + 1);

    await Deno.writeTextFile(join(cwd, "a.txt"), "Ema sira la'o. ".repeat(30));
    const clean = ["corpus", "clean", "a.txt", "--languages", "any"];
    await output([...clean, "--filters", "exact", "--out", "c"], { cwd });
    await output(["plot", "c", "--out", "c.json"], { cwd });
    const funnel = await read(cwd, "c.json");
    assert.deepEqual(funnel.data[0].y, ["as read", "exact duplicates"]);
  }));

Deno.test("plot refuses what it cannot draw and writes nothing", () =>
  inFolder(async (cwd) => {
    await writeRun(join(cwd, "a"), 6);
    const plot = ["plot", "a", "--out"];
    await refused([...plot, "a.pdf"], /ends in \.html, \.svg, \.png/, { cwd });
    await refused([...plot, "a.svg", "--energy"], /no file a.emissions\.json/, {
      cwd,
    });
    await Deno.mkdir(join(cwd, "empty"));
    await refused(
      ["plot", "empty", "--out", "x.svg"],
      /wanted runs, one sweep/,
      { cwd },
    );
    for (const name of ["a.pdf", "a.svg", "x.svg"]) {
      assert.equal(await exists(join(cwd, name)), false);
    }
  }));
