/** Quantized models and several texts on the command line. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openDevice } from "../../../lib/device/mod.ts";
import { Llama, llamaConfig, saveLlama } from "../../../lib/model/mod.ts";
import { saveTokenizer, trainBpe } from "../../../lib/text/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { finishCli, refused, startCli } from "./cli.ts";

Deno.test("generate and export name what is no model, or no folder", () =>
  inFolder(async (cwd) => {
    await Deno.writeTextFile(join(cwd, "a.txt"), "texto");
    await Deno.mkdir(join(cwd, "classes"));
    const config = { architectures: ["LlamaForSequenceClassification"] };
    const path = join(cwd, "classes", "config.json");
    await Deno.writeTextFile(path, JSON.stringify(config));
    await refused(
      ["generate", "a.txt"],
      /Cannot look for a\.txt.run\.json: a\.txt is a file, wanted a folder/,
      { cwd },
    );
    await refused(
      ["export", "classes", "a.txt/x.gguf"],
      /a\.txt.x\.gguf: a\.txt is a file, wanted a folder/,
      { cwd },
    );
    await refused(
      ["generate", "classes"],
      /classes as a language model: it is a classifier; .* classify classes/,
      { cwd },
    );
  }));

Deno.test("generate and eval take --quantize, generate --samples", () =>
  inFolder(async (folder) => {
    const text = "Era uma vez um gato que comia pão.";
    const tokenizer = trainBpe([text], { vocabSize: 290 });
    const model = join(folder, "model");
    {
      using device = await openDevice("cpu");
      const { vocabSize } = tokenizer;
      const config = llamaConfig("tiny-64", { vocabSize, initializerRange: 1 });
      using random = Llama.create(config, { seed: 3, device });
      await saveLlama(model, random);
    }
    await saveTokenizer(model, tokenizer);
    const path = join(folder, "text.txt");
    await Deno.writeTextFile(path, text);
    const run = (...args: string[]) => finishCli(startCli(args));
    const quick = ["--max-tokens", "5", "--quantize"];
    const [sampled, refused, table] = await Promise.all([
      run("generate", model, "Era", "--samples", "2", ...quick, "int4"),
      run("generate", model, "Era", ...quick, "int2"),
      run("eval", model, path, "--quantize", "int8"),
    ]);
    assert.match(sampled.stdout, /^--- 1 ---\nEra[^]*--- 2 ---\nEra/);
    assert.match(sampled.stderr, /prefill: .*; decode: \d+ tokens in/);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /--quantize int2: wanted int8 or int4/);
    const [head, , exact, rounded] = table.stdout.split("\n");
    assert.match(head!, /weights +more perplexity/);
    assert.match(exact!, /float32 +0 %$/);
    assert.match(rounded!, /int8 +-?[\d.e-]+ %$/);
    assert.notEqual(exact!.slice(0, 60), rounded!.slice(0, 60));
  }));
