/** Pairs of answers: the layouts that they come in, and their tokens. */
import assert from "node:assert/strict";
import {
  type ChatMessage,
  encodePreference,
  preferencesOfRows,
  preferencesOfStories,
} from "../../lib/chat/mod.ts";
import { syntheticCorpus } from "../../lib/text/mod.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { template, tokenizer } from "./tiny_chat.ts";

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

Deno.test("preferencesOfRows() reads texts, lists of messages, and Aira's names", () => {
  const expected = [{
    prompt: [user("Oi?")],
    chosen: "Olá!",
    rejected: "Não.",
  }];
  const rows: Record<string, unknown>[] = [
    { prompt: "Oi?", chosen: "Olá!", rejected: "Não." },
    {
      prompt: [user("Oi?")],
      chosen: [assistant("Olá!")],
      rejected: [assistant("Não.")],
    },
    { // UltraFeedback
      prompt: "Oi?",
      prompt_id: "7",
      chosen: [user("Oi?"), assistant("Olá!")],
      rejected: [user("Oi?"), assistant("Não.")],
      score_chosen: 8,
      score_rejected: 2,
    },
    { // the prompt in the lists only
      chosen: [user("Oi?"), assistant("Olá!")],
      rejected: [user("Oi?"), assistant("Não.")],
    },
    { instruction: "Oi?", chosen_response: "Olá!", rejected_response: "Não." },
    { system: " ", question: "Oi?", chosen: "Olá!", rejected: "Não." },
    {
      chosen: [
        { from: "human", value: "Oi?" },
        { from: "gpt", value: "Olá!" },
      ],
      rejected: [
        { from: "human", value: "Oi?" },
        { from: "gpt", value: "Não." },
      ],
    },
  ];
  for (const row of rows) assert.deepEqual(preferencesOfRows([row]), expected);
  const [told] = preferencesOfRows([{ ...rows[5]!, system: "Seja breve." }]);
  assert.deepEqual(told!.prompt, [
    { role: "system", content: "Seja breve." },
    user("Oi?"),
  ]);
  // Blank answers are for the fine-tuning to leave out and count.
  const [blank] = preferencesOfRows([{ ...rows[0]!, rejected: "" }]);
  assert.equal(blank!.rejected, "");
});

Deno.test("preferencesOfRows() names the row that is no pair, and why", async () => {
  const good = { prompt: "Oi?", chosen: "Olá!", rejected: "Não." };
  const cases: [Record<string, unknown>, RegExp][] = [
    [
      { prompt: "Oi?", chosen: "Olá!" },
      /row 2 as a pair of answers: it has prompt, chosen, wanted prompt, chosen/,
    ],
    [{ ...good, rejected: null }, /wanted prompt, chosen and rejected/],
    [{ ...good, chosen: 7 }, /wanted prompt, chosen and rejected/],
    [{ chosen: "a", rejected: "b" }, /no prompt that ends with what the user/],
    [
      { ...good, chosen: [user("Oi?")] },
      /do not end with what the assistant says/,
    ],
    [
      {
        chosen: [user("Oi?"), assistant("a")],
        rejected: [user("Olá?"), assistant("b")],
      },
      /differ before their last message/,
    ],
  ];
  for (const [row, pattern] of cases) {
    await assertFails(() => preferencesOfRows([good, row]), DataError, pattern);
  }
});

Deno.test("preferencesOfStories() prefers the right answer to a wrong one", () => {
  const stories = [...syntheticCorpus({ seed: 1, documents: 3 })];
  const pairs = preferencesOfStories(stories);
  const items = stories.flatMap(({ multipleChoice }) => multipleChoice);
  assert.equal(pairs.length, items.length);
  const plain = (text: string) => text.toLowerCase().replace(/\.$/, "");
  for (const [i, { prompt, chosen, rejected }] of pairs.entries()) {
    const { question, choices, gold, needsStory } = items[i]!;
    assert.equal(plain(chosen), choices[gold]!.toLowerCase());
    assert.notEqual(plain(rejected), plain(chosen));
    assert.ok(choices.some((c) => c.toLowerCase() === plain(rejected)));
    assert.ok(prompt[0]!.content.includes(question));
    assert.equal(prompt[0]!.content !== question, needsStory);
  }
});

Deno.test("encodePreference() counts the last answer only", () => {
  const prompt: ChatMessage[] = [user("Oi!"), assistant("Olá"), user("Tudo?")];
  const pair = { prompt, chosen: "Tudo bem.", rejected: "Oi" };
  const { chosen, rejected } = encodePreference(pair, { tokenizer, template });
  for (
    const [{ ids, answers }, text] of [
      [chosen, "Tudo bem."],
      [rejected, "Oi"],
    ] as const
  ) {
    const counted = ids.filter((_, i) => answers[i] === 1);
    assert.deepEqual(counted, tokenizer.encode(text, { eos: true }));
    assert.equal(answers.at(-1), 1);
  }
});
