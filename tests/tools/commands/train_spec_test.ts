/** Specifications in our form and in TeenyTinyLlama's, and what is refused. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { countParameters, llamaConfig } from "../../../lib/model/mod.ts";
import { describeTraining, scheduleOfRun } from "../../../lib/train/mod.ts";
import { ConfigError, DataError, FormatError } from "../../../lib/util/mod.ts";
import { parseCommandLine } from "../../../tools/commands/command.ts";
import { trainCommand } from "../../../tools/commands/train.ts";
import { planTraining } from "../../../tools/commands/train_plan.ts";
import { withOptions } from "../../../tools/commands/train_rules.ts";
import { planSamples } from "../../../tools/commands/train_samples.ts";
import { readTrainSpec } from "../../../tools/commands/train_spec.ts";
import { assertClose, assertFails } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";
import { cli, output } from "./cli.ts";

const KNOWN = Object.keys(trainCommand.options);
const SPECS = fileURLToPath(new URL("../../../specs", import.meta.url));

async function lineOf(path: string, typed: readonly string[] = []) {
  const line = parseCommandLine(trainCommand, typed);
  const names = new Set(line.given.keys());
  const { options } = await readTrainSpec(path, KNOWN, names);
  return withOptions(line, options);
}

/** The plan that a file of the project makes. */
async function planOf(name: string, ...typed: string[]) {
  return planTraining(await lineOf(join(SPECS, name), typed));
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
  assert.equal(train.precision, "float32");
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
  assert.equal(scheduleOfRun(train)(1_200_000 - 1) < 1e-12, true);
});

Deno.test("specs/ttl_460m.yaml --schedule-stretch 2 ends half the way down", async () => {
  const { train } = await planOf("ttl_460m.yaml", "--schedule-stretch", "2");
  const rate = scheduleOfRun(train);
  assertClose(rate(10_000 - 1), 1.5e-4, { rtol: 1e-12 });
  assertClose(rate(20_000 - 1), 3e-4, { rtol: 1e-12 });
  // cos over 2,380,000 steps, of which 1,180,000 are gone
  const wanted = 1.5e-4 * (1 + Math.cos(Math.PI * 118 / 238));
  assertClose(rate(1_200_000), wanted, { rtol: 1e-12 });
  const [, line] = (await describeTraining(train, llamaConfig("ttl-460m")))
    .join("\n").match(/^learning rate: (.*)$/m)!;
  assert.equal(line, "0.0003 after 20000 steps, cosine down to 0.00015198");
});

Deno.test("specs of the full models sample as TeenyTinyLlama's script", async () => {
  for (const name of ["ttl_160m.yaml", "ttl_460m.yaml"]) {
    const line = await lineOf(join(SPECS, name));
    const { prompts, count, length } = planSamples(line, "");
    assert.equal(prompts.length, 7);
    assert.match(prompts[6]!, /Brasília é conhecida por$/);
    assert.deepEqual([count, length], [5, 150]);
  }
});

