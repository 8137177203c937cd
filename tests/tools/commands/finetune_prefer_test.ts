/** Preferences from the command line, on a chat model of one block. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { TTL_CHAT_TOKENS } from "../../../lib/chat/mod.ts";
import { openDevice } from "../../../lib/device/mod.ts";
import { Llama, llamaConfig, saveLlama } from "../../../lib/model/mod.ts";
import { saveTokenizer, trainBpe } from "../../../lib/text/mod.ts";
import { exists } from "../../../lib/util/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { cli, output, refused } from "./cli.ts";

const CHATS = Array.from({ length: 40 }, (_, i) => ({
  instruction: `Diga ${["oi", "sim", "não", "bom dia"][i % 4]}!`,
  output: ["Oi.", "Sim.", "Não.", "Bom dia."][i % 4]!,
}));
const jsonl = (rows: readonly object[]) =>
  rows.map((row) => JSON.stringify(row) + "\n").join("");

/** A folder with a chat model that has learned nothing, and pairs. */
async function prepareChat(cwd: string): Promise<void> {
  const tokenizer = trainBpe(
    CHATS.map(({ instruction, output }) => `${instruction} ${output}`),
    { vocabSize: 290 },
  ).withSpecialTokens(TTL_CHAT_TOKENS);
  const config = llamaConfig("tiny-64", {
    ...{ vocabSize: tokenizer.vocabSize, hiddenSize: 32, numHiddenLayers: 1 },
    ...{ intermediateSize: 64, maxPositionEmbeddings: 48 },
  });
  const device = await openDevice("cpu");
  using model = Llama.create(config, { seed: 0, device });
  await saveLlama(join(cwd, "talker"), model);
  await saveTokenizer(join(cwd, "talker"), tokenizer);
  const texts = CHATS.map(({ instruction, output }, i) => ({
    ...{ prompt: instruction, chosen: output },
    rejected: i === 6 ? output : "Nada.",
  }));
  await Deno.writeTextFile(join(cwd, "pairs.jsonl"), jsonl(texts));
  const column = (name: "prompt" | "chosen" | "rejected") => ({
    ...{ name, data: texts.map((row) => row[name]), type: "STRING" as const },
  });
  const names = ["prompt", "chosen", "rejected"] as const;
  const bytes = parquetWriteBuffer({ columnData: names.map(column) });
  await Deno.writeFile(join(cwd, "pairs.parquet"), new Uint8Array(bytes));
}

Deno.test("caderno finetune prefer teaches which answer is better", () =>
  inFolder(async (cwd) => {
    await prepareChat(cwd);
    const args = ["finetune", "prefer", "talker", "pairs.jsonl"];
    const settings = ["--batch", "4", "--learning-rate", "5e-3"];
    const result = await cli(
      [...args, ...settings, "--epochs", "2", "--out", "better"],
      { cwd },
    );
    assert.equal(result.code, 0, result.stderr);
    assert.match(
      result.stderr,
      /1 of 40 pairs left out: 1 equal \(the first is pair 7\)/,
    );
    assert.match(
      result.stdout,
      /^epoch +loss \(nats\) +chosen reward +rejected reward +margin +accuracy/,
    );
    assert.match(result.stdout, /^ +2 +0\.\d{4} .* 1\.0000 +best so far$/m);
    assert.match(result.stdout, /on 4 held-out pairs; the model before: loss/);
    const path = join(cwd, "better", "results.json");
    const { data, epochs, beta } = JSON.parse(await Deno.readTextFile(path));
    assert.deepEqual(data.unused, [{ pair: 7, reason: "equal" }]);
    assert.ok(beta === 0.7 && epochs[1].loss < Math.LN2);
    await output(["chat", "better", "Diga oi!", "--max-tokens", "2"], { cwd });

    // The same pairs from Parquet, with LoRA.
    const columns = await output([
      ...["finetune", "prefer", "talker", "pairs.parquet", "--out", "other"],
      ...[...settings, "--lora", "--rank", "2"],
    ], { cwd });
    assert.match(columns, /on 4 held-out pairs/);

    const refuse = (more: readonly string[], pattern: RegExp) =>
      refused([...args, "--out", "third", ...more], pattern, { cwd });
    await refuse(["--beta", "0"], /beta 0: wanted a positive number/);
    await refuse(
      ["--synthetic", "5"],
      /give either DATA_FILE or --synthetic N/,
    );
    await refused(
      [...args.with(-1, "chats.parquet"), "--out", "third"],
      /chats\.parquet: there is no such file/,
      { cwd },
    );
    await Deno.writeTextFile(join(cwd, "chats.jsonl"), jsonl(CHATS));
    await refused(
      [...args.with(-1, "chats.jsonl"), "--out", "third"],
      /row 1 as a pair of answers: it has instruction, output, wanted prompt/,
      { cwd },
    );
    assert.ok(!await exists(join(cwd, "third")));
  }));
