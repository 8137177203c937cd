/** Sizes of Llamas: presets, counts, Hugging Face's fields, contradictions. */
import assert from "node:assert/strict";
import {
  checkLlamaConfig,
  countParameters,
  fromHuggingFaceConfig,
  LLAMA_PRESETS,
  type LlamaConfig,
  llamaConfig,
  parameterShapes,
  toHuggingFaceConfig,
  trainingFlopsPerToken,
} from "../../lib/model/mod.ts";
import { ConfigError, FormatError, sizeOf } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

Deno.test("presets have the parameters of TeenyTinyLlama", () => {
  // Model cards of TTL; 2 V C + L (4 C² + 3 C I + 2 C) + C by hand.
  assert.equal(countParameters(llamaConfig("ttl-160m")).total, 162_417_408);
  assert.equal(countParameters(llamaConfig("ttl-460m")).total, 468_239_360);
  const parts = countParameters(llamaConfig("ttl-160m"));
  assert.equal(parts.nonEmbedding, 113_265_408);
  // The chat model has two more tokens.
  const chat = llamaConfig("ttl-460m", { vocabSize: 32002 });
  assert.equal(countParameters(chat).total, 468_243_456);
  // TinyLlama 1.1B, whose sizes the third preset has: 1,100,048,384.
  assert.equal(countParameters(llamaConfig("ttl-1.1b")).total, 1_100_048_384);
});

Deno.test("countParameters() counts what parameterShapes() names", () => {
  const configs: LlamaConfig[] = [
    ...Object.values(LLAMA_PRESETS),
    llamaConfig("tiny-64", { tieWordEmbeddings: true, numKeyValueHeads: 2 }),
  ];
  for (const config of configs) {
    const sizes = [...parameterShapes(config).values()].map(sizeOf);
    const total = sizes.reduce((sum, n) => sum + n, 0);
    assert.equal(countParameters(config).total, total);
  }
});

Deno.test("trainingFlopsPerToken() is 6N and the attention", () => {
  const config = llamaConfig("ttl-160m");
  const N = countParameters(config).total - config.vocabSize * 768;
  // By hand: 6 N without the embedding and the norms, and 6 L C T.
  const norms = 25 * 768;
  const byHand = 6 * (N - norms) + 6 * 12 * 768 * 2048;
  assert.equal(trainingFlopsPerToken(config, 2048), byHand);
});

Deno.test("fromHuggingFaceConfig() undoes toHuggingFaceConfig()", () => {
  for (const config of Object.values(LLAMA_PRESETS)) {
    const json = toHuggingFaceConfig(config);
    assert.equal(json.num_key_value_heads, config.numKeyValueHeads);
    assert.deepEqual(fromHuggingFaceConfig(json), config);
  }
});

Deno.test("fromHuggingFaceConfig() refuses what it would compute wrongly", async () => {
  const good = toHuggingFaceConfig(llamaConfig("tiny-64"));
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ model_type: "mistral" }, /model_type is "mistral".*"llama"/],
    [{ hidden_act: "gelu" }, /hidden_act is "gelu"/],
    [{ attention_bias: true }, /attention_bias is true/],
    [{ rope_scaling: { type: "yarn" } }, /rope_scaling is of type "yarn"/],
    [{ hidden_size: "64" }, /hidden_size is "64", wanted a number/],
    [{ vocab_size: undefined }, /vocab_size is undefined/],
    [{ head_dim: 128 }, /head_dim is 128/],
  ];
  for (const [change, text] of cases) {
    const json = { ...good, ...change };
    await assertFails(() => fromHuggingFaceConfig(json), FormatError, text);
  }
  // Old files name no groups; missing constants are those of Llama 2.
  const { num_key_value_heads: _, rope_theta: __, ...old } = good;
  assert.equal(fromHuggingFaceConfig(old).numKeyValueHeads, 4);
  assert.equal(fromHuggingFaceConfig(old).ropeTheta, 10000);
});

Deno.test("checkLlamaConfig() names the sizes that do not fit", async () => {
  const cases: [Partial<LlamaConfig>, RegExp][] = [
    [
      { hiddenSize: 65 },
      /hiddenSize 65 does not divide by numAttentionHeads 4/,
    ],
    [{ hiddenSize: 60, numAttentionHeads: 4 }, /heads of 15.*even/],
    [{ numKeyValueHeads: 3 }, /4 does not divide by numKeyValueHeads 3/],
    [{ numHiddenLayers: 0 }, /numHiddenLayers is 0/],
    [{ vocabSize: 1.5 }, /vocabSize is 1\.5/],
    [{ rmsNormEps: 0 }, /rmsNormEps is 0/],
  ];
  for (const [change, text] of cases) {
    const config = { ...LLAMA_PRESETS["tiny-64"], ...change };
    await assertFails(() => checkLlamaConfig(config), ConfigError, text);
  }
  await assertFails(
    () => llamaConfig("ttl-7b" as "ttl-160m"),
    ConfigError,
    /no|Cannot find the preset "ttl-7b": there are tiny-64/,
  );
});
