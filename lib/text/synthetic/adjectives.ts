/**
 * Portuguese adjectives: the forms by the rules of the ending, and the words
 * that the stories choose from.
 *
 * @module
 */
import { adjectiveTerm, type Forms, type Term } from "./terms.ts";

/**
 * The four forms of an adjective given in the masculine singular. One that goes
 * its own way is written out: "falador/faladora/faladores/faladoras".
 */
export function adjectiveForms(word: string): Forms {
  const written = word.split("/");
  if (written.length === 4) return written as unknown as Forms;
  const stem = word.slice(0, -1);
  if (word.endsWith("o")) return [word, `${stem}a`, `${stem}os`, `${stem}as`];
  if (word.endsWith("or")) return [word, `${word}a`, `${word}es`, `${word}as`];
  let plural = `${word}s`;
  if (word.endsWith("z")) plural = `${word}es`;
  else if (word.endsWith("m")) plural = `${stem}ns`;
  else if (word.endsWith("il")) plural = `${stem}s`;
  else if (word.endsWith("l")) plural = `${stem}is`;
  return [word, word, plural, plural];
}

function terms(words: string): Term[] {
  return words.trim().split(/\s+/).map((word) =>
    adjectiveTerm(adjectiveForms(word))
  );
}

/** Colours of things. */
export const COLOURS = terms(`
  vermelho azul verde amarelo branco preto roxo marrom dourado prateado
  rosa/rosa/rosa/rosa laranja/laranja/laranja/laranja cinza/cinza/cinza/cinza
`);

/** What a child is like. */
export const TRAITS = terms(`
  curioso corajoso gentil esperto alegre tímido paciente teimoso bondoso
  generoso distraído estudioso carinhoso calmo educado sonhador trabalhador
  falante inteligente atento criativo animado sossegado risonho
  brincalhão/brincalhona/brincalhões/brincalhonas
`);

// In the lists that questions ask for no two words mean the same, or a wrong
// answer would be right.

/** How someone feels when a worry is over. */
export const RELIEF = terms(`
  feliz aliviado tranquilo agradecido confiante
`);

/** How someone feels after a success. */
export const JOY = terms(`
  feliz orgulhoso emocionado satisfeito aliviado
`);

/** How someone feels at play. */
export const FUN = terms(`
  alegre animado tranquilo despreocupado distraído
`);

/** What an animal looks or is like, after its name. */
export const LOOKS = terms(`
  velho pequeno enorme magro manso sonolento calado esperto sábio elegante
`);

/** How a hurt animal is when it is found. */
export const STATES = terms(`
  molhado faminto cansado sujo magro assustado encolhido solitário abandonado
`);

/** What a boaster says to be more than anybody else. */
export const BOASTS = terms(`
  rápido forte esperto bonito valente importante famoso
`);

/** Size of a fruit in a recipe. */
export const SIZES = terms(`
  grande médio pequeno
`);

/** What is praised at the market, and of a prize. */
export const QUALITIES = terms(`
  bonito fresco gostoso lindo
`);

/** What a building is when it opens. */
export const NOVELTIES = terms(`
  novo moderno amplo colorido
`);

/** Adjectives and participles that templates name, in the masculine. */
export const NAMED_ADJECTIVES = `
  acordado amigo antigo assustado bonito coitado desanimado grande inteiro
  junto obrigado perdido preocupado quebrado sozinho sujo triste
  fraco pesado largo estreito querido prezado macio preciso caro aberto encontrado
  devolvido inaugurado
`.trim().split(/\s+/).map(adjectiveForms);
