/**
 * A run that goes on beyond its end, and what is known of it before it begins:
 * the vocabulary of shards, and whether its folder can be written.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readLog, type StepRecord } from "../../../lib/train/mod.ts";
import { ConfigError, exists } from "../../../lib/util/mod.ts";
import { parseCommandLine } from "../../../tools/commands/command.ts";
import type { RunRecord } from "../../../tools/commands/run_folder.ts";
import { trainCommand } from "../../../tools/commands/train.ts";
import {
  lastingOptions,
  resumedLine,
} from "../../../tools/commands/train_resume.ts";
import { assertClose, assertFails } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";
import { cli, output, refused } from "./cli.ts";

const TINY = [
  ...["--preset", "tiny-64", "--layers", "1", "--hidden", "32", "--heads", "2"],
  ...["--context", "16", "--batch", "4"],
];

Deno.test("resumedLine() puts a new length in the place of the old", async () => {
  const record = {
    options: { text: "/texts", epochs: "2", seed: "7" },
  } as unknown as RunRecord;
  const resumed = (...args: string[]) =>
    lastingOptions(
      resumedLine(
        parseCommandLine(trainCommand, ["--resume", ...args]),
        record,
      ),
    );
  assert.deepEqual(resumed(), record.options);
  assert.deepEqual(resumed("--tokens", "5M"), {
    ...{ text: "/texts", seed: "7", tokens: "5M" },
  });
  assert.equal(resumed("--text", "/moved").text, "/moved");
  await assertFails(
    () => resumed("--batch", "9"),
    ConfigError,
    /Cannot resume with --batch: .*; --tokens or --epochs make it longer/,
  );
});

Deno.test("train goes on beyond its end, from where it was", () =>
  inFolder(async (cwd) => {
    const tokenizer = ["tokenizer", "train", "--synthetic", "40kB"];
    await output([...tokenizer, "--vocab", "400", "--out", "tok"], { cwd });
    await output(
      ["corpus", "synthetic", "--bytes", "40kB", "--folder", "texts"],
      { cwd },
    );
    const pack = ["corpus", "pack", "texts", "--tokenizer", "tok"];
    await output(
      [...pack, "--held-out", "0.2", "--out", "shards"],
      { cwd },
    );
    const train = ["train", "--text", "shards", ...TINY, "--tokens", "640"];
    // The vocabulary of shards is theirs, whatever the preset's is.
    const plan = await output([...train, "--out", "run", "--dry-run"], { cwd });
    const model = /^model: .*, vocabulary 400$/m.exec(plan)?.[0];
    assert.ok(model, plan);
    const [whole] = await Promise.all([
      output([...train, "--out", "run"], { cwd }),
      output([...train.with(-1, "1280"), "--out", "long"], { cwd }),
    ]);
    assert.ok(whole.includes(model), whole);

    const resume = ["train", "--out", "run", "--resume"];
    const over = await cli(resume, { cwd });
    assert.equal(over.code, 0, over.stderr);
    assert.match(over.stderr, /^run has had 640 tokens, all of its own; deno/);
    // Killed between the last step and its model: the model is made anew.
    const card = join(cwd, "run", "model", "README.md");
    await Deno.utime(card, 0, 0);
    assert.match(await output(resume, { cwd }), /^model in run.model, log in/m);
    assert.ok((await Deno.stat(card)).mtime!.getTime() > 0);
    await refused([...resume, "--tokens", "600"], /Cannot go on up to 640/, {
      cwd,
    });
    await output([...resume, "--tokens", "1280"], { cwd });
    const stepsOf = async (run: string) => {
      const log = await readLog(join(cwd, run, "log.jsonl"));
      return log.filter((r): r is StepRecord => r.kind === "step");
    };
    const [longer, atOnce] = [await stepsOf("run"), await stepsOf("long")];
    assert.deepEqual(
      longer.map(({ step }) => step),
      atOnce.map(({ step }) => step),
    );
    // From there on the rate is that of a run that was to be so long at once.
    const rates = (steps: StepRecord[]) =>
      steps.slice(10).map(({ learningRate }) => learningRate);
    assert.deepEqual(rates(longer), rates(atOnce));
    const { options } = JSON.parse(
      await Deno.readTextFile(join(cwd, "run", "run.json")),
    );
    assert.equal(options.tokens, "1280");
    await checkFrom(cwd);
  }));

/** A run from the weights of "long" on, at a rate that leaves them as they are. */
async function checkFrom(cwd: string): Promise<void> {
  const from = ["train", "--from", "long", "--text", "shards"];
  const quiet = ["--batch", "4", "--tokens", "64", "--learning-rate", "1e-12"];
  await output([...from, ...quiet, "--out", "more"], { cwd });
  const lossOf = async (run: string) => {
    const log = await readLog(join(cwd, run, "log.jsonl"));
    return log.findLast((r) => r.kind === "evaluation")!.loss;
  };
  // A rate of 1e-12 moves no float32 by more than a rounding.
  assertClose(await lossOf("more"), await lossOf("long"), { rtol: 1e-6 });
  const card = await Deno.readTextFile(join(cwd, "more/model/README.md"));
  assert.match(card, /from the weights of long on; what those took is not/);
  await refused(
    [...from, "--tokens", "64", "--layers", "2", "--out", "x"],
    /both --layers and --from: the model that it begins with has its own/,
    { cwd },
  );
  await output(["export", "long", "int8", "--quantize", "int8"], { cwd });
  await refused(
    ["train", "--from", "int8", "--text", "shards", "--tokens", "64"]
      .concat("--out", "x"),
    /Cannot train on from int8: its weights are quantized/,
    { cwd },
  );
  assert.equal(await exists(join(cwd, "x")), false);
}

Deno.test("train tries its folder before it reads texts", () =>
  inFolder(async (cwd) => {
    await Deno.writeTextFile(join(cwd, "a.txt"), "Era uma vez um gato.\n");
    const train = ["train", "--text", "a.txt", "--tokens", "10k", "--out"];
    const result = await cli([...train, "/proc/no/run"], { cwd });
    assert.match(
      result.stderr,
      /^error: Cannot write the run to \/proc\/no\/run/,
    );
    assert.equal(result.stdout, "");
    await refused([...train, "a.txt"], /it is a file/, { cwd });
    await output([...train, "new", "--dry-run"], { cwd });
    assert.equal(await exists(join(cwd, "new")), false);
  }));
