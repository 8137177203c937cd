/**
 * Sessions: they stream, remember, forget what no longer fits, stop, and read
 * nothing twice.
 */
import assert from "node:assert/strict";
import {
  ChatSession,
  encodeChat,
  TTL_CHAT_SAMPLING,
} from "../../lib/chat/mod.ts";
import { type Device, openDevice } from "../../lib/device/mod.ts";
import {
  commonStart,
  generate,
  Llama,
  llamaConfig,
} from "../../lib/model/mod.ts";
import { DataError, InterruptedError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { template, tokenizer } from "./tiny_chat.ts";

/** A model that has learned nothing: what it says is noise, but the same. */
function chatOf(device: Device, context = 128) {
  const config = llamaConfig("tiny-64", {
    ...{ vocabSize: tokenizer.vocabSize, hiddenSize: 16, numHiddenLayers: 1 },
    ...{ intermediateSize: 32, maxPositionEmbeddings: context },
    initializerRange: 0.5,
  });
  const model = Llama.create(config, { seed: 3, device });
  return { model, tokenizer, template };
}

const HOW = { ...TTL_CHAT_SAMPLING, maxTokens: 12, seed: 1 };

Deno.test("ChatSession.reply() streams what the model says after the question", async () => {
  const chat = chatOf(await openDevice("cpu"));
  using model = chat.model;
  using session = new ChatSession(chat);
  const pieces = await Array.fromAsync(session.reply("Oi!", HOW));
  const question = { role: "user", content: "Oi!" };
  const { ids } = encodeChat([question], chat);
  const stopIds = tokenizer.model.specialIds;
  const said = await Array.fromAsync(generate(model, ids, { ...HOW, stopIds }));
  assert.ok(pieces.length > 1);
  assert.equal(pieces.join(""), tokenizer.decode(said));
  assert.deepEqual(session.messages, [
    question,
    { role: "assistant", content: pieces.join("") },
  ]);
});

Deno.test("ChatSession.reply() forgets the oldest turns when the context is full", async () => {
  const chat = chatOf(await openDevice("cpu"), 64);
  using _model = chat.model;
  using session = new ChatSession(chat);
  for (let turn = 0; turn < 4; turn++) {
    await Array.fromAsync(session.reply("Oi! Tudo bem?", HOW));
  }
  assert.ok(session.forgotten > 0);
  assert.equal(session.forgotten + session.messages.length, 8);
  assert.equal(session.messages[0]!.role, "user");
  const before = session.messages;
  await assertFails(
    () => Array.fromAsync(session.reply("Oi! ".repeat(99), HOW)),
    DataError,
    /Cannot answer a message of \d+ tokens: the context of 64 leaves room for 52/,
  );
  assert.deepEqual(session.messages, before);
});

Deno.test("ChatSession.reply() remembers an answer that is stopped as far as it came", async () => {
  const chat = chatOf(await openDevice("cpu"));
  using _model = chat.model;
  using session = new ChatSession(chat);
  const controller = new AbortController();
  let heard = "";
  const { signal } = controller;
  await assertFails(
    async () => {
      for await (const piece of session.reply("Oi!", { ...HOW, signal })) {
        heard += piece;
        controller.abort();
      }
    },
    InterruptedError,
    /Stopped after/,
  );
  assert.ok(heard !== "");
  assert.equal(session.messages.at(-1)!.content, heard);
});

/** Counts the tokens that a model reads. */
function countTokens(model: Llama): { tokens: number } {
  const counted = { tokens: 0 };
  const forward = model.forward.bind(model);
  model.forward = (ids, options) => {
    counted.tokens += ids.size;
    return forward(ids, options);
  };
  return counted;
}

// deviceTest sees to it that the session frees what it holds.
deviceTest(
  "ChatSession.reply() reads only what is new, and says the same",
  async (device) => {
    const chat = chatOf(device, 256);
    using model = chat.model;
    using session = new ChatSession(chat);
    const counted = countTokens(model);
    const stopIds = tokenizer.model.specialIds;
    let read: number[] = [];
    let saved = 0;
    for (const question of ["Oi!", "Tudo bem?", "Olá, Oi!"]) {
      const asked = [...session.messages, { role: "user", content: question }];
      const { ids } = encodeChat(asked, chat);
      const said = await Array.fromAsync(
        generate(model, ids, { ...HOW, stopIds }),
      );
      const alone = counted.tokens;
      counted.tokens = 0;
      const pieces = await Array.fromAsync(session.reply(question, HOW));
      // Rounding differs with the rows of a product by some 1e-6 of a logit;
      // the tokens of this seed are the same.
      assert.equal(pieces.join(""), tokenizer.decode(said));
      const known = commonStart(read, ids);
      assert.equal(counted.tokens, alone - known);
      saved += known;
      counted.tokens = 0;
      read = [...ids, ...said];
    }
    // Noise does not spell as the tokenizer does: of its answers little is
    // known, of the questions before them all.
    assert.ok(saved > 2 * 8, `${saved}`);
  },
);

deviceTest(
  "ChatSession frees its cache, and goes on without it",
  async (device) => {
    const chat = chatOf(device);
    using _model = chat.model;
    const { liveBuffers } = device.memory();
    const session = new ChatSession(chat);
    await Array.fromAsync(session.reply("Oi!", HOW));
    assert.ok(device.memory().liveBuffers > liveBuffers);
    session[Symbol.dispose]();
    assert.equal(device.memory().liveBuffers, liveBuffers);
    await Array.fromAsync(session.reply("Oi!", HOW));
    assert.equal(session.messages.length, 4);
    session[Symbol.dispose]();
  },
);
