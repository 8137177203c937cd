/**
 * GGUF: the blocks by hand, and whole files in llama.cpp itself, which must
 * give the same tokens and the same probabilities.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDevice } from "../../lib/device/mod.ts";
import {
  encodeWeights,
  GGUF_TYPES,
  type GgufType,
} from "../../lib/model/gguf_blocks.ts";
import {
  exportGguf,
  Llama,
  type LlamaConfig,
  llamaConfig,
} from "../../lib/model/mod.ts";
import { syntheticCorpus, trainBpe } from "../../lib/text/mod.ts";
import { ConfigError, softmaxOf } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";
import { randomData } from "../support/kernel_buffers.ts";
import { logitsOf } from "../support/logits.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PEERS = join(HERE, "../../.cache/peers");
const hasLlamaCpp = existsSync(join(PEERS, "node_modules/node-llama-cpp"));

Deno.test("encodeWeights() writes blocks as they are defined", () => {
  const block = new Float32Array(32);
  block.set([-8, 7, 0.5, -0.5, 1.5, 3.9]);
  block[16] = 1;
  const q4 = encodeWeights(block, "q4_0");
  const view = new DataView(q4.buffer);
  assert.equal(q4.length, 18);
  assert.equal(view.getFloat16(0, true), 1); // -8 / -8
  assert.equal(q4[2], 0 | 9 << 4); // -8 and, sixteen later, 1
  assert.equal(q4[3]! & 15, 15); // 7
  assert.deepEqual([...q4.subarray(4, 8)].map((b) => b & 15), [9, 8, 10, 12]);

  block.fill(0).set([127, -127, 0.5, -0.5, 1.4]);
  const q8 = encodeWeights(block, "q8_0");
  assert.equal(q8.length, 34);
  assert.equal(new DataView(q8.buffer).getFloat16(0, true), 1);
  const signed = new Int8Array(q8.buffer, 2);
  assert.deepEqual([...signed.subarray(0, 6)], [127, -127, 1, -1, 1, 0]);
  const zeros = encodeWeights(new Float32Array(64), "q4_0");
  assert.ok(decodeWeights(zeros, "q4_0").every((x) => x === 0));
});

/** What a reader makes of the bytes. */
function decodeWeights(
  bytes: Uint8Array<ArrayBuffer>,
  type: GgufType,
): Float32Array<ArrayBuffer> {
  const whole = bytes.slice().buffer;
  if (type === "f32") return new Float32Array(whole);
  if (type === "f16") return Float32Array.from(new Float16Array(whole));
  const { weights, bytes: blockBytes } = GGUF_TYPES[type];
  const view = new DataView(whole);
  const out = new Float32Array(bytes.length / blockBytes * weights);
  for (let at = 0, i = 0; at < bytes.length; at += blockBytes, i += weights) {
    const d = view.getFloat16(at, true);
    for (let j = 0; j < weights; j++) {
      const half = bytes[at + 2 + j % 16]!;
      const q = type === "q8_0"
        ? view.getInt8(at + 2 + j)
        : (j < 16 ? half & 15 : half >> 4) - 8;
      out[i + j] = d * q;
    }
  }
  return out;
}

Deno.test("encodeWeights() is read back within half a step", () => {
  const x = randomData(320, 3, 0.02);
  assert.deepEqual(decodeWeights(encodeWeights(x, "f32"), "f32"), x);
  // Steps of the block's extreme; half precision of d adds 2^-11 of x.
  const steps = { f16: 2 ** -10, q8_0: 1 / 127, q4_0: 1 / 8 };
  for (const [type, step] of Object.entries(steps)) {
    const kind = type as GgufType;
    const back = decodeWeights(encodeWeights(x, kind), kind);
    for (let i = 0; i < x.length; i++) {
      const block = x.subarray(i - i % 32, i - i % 32 + 32);
      const most = Math.max(...block.map(Math.abs));
      // A q4 weight opposite to the extreme may lie a whole step away: there
      // is no level +8.
      const share = type === "q4_0" ? 1 : 0.5;
      const error = Math.abs(back[i]! - x[i]!);
      assert.ok(error <= (share * step + 2 ** -11) * most, `${type} ${i}`);
    }
  }
});

