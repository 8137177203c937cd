/** The replay of TTL against the paper, and reports of CodeCarbon's files. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { formatCsv } from "../../../lib/util/mod.ts";
import { CODECARBON_COLUMNS } from "../../../lib/emissions/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { output, refused } from "./cli.ts";

const cellsOf = (table: string, run: string) =>
  table.split("\n").find((line) => line.startsWith(run))!.trim()
    .split(/ {2,}/);

Deno.test("emissions ttl gives the published energy and carbon", async () => {
  const table = await output(["emissions", "ttl"]);
  // The tracker's last rows (arXiv 2401.16640, section 4.2): 15.521 kWh and
  // 5.6727 kg, 112.974 kWh and 41.2894 kg. The kilograms before the last column
  // are computed again, from energy and the German intensity.
  const small = cellsOf(table, "TTL-160m pre-training");
  assert.deepEqual(small.slice(5, 9), ["15.52", "365.5", "5.673", "5.673"]);
  const large = cellsOf(table, "TTL-460m pre-training");
  assert.deepEqual(large.slice(5, 9), ["112.97", "365.5", "41.289", "41.289"]);
  assert.match(table, /TTL-460m-Chat fine-tuning .*unpublished/);

  const moved = await output([
    "emissions",
    "ttl",
    "--country",
    "BRA",
    "--pue",
    "2",
  ]);
  const there = cellsOf(moved, "TTL-160m pre-training");
  // 2 x 15.5213 kWh x 98.348 g/kWh
  assert.deepEqual(there.slice(5, 8), ["31.04", "98.3", "3.053"]);
  await refused(
    ["emissions", "ttl", "--country", "Brasl"],
    /near names are Brazil/,
  );
  await refused(["emissions", "ttl", "--region", "iowa"], /give its --country/);
});

Deno.test("emissions report sums up a CodeCarbon file", () =>
  inFolder(async (cwd) => {
    const row = (project: string, kWh: number, kilograms: number) =>
      Object.fromEntries(CODECARBON_COLUMNS.map((column) => [
        column,
        ({
          timestamp: "2024-01-01T00:00:00",
          project_name: project,
          run_id: project,
          duration: 3600,
          energy_consumed: kWh,
          emissions: kilograms,
          country_name: "Brazil",
          pue: 1,
        } as Record<string, string | number>)[column] ?? "",
      ]));
    await Deno.writeTextFile(
      join(cwd, "emissions.csv"),
      formatCsv([row("a", 2, 0.25), row("b", 3, 0.5)]),
    );
    const report = ["emissions", "report", "emissions.csv"];
    const table = await output(report, { cwd });
    assert.match(
      table,
      /^a +Brazil +1 h 0 min +no reading .* 2\.000 +0\.2500$/m,
    );
    assert.match(table, /^runs: 2, together 5\.00 kWh, 750 g CO2eq$/m);
    await refused([...report, "--country", "DEU"], /the options are for runs/, {
      cwd,
    });
  }));

Deno.test("emissions run tells what steps and evaluations have used", () =>
  inFolder(async (cwd) => {
    const step = (number: number, energyJoules: number) => ({
      kind: "step",
      step: number,
      tokens: 100 * number,
      loss: 2,
      learningRate: 1e-3,
      gradientNorm: 1,
      seconds: number,
      tokensPerSecond: 100,
      energyJoules,
    });
    const evaluation = {
      kind: "evaluation",
      step: 2,
      tokens: 200,
      loss: 2,
      perplexity: 7.4,
      evaluatedTokens: 50,
      seconds: 2,
      ownJoules: 36,
    };
    // 20 J a step; what the evaluation used is its own.
    const log = [
      step(1, 20),
      step(2, 40),
      evaluation,
      step(3, 96),
      step(4, 116),
    ];
    await Deno.writeTextFile(
      join(cwd, "log.jsonl"),
      log.map((record) => JSON.stringify(record) + "\n").join(""),
    );
    const text = await output(["emissions", "run", cwd]);
    assert.match(text, /^energy: 0\.0322 Wh by the log/m); // 116 J
    assert.match(
      text,
      /^step: 20 J each, 0\.0167 Wh in all \(3 metered\)$/m,
    );
    assert.match(
      text,
      /^evaluation: 36 J each, 0\.0100 Wh in all \(1 metered\)$/m,
    );
  }));
