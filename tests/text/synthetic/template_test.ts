/** Templates and agreement, each case written out by hand. */
import assert from "node:assert/strict";
import { adjectiveForms } from "../../../lib/text/synthetic/adjectives.ts";
import { STEP_VOICES } from "../../../lib/text/synthetic/agreement.ts";
import { fill } from "../../../lib/text/synthetic/template.ts";
import {
  adjectiveTerm,
  noun,
  phrase,
  type Term,
  together,
} from "../../../lib/text/synthetic/terms.ts";
import { Random } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";

function person(name: string, gender: "m" | "f"): Term {
  return { ...phrase(name), gender };
}

const CAST = {
  ana: person("Ana", "f"),
  rui: person("Rui", "m"),
  irmas: together([person("Ana", "f"), person("Bia", "f")]),
  casal: together([person("Ana", "f"), person("Rui", "m")]),
  bola: noun("bola, bolas, f"),
  tias: noun("-, tias, f"),
  pai: noun("pai, pais, m"),
  luvas: noun("-, luvas, f"),
  azul: adjectiveTerm(adjectiveForms("azul")),
  preto: adjectiveTerm(adjectiveForms("preto")),
  lugar: phrase("lá", {
    parts: { fazer: "para ver {o @pai}" },
  }),
};

function say(source: string): string {
  return fill(source, { cast: CAST, random: new Random(1, "template test") });
}

/** Template and what it must say. */
const CASES: readonly (readonly [string, string])[] = [
  ["{o @bola}, {um @bola}, {o @luvas}", "a bola, uma bola, as luvas"],
  ["{um @luvas #azul}", "umas luvas azuis"],
  ["{um @bola #preto}, {o @pai #preto}", "uma bola preta, o pai preto"],
  ["{o @bola+ #azul}", "as bolas azuis"],
  [
    "{do @pai} {no @bola} {ao @pai} {pelo @luvas}",
    "do pai na bola ao pai pelas luvas",
  ],
  ["{ao @bola} {ao @tias} {num @bola}", "à bola às tias numa bola"],
  // A name takes no article, and its preposition stands alone.
  [
    "{o @ana} {do @ana} {no @ana} {ao @ana} {pelo @rui}",
    "Ana de Ana em Ana a Ana por Rui",
  ],
  // A pronoun stands for a name and keeps its form.
  ["{o:ana} {ele:casal} {dele:irmas}", "a eles delas"],
  ["{um @casal} {um:irmas}", "dois Ana e Rui duas"],
  [
    "{foi:ana}, {foi:casal}, {estava perdido:irmas}",
    "foi, foram, estavam perdidas",
  ],
  ["{perdi:ana}, {eu perdi:casal}", "perdi, nós perdemos"],
  ["{venha:rui}, {venha:irmas}", "venha, venham"],
  ["{o meu @bola}, {seu @luvas}", "a minha bola, suas luvas"],
  ["{O @bola} e {Ele:irmas}", "A bola e Elas"],
  [
    "{@casal} {junto:casal}, {@irmas} {junto:irmas}",
    "Ana e Rui juntos, Ana e Bia juntas",
  ],
  ["{$lugar.fazer}", "para ver o pai"],
  ["(a)(|)b(c(d))", "abcd"],
  ["{o lo:tias} {lhe:casal} {me:ana} {este @bola}", "as las lhes me esta bola"],
  ["{fará:ana} {fará:casal} {farei:casal}", "fará farão faremos"],
  ["a[2: b][3: c| d]", "a b d"],
];

Deno.test("fill() makes words agree", () => {
  for (const [source, text] of CASES) assert.equal(say(source), text, source);
});

Deno.test("fill() takes each alternative about equally often", () => {
  const random = new Random(2, "alternatives");
  const counts = new Map<string, number>();
  for (let i = 0; i < 3000; i++) {
    const text = fill("(um|{o @bola}|)", { cast: CAST, random });
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), ["", "a bola", "um"]);
  // 1000 each; the standard error is sqrt(3000 * 1/3 * 2/3) = 26.
  for (const n of counts.values()) assert.ok(Math.abs(n - 1000) < 5 * 26);
});

Deno.test("fill() tells more at a higher difficulty", () => {
  const source = "a[2: b[3: {o @bola}]| c]";
  const random = new Random(3, "levels");
  const texts = ([1, 2, 3] as const).map((difficulty) =>
    fill(source, { cast: CAST, random, difficulty })
  );
  assert.deepEqual(texts, ["a c", "a b", "a b a bola"]);
});

Deno.test("fill() says the steps of a recipe in three voices", () => {
  const voices = STEP_VOICES.map((voz) =>
    fill("{*Servir} e {*bater}", {
      cast: { voz },
      random: new Random(4, "voices"),
    })
  );
  assert.deepEqual(voices, [
    "Sirva e bata",
    "Servir e bater",
    "Servimos e batemos",
  ]);
});

Deno.test("fill() says what is wrong with a template", async () => {
  const cases: [string, RegExp][] = [
    ["{oi @bola}", /"oi" is not in the lexicon/],
    ["{o @nada}", /has no part "nada"/],
    ["{o bonito}", /agrees with nothing/],
    ["{o @bola", /wanted "}"/],
    ["o } @bola", /a brace without its partner/],
    ["(um|dois", /wanted "\)"/],
    ["a[4:b]", /wanted "2:" or "3:"/],
    ["a[2:b", /wanted "\]"/],
    ["{*voar}", /"voar" is not among the verbs/],
    ["um|dois", /not inside alternatives/],
    ["{o @casal+}", /"Ana e Rui" has no plural/],
    ["{o @bola #pai}", /"pai" is not an adjective/],
    ["{$lugar.nada}", /lugar has no "nada"/],
  ];
  for (const [source, message] of cases) {
    await assertFails(() => say(source), Error, message);
  }
});
