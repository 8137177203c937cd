/**
 * Items beside the text, solved again from their question alone: sums by
 * reading the numbers back, pronouns and contractions by the tables of gender
 * and number.
 */
import assert from "node:assert/strict";
import { arithmeticItem } from "../../../lib/text/synthetic/arithmetic.ts";
import { coreferenceItem } from "../../../lib/text/synthetic/coreference.ts";
import {
  cliticItem,
  contractionItem,
} from "../../../lib/text/synthetic/function_words.ts";
import { syntheticCorpus } from "../../../lib/text/synthetic/corpus.ts";
import {
  familyOf,
  type SyntheticChoice,
} from "../../../lib/text/synthetic/items.ts";
import { numberWords } from "../../../lib/text/synthetic/numbers.ts";
import { Random } from "../../../lib/util/mod.ts";
import { NOUN_FORMS } from "./grammar.ts";

const LEVELS = [1, 2, 3] as const;
type Make = (random: Random, difficulty: 1 | 2 | 3) => SyntheticChoice;

function items(make: Make, difficulty: 1 | 2 | 3): SyntheticChoice[] {
  const random = new Random(5, `items ${difficulty}`);
  return Array.from({ length: 1500 }, () => make(random, difficulty));
}

const NUMBERS = new Map(
  Array.from({ length: 1000 }, (_, i) => i + 1).flatMap((n) =>
    (["m", "f"] as const).map((gender) => [numberWords(n, gender), n] as const)
  ),
);
const NUMBER = new RegExp(
  `(?<!\\p{L})(${
    [...NUMBERS.keys()].sort((a, b) => b.length - a.length).join("|")
  })(?!\\p{L})`,
  "giu",
);

function numbersIn(text: string): number[] {
  // "cada uma" and "uma nota" count nothing.
  return [...text.replace(/cada uma?|uma nota/g, "").matchAll(NUMBER)]
    .map(([words]) => NUMBERS.get(words.toLowerCase())!);
}

/** Pattern of a problem → its answer from the numbers in order. */
const SOLUTIONS: readonly (readonly [RegExp, (n: number[]) => number])[] = [
  [/nota de cem/, ([x, price, note]) => note! - x! * price!],
  [/o dobro/, ([x]) => 3 * x!],
  [/o triplo/, ([x]) => 4 * x!],
  [/o quádruplo/, ([x]) => 5 * x!],
  [/ comprou .* deu /, ([k, x, m]) => k! * x! - m!],
  [/^Cada /, ([x, k]) => x! * k!],
  [/dividiu/, ([x, k]) => x! / k!],
  [/a mais do que/, ([x, m]) => x! + m!],
  [/a menos do que/, ([x, m]) => x! - m!],
  [/(ganhou|achou) mais|, e /, ([x, m]) => x! + m!],
  [/(deu|perdeu) /, ([x, m]) => x! - m!],
];

Deno.test("arithmeticItem() has the sum for gold, at every difficulty", () => {
  for (const level of LEVELS) {
    const seen = new Set<RegExp>();
    for (const { question, choices, gold } of items(arithmeticItem, level)) {
      const [pattern, solve] = SOLUTIONS.find(([p]) => p.test(question))!;
      seen.add(pattern);
      const told = numbersIn(question);
      assert.deepEqual(numbersIn(choices[gold]!), [solve(told)], question);
      assert.equal(new Set(choices).size, 4);
    }
    assert.ok(seen.size >= 2, `only ${seen.size} kinds of problem`);
  }
});

/** "m" "f" "mp" "fp" of "o banco", by the noun. */
function kindOf(phrase: string): string {
  return NOUN_FORMS.get(phrase.replace(/^(o|a|os|as) /, ""))!;
}
const OF_PRONOUN = new Map(Object.entries({
  o: "m",
  a: "f",
  os: "mp",
  as: "fp",
  lo: "m",
  la: "f",
  los: "mp",
  las: "fp",
  ele: "m",
  ela: "f",
  eles: "mp",
  elas: "fp",
}));

Deno.test("coreferenceItem() has one choice that agrees with the pronoun", () => {
  for (const { question, choices, gold } of items(coreferenceItem, 2)) {
    const pronoun = /-(os?|as?) |, (el[ea]s?) /.exec(question)!;
    const kind = OF_PRONOUN.get(pronoun[1] ?? pronoun[2]!);
    const fitting = choices.filter((choice) => kindOf(choice) === kind);
    assert.deepEqual(fitting, [choices[gold]], question);
  }
});

