/** Scaled rotary frequencies against the branches of transformers' code. */
import assert from "node:assert/strict";
import { ropeTable } from "../../lib/kernels/mod.ts";
import {
  checkLlamaConfig,
  fromHuggingFaceConfig,
  llamaConfig,
  type RopeScaling,
  toHuggingFaceConfig,
} from "../../lib/model/mod.ts";
import { ropeScale } from "../../lib/model/rope_scaling.ts";
import { ConfigError, FormatError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

/** Llama 3.2 1B. */
const LLAMA3 = {
  type: "llama3",
  factor: 32,
  lowFreqFactor: 1,
  highFreqFactor: 4,
  originalMaxPositionEmbeddings: 8192,
} as const;

/** By wavelengths, in three branches, as `_compute_llama3_parameters`. */
function llama3ByWavelength(frequency: number): number {
  const wavelength = 2 * Math.PI / frequency;
  if (wavelength < 8192 / 4) return frequency;
  if (wavelength > 8192 / 1) return frequency / 32;
  const smooth = (8192 / wavelength - 1) / (4 - 1);
  return (1 - smooth) * frequency / 32 + smooth * frequency;
}

Deno.test("ropeScale() of llama3 keeps fast waves and stretches slow ones", () => {
  const frequencies = Array.from({ length: 32 }, (_, j) => 5e5 ** (-j / 32));
  const scale = ropeScale(LLAMA3);
  assertClose(
    frequencies.map(scale),
    frequencies.map(llama3ByWavelength),
    { rtol: 1e-14 }, // the same sum in another order
  );
  const branches = frequencies.map((f) => scale(f) / f);
  assert.equal(branches[0], 1);
  assert.equal(branches.at(-1), 1 / 32);
  assert.ok(branches.some((share) => share > 1 / 32 && share < 1));
});

Deno.test("ropeScale() of linear squeezes positions together", () => {
  const plain = ropeTable(10, 8, 10000);
  const scale = ropeScale({ type: "linear", factor: 2 });
  const scaled = ropeTable(20, 8, 10000, scale);
  for (let t = 0; t < 10; t++) {
    assert.deepEqual(
      scaled.subarray(2 * t * 8, (2 * t + 1) * 8),
      plain.subarray(t * 8, (t + 1) * 8),
    );
  }
  assert.deepEqual(ropeTable(10, 8, 10000, ropeScale(null)), plain);
});

Deno.test("rope_scaling goes to config.json and back", async () => {
  for (
    const ropeScaling of [
      null,
      { type: "linear", factor: 1.5 },
      LLAMA3,
    ] as RopeScaling[]
  ) {
    const config = llamaConfig("tiny-64", { ropeScaling });
    const json = JSON.parse(JSON.stringify(toHuggingFaceConfig(config)));
    assert.deepEqual(fromHuggingFaceConfig(json), config);
  }
  const json = toHuggingFaceConfig(llamaConfig("tiny-64"));
  const read = (rope_scaling: unknown) =>
    fromHuggingFaceConfig({ ...json, rope_scaling }).ropeScaling;
  assert.deepEqual(read({ type: "linear", factor: 2 }), {
    type: "linear",
    factor: 2,
  });
  assert.equal(read({ rope_type: "default" }), null);
  const wrong: [unknown, RegExp][] = [
    [
      { rope_type: "yarn", factor: 4 },
      /of type "yarn": only linear and llama3/,
    ],
    [{ type: "linear" }, /has factor undefined, wanted a number/],
    [{ rope_type: "llama3", factor: 8 }, /has low_freq_factor undefined/],
  ];
  for (const [value, text] of wrong) {
    await assertFails(() => read(value), FormatError, text);
  }
});

Deno.test("checkLlamaConfig() refuses rotary factors that make no sense", async () => {
  const cases: [RopeScaling, RegExp][] = [
    [{ type: "linear", factor: 0.5 }, /factor is 0\.5, not at least 1/],
    [{ ...LLAMA3, lowFreqFactor: 5 }, /5 and highFreqFactor 4 do not rise/],
    [{ ...LLAMA3, originalMaxPositionEmbeddings: 0 }, /Embeddings is 0/],
  ];
  const tiny = llamaConfig("tiny-64");
  for (const [ropeScaling, text] of cases) {
    const wrong = { ...tiny, ropeScaling };
    await assertFails(() => checkLlamaConfig(wrong), ConfigError, text);
  }
});
