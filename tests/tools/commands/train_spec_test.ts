/** Specifications in our form and in TeenyTinyLlama's, and what is refused. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { countParameters } from "../../../lib/model/mod.ts";
import { ConfigError, DataError, FormatError } from "../../../lib/util/mod.ts";
import { CommandLine } from "../../../tools/commands/command.ts";
import { trainCommand } from "../../../tools/commands/train.ts";
import { planTraining } from "../../../tools/commands/train_plan.ts";
import { readTrainSpec } from "../../../tools/commands/train_spec.ts";
import { assertFails } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";
import { output } from "./cli.ts";

const KNOWN = Object.keys(trainCommand.options);
const SPECS = fileURLToPath(new URL("../../../specs", import.meta.url));

/** The plan that a file of the project makes. */
async function planOf(name: string) {
  const { options } = await readTrainSpec(join(SPECS, name), KNOWN);
  return planTraining(new CommandLine(trainCommand, options));
}

Deno.test("specs/ttl_160m.yaml is TeenyTinyLlama's recipe", async () => {
  const { model, train } = await planOf("ttl_160m.yaml");
  assert.equal(countParameters(model).total, 162_417_408);
  assert.equal(model.maxPositionEmbeddings, 2048);
  assert.equal(train.steps, 458_000);
  assert.equal(train.steps * train.tokensPerStep, 3_751_936_000);
  const { learningRate, warmupSteps, minLearningRateShare, schedule } = train;
  assert.deepEqual(
    { learningRate, warmupSteps, minLearningRateShare, schedule },
    {
      learningRate: 6e-4,
      warmupSteps: 5000,
      minLearningRateShare: 0,
      schedule: "cosine",
    },
  );
  const { beta1, beta2, adamEps, weightDecay, decayNorms, clip } = train;
  assert.deepEqual(
    { beta1, beta2, adamEps, weightDecay, decayNorms, clip },
    {
      beta1: 0.9,
      beta2: 0.999,
      adamEps: 1e-8,
      weightDecay: 0.01,
      decayNorms: true, // the script's names of norms match none of a Llama
      clip: Infinity,
    },
  );
  assert.deepEqual(
    [train.evaluateEvery, train.checkpointEvery, train.sampleEvery, train.seed],
    [100_000, 22_000, 22_000, 42],
  );
});

Deno.test("specs/ttl_460m.yaml takes two micro-steps a step", async () => {
  const { model, train } = await planOf("ttl_460m.yaml");
  assert.equal(countParameters(model).total, 468_239_360);
  assert.deepEqual([train.batchSize, train.accumulation], [2, 2]);
  assert.equal(train.steps * train.tokensPerStep, 9_830_400_000);
});

Deno.test("train --spec takes what was typed first, and paths from the file", () =>
  inFolder(async (cwd) => {
    await Deno.mkdir(join(cwd, "specs"));
    await Deno.mkdir(join(cwd, "texts"));
    const spec =
      "text: ../texts\ntokens: 50k\nlayers: 3\ntie-embeddings: true\n";
    await Deno.writeTextFile(join(cwd, "specs", "a.yaml"), spec);
    const args = ["train", "--spec", "specs/a.yaml", "--out", "run"];
    const plan = await output([...args, "--layers", "1", "--dry-run"], { cwd });
    assert.match(plan, /, 1 layers, /);
    assert.match(plan, /^data: 51\.2k tokens/m);
    const twin = join(SPECS, "ttl_twin.yaml");
    assert.match(
      await output(
        ["train", "--spec", twin, "--out", "run", "--dry-run"],
        { cwd },
      ),
      /^learning rate: 0\.004 after 15 steps, cosine down to 0$/m,
    );
  }));

const TTL = {
  model_args: { hidden_size: 64, tokenizer_name: "tokenizer", vocab_size: 9 },
  data_args: { folder_path: "texts", block_size: 32 },
  training_args: {
    per_device_train_batch_size: 4,
    max_steps: 10,
    lr_scheduler_type: "constant_with_warmup",
    hub_token: "secret",
    gradient_checkpointing: true,
  },
  extra_args: { wandb_token: null, generation_seeds: ["A", "B"] },
};

Deno.test("readTrainSpec() says which fields change nothing", () =>
  inFolder(async (folder) => {
    const path = join(folder, "ttl.yaml");
    await Deno.writeTextFile(path, JSON.stringify(TTL)); // JSON is YAML
    const { options, ignored } = await readTrainSpec(path, KNOWN);
    assert.deepEqual(ignored, ["hub_token", "vocab_size"]);
    assert.equal(options.get("tokens"), String(4 * 10 * 32));
    assert.equal(options.get("schedule"), "constant");
    assert.equal(options.get("prompts"), "A|B");
    assert.equal(options.get("tokenizer"), "tokenizer");
    assert.equal(options.has("vocab"), false);
    assert.ok(options.has("gradient-checkpointing"));
  }));

const WRONG: [string, string, RegExp][] = [
  [
    "an unknown option",
    "tokns: 5",
    /unknown field tokns, the nearest is tokens/,
  ],
  ["a list", "tokens: [5]", /tokens holds no text or number/],
  ["no fields", "just text", /it holds no fields/],
  ["an unknown section", "model_args: {}\nrest: {}", /unknown section rest/],
  [
    "an unknown field",
    "model_args: {hiden_size: 3}",
    /unknown field hiden_size, the nearest is hidden_size/,
  ],
  [
    "a field that stands there twice",
    "model_args: {seed: 3}\ntraining_args: {seed: 4}",
    /seed stands there twice/,
  ],
  ["a section without fields", "model_args: 3", /model_args holds no fields/],
  [
    "what is not computed here",
    "extra_args: {mixed_precision: bf16}",
    /mixed_precision is bf16, and only no is supported/,
  ],
  ["no steps", "data_args: {block_size: 3}", /max_steps is undefined, wanted/],
  [
    "an unknown schedule",
    "data_args: {block_size: 3}\ntraining_args: {max_steps: 1, " +
    "per_device_train_batch_size: 1, lr_scheduler_type: polynomial}",
    /lr_scheduler_type polynomial is none of cosine/,
  ],
];

for (const [name, text, pattern] of WRONG) {
  Deno.test(`readTrainSpec() refuses ${name}`, () =>
    inFolder(async (folder) => {
      const path = join(folder, "x.yaml");
      await Deno.writeTextFile(path, text);
      const read = () => readTrainSpec(path, KNOWN);
      await assertFails(read, ConfigError, pattern);
    }));
}

Deno.test("readTrainSpec() refuses what is missing or no YAML", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.yaml");
    const read = () => readTrainSpec(path, KNOWN);
    await assertFails(read, DataError, /no file .*x\.yaml/);
    await Deno.writeTextFile(path, "a: [");
    await assertFails(read, FormatError, /Cannot read .*x\.yaml/);
  }));
