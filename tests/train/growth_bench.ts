/**
 * How the cost of a training step grows: with the tokens of a step at a fixed
 * context it should grow in proportion (seconds per token stay), and with the
 * number of steps not at all (drift: the last steps of a long run over its
 * first). Memory of attention over T is in `tests/kernels/attention_bench.ts`.
 */
import { openDevice } from "../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import { backward, scope, tensor } from "../../lib/tensor/mod.ts";
import {
  formatBytes,
  formatTable,
  messageOf,
  Random,
} from "../../lib/util/mod.ts";

const CONFIG = llamaConfig("tiny-128");
const T = 128;
const BATCHES = [4, 8, 16];
const DRIFT_STEPS = 600;

interface Cost {
  /** Of every step, in order. */
  readonly seconds: number[];
  readonly peakBytes: number;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

async function cost(
  kind: "cpu" | "webgpu",
  B: number,
  steps: number,
): Promise<Cost> {
  using device = await openDevice(kind); // for a peak of its own
  using model = Llama.create(CONFIG, { seed: 0, device });
  using optimizer = new AdamW(model.parameters, { clip: 1 });
  const random = new Random(0);
  const draw = () => random.int(CONFIG.vocabSize);
  const seconds: number[] = [];
  for (let i = -2; i < steps; i++) {
    const begun = performance.now();
    using _ = scope("step");
    const ids = () => Int32Array.from({ length: B * T }, draw);
    const options = { shape: [B, T], device };
    const loss = model.loss(tensor(ids(), options), tensor(ids(), options));
    backward(loss);
    optimizer.update(1e-3);
    optimizer.clearGradients();
    await loss.item();
    if (i >= 0) seconds.push((performance.now() - begun) / 1000);
  }
  return { seconds, peakBytes: device.memory().peakBytes };
}

const rows = [[
  "device",
  "B x T",
  "ms",
  "µs per token",
  "ratio",
  "peak memory",
]];
for (const kind of ["cpu", "webgpu"] as const) {
  let first: number | undefined;
  try {
    for (const B of BATCHES) {
      const { seconds, peakBytes } = await cost(
        kind,
        B,
        kind === "cpu" ? 20 : 4,
      );
      const step = Math.min(...seconds); // others use the machine as well
      const token = step / (B * T);
      first ??= token;
      rows.push([
        kind,
        `${B} x ${T}`,
        (step * 1e3).toFixed(1),
        (token * 1e6).toFixed(1),
        (token / first).toFixed(2),
        formatBytes(peakBytes),
      ]);
    }
  } catch (error) {
    rows.push([kind, `not measured: ${messageOf(error).split("\n")[0]}`]);
  }
}
console.log(formatTable(rows));

const { seconds } = await cost("cpu", 1, DRIFT_STEPS);
const part = DRIFT_STEPS / 6;
const drift = median(seconds.slice(-part)) / median(seconds.slice(0, part));
console.log(
  `drift: the last ${part} of ${DRIFT_STEPS} steps take ` +
    `${drift.toFixed(2)} times the first ${part} (cpu, 1 x ${T})`,
);
