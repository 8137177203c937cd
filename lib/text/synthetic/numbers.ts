/**
 * Portuguese cardinal numbers in words, which agree in gender with what they
 * count (duas, vinte e uma, duzentas), and counted nouns. "E" joins the parts
 * as grammars have it: cento e vinte e um; mil duzentos e dez; mil e duzentos.
 *
 * @module
 */
import { invariant } from "../../util/mod.ts";
import { type Gender, noun, type Term } from "./terms.ts";

const SMALL = (
  "zero um dois três quatro cinco seis sete oito nove dez onze doze treze " +
  "quatorze quinze dezesseis dezessete dezoito dezenove"
).split(" ");
const TENS = "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa"
  .split(" ");
const HUNDREDS = (
  "cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos " +
  "oitocentos novecentos"
).split(" ");

/** 1 to 999, masculine. */
function belowThousand(n: number): string {
  if (n === 100) return "cem";
  const words: string[] = [];
  if (n >= 100) words.push(HUNDREDS[Math.floor(n / 100) - 1]!);
  const rest = n % 100;
  if (rest >= 20) {
    words.push(TENS[Math.floor(rest / 10) - 2]!);
    if (rest % 10 > 0) words.push(SMALL[rest % 10]!);
  } else if (rest > 0) words.push(SMALL[rest]!);
  return words.join(" e ");
}

function feminine(words: string): string {
  return words.replace(/(?<!\p{L})um$/u, "uma")
    .replace(/(?<!\p{L})dois$/u, "duas").replace(/entos(?!\p{L})/u, "entas");
}

/**
 * A whole number of 0 to 999,999 in words: 21 is "vinte e um", of feminine
 * things "vinte e uma".
 *
 * @throws {Error} internal, when the number is not one of these
 */
export function numberWords(n: number, gender: Gender = "m"): string {
  invariant(
    Number.isInteger(n) && n >= 0 && n < 1e6,
    () => `no words for the number ${n}`,
  );
  if (n === 0) return SMALL[0]!;
  const agree = (words: string) => gender === "f" ? feminine(words) : words;
  const thousands = Math.floor(n / 1000), rest = n % 1000;
  const small = rest === 0 ? "" : agree(belowThousand(rest));
  if (thousands === 0) return small;
  const large = thousands === 1
    ? "mil"
    : `${agree(belowThousand(thousands))} mil`;
  if (rest === 0) return large;
  return large + (rest <= 100 || rest % 100 === 0 ? " e " : " ") + small;
}

/** So many of a thing: "uma xícara", "duas xícaras"; `count` is the number. */
export function counted(thing: Term, count: number): Term {
  const { gender, plural, text } = thing;
  invariant(plural, () => `"${text}" cannot be counted`);
  return {
    text: `${numberWords(count, gender)} ${count === 1 ? text : plural}`,
    gender,
    isPlural: count !== 1,
    hasArticle: false,
    names: [],
    count,
  };
}

/** Reais, for prices. */
export const REAL = noun("real, reais, m");
