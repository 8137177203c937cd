/**
 * The lexicon against grammar books: forms written out by hand, and the rules
 * of Portuguese for gender, plural and conjugation with their exceptions.
 */
import assert from "node:assert/strict";
import * as adjectives from "../../../lib/text/synthetic/adjectives.ts";
import * as animals from "../../../lib/text/synthetic/animals.ts";
import * as arithmetic from "../../../lib/text/synthetic/arithmetic.ts";
import * as food from "../../../lib/text/synthetic/food.ts";
import * as formalRequest from "../../../lib/text/synthetic/letters/formal_request.ts";
import * as championship from "../../../lib/text/synthetic/news/championship.ts";
import * as inauguration from "../../../lib/text/synthetic/news/inauguration.ts";
import * as rescue from "../../../lib/text/synthetic/news/rescue.ts";
import * as people from "../../../lib/text/synthetic/people.ts";
import * as places from "../../../lib/text/synthetic/places.ts";
import * as things from "../../../lib/text/synthetic/things.ts";
import * as town from "../../../lib/text/synthetic/town.ts";
import type { Term } from "../../../lib/text/synthetic/terms.ts";
import { conjugate, VERBS } from "../../../lib/text/synthetic/verbs.ts";

/** All nouns of the lists that are exported. */
const NOUNS: readonly Term[] = [
  animals,
  arithmetic,
  championship,
  food,
  formalRequest,
  inauguration,
  people,
  places,
  rescue,
  things,
  town,
]
  .flatMap((list) => Object.values(list) as unknown[])
  .filter(Array.isArray)
  .flat()
  .filter((term: Term) => term.hasArticle && !term.forms);

function verb(infinitive: string) {
  return VERBS.find((v) => v.infinitive === infinitive)!;
}

Deno.test("the lexicon is large enough for a world", () => {
  const distinct = (terms: readonly Term[]) =>
    new Set(terms.map(({ text }) => text)).size;
  assert.ok(distinct(NOUNS) >= 60, `${distinct(NOUNS)} nouns`);
  assert.ok(VERBS.length >= 60, `${VERBS.length} verbs`);
  assert.ok(distinct(people.CHILDREN) >= 40);
  const adjectiveTerms = Object.values(adjectives).filter(Array.isArray).flat();
  assert.ok(adjectiveTerms.length >= 40);
});

Deno.test("conjugate() keeps the sound of the stem", () => {
  const cases: [string, string, string][] = [
    ["ficar", "fico fica ficamos ficam", "fiquei ficou ficamos ficaram"],
    ["pegar", "pego pega pegamos pegam", "peguei pegou pegamos pegaram"],
    [
      "começar",
      "começo começa começamos começam",
      "comecei começou começamos começaram",
    ],
    [
      "agradecer",
      "agradeço agradece agradecemos agradecem",
      "agradeci agradeceu agradecemos agradeceram",
    ],
    ["correr", "corro corre corremos correm", "corri correu corremos correram"],
    ["abrir", "abro abre abrimos abrem", "abri abriu abrimos abriram"],
    ["fingir", "finjo finge fingimos fingem", "fingi fingiu fingimos fingiram"],
  ];
  for (const [infinitive, present, preterite] of cases) {
    const { present: now, preterite: then } = conjugate(infinitive);
    assert.equal(now.join(" "), present);
    assert.equal(then.join(" "), preterite);
  }
  assert.deepEqual(conjugate("chegar").imperative, ["chegue", "cheguem"]);
  assert.deepEqual(conjugate("vencer").imperative, ["vença", "vençam"]);
  assert.equal(
    conjugate("viver").imperfect.join(" "),
    "vivia vivia vivíamos viviam",
  );
});

Deno.test("VERBS has the irregular verbs as they are", () => {
  const cases: [string, string][] = [
    ["ser", "sou é somos são fui foi fomos foram"],
    ["ir", "vou vai vamos vão fui foi fomos foram"],
    ["estar", "estou está estamos estão estive esteve estivemos estiveram"],
    ["ter", "tenho tem temos têm tive teve tivemos tiveram"],
    ["fazer", "faço faz fazemos fazem fiz fez fizemos fizeram"],
    ["dizer", "digo diz dizemos dizem disse disse dissemos disseram"],
    ["ver", "vejo vê vemos veem vi viu vimos viram"],
    ["vir", "venho vem vimos vêm vim veio viemos vieram"],
    ["querer", "quero quer queremos querem quis quis quisemos quiseram"],
    ["poder", "posso pode podemos podem pude pôde pudemos puderam"],
    ["saber", "sei sabe sabemos sabem soube soube soubemos souberam"],
    ["dar", "dou dá damos dão dei deu demos deram"],
    ["trazer", "trago traz trazemos trazem trouxe trouxe trouxemos trouxeram"],
    ["pôr", "ponho põe pomos põem pus pôs pusemos puseram"],
    ["sair", "saio sai saímos saem saí saiu saímos saíram"],
    ["ouvir", "ouço ouve ouvimos ouvem ouvi ouviu ouvimos ouviram"],
  ];
  for (const [infinitive, forms] of cases) {
    const { present, preterite } = verb(infinitive);
    assert.equal([...present, ...preterite].join(" "), forms);
  }
});