Deno.test("specs/ttl_460m_twin.yaml has the shape and recipe of its model", async () => {
  const { model, train } = await planOf("ttl_460m_twin.yaml");
  assert.equal(train.accumulation, 2);
  assert.equal(train.steps, 586);
  // Intermediate over hidden size as in TTL.
  assert.equal(model.intermediateSize, 4 * model.hiddenSize);
  assert.ok(countParameters(model).total > 3.9e6);
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

Deno.test("train --precision float16 says what the CPU device cannot", () =>
  inFolder(async (cwd) => {
    const args = ["--synthetic", "1MB", "--tokens", "9k", "--out", "run"];
    const half = ["train", ...args, "--precision", "float16"];
    const { code, stdout, stderr } = await cli(half, { cwd });
    assert.equal(code, 1);
    assert.match(stdout, /^precision: float16 factors .* needs a GPU with/m);
    assert.match(
      stderr,
      /^error: Cannot train with precision float16 on CPU.*float32 trains/m,
    );
    assert.deepEqual(await Array.fromAsync(Deno.readDir(cwd)), []);
    const wrong = [...half.slice(0, -1), "half"];
    const refusal = await cli(wrong, { cwd });
    assert.match(refusal.stderr, /precision half: wanted float32, float16/);
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
  extra_args: {
    wandb_token: null,
    generation_seeds: ["A", "B"],
    mixed_precision: "fp16",
  },
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
    assert.equal(options.get("precision"), "float16");
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
    "model_args: {torch_dtype: float64}",
    /torch_dtype is float64, and only float32 is supported/,
  ],
  [
    "no length",
    "data_args: {block_size: 3}\ntraining_args: {max_steps: null}",
    /it has neither max_steps nor num_train_epochs/,
  ],
  [
    "steps that are no number",
    "data_args: {block_size: 3}\ntraining_args: {max_steps: many}",
    /max_steps is many, wanted a whole number/,
  ],
  [
    "a run without evaluations",
    "training_args: {evaluation_strategy: no}",
    /evaluation_strategy is (no|false), and only steps is supported/,
  ],
  [
    "a run that goes on",
    "training_args: {resume_from_checkpoint: checkpoints/step_3}",
    /resume_from_checkpoint is checkpoints.step_3, and only false/,
  ],
  [
    "a switch that is neither on nor off",
    "data_args: {sanity_check: maybe, block_size: 3}\n" +
    "training_args: {max_steps: 1, per_device_train_batch_size: 1}",
    /sanity_check is maybe, wanted true or false/,
  ],
  [
    "prompts that cannot be told apart",
    "data_args: {block_size: 3}\ntraining_args: {max_steps: 1, " +
    "per_device_train_batch_size: 1}\nextra_args: {generation_seeds: [a|b]}",
    /generation_seeds is no list of texts without \|/,
  ],
  [
    "an unknown option of ours",
    "model_args: {}\ncaderno_args: {clips: 3}\n" +
    "training_args: {num_train_epochs: 1}",
    /unknown field clips, the nearest is clip/,
  ],
  [
    "a field that an option of ours repeats",
    "training_args: {seed: 1, num_train_epochs: 1}\ncaderno_args: {seed: 2}",
    /seed and seed of caderno_args say the same thing twice/,
  ],
  ["a name that is near none", "xyzzy: 1", /unknown field xyzzy, there are /],
  [
    "an unknown schedule",
    "data_args: {block_size: 3}\ntraining_args: {max_steps: 1, " +
    "per_device_train_batch_size: 1, lr_scheduler_type: polynomial}",
    /lr_scheduler_type polynomial is none of cosine/,
  ],
  [
    "a precision that there is not",
    "data_args: {block_size: 3}\ntraining_args: {max_steps: 1, " +
    "per_device_train_batch_size: 1}\nextra_args: {mixed_precision: bf16}",
    /mixed_precision bf16 is none of no, fp16/,
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

/** All fields of TeenyTinyLlama's specs.yaml (facts/ttl.md, section 9). */
const THEIRS = `
model_args:
  model_to_train: "nicholasKluge/TeenyTinyLlama-160m"
  tokenizer_name: "nicholasKluge/TeenyTinyLlama-160m"
  model_id: "160m"
  train_from_scratch: true
  vocab_size: 32000
  hidden_size: 768
  intermediate_size: 3072
  max_position_embeddings: 2048
  num_attention_heads: 12
  num_hidden_layers: 12
  num_key_value_heads: 12
  output_hidden_states: false
  cache_dir: null
  use_fast_tokenizer: true
  model_revision: "main"
  trust_remote_code: false
  torch_dtype: "auto"
  low_cpu_mem_usage: null
  use_cache: true
  attn_implementation: "flash_attention_2"
data_args:
  dataset_name: "nicholasKluge/a-data-set"
  folder_path: "/data/tokenized/"
  dataset_split: "train"
  block_size: 2048
  overwrite_cache: false
  preprocessing_num_workers: null
  sanity_check: true
training_args:
  output_dir: "checkpoints"
  do_train: true
  do_eval: true
  evaluation_strategy: "step"
  eval_steps: 100
  per_device_train_batch_size: 4
  per_device_eval_batch_size: 4
  gradient_accumulation_steps: 1
  learning_rate: 0.0006
  adam_epsilon: 0.00000001
  weight_decay: 0.01
  lr_scheduler_type: "cosine"
  warmup_steps: 50
  max_steps: null
  num_train_epochs: 1
  gradient_checkpointing: false
  seed: 42
  dataloader_pin_memory: true
  push_to_hub: true
  resume_from_checkpoint: null
  hub_model_id: "nicholasKluge/a-model"
  hub_token: null
extra_args:
  wandb_token: null
  logger_name: "a-project"
  wandb_log_steps: 1
  mixed_precision: 'bf16'
  checkpointing_steps: 100
  sample_every: 100
  generation_seeds:
    - "Meu nome é Nicholas e eu estudo na PUCRS. A PUCRS é"
    - "A capital do Brasil é Brasília. Brasília é conhecida por"
`;

Deno.test("readTrainSpec() reads TeenyTinyLlama's own file, an epoch long", () =>
  inFolder(async (folder) => {
    const path = join(folder, "specs.yaml");
    await Deno.writeTextFile(path, THEIRS);
    // bfloat16 is not there: the precision is typed.
    const line = await lineOf(path, ["--precision", "float32"]);
    const known = { corpusTokens: 1_831_873 * 2048 + 1 }; // of the 160m
    const { model, train } = planTraining(line, known);
    assert.equal(model.hiddenSize, 768);
    assert.equal(train.steps, 457_969); // facts/ttl.md, section 4
    assert.equal(train.warmupSteps, 50);
    assert.ok(line.has("sanity-check"));
    assert.equal(line.text("prompts")!.split("|").length, 2);
    const typed = new Set(["precision"]);
    const { ignored } = await readTrainSpec(path, KNOWN, typed);
    assert.equal(ignored.includes("sanity_check"), false);
    assert.equal(ignored.includes("num_train_epochs"), false);
    await assertFails(
      () => readTrainSpec(path, KNOWN),
      ConfigError,
      /mixed_precision bf16 is none of no, fp16/,
    );
  }));

Deno.test("readTrainSpec() takes options of ours beside their sections", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.yaml");
    await Deno.writeTextFile(
      path,
      `training_args: {num_train_epochs: 1, learning_rate: 1.0e-3}
caderno_args: {schedule: constant, schedule-stretch: 2, tie-embeddings: true}`,
    );
    const line = await lineOf(path);
    const { model, train } = planTraining(line, { corpusTokens: 10_000 });
    assert.equal(train.schedule, "constant");
    assert.equal(train.scheduleStretch, 2);
    assert.equal(train.learningRate, 1e-3);
    assert.equal(model.tieWordEmbeddings, true);
  }));

Deno.test("planTraining() refuses steps and epochs that disagree", () =>
  inFolder(async (folder) => {
    const path = join(folder, "both.yaml");
    const both = (steps: number) =>
      Deno.writeTextFile(
        path,
        `data_args: {block_size: 16}
training_args: {max_steps: ${steps}, num_train_epochs: 2,
  per_device_train_batch_size: 2, gradient_accumulation_steps: 2}
model_args: {max_position_embeddings: 64}`,
      );
    const corpusTokens = 10 * 16 + 1;
    await both(5);
    const line = await lineOf(path);
    assert.equal(planTraining(line, { corpusTokens }).train.steps, 5);
    assert.equal(planTraining(line).train.steps, 5); // told before the corpus
    await both(6);
    await assertFails(
      async () => planTraining(await lineOf(path), { corpusTokens }),
      ConfigError,
      /both 6 steps and 2 epochs, which are 5 steps of this corpus/,
    );
    // What is typed takes the place of both.
    for (const typed of [["--tokens", "640"], ["--epochs", "4"]]) {
      const plan = planTraining(await lineOf(path, typed), { corpusTokens });
      assert.equal(plan.train.steps, 10);
    }
  }));

Deno.test("withOptions() leaves out what means nothing beside what was typed", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.yaml");
    const spec = "preset: tiny-64\nlayers: 3\noptimizer: muon\n" +
      "momentum: 0.9\nvocab: 300\nmin-rate: 0.2\n";
    await Deno.writeTextFile(path, spec);
    const line = await lineOf(path, [
      ...["--depth", "2", "--optimizer", "adamw", "--tokenizer", "folder"],
      ...["--schedule", "constant"],
    ]);
    assert.deepEqual(
      [...line.given.keys()].sort(),
      ["depth", "optimizer", "schedule", "tokenizer"],
    );
  }));
