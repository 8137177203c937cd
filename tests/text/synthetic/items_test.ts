/** Items: choices, gold, and whether the text bears the gold out. */
import assert from "node:assert/strict";
import { syntheticCorpus } from "../../../lib/text/synthetic/corpus.ts";
import { capitalize } from "../../../lib/text/synthetic/terms.ts";
import { VERBS } from "../../../lib/text/synthetic/verbs.ts";

const STORIES = [...syntheticCorpus({ seed: 8, documents: 2000 })];
const ITEMS = STORIES.flatMap(({ text, multipleChoice }) =>
  multipleChoice.map((item) => ({ ...item, text }))
);

Deno.test("multipleChoice has four different choices and one gold", () => {
  for (const { choices, gold, question } of ITEMS) {
    assert.equal(new Set(choices).size, 4, question);
    assert.ok(gold >= 0 && gold < 4);
    assert.match(question, /^\p{Lu}.*\?$/u);
  }
});

Deno.test("multipleChoice puts gold in every place equally often", () => {
  const counts = [0, 0, 0, 0];
  for (const { gold } of ITEMS) counts[gold]!++;
  const n = ITEMS.length, error = Math.sqrt(n * 0.25 * 0.75);
  for (const count of counts) assert.ok(Math.abs(count - n / 4) < 5 * error);
});

Deno.test("multipleChoice has every kind", () => {
  const kinds = new Set(ITEMS.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), [
    "agreement",
    "colour",
    "conjugation",
    "feeling",
    "how",
    "plural",
    "what",
    "when",
    "where",
    "who",
  ]);
});

/** Words that an answer may put around what the story says. */
const FUNCTION_WORDS = new Set(
  ("a o as os um uma uns umas ao em e com para por que quem do da dos das de " +
    "no na nos nas num numa pelo pela causa bicho mais ver").split(" "),
);

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}-]+/gu) ?? [];
}

Deno.test("multipleChoice asks for what the story says", () => {
  // Gold is told to the last word. A wrong choice may be told by chance ("perto
  // do mar" by an outing), which happens in about one of 450.
  let wrong = 0, n = 0;
  for (const { text, question, choices, gold, needsStory } of ITEMS) {
    if (!needsStory) continue;
    const told = new Set([...wordsOf(text), ...FUNCTION_WORDS]);
    n++;
    for (const [i, choice] of choices.entries()) {
      const isTold = wordsOf(choice).every((word) => told.has(word));
      if (i === gold) assert.ok(isTold, `${question} ${choice}\n${text}`);
      else if (isTold) wrong++;
    }
  }
  assert.ok(wrong / (3 * n) < 0.005, `${wrong} of ${3 * n} wrong ones are`);
});

Deno.test("questions have the gold choice for an answer", () => {
  for (const { questions, multipleChoice } of STORIES) {
    for (const [i, { question, answer }] of questions.entries()) {
      const item = multipleChoice[i]!;
      assert.equal(item.question, question);
      assert.equal(answer, `${capitalize(item.choices[item.gold]!)}.`);
    }
  }
});

Deno.test("conjugation items have the person of the subject for gold", () => {
  const plural = new Set(VERBS.map((verb) => verb.preterite[3]));
  for (const { kind, question, choices, gold } of ITEMS) {
    if (kind !== "conjugation") continue;
    const subject = question.slice(question.indexOf("“") + 1).split(" ___")[0]!;
    assert.equal(plural.has(choices[gold]!), subject.includes(" e "), question);
    assert.equal(choices.filter((choice) => plural.has(choice)).length, 1);
  }
});

Deno.test("agreement and plural items differ from gold in one thing at least", () => {
  for (const { kind, choices, gold } of ITEMS) {
    if (kind !== "agreement" && kind !== "plural") continue;
    const [article, ...rest] = choices[gold]!.split(" ");
    for (const [i, choice] of choices.entries()) {
      if (i === gold) continue;
      const [other, ...others] = choice.split(" ");
      assert.ok(other !== article || others.join() !== rest.join());
    }
    if (kind === "plural") assert.match(article!, /^[oa]s$/);
  }
});

Deno.test("instructions hold a request, a summary and an answer", () => {
  for (const { text, instructions, questions } of STORIES.slice(0, 200)) {
    const [write, sum, answer] = instructions;
    assert.equal(write!.response, text);
    assert.match(write!.instruction, /^(Escreva|Conte|Invente) uma .*\.$/);
    assert.ok(sum!.instruction.endsWith(text));
    assert.match(sum!.response, /^\p{Lu}[^.]*\.$/u);
    const asked = questions.find(({ question }) =>
      answer!.instruction.includes(question)
    );
    assert.equal(answer!.response, asked!.answer);
  }
});
