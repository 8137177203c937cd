/**
 * The story of a run: plan, training, stop, resume, result, account; and what
 * the other commands make of it. Numbers are compared with the library's own.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { openDevice } from "../../../lib/device/mod.ts";
import { heldOutLoss } from "../../../lib/eval/mod.ts";
import { generate, loadLlama } from "../../../lib/model/mod.ts";
import {
  BigramModel,
  loadTokenizer,
  packDocuments,
  splitDocuments,
  syntheticCorpus,
} from "../../../lib/text/mod.ts";
import { readLog, type StepRecord } from "../../../lib/train/mod.ts";
import { exists } from "../../../lib/util/mod.ts";
import { assertClose } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";
import {
  cli,
  filesIn,
  finishCli,
  output,
  refused,
  startCli,
  until,
} from "./cli.ts";

/** Small enough for seconds, long enough to be stopped in the middle. */
const TRAIN = [
  ...["train", "--text", "texts", "--tokens", "80k", "--preset", "tiny-64"],
  ...["--layers", "1", "--hidden", "32", "--heads", "2", "--context", "32"],
  ...["--vocab", "420", "--batch", "4", "--learning-rate", "1e-2"],
  ...["--country", "BRA", "--checkpoint-every", "200"],
  ...["--license", "apache-2.0", "--language", "pt"],
];
const STEPS = 625;

const documents = Array.from(
  syntheticCorpus({ seed: 1, documents: 240 }),
  ({ index, text }) => ({ name: `${index}.txt`, text }),
);

async function writeTexts(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  for (const { name, text } of documents) {
    await Deno.writeTextFile(join(folder, name), text);
  }
}

async function stepsOf(run: string): Promise<StepRecord[]> {
  const log = await readLog(join(run, "log.jsonl"));
  return log.filter((r): r is StepRecord => r.kind === "step");
}

/** What a process leaves that is killed while it writes. */
function cutLine(path: string): Promise<void> {
  return Deno.writeTextFile(path, '{"kind":"step","st', { append: true });
}

/** Starts a run and stops it by Ctrl-C after some steps. */
async function stopInTheMiddle(cwd: string, run: string): Promise<void> {
  const child = startCli([...TRAIN, "--out", run], { cwd });
  const log = join(cwd, run, "log.jsonl");
  const lines = async () =>
    await exists(log) ? (await Deno.readTextFile(log)).split("\n").length : 0;
  await until(child, async () => await lines() >= 20);
  child.kill("SIGINT");
  const { code, stderr } = await finishCli(child);
  assert.equal(code, 130, stderr);
  assert.match(
    stderr,
    /^Stopped after step \d+ of 625; to go on: deno task caderno train --out stopped --resume$/m,
  );
  assert.ok((await stepsOf(join(cwd, run))).length < STEPS);
}

