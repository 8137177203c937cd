/** Exports of quantized folders on the command line. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openDevice } from "../../../lib/device/mod.ts";
import { Llama, llamaConfig, saveLlama } from "../../../lib/model/mod.ts";
import { saveTokenizer, trainBpe } from "../../../lib/text/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { filesIn, output, refused } from "./cli.ts";

Deno.test("export --quantize writes a folder that generate reads", () =>
  inFolder(async (cwd) => {
    const tokenizer = trainBpe(["Era uma vez um gato."], { vocabSize: 280 });
    const model = join(cwd, "model");
    {
      using device = await openDevice("cpu");
      const { vocabSize } = tokenizer;
      const config = llamaConfig("tiny-64", { vocabSize, initializerRange: 1 });
      using random = Llama.create(config, { seed: 3, device });
      await saveLlama(model, random);
    }
    await saveTokenizer(model, tokenizer);
    await output(["export", "model", "small", "--quantize", "int4"], { cwd });
    assert.ok((await filesIn(join(cwd, "small"))).includes("tokenizer.json"));
    const sizeOf = async (folder: string) =>
      (await Deno.stat(join(cwd, folder, "model.safetensors"))).size;
    assert.ok(await sizeOf("small") < 0.3 * await sizeOf("model"));
    const say = ["Era", "--max-tokens", "6", "--temperature", "0"];
    const [small, wanted] = await Promise.all([
      output(["generate", "small", ...say], { cwd }),
      output(["generate", "model", ...say, "--quantize", "int4"], { cwd }),
    ]);
    assert.equal(small, wanted);
    await Promise.all([
      refused(
        ["export", "small", "again", "--quantize", "int8"],
        /quantize the model to int8: ".*" is int4/,
        { cwd },
      ),
      refused(
        ["export", "model", "a.gguf", "--type", "f16", "--quantize", "int8"],
        /a \.gguf file with --quantize int8: wanted --type q8_0 or q4_0/,
        { cwd },
      ),
    ]);
  }));
