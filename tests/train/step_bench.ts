/**
 * One training step (forward, backward, clip, AdamW, loss read) of a small
 * Llama, in tokens per second, on the CPU device in each way that it can be
 * run and on WebGPU, there in mixed precision too, beside PyTorch (Debian's
 * python3-torch) in the same run.
 *
 * Where `CADERNO_JAXJS` names a folder with `@jax-js/jax` and a script
 * `train_jaxjs.mjs` that trains the same model, and `REF` its weights, that is
 * measured as well.
 *
 * Bars: 1.5 times PyTorch at its best number of threads with a BLAS or the
 * fast flags, 1.0 times with neither; 3 times jax-js in WebAssembly.
 */
import { fileURLToPath } from "node:url";
import {
  type DeviceKind,
  formatProfile,
  openDevice,
  profile,
} from "../../lib/device/mod.ts";
import {
  Llama,
  llamaConfig,
  trainingFlopsPerToken,
} from "../../lib/model/mod.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import {
  backward,
  mul,
  scope,
  tensor,
  withMatmulPrecision,
} from "../../lib/tensor/mod.ts";
import {
  formatBytes,
  formatTable,
  messageOf,
  Random,
} from "../../lib/util/mod.ts";
import {
  CPU_MODES,
  type CpuMode,
  MEASURE,
  measureIn,
  report,
} from "../support/cpu_modes.ts";

const CONFIG = llamaConfig("tiny-256"); // 4 layers, 256, 688, 8 heads, 4096
const [B, T] = [8, 256];
/** By which a process that measures is told to do it in mixed precision. */
const HALF = "STEP_BENCH_FLOAT16";
const JAX = "jax-js, WebAssembly";
/** Each way is measured so often, in turn: other programs come and go. */
const ROUNDS = 2;

interface Measured {
  readonly device: string;
  /** Tokens per second, median of the steps. */
  readonly rate: number;
  readonly peakBytes: number;
  /** Where the time of a step goes. */
  readonly table: string;
}

async function measure(): Promise<Measured> {
  using device = await openDevice();
  using model = Llama.create(CONFIG, { seed: 0, device });
  const isHalf = Deno.env.has(HALF);
  using optimizer = new AdamW(model.parameters, {
    clip: 1,
    lossScale: isHalf ? {} : undefined,
  });
  const random = new Random(0);
  const ids = Int32Array.from(
    { length: B * T + 1 },
    () => random.int(CONFIG.vocabSize),
  );
  const step = async () => {
    using _ = scope("step");
    const shape = [B, T];
    const inputs = tensor(ids.slice(0, -1), { shape, device });
    const targets = tensor(ids.slice(1), { shape, device });
    const loss = withMatmulPrecision(
      isHalf ? "float16" : "float32",
      () => model.loss(inputs, targets),
    );
    const { lossScale } = optimizer;
    backward(lossScale ? mul(loss, lossScale.scale) : loss);
    optimizer.update(1e-3);
    optimizer.clearGradients();
    await loss.item();
  };
  await step();
  const seconds: number[] = [];
  for (let i = 0; i < (device.isSoftware ? 2 : 9); i++) {
    const begin = performance.now();
    await step();
    seconds.push((performance.now() - begin) / 1000);
  }
  seconds.sort((a, b) => a - b);
  return {
    device: device.description,
    rate: B * T / seconds[seconds.length >> 1]!,
    peakBytes: device.memory().peakBytes,
    table: device.startProfile
      ? formatProfile(await profile(device, step))
      : "",
  };
}

/** PyTorch's tokens per second at that many threads, or undefined. */
async function torchRate(threads: number): Promise<number | undefined> {
  const script = fileURLToPath(
    new URL("../support/torch_llama.py", import.meta.url),
  );
  const { hiddenSize, intermediateSize, vocabSize } = CONFIG;
  const sizes = [
    CONFIG.numHiddenLayers,
    hiddenSize,
    intermediateSize,
    CONFIG.numAttentionHeads,
    vocabSize,
    B,
    T,
    threads,
  ];
  for (const python of ["/usr/bin/python3", "python3"]) {
    try {
      const { success, stdout } = await new Deno.Command(python, {
        args: [script, ...sizes.map(String)],
        env: { OMP_NUM_THREADS: String(threads) },
        stderr: "null",
      }).output();
      const [rate] = new TextDecoder().decode(stdout).split(" ").map(Number);
      if (success) return rate;
    } catch {
      // no such program
    }
  }
  return undefined;
}

/** Tokens per second of jax-js in WebAssembly, or undefined. */
async function jaxRate(): Promise<number | undefined> {
  const cwd = Deno.env.get("CADERNO_JAXJS");
  if (cwd === undefined) return undefined;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "train_jaxjs.mjs", "A", "wasm", "5"],
    cwd,
    stderr: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  const line = text.split("\n").find((text) => text.startsWith("{"));
  return line === undefined ? undefined : JSON.parse(line).tok_s;
}

/** A row of the result: the better of the rounds. */
interface Row {
  readonly name: string;
  readonly rate: number;
  readonly measured?: Measured;
}

/** Everything that is compared, once, one after the other. */
async function round(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const threads of new Set([1, navigator.hardwareConcurrency])) {
    const rate = await torchRate(threads);
    if (rate) rows.push({ name: `PyTorch, threads: ${threads}`, rate });
  }
  const jax = await jaxRate();
  if (jax) rows.push({ name: JAX, rate: jax });
  const modes: [DeviceKind, CpuMode][] = [
    ...CPU_MODES.map((mode): [DeviceKind, CpuMode] => ["cpu", mode]),
    ["webgpu", { name: "WebGPU", env: {} }],
    ["webgpu", { name: "WebGPU, float16", env: { [HALF]: "1" } }],
  ];
  for (const [kind, mode] of modes) {
    try {
      const measured = await measureIn<Measured>(import.meta.url, mode, {
        CADERNO_DEVICE: kind,
      });
      rows.push({ name: mode.name, rate: measured.rate, measured });
    } catch (error) {
      const lines = messageOf(error).split("\n");
      const line = lines.find((text) => text.includes("Error: ")) ?? lines[0]!;
      console.log(`${mode.name} was not measured: ${line.trim()}`);
    }
  }
  return rows;
}

async function main(): Promise<void> {
  const best = new Map<string, Row>();
  for (let i = 0; i < ROUNDS; i++) {
    for (const row of await round()) {
      if (row.rate > (best.get(row.name)?.rate ?? 0)) best.set(row.name, row);
    }
  }
  const rows = [...best.values()];
  const torch = rows.filter(({ name }) => name.startsWith("PyTorch"));
  const jax = best.get(JAX)?.rate;
  if (torch.length === 0) {
    console.log("no PyTorch here (apt-get install python3-torch)");
  }
  const peer = Math.max(...torch.map(({ rate }) => rate));
  const flops = trainingFlopsPerToken(CONFIG, T);
  console.log(formatTable([
    ["how", "tokens/s", "x PyTorch", "x jax-js", "step GFLOP/s", "peak memory"],
    ...rows.map(({ name, rate, measured }) => [
      name,
      rate.toFixed(0),
      peer > 0 ? (rate / peer).toFixed(2) : "–",
      jax ? (rate / jax).toFixed(2) : "–",
      (rate * flops / 1e9).toFixed(1),
      measured ? formatBytes(measured.peakBytes) : "",
    ]),
  ]));
  for (const { name, measured } of rows) {
    if (!measured) continue;
    console.log(`\n${name} (${measured.device}), one step:`);
    console.log(measured.table);
  }
}

if (Deno.args.includes(MEASURE)) report(await measure());
else await main();