async function checkDryRun(cwd: string): Promise<void> {
  const plan = await output([...TRAIN, "--out", "whole", "--dry-run"], { cwd });
  assert.match(plan, /^data: 80\.0k tokens in 625 steps of 1 x 4 x 32/m);
  assert.match(plan, /^electricity: 98\.3 g CO2eq\/kWh \(Brazil/m);
  assert.equal(await exists(join(cwd, "whole")), false);
}

/** The summary against the same numbers by hand. */
async function checkSummary(cwd: string, printed: string): Promise<void> {
  const log = await readLog(join(cwd, "whole", "log.jsonl"));
  const last = log.findLast((r) => r.kind === "evaluation")!;
  assert.ok(printed.includes(`held-out loss  ${last.loss.toFixed(4)} nats`));
  const tokenizer = await loadTokenizer(join(cwd, "whole", "model"));
  // Files come in the order of their names.
  const inOrder = documents.toSorted((a, b) => a.name < b.name ? -1 : 1);
  const split = splitDocuments(inOrder, { heldOutShare: 0.05, seed: 0 });
  const heldOut = packDocuments(split.heldOut, tokenizer);
  const bar = BigramModel.fit(
    packDocuments(split.train, tokenizer),
    tokenizer.vocabSize,
  ).crossEntropy(heldOut.subarray(0, last.evaluatedTokens + 1));
  assert.ok(printed.includes(`${bar.toFixed(4)} nats/token, `), printed);
  assert.match(
    printed,
    /^prediction: .* Wh, .* CO2eq for 625 steps, evaluations and/m,
  );
  assert.match(printed, /^ +cpu .* W, (modelled|measured|assumed): /m);
  assert.match(printed, /^time +\S+ .*for all steps, \S+ .*evaluations$/m);
  for (const what of ["time", "energy", "memory, peak"]) {
    const row = new RegExp(`^${what} +[\\d.]+ .* [+-]\\S+ %$`, "m");
    assert.match(printed, row);
  }
  assert.match(printed, /^cpu .* (modelled|measured|assumed) /m);
  assert.match(printed, /^carbon: .* CO2eq at 98\.3 g\/kWh \(Brazil/m);
  const prompt = split.heldOut[0]!.text.split(" ").slice(0, 3).join(" ");
  assert.ok(printed.includes(`words given:\n\n${prompt}`), printed);
}

async function checkFiles(cwd: string): Promise<void> {
  const files = await filesIn(join(cwd, "whole"));
  assert.deepEqual(files.filter((path) => !path.startsWith("checkpoints")), [
    "config.json",
    "emissions.csv",
    "emissions.json",
    "log.jsonl",
    "model/README.md",
    "model/config.json",
    "model/generation_config.json",
    "model/model.safetensors",
    "model/special_tokens_map.json",
    "model/tokenizer.json",
    "model/tokenizer_config.json",
    "prediction.json",
    "run.json",
    "session.lock",
    "sessions.jsonl",
    "tokenizer/special_tokens_map.json",
    "tokenizer/tokenizer.json",
    "tokenizer/tokenizer_config.json",
    "tracker.json",
  ]);
  assert.deepEqual(files.filter((path) => path.endsWith(".tmp")), []);
  const card = await Deno.readTextFile(join(cwd, "whole/model/README.md"));
  const head = parse(card.split("---\n")[1]!);
  assert.equal(head.license, "apache-2.0");
  assert.equal(head.language, "pt");
  assert.equal(head.library_name, "transformers");
  assert.equal(head.pipeline_tag, "text-generation");
  assert.deepEqual(head.tags, ["llama", "caderno"]);
  assert.equal(head.co2_eq_emissions.geographical_location, "Brazil");
  assert.match(card, /^\| optimizer \| AdamW, decay 0\.1 \|$/m);
  assert.match(
    card,
    /^\| learning rate \| 0\.01 after 13 steps, cosine .* \|$/m,
  );
  assert.match(card, /^\| text \| texts \|$/m);
  assert.match(card, /^\| seed \| 0 \|$/m);
  assert.match(card, /^deno task caderno train --text texts --tokens 80k .*$/m);
}

/** The model's own commands against the library. */
async function checkModel(cwd: string): Promise<void> {
  using device = await openDevice("cpu");
  const folder = join(cwd, "whole", "model");
  using model = await loadLlama(folder, { device });
  const tokenizer = await loadTokenizer(folder);

  const prompt = "Era uma vez";
  const greedy = ["generate", "whole", prompt, "--temperature", "0"];
  const { stdout, stderr } = await cli([...greedy, "--max-tokens", "12"], {
    cwd,
  });
  const ids = tokenizer.encode(prompt, { bos: true });
  const next = await Array.fromAsync(generate(model, ids, {
    maxTokens: 12,
    stopIds: [tokenizer.bosId, tokenizer.eosId],
  }));
  const continued = tokenizer.decode([...ids, ...next]);
  assert.equal(stdout, `${continued}\n`);
  assert.match(
    stderr,
    /^prefill: \d+ tokens in .*; decode: \d+ tokens in .* tokens\/s$/m,
  );
  const onlyNew = [...greedy, "--max-tokens", "12", "--only-new"];
  assert.equal(
    await output(onlyNew, { cwd }),
    `${continued.slice(prompt.length)}\n`,
  );
  // A checkpoint takes the tokenizer of its run.
  const checkpoint = join("whole", "checkpoints", "step_00000625");
  const ofCheckpoint = greedy.with(1, checkpoint);
  assert.equal(
    await output([...ofCheckpoint, "--max-tokens", "12"], { cwd }),
    stdout,
  );

  const path = join("texts", "7.txt");
  const table = await output(["eval", "whole", path, "--context", "16"], {
    cwd,
  });
  const tokens = packDocuments([documents[7]!], tokenizer);
  const total = tokens.length - 1;
  let nats = 0;
  for (let start = 0; start < total; start += 16) {
    const contextLength = Math.min(16, total - start); // the last is shorter
    const window = tokens.subarray(start, start + contextLength + 1);
    const { loss } = await heldOutLoss(model, window, {
      batchSize: 1,
      contextLength,
    });
    nats += loss * contextLength;
  }
  const cells = table.split("\n")[2]!.split(/ {2,}/);
  assert.equal(cells[2], `${total}`);
  // Batches add up in another order, in single precision; four decimals shown.
  assertClose(Number(cells[3]), nats / total, { atol: 1.01e-4 });
  const bytes = new TextEncoder().encode(documents[7]!.text).length;
  assertClose(Number(cells[6]), nats / Math.LN2 / bytes, { atol: 1.01e-4 });
}

async function checkAccount(cwd: string): Promise<void> {
  const account = JSON.parse(
    await Deno.readTextFile(join(cwd, "whole", "emissions.json")),
  );
  const joules = account.energyJoules as number;
  const shown = await output(["emissions", "run", "whole"], { cwd });
  assert.match(shown, /^625 steps, 80\.0k tokens in /m);
  assert.ok(
    shown.includes(`${(joules / 80_000).toPrecision(3)} J per token`),
    shown,
  );
  const report = ["emissions", "report", "whole"];
  assert.match(await output(report, { cwd }), /^ {2}emissions: /m);
  const moved = await output([...report, "--country", "DEU", "--pue", "2"], {
    cwd,
  });
  assert.match(moved, /\(PUE 2\).* At 381 g CO2eq\/kWh \(Germany/);
  const file = join("whole", "emissions.csv");
  const csv = await output(["emissions", "report", file], { cwd });
  assert.match(csv, /^whole +Brazil /m);
}

/** The log on the terminal and for other programs. */
async function checkLog(cwd: string): Promise<void> {
  const status = await output(["log", "whole"], { cwd });
  assert.match(status, /^ *625 +80\.0k .* training$/m);
  assert.match(status, / held out$/m);
  assert.match(
    status,
    /tokens\/s, .* .?FLOP\/s, .*B on the device at the peak$/m,
  );
  const args = ["log", "whole", "--csv", "log.csv", "--tensorboard", "board"];
  assert.match(await output(args, { cwd }), /board.events\.out\.tfevents\.\d+/);
  const csv = (await Deno.readTextFile(join(cwd, "log.csv"))).split("\n");
  assert.match(csv[0]!, /^step,seconds,train\/loss,.*eval\/loss,/);
  const steps = await stepsOf(join(cwd, "whole"));
  assert.equal(Number(csv[1]!.split(",")[2]), steps[0]!.loss);
  const [events] = await filesIn(join(cwd, "board"));
  assert.ok((await Deno.stat(join(cwd, "board", events!))).size > 625 * 100);
}

/** The trained model in other formats. */
async function checkExport(cwd: string): Promise<void> {
  const gguf = ["export", "whole", "whole.gguf", "--type", "q8_0"];
  assert.match(await output(gguf, { cwd }), /^whole\.gguf: [\d.]+ KiB in/);
  const head = await Deno.readFile(join(cwd, "whole.gguf"));
  assert.equal(new TextDecoder().decode(head.subarray(0, 4)), "GGUF");
  await refused(gguf, /whole\.gguf: it is there already/, { cwd });
  const type = ["--type", "bf16"];
  await output(["export", "whole", "half", ...type], { cwd });
  const text = await output(
    [
      ...["generate", "half", "Era", "--stop", "x", "--stop", "casa"],
      ...["--min-p", "0.1"],
    ],
    { cwd },
  );
  assert.match(text, /^Era/);
  await refused(
    ["export", "whole", "b.gguf", ...type],
    /a \.gguf file as "bf16": there are f32, f16, q8_0, q4_0/,
    { cwd },
  );
}

/** Multiple choice, stopped by a limit and gone on with. */
async function checkTasks(cwd: string): Promise<void> {
  const item = (id: number) =>
    JSON.stringify({
      id,
      question: "Quem?",
      choices: ["eu", "tu"],
      gold: id % 2,
    });
  const items = [1, 2, 3, 4, 5, 6].map(item).join("\n");
  await Deno.writeTextFile(join(cwd, "test.jsonl"), items);
  const args = ["eval", "tasks", "whole", "arc_pt=test.jsonl", "--shots", "1"];
  const first = await output([...args, "--limit", "2", "--out", "scores"], {
    cwd,
  });
  assert.match(first, /^arc_pt +acc_norm .* 2 +1 /m);
  await cutLine(join(cwd, "scores", "samples_arc_pt.jsonl"));
  const all = await output([...args, "--out", "scores"], { cwd });
  // A context of 32 tokens is too short for prompts.
  const [, score] = /^arc_pt +acc_norm +([\d.]+) .* 6 +1 +50\.00 +[1-6]\b/m
    .exec(all)!;
  const samples = await Deno.readTextFile(
    join(cwd, "scores", "samples_arc_pt.jsonl"),
  );
  const ids = samples.trim().split("\n").map((row) => JSON.parse(row).doc_id);
  assert.deepEqual(ids.toSorted(), ["1", "2", "3", "4", "5", "6"]);
  const results = JSON.parse(
    await Deno.readTextFile(join(cwd, "scores", "results.json")),
  );
  const mean = results.results.arc_pt["acc_norm,none"];
  assert.equal((100 * mean).toFixed(2), score);
  assert.equal(results["n-shot"].arc_pt, 1);
  await output(
    ["export", "whole", "carded", "--results", "scores"],
    { cwd },
  );
  const card = await Deno.readTextFile(join(cwd, "carded", "README.md"));
  const head = parse(card.split("---\n")[1]!);
  assert.equal(head.license, "apache-2.0");
  const [{ dataset, metrics }] = head["model-index"][0].results;
  assert.equal(dataset.name, "arc_pt");
  assert.deepEqual(
    metrics.find(({ type }: { type: string }) => type === "acc_norm"),
    { type: "acc_norm", value: mean },
  );
  assert.match(card, /^## Export\n\nIts weights were written as f16\.$/m);
  assert.match(card, /^\| arc_pt \| acc_norm \| 0?\.?\d+ \|$/m);
  await refused(
    [...args, "--seed", "9", "--out", "scores"],
    /holds scores of another model or of other settings/,
    { cwd },
  );
  await refused(
    ["eval", "tasks", "whole", "mmlu_pt"],
    /mmlu_pt without its data: .*mmlu_pt=FILE/,
    { cwd },
  );
}

/** Weights that the first update throws far away: the second step has no numbers. */
async function checkBadNumbers(cwd: string): Promise<void> {
  const wild = TRAIN.with(TRAIN.indexOf("1e-2"), "1e30");
  const args = [...wild, "--out", "wild"];
  await refused(
    args,
    /of step \d+ is (NaN|Infinity), .*diverged\.json.*checkNumbers/,
    { cwd },
  );
  await refused(
    ["train", "--out", "wild", "--resume", "--check-numbers"],
    /the kernel "\w+" wrote it to "[^"]+"/,
    { cwd },
  );
}

async function checkDamage(cwd: string): Promise<void> {
  const resume = (run: string) => ["train", "--out", run, "--resume"];
  await refused([...TRAIN, "--out", "whole"], /go on with --resume or/, {
    cwd,
  });
  await refused(
    [...resume("whole"), "--layers", "2"],
    /Cannot resume with --layers: a run goes on with the settings/,
    { cwd },
  );
  await refused(
    [...TRAIN, "--out", "texts"],
    /it holds \d+\.txt; choose a new folder/,
    { cwd },
  );
  await Deno.writeTextFile(join(cwd, "texts", "0.txt"), "Outro texto.\n");
  await refused(
    [...resume("whole"), "--tokens", "90k"],
    /its corpus has changed/,
    { cwd },
  );
  await Deno.remove(join(cwd, "whole", "emissions.json"));
  assert.match(
    await output(["emissions", "run", "whole"], { cwd }),
    /^625 steps, [^]*^energy: .* Wh by the log, without an account/m,
  );
  await refused(["emissions", "report", "whole"], /no file .*emissions\.json/, {
    cwd,
  });
  const weights = join(cwd, "whole", "model", "model.safetensors");
  await Deno.truncate(weights, 1000);
  await refused(
    ["generate", "whole", "Oi"],
    /model\.safetensors: .*cut short/,
    {
      cwd,
    },
  );
}

Deno.test("train plans, trains, stops, resumes and accounts for itself", () =>
  inFolder(async (cwd) => {
    await writeTexts(join(cwd, "texts"));
    await checkDryRun(cwd);
    const [printed] = await Promise.all([
      output([...TRAIN, "--out", "whole"], { cwd }),
      stopInTheMiddle(cwd, "stopped"),
    ]);
    await checkSummary(cwd, printed);
    await checkFiles(cwd);

    await Deno.rename(join(cwd, "stopped"), join(cwd, "moved"));
    await cutLine(join(cwd, "moved", "log.jsonl"));
    await output(["train", "--out", "moved", "--resume"], { cwd });
    const [whole, resumed] = await Promise.all(
      ["whole", "moved"].map((run) => stepsOf(join(cwd, run))),
    );
    assert.deepEqual(
      resumed!.map(({ loss }) => loss),
      whole!.map(({ loss }) => loss),
    );
    assert.equal(whole!.length, STEPS);

    await checkModel(cwd);
    await checkAccount(cwd);
    await checkLog(cwd);
    await checkExport(cwd);
    await checkTasks(cwd);
    await checkBadNumbers(cwd);
    await checkDamage(cwd);
  }));

Deno.test("train ends well when the context is shorter than a sample", () =>
  inFolder(async (cwd) => {
    const printed = await output([
      ...["train", "--out", "short", "--synthetic", "20kB", "--tokens", "200"],
      ...["--preset", "tiny-64", "--context", "4", "--vocab", "400"],
    ], { cwd });
    assert.match(
      printed,
      /^carbon: not stated, since no --country was given$/m,
    );
    assert.match(printed, /^model in short.model, log in /m);
  }));
