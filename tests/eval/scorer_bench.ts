/**
 * Multiple-choice scoring of a model of TTL-160m's shape: tokens per second
 * against PyTorch's forward passes on sequences of the same length, and what
 * shared beginnings save on a task with examples.
 */
import { fileURLToPath } from "node:url";
import { openDevice } from "../../lib/device/mod.ts";
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
