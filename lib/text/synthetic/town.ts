/**
 * Words of the genres beside the stories: towns, days and hours, people in
 * office, things that are counted.
 *
 * @module
 */
import { noun, nouns, phrases } from "./terms.ts";

/** Brazilian towns whose name takes no article. */
export const TOWNS = phrases(`
  Olinda
  Belém
  Manaus
  Curitiba
  Salvador
  Fortaleza
  Natal
  Ouro Preto
  Paraty
  Santos
  Campinas
  Londrina
  Joinville
  Petrópolis
  Caruaru
  Sobral
  Pelotas
  Blumenau
  Diamantina
  Palmas
  Cuiabá
  Teresina
  Aracaju
  Maceió
`);

/** Quarters of a town. */
export const QUARTERS = phrases(`
  Boa Vista
  Jardim das Flores
  Vila Nova
  Santa Luzia
  Alto da Serra
  Bela Vista
  Praia Grande
  São José
  Três Marias
  Água Branca
`);

/** Days on which something happened. */
export const PAST_DAYS = phrases(`
  na segunda-feira
  na terça-feira
  na quarta-feira
  na quinta-feira
  na sexta-feira
  no sábado
  no domingo
`);

/** Days on which something will happen. */
export const COMING_DAYS = phrases(`
  no sábado
  no domingo
  no feriado
  na próxima sexta-feira
  amanhã
  depois de amanhã
`);

/** Hours of the day. */
export const HOURS = phrases(`
  às oito da manhã
  às nove e meia
  às dez horas
  ao meio-dia
  às duas da tarde
  às três e quinze
  às quatro da tarde
  às cinco e meia
`);

const MONTHS = (
  "janeiro fevereiro março abril maio junho julho agosto setembro outubro " +
  "novembro dezembro"
).split(" ");

/** Dates at the head of a letter: the 2nd to the 28th of each month. */
export const DATES = phrases(
  MONTHS.flatMap((month) =>
    Array.from({ length: 27 }, (_, i) => `${i + 2} de ${month}`)
  ).join("\n"),
);

/** Who speaks for a town. */
export const OFFICIALS = nouns(`
  prefeita, prefeitas, f
  prefeito, prefeitos, m
  vereadora, vereadoras, f
  vereador, vereadores, m
  governadora, governadoras, f
  governador, governadores, m
  secretária de obras, secretárias de obras, f
  secretário de obras, secretários de obras, m
`);

/** Buildings that everybody knows. */
export const LANDMARKS = nouns(`
  farmácia, farmácias, f
  igreja, igrejas, f
  padaria, padarias, f
  prefeitura, prefeituras, f
  rodoviária, rodoviárias, f
  estação de trem, estações de trem, f
  sorveteria, sorveterias, f
  livraria, livrarias, f
  hospital, hospitais, m
  mercado, mercados, m
  cinema, cinemas, m
  teatro, teatros, m
  hotel, hotéis, m
  banco, bancos, m
  posto de saúde, postos de saúde, m
  quartel dos bombeiros, quartéis dos bombeiros, m
`);

/** Minutes, for durations. */
export const MINUTE = noun("minuto, minutos, m");
/** Days, for durations. */
export const DAY = noun("dia, dias, m");
/** Months, for durations. */
export const MONTH = noun("mês, meses, m");
/** Years, for ages. */
export const YEAR = noun("ano, anos, m");
/** Streets, for ways. */
export const STREET = noun("rua, ruas, f");
/** People, for crowds. */
export const PERSON = noun("pessoa, pessoas, f");
/** Points, for contests. */
export const POINT = noun("ponto, pontos, m");
/** Kilograms. */
export const KILO = noun("quilo, quilos, m");
