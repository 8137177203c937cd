/**
 * Templates: Portuguese with holes, compiled once and filled many times.
 *
 * - `(um|outro)` one of the alternatives, drawn anew each time; may be empty
 * - `{o @coisa #cor}` words around a part of the story, which agree with it;
 *   `#cor` is a part that is an adjective, `@coisa+` the noun in the plural
 * - `{foi feliz:heroi}` words that agree with a part that is not written there
 * - `{*misturar}` the verb of a step in the voice of the part `voz`
 * - `{$lugar.fazer}` a template that belongs to a part
 * - `[2:longer|shorter]` what is told from difficulty 2 on, and what below it,
 *   which is nothing when left out
 *
 * A slot whose first letter is a capital comes out with one.
 *
 * @module
 */
import { invariant, type Random } from "../../util/mod.ts";
import { agree, findWord, stepForm } from "./agreement.ts";
import { capitalize, formIndex, type Term } from "./terms.ts";
import { VERBS } from "./verbs.ts";

/** Who and what plays which part, by the name that templates use. */
export type Cast = Readonly<Record<string, Term>>;

/**
 * How hard a document and its items are: 1 is short and plain, 2 usual, 3 long,
 * with wrong answers taken from the text itself.
 */
export type SyntheticDifficulty = 1 | 2 | 3;

/** What a template is filled with. */
export interface Telling {
  readonly cast: Cast;
  /** Chooses among alternatives. */
  readonly random: Random;
  /** How hard the text is to be, 1 to 3 (default 2). */
  readonly difficulty?: SyntheticDifficulty;
}

/** A compiled template. */
type Template = (telling: Telling) => string;

const compiled = new Map<string, Template>();

/**
 * Fills a template, which is compiled the first time.
 *
 * @throws {Error} internal, when it names an unknown word or part
 */
export function fill(source: string, telling: Telling): string {
  let template = compiled.get(source);
  if (!template) compiled.set(source, template = compile(source));
  return template(telling);
}

function compile(source: string): Template {
  let at = 0;
  const fail = (reason: string): never => {
    throw new Error(`Internal: template "${source}", ${at}: ${reason}`);
  };
  /** Up to "|", ")", "]" or the end, none of which it takes. */
  const parseSequence = (): Template => {
    const parts: (string | Template)[] = [];
    while (at < source.length && !/[|)\]]/.test(source[at]!)) {
      if (source[at] === "(") parts.push(parseAlternatives());
      else if (source[at] === "[") parts.push(parseLevels());
      else if (source[at] === "{") parts.push(parseSlot());
      else {
        const text = /^[^{}()[\]|]+/.exec(source.slice(at))?.[0] ??
          fail("a brace without its partner");
        parts.push(text);
        at += text.length;
      }
    }
    return joinParts(parts);
  };
  const parseAlternatives = (): Template => {
    const options: Template[] = [];
    do {
      at++; // "(" or "|"
      options.push(parseSequence());
    } while (source[at] === "|");
    if (source[at] !== ")") fail('wanted ")"');
    at++;
    return (telling) => telling.random.pick(options)(telling);
  };
  const parseLevels = (): Template => {
    const level = Number(/^\[([23]):/.exec(source.slice(at))?.[1]);
    if (!level) fail('wanted "2:" or "3:" after "["');
    at += 3;
    const from = parseSequence();
    let below: Template = () => "";
    if (source[at] === "|") {
      at++;
      below = parseSequence();
    }
    if (source[at] !== "]") fail('wanted "]"');
    at++;
    return (telling) =>
      ((telling.difficulty ?? 2) >= level ? from : below)(telling);
  };
  const parseSlot = (): Template => {
    const end = source.indexOf("}", at);
    if (end < 0) fail('wanted "}"');
    const slot = source.slice(at + 1, end);
    at = end + 1;
    if (slot.startsWith("*")) return compileStep(slot.slice(1));
    return slot.startsWith("$") ? compileOwned(slot) : compileAgreement(slot);
  };
  const template = parseSequence();
  return at === source.length ? template : fail("not inside alternatives");
}

function joinParts(parts: readonly (string | Template)[]): Template {
  if (parts.length === 1 && typeof parts[0] === "function") return parts[0];
  return (telling) => {
    let text = "";
    for (const part of parts) {
      text += typeof part === "string" ? part : part(telling);
    }
    return text;
  };
}

function partOf(cast: Cast, name: string): Term {
  const term = cast[name];
  invariant(term, () => `the story has no part "${name}"`);
  return term;
}

/** `{$lugar.fazer}`. */
function compileOwned(slot: string): Template {
  const [name, key] = slot.slice(1).split(".");
  return (telling) => {
    const source = partOf(telling.cast, name!).parts?.[key!];
    invariant(source !== undefined, () => `${name} has no "${key}"`);
    return fill(source, telling);
  };
}

/** `{*misturar}`. */
function compileStep(word: string): Template {
  const infinitive = word.toLowerCase();
  const verb = VERBS.find((known) => known.infinitive === infinitive);
  invariant(verb, () => `"${infinitive}" is not among the verbs`);
  return ({ cast }) => {
    const form = stepForm(verb, partOf(cast, "voz").text);
    return word === infinitive ? form : capitalize(form);
  };
}

/** The noun in the plural, as a term. */
function inPlural(term: Term): Term {
  invariant(term.plural, () => `"${term.text}" has no plural`);
  return { ...term, text: term.plural, isPlural: true };
}

/** `{o @coisa #cor}` and `{foi feliz:heroi}`. */
function compileAgreement(slot: string): Template {
  const [before, after] = slot.split(":");
  const tokens = before!.split(" ");
  const target = after ?? tokens.find((token) => token.startsWith("@"));
  invariant(target, () => `slot "${slot}" agrees with nothing`);
  const isPlural = target.endsWith("+");
  const name = target.replace(/^@|\+$/g, "");
  const head = after === undefined
    ? tokens.findIndex((token) => token.startsWith("@"))
    : -1;
  const words = tokens.map((token) => {
    if (/^[@#]/.test(token)) return token.slice(1);
    const word = findWord(token.toLowerCase());
    invariant(word, () => `slot "${slot}": "${token}" is not in the lexicon`);
    return word;
  });
  const isCapital = /^\p{Lu}/u.test(before!);
  return ({ cast }) => {
    const role = partOf(cast, name);
    const term = isPlural ? inPlural(role) : role;
    let text = "";
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      let form: string;
      if (i === head) form = term.text;
      else if (typeof word !== "string") {
        form = agree(word, term, { isBefore: i < head });
      } else {
        const { forms } = partOf(cast, word);
        invariant(forms, () => `part "${word}" is not an adjective`);
        form = forms[formIndex(term.gender, term.isPlural)];
      }
      if (form !== "") text += text === "" ? form : ` ${form}`;
    }
    return isCapital ? capitalize(text) : text;
  };
}
