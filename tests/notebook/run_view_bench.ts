/**
 * What it costs a training to be watched: the terminal's lines at four states
 * a second and the notebook's panel and curve at three, as shares of the time
 * of a run of the smallest preset, which has the shortest steps.
 *
 * Bar: far below 1 % for the terminal.
 */
import { openDevice } from "../../lib/device/mod.ts";
import "../../lib/kernels/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import {
  runLines,
  RunStatus,
  RunView,
  TerminalScreen,
} from "../../lib/notebook/mod.ts";
import { figureBundle } from "../../lib/notebook/figure_bundle.ts";
import { TokenBatches } from "../../lib/text/mod.ts";
import {
  resolveTrainConfig,
  train,
  type TrainRecord,
} from "../../lib/train/mod.ts";
import {
  formatDuration,
  formatPercent,
  formatTable,
} from "../../lib/util/mod.ts";
import { madeUpRun } from "./run_records.ts";

const STEPS = 60;
const LONG = 100_000;
const REPEATS = 200;
const TERMINAL_HZ = 4;
const NOTEBOOK_HZ = 1 / 0.3;

/** Seconds of one call, the mean of many. */
async function secondsOf(
  work: () => unknown,
  repeats = REPEATS,
): Promise<number> {
  await work();
  const begun = performance.now();
  for (let i = 0; i < repeats; i++) await work();
  return (performance.now() - begun) / 1000 / repeats;
}

/** Seconds of a step of the smallest preset. */
async function stepSeconds(): Promise<number> {
  using device = await openDevice("cpu");
  const config = llamaConfig("tiny-64");
  using model = Llama.create(config, { seed: 0, device });
  const knobs = { tokens: 1, batchSize: 8, contextLength: 64 };
  const { tokensPerStep } = resolveTrainConfig(knobs, config);
  const plan = resolveTrainConfig(
    { ...knobs, tokens: STEPS * tokensPerStep },
    config,
  );
  const stream = Uint16Array.from(
    { length: 100_000 },
    (_, i) => (i * 7919) % config.vocabSize,
  );
  const { vocabSize } = config;
  const batches = new TokenBatches(stream, { ...plan, vocabSize });
  const records = await Array.fromAsync(
    train({ model, batches, config: plan }),
  );
  const steps = records.filter((record) => record.kind === "step");
  const first = steps[0]!, last = steps.at(-1)!;
  return (last.seconds - first.seconds) / (steps.length - 1);
}

/** Cost of the terminal: a record, and a state of the lines. */
async function terminalCost(records: readonly TrainRecord[]) {
  const status = new RunStatus({ name: "run", steps: records.length });
  const begun = performance.now();
  for (const record of records) status.add(record);
  const perRecord = (performance.now() - begun) / 1000 / records.length;
  const out = Deno.openSync("/dev/null", { write: true });
  const encoder = new TextEncoder();
  const screen = new TerminalScreen({
    write: (text) => out.writeSync(encoder.encode(text)),
    size: () => ({ columns: 120, rows: 40 }),
  });
  const perState = await secondsOf(() =>
    screen.draw((size) => runLines(status, size))
  );
  out.close();
  return { perRecord, perState };
}

/** Cost of a state of the notebook's curve, without its way to the browser. */
function notebookCost(records: readonly TrainRecord[]): Promise<number> {
  const view = new RunView({ name: "run", steps: records.length });
  for (const record of records) view.add(record);
  return secondsOf(async () => {
    const figure = view.figure();
    const options = { isStatic: false, hasPicture: false };
    JSON.stringify(await figureBundle(figure, options));
  }, 50);
}

const step = await stepSeconds();
const rows = [];
for (const steps of [1000, LONG]) {
  const records = madeUpRun(steps);
  const { perRecord, perState } = await terminalCost(records);
  const terminal = perRecord / step + TERMINAL_HZ * perState;
  const curve = await notebookCost(records);
  rows.push([
    `${steps} steps`,
    formatDuration(perRecord),
    formatDuration(perState),
    formatPercent(terminal),
    formatDuration(curve),
    formatPercent(NOTEBOOK_HZ * curve),
  ]);
}
console.log(`a step of tiny-64, 8 x 64 tokens: ${formatDuration(step)}`);
console.log(formatTable([
  ["run", "record", "lines", "terminal", "curve", "notebook"],
  ...rows,
]));
