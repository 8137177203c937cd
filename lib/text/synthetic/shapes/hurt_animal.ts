/**
 * Someone finds a hurt animal, gets it healed and looks after it.
 *
 * @module
 */
import { JOY, STATES, TRAITS } from "../adjectives.ts";
import { PATIENTS, PET_NAMES } from "../animals.ts";
import { HEALERS, HOMES, sortOf } from "../people.ts";
import { AMBIENCES, WAYS } from "../places.ts";
import { from, hero, HOME_QUESTION, OPENING, type Shape } from "../shape.ts";
import { phrases } from "../terms.ts";

/** How long the healing takes. */
const DELAYS = phrases(`
  dez dias
  duas semanas
  três semanas
  um mês
  dois meses
`);

/** A hurt animal is healed. */
export const hurtAnimal: Shape = {
  name: "hurt animal",
  parts: {
    heroi: hero,
    tipo: (random, cast) => random.pick(sortOf(cast.heroi!)),
    jeito: from(TRAITS),
    moradia: from(HOMES),
    lugar: from(WAYS),
    bicho: from(PATIENTS),
    estado: from(STATES),
    medico: from(HEALERS),
    apelido: from(PET_NAMES),
    demora: from(DELAYS),
    clima: from(AMBIENCES),
    humor: from(JOY),
  },
  title: "({O @bicho} {do @lugar}|{@apelido}|Um amigo para {@heroi})",
  plot: [
    OPENING,
    "(Numa tarde de outono|Certa manhã|Um dia|No fim da tarde), {@heroi} " +
    "{passava:heroi} {pelo @lugar}. {@clima} (De repente,|Foi então que|Nisso,) " +
    "{@heroi} {ouviu:heroi} {$bicho.som}. {Olhou:heroi} em volta e {viu:heroi} " +
    "{um @bicho #estado} {$bicho.ferida}.",
    "(— {Coitado:bicho}! {Vou:heroi} cuidar {dele:bicho} — {disse:heroi} " +
    "{@heroi}.|— Não {tenha:bicho} medo, {eu:heroi} só {quero:heroi} ajudar — " +
    "{disse:heroi} {@heroi}, baixinho.)",
    "Com muito cuidado, {pegou:heroi} {o @bicho}, {usou:heroi} um casaco como " +
    "cobertor e {foi:heroi} procurar {o @medico}.",
    "{O @medico} (examinou|olhou) {o @bicho} com calma, limpou tudo e fez um " +
    "curativo.",
    "— (Não é grave|Vai ficar tudo bem|Logo vai passar) — explicou {o @medico}. " +
    "— Mas {ele:bicho} precisa de {$bicho.comida}, de silêncio e de carinho.",
    "Em casa, {@heroi} {preparou:heroi} {$bicho.cama}. Todos os dias " +
    "({contava:heroi} histórias|{cantava:heroi}) bem baixinho e {trazia:heroi} " +
    "{$bicho.comida}. {Deu:heroi} {ao @bicho} o nome de {@apelido}.",
    "Depois de {@demora}, {@apelido} {$bicho.melhora}. {@heroi} {ficou:heroi} " +
    "{#humor:heroi}.",
    "{$bicho.fim}",
  ],
  summary:
    "{@heroi} {encontrou:heroi} {um @bicho} {$bicho.ferida}, {pediu:heroi} " +
    "ajuda {ao @medico} e {cuidou:heroi} {dele:bicho} por {@demora}.",
  prompt: "(Escreva|Conte|Invente) uma história (curta|infantil) sobre " +
    "{um @tipo #jeito} que {encontra:heroi} {um @bicho} {$bicho.ferida}.",
  questions: [
    {
      kind: "what",
      about: "bicho",
      ask: "Que animal {@heroi} {encontrou:heroi}?",
      answer: "{um @bicho}",
    },
    {
      kind: "where",
      about: "lugar",
      ask: "Por onde {@heroi} {passava:heroi}?",
      answer: "{pelo @lugar}",
    },
    {
      kind: "how",
      about: "bicho",
      ask: "Como {estava:bicho} {o @bicho}?",
      answer: "{$bicho.ferida}",
    },
    {
      kind: "who",
      about: "medico",
      ask: "Quem fez o curativo?",
      answer: "{o @medico}",
    },
    {
      kind: "what",
      about: "apelido",
      ask: "Que nome {@heroi} {deu:heroi} {ao @bicho}?",
      answer: "{@apelido}",
    },
    {
      kind: "what",
      about: "bicho",
      ask: "O que {@apelido} comia?",
      answer: "{$bicho.comida}",
    },
    {
      kind: "when",
      about: "demora",
      ask: "Quanto tempo levou até {@apelido} melhorar?",
      answer: "{@demora}",
    },
    HOME_QUESTION,
    {
      kind: "feeling",
      about: "humor",
      ask: "Como {@heroi} {ficou:heroi} quando {@apelido} melhorou?",
      answer: "{#humor:heroi}",
    },
  ],
  pair: ["bicho", "estado"],
  gap: {
    sentence: "{@heroi} ___ {um @bicho} {$bicho.ferida}",
    verb: "viu",
    subject: "heroi",
  },
};
