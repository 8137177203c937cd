/**
 * The published tables: averages, misprints, standard errors and ranks, against
 * the figures in TTL's paper and hand calculation.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  addModel,
  averageCell,
  BENCHMARK_TITLES,
  type BenchmarkName,
  benchmarkRecords,
  type BenchmarkTable,
  loadArcCheckpoints,
  loadBenchmarks,
  misprintedAverages,
  rankModels,
  readTaskScores,
} from "../../lib/eval/mod.ts";
import {
  ConfigError,
  DataError,
  FormatError,
  readCsv,
} from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";
import { referencePath, referenceTest } from "../support/reference.ts";

const fewshot = await loadBenchmarks("fewshot");
const portuguese = await loadBenchmarks("portuguese");
const finetuned = await loadBenchmarks("finetuned");

const rowOf = ({ rows }: BenchmarkTable, model: string) =>
  rows.find((row) => row.model === model)!;

Deno.test("loadBenchmarks() marks scores of English sets", () => {
  const english = (model: string) =>
    fewshot.columns.filter(({ key }) =>
      rowOf(fewshot, model).cells[key]!.isEnglish
    ).map(({ key }) => key);
  assert.deepEqual(english("TTL-460m"), []);
  assert.deepEqual(english("Xglm-564M"), ["hellaswag", "mmlu"]);
  assert.equal(english("Pythia-410m").length, 4);
  assert.match(fewshot.citation, /2401\.16640.*\n.*91a6cd4 \(Apache-2\.0\)/);
  assert.equal(fewshot.rows.length + portuguese.rows.length, 11 + 16);
});

Deno.test("averageCell() is the mean of the row", () => {
  for (const table of [fewshot, portuguese, finetuned]) {
    for (const row of table.rows) {
      // TTL cut most averages after two digits.
      const gap = averageCell(table, row)!.score - row.printedAverage!;
      assert.ok(gap > -0.1 && gap < 0.0126, row.model);
    }
  }
  assert.equal(
    averageCell(finetuned, rowOf(finetuned, "TTL-160m"))!.score
      .toFixed(2),
    "90.34",
  );
  assert.equal(rankModels(finetuned)[0]!.interval, undefined); // no sizes
});

Deno.test("misprintedAverages() finds the two misprints of table 4", () => {
  const found = misprintedAverages(fewshot);
  assert.deepEqual(
    found.map(({ model, printed, average }) => [
      model,
      printed,
      average.toFixed(2),
    ]),
    [["Gpt2-small", 29.97, "29.88"], ["Multilingual GPT", 28.73, "28.74"]],
  );
  assert.deepEqual(misprintedAverages(portuguese), []);
  assert.deepEqual(misprintedAverages(finetuned), []);
});

Deno.test("loadBenchmarks() takes published errors back to single items", () => {
  // ARC, 1,170 items at 29.40 %: 1.332 points (hand calculation).
  const { arc } = rowOf(fewshot, "TTL-460m").cells;
  assertClose(arc!.standardError!, 1.332, { atol: 5e-4 });
  // What is published for accuracies is sqrt(p (1 - p) / n) with three times the
  // items. Errors are printed with two digits: 0.005 of at least 0.42.
  const sizes = { bluex: 724, enem: 1430, oab_exams: 2195 };
  for (const { model, cells } of portuguese.rows) {
    if (model === "Qwen-1.8B") continue; // nothing published
    for (const [key, items] of Object.entries(sizes)) {
      const { score, standardError } = cells[key]!;
      const share = score / 100;
      assertClose(
        standardError! / 100,
        Math.sqrt(share * (1 - share) / items),
        { rtol: 0.015, name: `${model} ${key}` },
      );
    }
  }
});

Deno.test("rankModels() leaves open what the errors do", async () => {
  const ranks = rankModels(fewshot, "arc");
  assert.equal(ranks[0]!.model, "TTL-460m");
  // 29.40 against 26.15: 3.25 points, 1.76 errors of the difference,
  // less than 1.96: the second might be the first. 25.56: 2.08 errors apart.
  assert.deepEqual(ranks[0]!.interval, [1, 2]);
  assert.equal(ranks[1]!.model, "TTL-160m");
  assert.equal(ranks[1]!.interval![0], 1);
  for (const { rank, interval } of rankModels(fewshot)) {
    assert.ok(interval![0] <= rank && rank <= interval![1]);
  }
  await assertFails(
    () => rankModels(fewshot, "hellaswg"),
    ConfigError,
    /the nearest is "hellaswag"/,
  );
});

Deno.test("addModel() puts a model's own row into the table", async () => {
  const estimate = (mean: number) => ({ mean, standardError: 0.01 });
  const all = {
    arc_pt: { acc: estimate(0.9), acc_norm: estimate(0.35) },
    hellaswag_pt: { acc_norm: estimate(0.4) },
    mmlu_pt: { acc: estimate(0.3) },
    truthfulqa_pt: { mc2: { mean: 0.5, standardError: NaN } },
    synthetic: { acc: estimate(1) },
  };
  const table = addModel(fewshot, "mine", all);
  const [first] = rankModels(table);
  assert.equal(first!.model, "mine");
  assert.equal(first!.cell.score, (35 + 40 + 30 + 50) / 4);
  assert.equal(first!.interval, undefined); // one error is not known
  assert.equal(fewshot.rows.length, 11); // the published one is as it was
  const partial = addModel(fewshot, "mine", { arc_pt: all.arc_pt });
  assert.equal(rankModels(partial, "arc")[0]!.isOwn, true);
  const records = benchmarkRecords(partial);
  assert.deepEqual(records.at(-2), {
    model: "mine ←",
    ARC: "35.00",
    HellaSwag: "",
    MMLU: "",
    TruthfulQA: "",
    average: "",
    rank: "",
  });
  assert.equal(records.at(-1)!.ARC, "25.00"); // the floor
  assert.equal(records[1]!.model, "TTL-460m");
  assert.match(records[1]!.rank!, /^2 \(1–\d\)$/);
  assert.match(records[0]!.ARC!, /^24\.83\s\(en\)$/);
  await assertFails(
    () => addModel(fewshot, "TTL-160m", all),
    ConfigError,
    /a row of this name/,
  );
  await assertFails(
    () => addModel(fewshot, "mine", { synthetic: all.synthetic }),
    ConfigError,
    /it has scores of synthetic, wanted one of arc_pt \(acc_norm\), hell/,
  );
});

Deno.test("readTaskScores() reads results of the harness", () =>
  inFolder(async (folder) => {
    const path = join(folder, "results.json");
    const results = {
      arc_pt: {
        alias: "arc_pt",
        "acc,none": 0.3,
        "acc_stderr,none": 0.01,
        "acc_norm,none": 0.4,
        "acc_norm_stderr,none": "N/A",
      },
      assin2_sts: { "pearson,all": 0.2, "pearson_stderr,all": 0.02 },
    };
    await Deno.writeTextFile(path, JSON.stringify({ results }));
    assert.deepEqual(await readTaskScores(folder), {
      arc_pt: {
        acc: { mean: 0.3, standardError: 0.01 },
        acc_norm: { mean: 0.4, standardError: NaN },
      },
      assin2_sts: { pearson: { mean: 0.2, standardError: 0.02 } },
    });
    for (const wrong of ["{", "{}", "3"]) {
      await Deno.writeTextFile(path, wrong);
      await assertFails(() => readTaskScores(folder), FormatError, /results/);
    }
    await Deno.remove(path);
    await assertFails(() => readTaskScores(folder), DataError, /no file/);
  }));

Deno.test("loadArcCheckpoints() holds TTL's figure 2", async () => {
  const points = await loadArcCheckpoints();
  assert.equal(points.length, 13);
  const mean = points.reduce((sum, { score }) => sum + score, 0) / 13;
  assert.equal(mean.toFixed(2), "27.50"); // of the fact sheet
  for (const { step, tokens } of points) assert.equal(tokens, step * 8192);
  assert.equal(points.at(-1)!.energyKwh, 115.69);
  assertClose(points[0]!.energyKwh, 9.4 / 4, { atol: 1e-9 });
});

for (const name of Object.keys(BENCHMARK_TITLES) as BenchmarkName[]) {
  const file = `ttl/benchmarks_${name}.csv`;
  referenceTest(`loadBenchmarks() has all cells of ${file}`, file, async () => {
    const { rows, columns } = await readCsv(referencePath(file));
    const table = await loadBenchmarks(name);
    const keys = columns.slice(1, 1 + table.columns.length);
    for (const row of rows) {
      const { cells, printedAverage } = rowOf(table, row.model!);
      const scores = table.columns.map(({ key }) => cells[key]!.score);
      assert.deepEqual(
        scores,
        keys.map((key) => Number(row[key])),
        String(row.model),
      );
      assert.equal(printedAverage, Number(row.average));
    }
    assert.equal(table.rows.length, rows.length);
  });
}
