/**
 * What is left of the acceptance list of a TTL replay beside the tests of the
 * single files: sizes in steps and tokens, misprints, and tables that are only
 * in the reference folder.
 */
import assert from "node:assert/strict";
import {
  findEnergyRun,
  kwhFromJoules,
  loadEnergyCheckpoints,
  loadTtlEnergyRuns,
} from "../../lib/emissions/mod.ts";
import { numberCell, readCsv } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";

const runs = await loadTtlEnergyRuns();
const small = findEnergyRun(runs, "TTL-160m");
const large = findEnergyRun(runs, "TTL-460m");

Deno.test("TTL's runs have the published parameters and steps x 8,192 tokens", () => {
  assert.deepEqual(
    [small.parameters, large.parameters],
    [162_417_408, 468_239_360],
  );
  assert.equal(small.tokens, 458_000 * 8192);
  assert.equal(small.tokens, 3_751_936_000);
  assert.equal(large.tokens, 1_200_000 * 8192);
  assert.equal(large.tokens, 9_830_400_000);
  // The script's defaults, 460M and 9.3B: tokens per parameter.
  assertClose(9.3e9 / 460e6, 20.22, { atol: 0.005 });
});

Deno.test("the paper's 36 hours of TTL-160m are 38.7 in its tracker", () => {
  assert.equal((small.reading.seconds / 3600).toFixed(1), "38.7");
});

Deno.test("the first checkpoint saw 0.8B tokens, where 8.1M are printed", async () => {
  const [first] = await loadEnergyCheckpoints("TTL-460m");
  assert.equal(first!.tokens, 819_200_000);
});

Deno.test("the repository's card of TTL-460m rounds 115.69 kWh, 41.1 kg", async () => {
  const checkpoints = await loadEnergyCheckpoints("TTL-460m");
  const last = checkpoints.at(-1)!;
  assert.equal(kwhFromJoules(last.energyJoules).toFixed(2), "115.69");
  assert.equal((last.grams / 1000).toFixed(1), "41.1");
  assert.equal((large.publishedGrams / 1000).toFixed(1), "41.3");
});

referenceTest(
  "TTL's energy a step in the middle of a run is that of the whole",
  "ttl/emissions_sessions_partial.csv",
  async (path) => {
    const { rows } = await readCsv(path);
    const cases = [
      { run: small, steps: 458_000, part: 22_000 },
      { run: large, steps: 1_200_000, part: 25_000 },
    ];
    for (const { run, steps, part } of cases) {
      const size = run.model.slice(4);
      const row = rows.find((row) =>
        Object.values(row).some((cell) => cell.includes(size))
      )!;
      const whole = kwhFromJoules(run.reading.energyJoules!) / steps;
      const kwh = numberCell(row, "energy_kwh") / part;
      // The card's power differs by some per cent between machines and hours.
      assertClose(kwh, whole, { rtol: 0.03, name: run.model });
    }
  },
);

referenceTest(
  "the ARC scores of TTL-460m's checkpoints have a mean of 27.50",
  "ttl/arc_460m.csv",
  async (path) => {
    const { rows, columns } = await readCsv(path);
    const score = columns.at(-1)!;
    const sum = rows.reduce((sum, row) => sum + numberCell(row, score), 0);
    assert.equal(rows.length, 13);
    assertClose(sum / rows.length, 27.5, { atol: 0.005 });
  },
);

/** Models with the mean that they should have been printed with. */
const MISPRINTS = [["Gpt2-small", "29.88"], ["Multilingual GPT", "28.74"]];

referenceTest(
  "the averages of table 4 are means but for two misprints",
  "ttl/benchmarks_fewshot.csv",
  async (path) => {
    const { rows } = await readCsv(path);
    const tasks = ["arc", "hellaswag", "mmlu", "truthfulqa"];
    const wrong = rows.filter((row) => !isMean(row, tasks));
    assert.deepEqual(
      wrong.map((row) => [row.model, meanOf(row, tasks).toFixed(2)]),
      MISPRINTS,
    );
  },
);

referenceTest(
  "the averages of table 5 are means",
  "ttl/benchmarks_finetuned.csv",
  async (path) => {
    const { rows } = await readCsv(path);
    const tasks = ["imdb", "faquad_nli", "hatebr", "assin2", "agnews"];
    assert.ok(rows.length >= 4);
    for (const row of rows) assert.ok(isMean(row, tasks), String(row.model));
  },
);

type Row = Readonly<Record<string, string>>;

function meanOf(row: Row, tasks: readonly string[]): number {
  const sum = tasks.reduce((sum, task) => sum + numberCell(row, task), 0);
  return sum / tasks.length;
}

/** Whether the average is the mean, rounded or cut off after two decimals. */
function isMean(row: Row, tasks: readonly string[]): boolean {
  const above = meanOf(row, tasks) - numberCell(row, "average");
  return above > -0.00501 && above < 0.01;
}
