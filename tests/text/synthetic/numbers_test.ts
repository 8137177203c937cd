/** Numbers in words against the forms that grammars give. */
import assert from "node:assert/strict";
import { counted, numberWords } from "../../../lib/text/synthetic/numbers.ts";
import { noun } from "../../../lib/text/synthetic/terms.ts";
import { assertFails } from "../../support/assert_close.ts";

const CASES: readonly (readonly [number, string, string?])[] = [
  [0, "zero"],
  [1, "um", "uma"],
  [2, "dois", "duas"],
  [14, "quatorze"],
  [16, "dezesseis"],
  [20, "vinte"],
  [21, "vinte e um", "vinte e uma"],
  [42, "quarenta e dois", "quarenta e duas"],
  [100, "cem"],
  [101, "cento e um", "cento e uma"],
  [110, "cento e dez"],
  [222, "duzentos e vinte e dois", "duzentas e vinte e duas"],
  [500, "quinhentos", "quinhentas"],
  [999, "novecentos e noventa e nove", "novecentas e noventa e nove"],
  [1000, "mil"],
  [1001, "mil e um", "mil e uma"],
  [1100, "mil e cem"],
  [1200, "mil e duzentos", "mil e duzentas"],
  [1210, "mil duzentos e dez", "mil duzentas e dez"],
  [2000, "dois mil", "duas mil"],
  [2025, "dois mil e vinte e cinco", "duas mil e vinte e cinco"],
  [21_000, "vinte e um mil", "vinte e uma mil"],
  [100_000, "cem mil"],
  [345_678, "trezentos e quarenta e cinco mil seiscentos e setenta e oito"],
];

Deno.test("numberWords() writes cardinals in both genders", () => {
  for (const [n, masculine, feminine] of CASES) {
    assert.equal(numberWords(n), masculine);
    if (feminine !== undefined) assert.equal(numberWords(n, "f"), feminine);
  }
});

Deno.test("numberWords() writes different numbers differently", () => {
  for (const gender of ["m", "f"] as const) {
    const all = Array.from(
      { length: 20_000 },
      (_, n) => numberWords(n, gender),
    );
    assert.equal(new Set(all).size, all.length);
  }
});

Deno.test("numberWords() takes whole numbers below a million", async () => {
  for (const n of [-1, 0.5, 1e6, NaN]) {
    await assertFails(() => numberWords(n), Error, /no words for the number/);
  }
});

Deno.test("counted() agrees in gender and number", async () => {
  const cup = noun("xícara, xícaras, f"), luvas = noun("-, luvas, f");
  assert.equal(counted(cup, 1).text, "uma xícara");
  assert.deepEqual(
    [counted(cup, 2).text, counted(cup, 2).isPlural, counted(cup, 2).count],
    ["duas xícaras", true, 2],
  );
  await assertFails(
    () => counted(luvas, 2),
    Error,
    /"luvas" cannot be counted/,
  );
});
