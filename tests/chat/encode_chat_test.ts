/** Conversations as tokens: what counts, what is packed, what sees what. */
import assert from "node:assert/strict";
import {
  chatBatch,
  chatsOfRows,
  encodeChat,
  packChats,
  withVocabulary,
} from "../../lib/chat/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { scoped, slice, tensor } from "../../lib/tensor/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { template, tokenizer } from "./tiny_chat.ts";

/** A question with its answer. */
function ask(question: string, answer: string) {
  const messages = [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ];
  return encodeChat(messages, { tokenizer, template });
}

Deno.test("encodeChat() gives Hugging Face's ids, and marks the answers", () => {
  const { ids, answers } = ask("Tudo bem?", "Tudo.");
  const text = "<s><instruction>Tudo bem?</instruction>Tudo.</s>";
  const whole = tokenizer.encode(text, { allowSpecial: true });
  assert.deepEqual(ids, whole);
  const answer = tokenizer.encode("Tudo.", { eos: true });
  assert.deepEqual([...answers], [
    ...new Array(ids.length - answer.length).fill(0),
    ...new Array(answer.length).fill(1),
  ]);
});

Deno.test("chatBatch() counts the answers, the text, or the padding too", () => {
  const chats = [ask("Oi!", "Olá"), ask("Tudo bem?", "Tudo. Tudo. Tudo.")];
  const rows = chats.map((chat) => [chat]);
  const form = { padId: tokenizer.padId, rowTokens: 40 };
  const [short, long] = chats.map(({ ids }) => ids);
  for (const loss of ["answers", "text"] as const) {
    const { inputs, targets, B, T } = chatBatch(rows, { loss, ...form });
    assert.deepEqual([B, T], [2, long!.length - 1]);
    assert.deepEqual(inputs.subarray(T), long!.subarray(0, -1));
    for (const [b, { ids, answers }] of chats.entries()) {
      for (let t = 0; t < T; t++) {
        const counts = t + 1 < ids.length &&
          (loss === "text" || answers[t + 1] === 1);
        assert.equal(targets[b * T + t], counts ? ids[t + 1]! : -100);
      }
    }
  }
  const loss = "text and padding";
  const { inputs, targets, T } = chatBatch(rows, { loss, ...form });
  assert.equal(T, 39);
  // Labels are the inputs, one place on, down to the end of the row.
  assert.deepEqual(inputs.subarray(1, T), targets.subarray(0, T - 1));
  assert.deepEqual(inputs.subarray(0, short!.length), short);
  assert.equal(targets[T - 1], tokenizer.padId);
});

deviceTest("packChats() changes the rows, not the loss", async (device) => {
  const chats = ["Oi!", "Olá, tudo bem?", "Tudo", "bem?"].map((text, i) =>
    ask(text, "Tudo. ".repeat(i + 1))
  );
  const packed = packChats(chats, 48);
  assert.ok(packed.length < chats.length, "several share a row");
  assert.equal(packed.flat().length, chats.length);
  const config = llamaConfig("tiny-64", {
    ...{ vocabSize: tokenizer.vocabSize, hiddenSize: 16, numHiddenLayers: 2 },
    ...{ intermediateSize: 32, maxPositionEmbeddings: 64 },
  });
  using model = Llama.create(config, { seed: 1, device });
  const lossOf = (rows: (typeof chats)[]) => {
    const form = { padId: tokenizer.padId, rowTokens: 48 };
    const batch = chatBatch(rows, { loss: "answers", ...form });
    const { inputs, targets, documents, B, T } = batch;
    const of = (ids: Int32Array<ArrayBuffer>) =>
      tensor(ids, { shape: [B, T], device });
    return scoped(() =>
      model.loss(of(inputs), of(targets), {
        ...(documents && { documents: of(documents) }),
      }).item()
    );
  };
  // Rotary positions are relative and the mask hides the rest: equal but for
  // rounding of angles and sums.
  const alone = await lossOf(chats.map((chat) => [chat]));
  assertClose(await lossOf(packed), alone, { rtol: 1e-5 });
});

Deno.test("chatBatch() refuses the padding of packed rows", async () => {
  const chat = ask("Oi!", "Olá");
  const loss = "text and padding";
  await assertFails(
    () => chatBatch([[chat, chat]], { loss, padId: 3, rowTokens: 99 }),
    ConfigError,
    /padding of packed conversations/,
  );
});

Deno.test("chatsOfRows() reads the usual forms, and names what is none", async () => {
  const expected = [[
    { role: "user", content: "Oi?" },
    { role: "assistant", content: "Olá" },
  ]];
  const rows: Record<string, unknown>[] = [
    { instruction: "Oi?", input: "", output: "Olá" },
    { question: "Oi?", answer: "Olá" },
    {
      conversations: [
        { from: "human", value: "Oi?" },
        { from: "gpt", value: "Olá" },
      ],
    },
    { messages: expected[0] },
  ];
  for (const row of rows) assert.deepEqual(chatsOfRows([row]), expected);
  await assertFails(
    () => chatsOfRows([rows[0]!, { text: "Oi" }]),
    DataError,
    /row 2 as a conversation: it has text, wanted messages/,
  );
  await assertFails(
    () => chatsOfRows([{ messages: [{ role: "user", content: " " }] }]),
    DataError,
    /row 1: what the user says is blank/,
  );
});

deviceTest(
  "withVocabulary() makes room and keeps every old logit",
  async (device) => {
    const config = llamaConfig("tiny-64", {
      ...{ vocabSize: 20, hiddenSize: 16, intermediateSize: 32 },
      ...{ numHiddenLayers: 1, maxPositionEmbeddings: 8 },
    });
    using model = Llama.create(config, { seed: 0, device });
    using larger = await withVocabulary(model, 22);
    assert.equal(larger.config.vocabSize, 22);
    const logits = (of: Llama, V: number) =>
      scoped(() => {
        const ids = tensor(Int32Array.of(1, 5, 7), { shape: [1, 3], device });
        const all = of.forward(ids);
        assert.deepEqual(all.shape, [1, 3, V]);
        return slice(all, 2, { end: 20 }).data();
      });
    // Another width of the product may sum in another order.
    assertClose(await logits(larger, 22), await logits(model, 20), {
      atol: 1e-6,
    });
    await assertFails(
      () => withVocabulary(model, 19),
      ConfigError,
      /of 20 to 19/,
    );
  },
);
