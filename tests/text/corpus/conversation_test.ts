/** The forms of rows that data sets have, by hand. */
import assert from "node:assert/strict";
import {
  conversationOf,
  flattenConversation,
} from "../../../lib/text/corpus/conversation.ts";

Deno.test("flattenConversation() puts a blank line between turns, as TTL", () => {
  const turns = [
    { role: "user", text: " Oi?\n" },
    { role: "assistant", text: "" },
    { role: "assistant", text: "Olá." },
  ];
  assert.equal(flattenConversation(turns), "Oi?\n\nOlá.");
});

Deno.test("conversationOf() understands the usual rows", () => {
  const both = [
    { role: "user", text: "Oi?" },
    { role: "assistant", text: "Olá." },
  ];
  const rows: Record<string, unknown>[] = [
    {
      messages: [{ role: "user", content: "Oi?" }, {
        role: "assistant",
        content: "Olá.",
      }],
    },
    { conversations: ["Oi?", "Olá."] },
    { instruction: "Oi?", input: "", output: "Olá." },
    { question: "Oi?", answer: "Olá." },
    { prompt: "Oi?", completion: "Olá.", id: 3 },
  ];
  for (const row of rows) assert.deepEqual(conversationOf(row), both);
  assert.deepEqual(
    conversationOf({
      conversations: [{ from: "human", value: "Oi?" }],
    }),
    [{ role: "human", text: "Oi?" }],
  );
  assert.deepEqual(
    conversationOf({ context: "C", instruction: "I", response: "R" }),
    [{ role: "user", text: "C\n\nI" }, { role: "assistant", text: "R" }],
  );
});

Deno.test("conversationOf() gives nothing for other rows", () => {
  const rows = [
    {},
    { messages: [] },
    { messages: [{ role: "user" }] },
    { messages: [3] },
    { output: "sem pergunta" },
    { instruction: "sem resposta" },
  ];
  for (const row of rows) assert.equal(conversationOf(row), undefined);
});
