/**
 * Multiple-choice scoring: tokens per second of a model of TTL-160m's shape
 * against PyTorch's forward passes on sequences of the same length, what shared
 * beginnings save on a task with examples, and items side by side against one
 * after the other, in time here and in launches on a GPU.
 */
import { fileURLToPath } from "node:url";
import { type Device, DryDevice, openDevice } from "../../lib/device/mod.ts";
import { ContinuationScorer, type ScoredSequence } from "../../lib/eval/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { formatTable, Random } from "../../lib/util/mod.ts";

const CONFIG = llamaConfig("ttl-160m");
const CHOICES = 4;
const ANSWER = 12;

/** Groups of choices; all items begin with the same examples. */
function items(count: number, examples: number, question: number) {
  const random = new Random(0, "items");
  const ids = (length: number) =>
    Array.from({ length }, () => random.int(CONFIG.vocabSize));
  const head = ids(examples);
  return Array.from({ length: count }, (): ScoredSequence[] => {
    const context = [...head, ...ids(question)];
    return Array.from({ length: CHOICES }, () => ({
      ids: Int32Array.from([...context, ...ids(ANSWER)]),
      scored: ANSWER,
    }));
  });
}

using device = await openDevice();
using model = Llama.create(CONFIG, { seed: 0, device });

/** Seconds of scoring, shared or each sequence by itself. */
async function time(groups: ScoredSequence[][], isShared: boolean) {
  using scorer = new ContinuationScorer(model);
  const begin = performance.now();
  for (const group of groups) {
    if (isShared) await scorer.score(group);
    else {
      for (const sequence of group) {
        using alone = new ContinuationScorer(model);
        await alone.score([sequence]);
      }
    }
  }
  return (performance.now() - begin) / 1000;
}

/** PyTorch's best over one and two threads, or undefined without it. */
async function torchSeconds(count: number, length: number) {
  const script = fileURLToPath(
    new URL("../support/torch_forward.py", import.meta.url),
  );
  const { numHiddenLayers: L, hiddenSize: C, intermediateSize: I } = CONFIG;
  const sizes = [L, C, I, CONFIG.numAttentionHeads, CONFIG.vocabSize];
  let best: number | undefined;
  for (const threads of [1, 2]) {
    const args = [...sizes, CHOICES, length, count, threads].map(String);
    const { success, stdout } = await new Deno.Command("/usr/bin/python3", {
      args: [script, ...args],
      stderr: "null",
    }).output().catch(() => ({ success: false, stdout: new Uint8Array() }));
    if (!success) return undefined;
    const seconds = Number(new TextDecoder().decode(stdout));
    best = Math.min(best ?? Infinity, seconds);
  }
  return best;
}

console.log(device.description);
await time(items(1, 0, 8), true); // compiles
const rows = [];
for (
  const [name, count, examples, question] of [
    ["no examples", 3, 0, 60],
    ["five examples", 3, 350, 60],
  ] as const
) {
  const groups = items(count, examples, question);
  const length = groups[0]![0]!.ids.length - 1;
  const shared = await time(groups, true);
  const alone = await time(groups, false);
  const torch = await torchSeconds(count, length);
  const ratio = (x: number | undefined) => x === undefined ? "-" : x.toFixed(2);
  rows.push([
    name,
    count,
    length,
    shared.toFixed(2),
    (alone / shared).toFixed(2),
    ratio(torch && torch / shared),
    ratio(torch && torch / alone),
  ]);
}
console.log(formatTable([
  [
    "task",
    "items",
    "tokens",
    "seconds",
    "x each alone",
    "x PyTorch",
    "x PyTorch, unshared",
  ],
  ...rows,
]));

/** Items of a task. */
const ITEMS = 12;

/** Sizes of a task: examples before its items, and ranges of lengths. */
interface TaskSizes {
  readonly name: string;
  readonly examples: number;
  readonly question: readonly [least: number, most: number];
  readonly answer: readonly [least: number, most: number];
}

type PresetName = Parameters<typeof llamaConfig>[0];

/** Lengths of most items of the Portuguese ARC and MMLU, in tokens. */
const TASKS: readonly TaskSizes[] = [
  { name: "ARC, 0 shots", examples: 0, question: [18, 80], answer: [2, 20] },
  { name: "ARC, 5 shots", examples: 300, question: [18, 80], answer: [2, 20] },
  { name: "MMLU letters", examples: 0, question: [60, 180], answer: [1, 1] },
];

function realItems(vocabSize: number, task: TaskSizes) {
  const random = new Random(0, "real items");
  const ids = (length: number) =>
    Array.from({ length }, () => random.int(vocabSize));
  const between = ([least, most]: readonly [number, number]) =>
    least + random.int(most - least + 1);
  const head = ids(1 + task.examples); // <s> and the examples
  return Array.from({ length: ITEMS }, () => {
    const context = [...head, ...ids(between(task.question))];
    const sequences = Array.from({ length: CHOICES }, (): ScoredSequence => {
      const scored = between(task.answer);
      return { ids: Int32Array.from([...context, ...ids(scored)]), scored };
    });
    return { sequences };
  });
}

type Items = ReturnType<typeof realItems>;

async function together(model: Llama, items: Items): Promise<number> {
  using scorer = new ContinuationScorer(model);
  await Array.fromAsync(scorer.scoreEach(items));
  return scorer.computedTokens;
}

async function oneByOne(model: Llama, items: Items): Promise<number> {
  using scorer = new ContinuationScorer(model);
  for (const { sequences } of items) await scorer.score(sequences);
  return scorer.computedTokens;
}

type Scoring = typeof together;

async function secondsOf(score: Scoring, model: Llama, items: Items) {
  const begin = performance.now();
  await score(model, items);
  return (performance.now() - begin) / 1000;
}

/** The best of four, in turns: other programs only slow one down. */
async function leastSeconds(model: Llama, items: Items) {
  let [single, all] = [Infinity, Infinity];
  for (let i = 0; i < 4; i++) {
    single = Math.min(single, await secondsOf(oneByOne, model, items));
    all = Math.min(all, await secondsOf(together, model, items));
  }
  return { single, all };
}

/** Launches on a GPU, and tokens. */
async function counted(score: Scoring, name: PresetName, task: TaskSizes) {
  using device = new DryDevice("webgpu");
  using model = modelOf(name, device);
  const items = realItems(model.config.vocabSize, task);
  const launches = () => device.launches.values().reduce((a, b) => a + b, 0);
  const before = launches();
  const tokens = await score(model, items);
  return { launches: launches() - before, tokens };
}

function modelOf(name: PresetName, device: Device): Llama {
  const config = llamaConfig(name, { maxPositionEmbeddings: 2048 });
  return Llama.create(config, { seed: 0, device });
}

const batched: (string | number)[][] = [];
for (const name of ["tiny-64", "tiny-256", "ttl-160m"] as const) {
  using model = modelOf(name, device);
  for (const task of TASKS) {
    const items = realItems(model.config.vocabSize, task);
    const { single, all } = await leastSeconds(model, items);
    const [a, b] = [
      await counted(oneByOne, name, task),
      await counted(together, name, task),
    ];
    batched.push([
      name,
      task.name,
      (ITEMS / single).toPrecision(3),
      (ITEMS / all).toPrecision(3),
      (single / all).toFixed(2),
      a.launches,
      b.launches,
      (b.tokens / a.tokens).toFixed(2),
    ]);
  }
}
console.log(formatTable([
  [
    ...["model", "task", "items/s, one by one", "together", "ratio"],
    ...["launches on a GPU", "together", "tokens, ratio"],
  ],
  ...batched,
]));
