/**
 * People of the stories: children with Brazilian first names, relatives,
 * neighbours.
 *
 * @module
 */
import { type Gender, noun, phrase, phrases, type Term } from "./terms.ts";

function child(name: string, gender: Gender): Term {
  const friend = gender === "f" ? "uma amiga chamada" : "um amigo chamado";
  return {
    ...phrase(name, { parts: { chegada: `${friend} ${name}` } }),
    gender,
  };
}

const GIRLS = `
  Ana Bia Clara Alice Júlia Laura Luísa Maria Marina Helena Sofia Lara Lívia
  Manuela Cecília Isabel Beatriz Rita Teresa Yara Iracema Dandara Jussara
  Camila Letícia Aurora Elisa Nina Olívia Carolina Débora Fernanda Gabriela
  Rosa Tainá Catarina
`.trim().split(/\s+/).map((name) => child(name, "f"));

const BOYS = `
  Pedro João Lucas Miguel Davi Artur Bernardo Heitor Rafael Gabriel Tiago Caio
  Bento Téo Murilo Otávio Raul Vicente Antônio Joaquim Francisco Benício Samuel
  Daniel Felipe Gustavo Henrique Igor Leandro Marcelo Ubirajara Cauã Zeca
  Moacir Raoni Luís
`.trim().split(/\s+/).map((name) => child(name, "m"));

/** Children by name. */
export const CHILDREN: readonly Term[] = [...GIRLS, ...BOYS];

/** How a grown-up comes into a story: "a avó". */
function entrance({ text, gender }: Term): string {
  return `${gender === "f" ? "a" : "o"} ${text}`;
}

function relative(row: string, chamado: string): Term {
  const term = noun(row);
  return { ...term, parts: { chamado, chegada: entrance(term) } };
}

function neighbour(row: string): Term {
  const term = noun(row);
  return { ...term, parts: { chegada: `${entrance(term)} do bairro` } };
}

/** Grown-ups of the family, and what a child calls them. */
export const RELATIVES: readonly Term[] = [
  relative("mãe, mães, f", "mamãe"),
  relative("pai, pais, m", "papai"),
  relative("avó, avós, f", "vovó"),
  relative("avô, avôs, m", "vovô"),
  relative("tia, tias, f", "tia"),
  relative("tio, tios, m", "tio"),
  relative("madrinha, madrinhas, f", "madrinha"),
  relative("padrinho, padrinhos, m", "padrinho"),
];

/** Relatives who live elsewhere, to visit and to write to. */
export const ELDERS = RELATIVES.filter(({ text }) => !/^(mãe|pai)$/.test(text));

/** Grown-ups of the neighbourhood. */
export const NEIGHBOURS: readonly Term[] = [
  neighbour("padeiro, padeiros, m"),
  neighbour("padeira, padeiras, f"),
  neighbour("jardineiro, jardineiros, m"),
  neighbour("jardineira, jardineiras, f"),
  neighbour("carteiro, carteiros, m"),
  neighbour("bibliotecária, bibliotecárias, f"),
  neighbour("sapateiro, sapateiros, m"),
  neighbour("costureira, costureiras, f"),
  neighbour("pescador, pescadores, m"),
  neighbour("professora, professoras, f"),
  neighbour("professor, professores, m"),
  neighbour("marceneiro, marceneiros, m"),
  neighbour("enfermeira, enfermeiras, f"),
  neighbour("bombeiro, bombeiros, m"),
  neighbour("pintora, pintoras, f"),
  neighbour("relojoeiro, relojoeiros, m"),
];

/** Those who know how to heal an animal. */
export const HEALERS: readonly Term[] = [
  neighbour("veterinária, veterinárias, f"),
  neighbour("veterinário, veterinários, m"),
  neighbour("enfermeira, enfermeiras, f"),
  neighbour("farmacêutico, farmacêuticos, m"),
  ...RELATIVES.filter(({ text }) => /^(avó|avô|tia|tio)$/.test(text)),
];

/** Where a child lives. */
export const HOMES = phrases(`
  numa casa perto do rio
  numa rua tranquila
  numa cidade pequena
  no alto de um morro
  numa vila de pescadores
  num prédio de três andares
  numa fazenda antiga
  perto do mar
  numa casa de janelas azuis
  ao lado da estação de trem
  num sítio cheio de mangueiras
  na beira de uma lagoa
  numa casa de madeira
  no centro da cidade
  num bairro cheio de árvores
  em cima de uma padaria
`);

const SINGLE: Readonly<Record<Gender, readonly Term[]>> = {
  m: [noun("menino, meninos, m"), noun("garoto, garotos, m")],
  f: [noun("menina, meninas, f"), noun("garota, garotas, f")],
};
const PAIR = { m: ["irmãos", "gêmeos"], f: ["irmãs", "gêmeas"] } as const;

/** What a hero is, to be said at the start: "menina", "irmãos", "gêmeas". */
export function sortOf(hero: Term): readonly Term[] {
  if (!hero.isPlural) return SINGLE[hero.gender];
  return PAIR[hero.gender].map((text) => ({
    ...hero,
    text,
    hasArticle: true,
    names: [],
  }));
}
