/** Examples are found by the words of both who speak. */
import assert from "node:assert/strict";
import { ChatExamples } from "../../lib/chat/mod.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

const chat = (asked: string, answered: string) => [
  { role: "user", content: asked },
  { role: "assistant", content: answered },
];
const CHATS = [
  chat("Conte uma história.", "Era uma vez um gato azul."),
  chat("Como se faz um bolo?", "Misture ovos e farinha."),
  chat("Conte uma história.", "Era uma vez um navio."),
];

Deno.test("ChatExamples.nearest() finds conversations by what was said", async () => {
  const examples = new ChatExamples(CHATS);
  const found = examples.nearest(chat("Conte algo", "um gato azul"), 2);
  assert.deepEqual(found.map(({ index }) => index), [0, 2]);
  assert.equal(found[0]!.messages, CHATS[0]);
  assert.ok(found[0]!.similarity > found[1]!.similarity);
  // A conversation is nearest to itself, at an angle of nought.
  const [same] = examples.nearest(CHATS[1]!, 1);
  assert.equal(same!.index, 1);
  assert.ok(Math.abs(same!.similarity - 1) < 1e-12);
  assert.deepEqual(examples.nearest(chat("xyz", "w"), 3), []);
  await assertFails(() => new ChatExamples([]), DataError, /no word/);
});