const texts = Array.from(
  syntheticCorpus({ seed: 1, documents: 60 }),
  ({ text }) => text,
);
const tokenizer = trainBpe(texts, { vocabSize: 500 });
const TINY = llamaConfig("tiny-64", {
  vocabSize: tokenizer.vocabSize + 4, // rows without a piece
  initializerRange: 0.2, // far from uniform
});
/** llama.cpp keeps keys and values in half precision. */
const HALF = 1.5e-3;
const TOKENIZERS = {
  llama: tokenizer,
  "byte-level": trainBpe(texts, { vocabSize: 500, kind: "byte-level" }),
  "byte-level with groups of digits": trainBpe(texts, {
    vocabSize: 500,
    kind: "byte-level",
    splitDigits: false,
  }),
};
const CONFIGS: [string, LlamaConfig, GgufType, number][] = [
  // The last number is the largest difference of a probability.
  ["f32", TINY, "f32", HALF],
  ["grouped queries, f32", { ...TINY, numKeyValueHeads: 2 }, "f32", HALF],
  ["a tied head, f32", { ...TINY, tieWordEmbeddings: true }, "f32", HALF],
  ["another base, f32", { ...TINY, ropeTheta: 500 }, "f32", HALF],
  [
    "linear rotary scaling, f32",
    { ...TINY, ropeScaling: { type: "linear", factor: 4 } },
    "f32",
    HALF,
  ],
  [
    "llama3 rotary scaling, f32",
    {
      ...TINY,
      ropeScaling: {
        type: "llama3",
        factor: 8,
        lowFreqFactor: 1,
        highFreqFactor: 4,
        originalMaxPositionEmbeddings: 64,
      },
    },
    "f32",
    HALF,
  ],
  ["f16", TINY, "f16", 2e-3],
  ["q8_0", TINY, "q8_0", 2e-2],
  ["q4_0", TINY, "q4_0", 0.3],
];

interface Answer {
  readonly tokens: number[][];
  readonly probabilities: [token: number, probability: number][][];
}

async function askLlamaCpp(
  path: string,
  question: { texts: string[]; prompt: number[] },
): Promise<Answer> {
  const script = join(HERE, "../support/llama_cpp.mjs");
  const { stdout, stderr, success } = await new Deno.Command("node", {
    args: [script, PEERS, path, JSON.stringify(question)],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Our probabilities after each token, (T, V). */
async function ourProbabilities(
  model: Llama,
  prompt: number[],
): Promise<Float64Array[]> {
  const logits = await logitsOf(model, prompt);
  const { vocabSize: V } = model.config;
  return prompt.map((_, t) => softmaxOf(logits.subarray(t * V, (t + 1) * V)));
}

const why = hasLlamaCpp
  ? ""
  : " (skipped: no llama.cpp in .cache/peers; CONTRIBUTING says how)";
for (const [name, config, type, tolerance] of CONFIGS) {
  Deno.test({
    name: `exportGguf() of ${name} gives llama.cpp's probabilities${why}`,
    ignore: !hasLlamaCpp,
    fn: () =>
      inFolder(async (folder) => {
        using device = await openDevice("cpu");
        using model = Llama.create(config, { seed: 5, device });
        const path = join(folder, "model.gguf");
        await exportGguf(path, { model, tokenizer }, { type });
        const samples = [
          "Era uma vez",
          "  dois espaços, e 123 ções!\n",
          "日本 🐈",
        ];
        const prompt = [...tokenizer.encode(texts[0]!, { bos: true })]
          .slice(0, 20);
        const answer = await askLlamaCpp(path, { texts: samples, prompt });
        assert.deepEqual(
          answer.tokens,
          samples.map((text) => [...tokenizer.encode(text)]),
        );
        const ours = await ourProbabilities(model, prompt);
        assert.equal(answer.probabilities.length, prompt.length);
        let largest = 0;
        for (const [t, pairs] of answer.probabilities.entries()) {
          assert.ok(pairs.length > 400);
          for (const [id, p] of pairs) {
            largest = Math.max(largest, Math.abs(p - ours[t]![id]!));
          }
        }
        assert.ok(largest < tolerance, `differs by ${largest}`);
        assert.ok(Math.max(...ours[5]!) > 10 / 500, "far from uniform");
      }),
  });
}

for (const [kind, tokenizer] of Object.entries(TOKENIZERS)) {
  Deno.test({
    name: `exportGguf() of a ${kind} tokenizer gives llama.cpp's ids${why}`,
    ignore: !hasLlamaCpp,
    fn: () =>
      inFolder(async (folder) => {
        using device = await openDevice("cpu");
        using model = Llama.create(TINY, { seed: 5, device });
        const path = join(folder, "model.gguf");
        await exportGguf(path, { model, tokenizer });
        const samples = [
          ...texts.slice(0, 20),
          "Era  uma   vez\n\n um\tgato. ",
          "preço: 1234,56 reais; 7 dias",
          "don't I'LL ção à São",
          "日本 🐈‍⬛ é",
        ];
        const answer = await askLlamaCpp(path, { texts: samples, prompt: [1] });
        const ours = samples.map((text) => [...tokenizer.encode(text)]);
        assert.deepEqual(answer.tokens, ours);
      }),
  });
}

Deno.test("exportGguf() refuses a tokenizer that is too large", async () => {
  using device = await openDevice("cpu");
  using model = Llama.create({ ...TINY, vocabSize: 300 }, { seed: 0, device });
  await inFolder(async (folder) => {
    await assertFails(
      () => exportGguf(join(folder, "x.gguf"), { model, tokenizer }),
      ConfigError,
      /has 500 pieces, the model 300/,
    );
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});
