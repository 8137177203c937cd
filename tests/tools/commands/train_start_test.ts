/**
 * How a run begins: what is refused leaves nothing behind, what was killed on
 * the way can be begun anew, and each start is on record.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readLog } from "../../../lib/train/mod.ts";
import {
  ConfigError,
  DataError,
  exists,
  readRecords,
} from "../../../lib/util/mod.ts";
import type { SessionRecord } from "../../../tools/commands/session_record.ts";
import { assertFails } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";
import {
  beginRunFolder,
  checkFreshRun,
  openTokenizer,
  RunFolder,
  type RunRecord,
} from "../../../tools/commands/run_folder.ts";
import { trainBpe } from "../../../lib/text/mod.ts";
import { output, refused } from "./cli.ts";

const TRAIN = [
  ...["train", "--preset", "tiny-64", "--layers", "1", "--vocab", "400"],
  ...["--context", "16", "--batch", "4", "--out", "run"],
];
const SHORT = [...TRAIN, "--synthetic", "40kB", "--tokens", "640"];

Deno.test("train checks prompts before it writes anything", () =>
  inFolder(async (cwd) => {
    const refuse = (prompts: string, pattern: RegExp, ...more: string[]) =>
      refused([...SHORT, "--prompts", prompts, ...more], pattern, { cwd });
    await refuse(
      `Era|${"era uma vez ".repeat(9)}`,
      /prompt "era .* the model's context holds 16$/,
    );
    await refuse("Era", /sample has 2 \(--sample-/, "--sample-length", "2");
    assert.equal(await exists(join(cwd, "run")), false);
  }));

Deno.test("checkFreshRun() takes what a start left that was killed", () =>
  inFolder(async (folder) => {
    const run = new RunFolder(join(folder, "run"));
    const tokenizer = trainBpe(["um texto"], { vocabSize: 300 });
    const record = { name: "run", options: {}, tokensSha256: "0" };
    await beginRunFolder(run, record as unknown as RunRecord, tokenizer);
    assert.equal(await exists(run.unfinishedRecord), false);
    await assertFails(
      () => checkFreshRun(run),
      ConfigError,
      /it holds a run; go on with --resume/,
    );
    assert.equal((await openTokenizer(run.path)).vocabSize, 267);
    await assertFails(
      () => openTokenizer("nicholasKluge/TeenyTinyLlama-160m"),
      DataError,
      /no such file or folder; one of the Hugging Face Hub is downloaded first/,
    );
    // Killed before the record had its name, and while a file was written.
    await Deno.rename(run.record, run.unfinishedRecord);
    await Deno.writeTextFile(join(run.path, "a1b2c3.tmp"), "{");
    await checkFreshRun(run);
    // A tokenizer alone is somebody's.
    await Deno.remove(run.unfinishedRecord);
    await assertFails(
      () => checkFreshRun(run),
      ConfigError,
      /it holds tokenizer; choose a new folder/,
    );
  }));

Deno.test("train keeps how and where each session ran", () =>
  inFolder(async (cwd) => {
    const env = { CADERNO_THREADS: "1", SECRET: "x" };
    const args = [
      ...[...SHORT, "--prompts", "Era", "--samples", "2"],
      ...["--sample-length", "9"],
    ];
    await output(args, { cwd, env });
    const longer = ["train", "--out", "run", "--resume", "--tokens", "1280"];
    await output(longer, { cwd });
    const [start, resume, ...more] = await readRecords<SessionRecord>(
      join(cwd, "run", "sessions.jsonl"),
    );
    assert.deepEqual(more, []);
    assert.equal(start!.kind, "start");
    assert.deepEqual(start!.command, args);
    assert.equal(start!.workingFolder, await Deno.realPath(cwd));
    assert.deepEqual(start!.environment, {
      CADERNO_DEVICE: "cpu",
      CADERNO_THREADS: "1",
    });
    assert.match(start!.device, /^CPU: .* 1 thread/);
    assert.equal(start!.machine.os, Deno.build.os);
    assert.equal(start!.denoVersion, Deno.version.deno);
    assert.match(start!.gitCommit ?? "0".repeat(40), /^[0-9a-f]{40}\+?$/);
    assert.equal(resume!.kind, "resume");
    assert.deepEqual(resume!.command, longer);
    const card = await Deno.readTextFile(join(cwd, "run/model/README.md"));
    assert.doesNotMatch(card, /co2_eq_emissions|license/);
    assert.match(card, /used [\d.]+ Wh of electricity/);
    assert.match(card, /--prompts Era --samples 2 --sample-length 9$/m);
    assert.match(card, /^deno task caderno train .* --resume --tokens 1280$/m);
    // Its folder serves where a tokenizer is wanted.
    const ids = await output(["tokenizer", "encode", "run", "Era", "--ids"], {
      cwd,
    });
    assert.match(ids, /^\d+( \d+)*\n$/);
    const log = await readLog(join(cwd, "run", "log.jsonl"));
    const samples = log.filter((record) => record.kind === "sample");
    assert.ok(samples.length > 0);
    for (const { texts } of samples) {
      assert.equal(texts.length, 2);
      for (const text of texts) assert.ok(text.startsWith("Era"), text);
    }
  }));

Deno.test("train --epochs is as long as its corpus, of --sanity-check too", () =>
  inFolder(async (cwd) => {
    const plan = (...args: string[]) =>
      output(
        [...TRAIN, "--synthetic", "1MB", "--epochs", "2", "--dry-run", ...args],
        { cwd },
      );
    const [whole, sane] = await Promise.all([plan(), plan("--sanity-check")]);
    const stepsOf = (text: string) =>
      Number(/ tokens in (\d+) steps of 1 x 4 x 16,/.exec(text)![1]);
    assert.equal(stepsOf(sane), 2 * 1000 / 4);
    assert.ok(stepsOf(whole) > 2 * stepsOf(sane));
    assert.match(
      sane,
      /^corpus: 16\.0k training tokens \(each is seen 2\.00 times\), 1\.60k held/m,
    );
    assert.equal(await exists(join(cwd, "run")), false);
  }));
