/**
 * Fine-tuning on conversations. A base model of two blocks that has read
 * stories for seconds is taught to write one when it is asked to; requests that
 * it has not seen tell what it learned.
 */
import assert from "node:assert/strict";
import {
  chatBatch,
  ChatSession,
  chatsOfStories,
  ChatTemplate,
  encodeChat,
  TTL_CHAT_TEMPLATE,
  TTL_CHAT_TOKENS,
} from "../../lib/chat/mod.ts";
import { type Device, openDevice } from "../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { noGrad, scoped, tensor } from "../../lib/tensor/mod.ts";
import {
  packDocuments,
  syntheticCorpus,
  type SyntheticStory,
  TokenBatches,
  trainBpe,
} from "../../lib/text/mod.ts";
import {
  type Chat,
  type ChatEpochRecord,
  fineTuneChat,
  type FineTuneChatOptions,
  LoraAdapters,
  resolveTrainConfig,
  train,
} from "../../lib/train/mod.ts";
import { DataError, InterruptedError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const STORIES = [...syntheticCorpus({ seed: 1, documents: 1000 })];
const UNSEEN = [
  ...syntheticCorpus({ seed: 1, documents: 20, split: "heldOut" }),
];
const BASE = trainBpe(STORIES.slice(0, 300).map(({ text }) => text), {
  vocabSize: 600,
});
const tokenizer = BASE.withSpecialTokens(TTL_CHAT_TOKENS);
const template = new ChatTemplate(TTL_CHAT_TEMPLATE, tokenizer);

/** The request to write each story, with the story. */
function writing(stories: readonly SyntheticStory[]): Chat[] {
  return chatsOfStories(stories.map((story) => ({
    ...story,
    instructions: story.instructions.slice(0, 1),
  })));
}

/** A model with fresh weights that can be taught to chat. */
function chatOf(device: Device, hiddenSize: number) {
  const config = llamaConfig("tiny-64", {
    ...{ vocabSize: tokenizer.vocabSize, hiddenSize },
    ...{ intermediateSize: 3 * hiddenSize, maxPositionEmbeddings: 96 },
  });
  const model = Llama.create(config, { seed: 0, device });
  return { model, tokenizer, template };
}

async function epochsOf(
  chat: ReturnType<typeof chatOf>,
  options: FineTuneChatOptions,
): Promise<ChatEpochRecord[]> {
  const records = await Array.fromAsync(fineTuneChat(chat, options));
  return records.filter((record) => record.kind === "epoch");
}

/** Mean loss of the answers, nats per token. */
async function answerLoss(
  chat: ReturnType<typeof chatOf>,
  chats: readonly Chat[],
): Promise<number> {
  const rows = chats.map((messages) => {
    const { ids, answers } = encodeChat(messages, chat);
    return [{ ids: ids.subarray(0, 56), answers: answers.subarray(0, 56) }];
  });
  const form = { padId: tokenizer.padId, rowTokens: 56 };
  const batch = chatBatch(rows, { loss: "answers", ...form });
  const { device } = chat.model;
  const shape = [batch.B, batch.T];
  const of = (ids: Int32Array) =>
    tensor(ids as Int32Array<ArrayBuffer>, { shape, device });
  return await scoped(() =>
    noGrad(() => chat.model.loss(of(batch.inputs), of(batch.targets)).item())
  );
}

Deno.test("fineTuneChat() turns a base model into one that does as it is asked", async () => {
  const chat = chatOf(await openDevice("cpu"), 48);
  using model = chat.model;
  const sizes = { batchSize: 8, contextLength: 64 };
  const knobs = { ...sizes, tokens: 60_000, learningRate: 8e-3 };
  const { vocabSize } = tokenizer;
  const batches = new TokenBatches(packDocuments(STORIES.slice(0, 400), BASE), {
    ...{ ...sizes, vocabSize, seed: 0 },
  });
  const config = resolveTrainConfig(knobs, model.config);
  for await (const _ of train({ model, batches, config }));

  const measure = async () => {
    let titles = 0;
    for (const { instructions } of UNSEEN) {
      const session = new ChatSession(chat);
      const { instruction } = instructions[0]!;
      const answer = session.reply(instruction, { maxTokens: 32 });
      const text = (await Array.fromAsync(answer)).join("");
      if (/^[^\n]{3,60}\n\n[^\n]/.test(text)) titles++;
    }
    const loss = await answerLoss(chat, writing(UNSEEN));
    return { loss, titles: titles / UNSEEN.length };
  };

  const before = await measure();
  const [epoch] = await epochsOf(chat, {
    train: writing(STORIES),
    recipe: {
      ...{ epochs: 1, batchSize: 8, maxTokens: 56 },
      ...{ learningRate: 6e-3, warmupSteps: 20, validationShare: 0.05 },
    },
  });
  const after = await measure();
  console.log("held-out requests before", before, "after", after);
  assert.ok(after.loss < before.loss - 1, "a nat less for each token");
  // Stories have titles; the standard error of a share of 20 is at most 0.11.
  assert.ok(after.titles > before.titles + 0.5, "it begins a story");
  assert.ok(epoch!.isBest);
});

Deno.test("fineTuneChat() with LoRA, packed rows and every kind of loss goes down", async () => {
  const device = await openDevice("cpu");
  const chats = writing(STORIES.slice(0, 48));
  const recipe = { epochs: 2, batchSize: 4, maxTokens: 64, learningRate: 2e-2 };
  const options = { train: chats, recipe: { ...recipe, warmupSteps: 0 } };
  const cases: Omit<FineTuneChatOptions, "train" | "recipe">[] = [
    { packs: true },
    { loss: "text", packs: true },
    { loss: "text and padding" },
  ];
  for (const choice of cases) {
    const chat = chatOf(device, 16);
    using model = chat.model;
    using lora = new LoraAdapters(model);
    const names = ["model.embed_tokens.weight", "lm_head.weight"];
    const frozen = model.parameter("model.norm.weight");
    const epochs = await epochsOf(chat, {
      ...{ ...options, ...choice, lora, alsoTrains: names },
    });
    const [first, second] = epochs.map(({ loss }) => loss);
    assert.ok(second! < first! && first! < Math.log(tokenizer.vocabSize));
    assert.ok((await frozen.data()).every((x) => x === 1));
    assert.ok(frozen.requiresGrad);
  }
});

Deno.test("fineTuneChat() learns the same from packed rows when all fit in one step", async () => {
  const device = await openDevice("cpu");
  const losses = [];
  for (const packs of [false, true]) {
    const chat = chatOf(device, 16);
    using _model = chat.model;
    const question = { role: "user", content: "Oi" };
    const say = (content: string): Chat => [
      question,
      { role: "assistant", content },
    ];
    const all = ["Olá.", "Bom dia.", "Sim.", "O gato."].map(say);
    const recipe = { epochs: 3, batchSize: 99, validationShare: 0.25 };
    const epochs = await epochsOf(chat, {
      ...{ train: all, packs },
      recipe: { ...recipe, learningRate: 1e-3, warmupSteps: 0 },
    });
    losses.push(epochs.at(-1)!.loss);
  }
  // Sums in another order, through three updates of AdamW.
  assertClose(losses[1]!, losses[0]!, { rtol: 1e-4 });
});

Deno.test("fineTuneChat() names what it cannot use, and stops when told", async () => {
  const chat = chatOf(await openDevice("cpu"), 16);
  using _model = chat.model;
  const chats = writing(STORIES.slice(0, 20));
  const lone: Chat = [{ role: "assistant", content: "Oi" }];
  const cases: [FineTuneChatOptions, typeof DataError, RegExp][] = [
    [{ train: [...chats, lone] }, DataError, /roles must alternate/],
    [
      { train: chats, recipe: { maxTokens: 8 } },
      DataError,
      /20 conversations: in none of them is an answer within 8 tokens/,
    ],
    [
      { train: chats, signal: AbortSignal.abort() },
      InterruptedError as typeof DataError,
      /Stopped after step 0 of 15/,
    ],
  ];
  for (const [options, type, pattern] of cases) {
    await assertFails(() => epochsOf(chat, options), type, pattern);
  }
});

Deno.test("fineTuneChat() tells first what it uses, and how many steps", async () => {
  const chat = chatOf(await openDevice("cpu"), 16);
  using _model = chat.model;
  const chats = writing(STORIES.slice(0, 20));
  // Questions of that length leave no room for the answer.
  const long = chats.slice(0, 6).map(([question, ...rest]) => [
    { ...question!, content: question!.content.repeat(30) },
    ...rest,
  ]);
  const told = async (train: readonly Chat[], packs: boolean) => {
    const recipe = { epochs: 2, batchSize: 4, maxTokens: 90 };
    const options = { train, recipe, packs };
    const records = await Array.fromAsync(fineTuneChat(chat, options));
    const [data] = records;
    assert.ok(data?.kind === "data");
    const steps = records.filter(({ kind }) => kind === "step");
    assert.equal(data.steps, steps.length);
    return data;
  };
  const few = await told(chats, false);
  const all = await told([...chats, ...long], false);
  assert.deepEqual(all, { ...few, emptyChats: few.emptyChats + long.length });
  assert.equal(few.chats + few.emptyChats, chats.length);
  const packed = await told(chats, true);
  // All are cut at a row, so that none has room for two.
  assert.equal(packed.steps, few.steps);
});
