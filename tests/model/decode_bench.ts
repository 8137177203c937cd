/**
 * Generation with a model of TeenyTinyLlama-160m's shape on the CPU device, one
 * token after the other, with weights of 32, 16, 8 and 4 bits, beside llama.cpp
 * on the same weights and threads: in turn, the best of several rounds each.
 *
 * Bar: in float32, 0.7 of llama.cpp's rate.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Device,
  formatProfile,
  openDevice,
  profile,
} from "../../lib/device/mod.ts";
import { cast, type DType, keep, type Tensor } from "../../lib/tensor/mod.ts";
import {
  exportGguf,
  generate,
  type GgufType,
  Llama,
  llamaConfig,
  quantizeLlama,
} from "../../lib/model/mod.ts";
import { trainBpe } from "../../lib/text/mod.ts";
import { formatBytes, formatTable, Random } from "../../lib/util/mod.ts";
import { inFolder } from "../support/in_folder.ts";

const CONFIG = llamaConfig("ttl-160m");
/** Tokens that are timed, after a prompt. */
const TOKENS = 24;
const ROUNDS = 3;
const HERE = fileURLToPath(new URL(".", import.meta.url));
const PEERS = join(HERE, "../../.cache/peers");
const hasLlamaCpp = existsSync(join(PEERS, "node_modules/node-llama-cpp"));
const threads = Number(Deno.env.get("CADERNO_THREADS")) ||
  navigator.hardwareConcurrency;
const random = new Random(1);
const prompt = Array.from({ length: 16 }, () => 300 + random.int(30000));

/** How weights are stored here, and in the file that is compared. */
const CASES: [DType, GgufType | undefined][] = [
  ["float32", "f32"],
  ["bfloat16", undefined],
  ["int8", "q8_0"],
  ["int4", "q4_0"],
];

/** The same random model, stored in one of the ways. */
function makeModel(device: Device, dtype: DType): Llama {
  const model = Llama.create(CONFIG, { seed: 0, device });
  if (dtype === "float32") return model;
  if (dtype === "int8" || dtype === "int4") return quantizeLlama(model, dtype);
  const parameters = new Map<string, Tensor>();
  for (const [name, tensor] of model.parameters) {
    const type = tensor.shape.length === 2 ? dtype : "float32";
    parameters.set(name, keep(cast(tensor, type)));
  }
  model.dispose();
  return new Llama(CONFIG, parameters, device);
}

/** Tokens per second behind the prompt. */
async function decode(model: Llama): Promise<number> {
  let count = 0, start = 0;
  const options = { maxTokens: TOKENS + 1, stopIds: [] };
  for await (const _ of generate(model, prompt, options)) {
    if (count++ === 0) start = performance.now();
  }
  return 1000 * TOKENS / (performance.now() - start);
}

async function decodeLlamaCpp(path: string): Promise<number> {
  const question = JSON.stringify({ prompt, tokens: TOKENS, threads });
  const { stdout, stderr, success } = await new Deno.Command("node", {
    args: [join(HERE, "llama_cpp_decode.mjs"), PEERS, path, question],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)).rate;
}

await inFolder(async (folder) => {
  using device = await openDevice("cpu");
  const tokenizer = trainBpe(["Era uma vez."], { vocabSize: 280 });
  const rows = [
    ["weights", "memory", "tokens/s", "GB/s", "llama.cpp", "ratio"],
  ];
  for (const [dtype, type] of CASES) {
    const path = type && hasLlamaCpp && join(folder, "model.gguf");
    if (path) {
      using model = Llama.create(CONFIG, { seed: 0, device });
      await exportGguf(path, { model, tokenizer }, { type });
    }
    using model = makeModel(device, dtype);
    const bytes = device.memory().liveBytes;
    let [ours, theirs] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      ours = Math.max(ours, await decode(model));
      if (path) theirs = Math.max(theirs, await decodeLlamaCpp(path));
    }
    // A token reads one row of the embedding, and all of the rest.
    const embedding = CONFIG.vocabSize * CONFIG.hiddenSize *
      (dtype === "float32" ? 4 : 2);
    rows.push([
      dtype,
      formatBytes(bytes),
      ours.toFixed(1),
      ((bytes - embedding) * ours / 1e9).toFixed(1),
      path ? `${type} ${theirs.toFixed(1)}` : "–",
      path ? (ours / theirs).toFixed(2) : "–",
    ]);
    console.log(`\n${dtype}, where the time of ${TOKENS} tokens goes:`);
    const cost = await profile(device, () => decode(model));
    console.log(formatProfile(cost.slice(0, 4)));
  }
  console.log(`\n${device.description}, ${threads} threads`);
  if (!hasLlamaCpp) console.log("llama.cpp is not in .cache/peers");
  console.log(formatTable(rows));
});