Deno.test("coreferenceItem() tells two of the choices where sense decides", () => {
  const bySide = [0, 0];
  for (const level of [1, 3] as const) {
    for (const { question, choices, gold } of items(coreferenceItem, level)) {
      assert.equal(new Set(choices).size, 4);
      const at = choices.map((choice) =>
        question.indexOf(choice.replace(/^(o|a) /, ""))
      );
      const told = at.filter((index) => index >= 0);
      assert.ok(told.length >= 2 && at[gold]! >= 0, question);
      bySide[at[gold] === Math.min(...told) ? 0 : 1]!++;
    }
  }
  // Neither "the first" nor "the second" is a good guess: 3000 items, five
  // standard errors of sqrt(3000 / 4) = 27.
  assert.ok(Math.abs(bySide[0]! - bySide[1]!) < 2 * 5 * 27, `${bySide}`);
});

Deno.test("cliticItem() has the pronoun of the noun for gold", () => {
  for (const level of LEVELS) {
    for (const { question, choices, gold } of items(cliticItem, level)) {
      const [, noun] = / (?:ao|às?|aos) (.+)”/.exec(question) ??
        / (?:o|a|os|as) ([\p{L}\- ]+?)(?: a \p{Lu}\p{L}+)?”/u.exec(question)!;
      const kind = NOUN_FORMS.get(noun!)!;
      const words = choices[gold]!.replace(/\.$/, "").split(/[ -]/);
      if (/ lhes? /.test(choices[gold]!)) {
        assert.equal(words.includes("lhes"), kind.endsWith("p"), question);
      } else {
        const pronoun = words.slice(1).find((word) => OF_PRONOUN.has(word))!;
        assert.equal(OF_PRONOUN.get(pronoun), kind, question);
      }
      assert.equal(new Set(choices).size, 4, question);
    }
  }
});

const CONTRACTIONS = [
  "do da dos das",
  "no na nos nas",
  "ao à aos às",
  "pelo pela pelos pelas",
].map((row) => row.split(" "));

Deno.test("contractionItem() has gender, number and preposition right", () => {
  const calls = [/gosta/, /pensou/, /importância/, /interessou/];
  for (const level of LEVELS) {
    for (const { question, choices, gold } of items(contractionItem, level)) {
      const noun = /___ (.+)”/.exec(question)![1]!;
      const place = ["m", "f", "mp", "fp"].indexOf(NOUN_FORMS.get(noun)!);
      const row = calls.findIndex((call) => call.test(question));
      assert.equal(choices[gold], CONTRACTIONS[row]![place], question);
      assert.equal(new Set(choices).size, 4);
    }
  }
});

Deno.test("multipleChoice asks for what the text tells, harder at difficulty 3", () => {
  const wordsOf = (text: string) =>
    text.toLowerCase().match(/[\p{L}-]+/gu) ?? [];
  const small = new Set(
    ("a o as os um uma uns umas ao à aos às em e com para por de do da dos das " +
      "no na nos nas num numa pelo pela na casa há sal que").split(" "),
  );
  const share = LEVELS.map((difficulty) => {
    const corpus = syntheticCorpus({
      seed: 9,
      genres: ["dialogue", "recipe", "news", "letter"],
      difficulty,
      documents: 600,
    });
    let wrong = 0, n = 0;
    for (const { text, multipleChoice } of corpus) {
      const told = new Set(
        wordsOf(text).flatMap((word) => [
          word,
          ...word.split("-"),
        ]),
      );
      const isTold = (choice: string) =>
        wordsOf(choice).every((word) => told.has(word) || small.has(word));
      for (const item of multipleChoice) {
        const { kind, needsStory, choices, gold, question } = item;
        assert.equal(new Set(choices).size, 4, question);
        if (!needsStory || familyOf(kind) !== "comprehension") continue;
        // A feminine may be told in the masculine plural: "os cocos".
        const isFound = isTold(choices[gold]!) || kind === "colour" ||
          isTold(`${choices[gold]}s`);
        assert.ok(isFound, `${question} ${choices[gold]}\n${text}`);
        n++;
        wrong += choices.filter((choice, i) => i !== gold && isTold(choice))
          .length;
      }
    }
    return wrong / (3 * n);
  });
  assert.ok(share[0]! < 0.1 && share[1]! < 0.1, `${share}`);
  assert.ok(share[2]! > 1.5 * share[1]!, `${share}`);
});

Deno.test("familyOf() puts every kind into one of four families", () => {
  const corpus = syntheticCorpus({ seed: 3, difficulty: 2, documents: 500 });
  const families = [...corpus].flatMap(({ multipleChoice }) =>
    multipleChoice.map(({ kind }) => familyOf(kind))
  );
  assert.deepEqual(
    [...new Set(families)].sort(),
    ["agreement", "arithmetic", "comprehension", "coreference"],
  );
});