Deno.test("VERBS follows the endings that no verb departs from", () => {
  for (const { infinitive, present, preterite, imperfect } of VERBS) {
    assert.match(present[2], /(mos)$/, infinitive);
    assert.match(present[3], /(m|ão)$/, infinitive);
    assert.match(preterite[2], /mos$/, infinitive);
    assert.match(preterite[3], /ram$/, infinitive);
    assert.equal(imperfect[0], imperfect[1], infinitive);
    assert.match(imperfect[2], /[áéíú].*mos$/, infinitive);
    assert.equal(imperfect[3], `${imperfect[1]}m`, infinitive);
    assert.equal(new Set(preterite).size >= 3, true, infinitive);
  }
  assert.equal(new Set(VERBS.map((v) => v.infinitive)).size, VERBS.length);
});

Deno.test("VERBS has the future of the infinitive, but for four stems", () => {
  const cases: [string, string][] = [
    ["cantar", "cantarei cantará cantaremos cantarão"],
    ["ir", "irei irá iremos irão"],
    ["ser", "serei será seremos serão"],
    ["fazer", "farei fará faremos farão"],
    ["dizer", "direi dirá diremos dirão"],
    ["trazer", "trarei trará traremos trarão"],
    ["pôr", "porei porá poremos porão"],
  ];
  for (const [infinitive, forms] of cases) {
    assert.equal(verb(infinitive).future.join(" "), forms);
  }
});

Deno.test("nouns have the gender that their ending tells", () => {
  // Feminine in -a, masculine otherwise; the rest must be listed.
  const exceptions: Record<string, "m" | "f"> = {
    mãe: "f",
    avó: "f",
    "beira do rio": "f",
    "caminho da escola": "m",
    "guarda-chuva": "m",
    "raquetes": "f",
    "estação de trem": "f",
    "quadra de esportes": "f",
    "farinha de trigo": "f",
    "couve-flor": "f",
    creche: "f",
    semente: "f",
    cinema: "m",
    maçã: "f",
    "farinha de arroz": "f",
    ponte: "f",
    fonte: "f",
    "secretário de obras": "m",
    "bolinhas de gude": "f",
  };
  for (const { text, gender } of NOUNS) {
    const byEnding = /as?$/.test(text) ? "f" : "m";
    assert.equal(gender, exceptions[text] ?? byEnding, text);
  }
});

/** Endings of the plural, the longest first; otherwise "s" is added. */
const PLURALS: readonly (readonly [singular: string, plural: string])[] = [
  ["ão", "ões"],
  ["al", "ais"],
  ["el", "éis"],
  ["il", "is"],
  ["ol", "óis"],
  ["ul", "uis"],
  ["m", "ns"],
  ["r", "res"],
  ["z", "zes"],
  ["", "s"],
];

function pluralOf(word: string): string {
  // "posto de saúde": the first word; "onça-parda", "centro cultural": both.
  const [, head, rest] = /^(\p{L}+)( d[eo]s? .+)$/u.exec(word) ?? [];
  if (head) return pluralOf(head) + rest;
  const [, left, mark, right] = /^(\p{L}+)([ -])(\p{L}+)$/u.exec(word) ?? [];
  if (left) return pluralOf(left) + mark + pluralOf(right!);
  const [singular, plural] = PLURALS.find(([end]) => word.endsWith(end))!;
  return word.slice(0, word.length - singular.length) + plural;
}

Deno.test("adjectives have the forms that their ending tells", () => {
  const invariable = ["rosa", "laranja", "cinza"]; // colours named for things
  const feminineOf = (word: string) =>
    word.replace(/ão$/, "ona").replace(/o$/, "a").replace(/or$/, "ora");
  const all = Object.values(adjectives).filter(Array.isArray).flat()
    .map((item) => (Array.isArray(item) ? item : item.forms!));
  for (const [m, f, ms, fs] of all) {
    const isFixed = invariable.includes(m!);
    assert.deepEqual(
      [f, ms, fs],
      isFixed
        ? [m, m, m]
        : [feminineOf(m!), pluralOf(m!), pluralOf(feminineOf(m!))],
    );
  }
});

Deno.test("nouns have the plural that their ending tells", () => {
  const exceptions: Record<string, string> = {
    "guarda-chuva": "guarda-chuvas",
    "beija-flor": "beija-flores",
    "caminho da escola": "caminhos da escola",
    "rua da feira": "ruas da feira",
  };
  for (const { text, plural } of NOUNS) {
    if (plural === undefined) continue;
    assert.equal(plural, exceptions[text] ?? pluralOf(text), text);
  }
});

Deno.test("adjectiveForms() follows the ending or what is written", () => {
  const { adjectiveForms } = adjectives;
  assert.deepEqual(adjectiveForms("novo"), ["novo", "nova", "novos", "novas"]);
  assert.deepEqual(adjectiveForms("feliz"), [
    "feliz",
    "feliz",
    "felizes",
    "felizes",
  ]);
  assert.deepEqual(adjectiveForms("azul"), ["azul", "azul", "azuis", "azuis"]);
  assert.deepEqual(adjectiveForms("marrom"), [
    "marrom",
    "marrom",
    "marrons",
    "marrons",
  ]);
  assert.deepEqual(adjectiveForms("verde"), [
    "verde",
    "verde",
    "verdes",
    "verdes",
  ]);
  assert.deepEqual(adjectiveForms("sonhador"), [
    "sonhador",
    "sonhadora",
    "sonhadores",
    "sonhadoras",
  ]);
  assert.deepEqual(adjectiveForms("a/b/c/d"), ["a", "b", "c", "d"]);
});
