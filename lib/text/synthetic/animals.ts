/**
 * Animals of the stories: those that are found hurt, those that talk.
 *
 * @module
 */
import { noun, phrases, type Term } from "./terms.ts";

interface Patient {
  readonly som: string;
  readonly ferida: string;
  readonly comida: string;
  readonly cama: string;
  readonly melhora: string;
  readonly isWild: boolean;
}

function patient(
  row: string,
  { isWild, ...parts }: Patient,
): Term {
  const fim = isWild
    ? "Numa manhã de sol, {@heroi} {abriu:heroi} a porta, e {o @bicho} voltou " +
      "para a natureza. Mas, de vez em quando, {@apelido} ainda aparecia por " +
      "ali para dizer bom-dia."
    : "{@apelido} não foi mais embora e passou a dormir ao pé da cama.";
  return noun(row, { parts: { ...parts, fim } });
}

/** Animals that are found hurt, and what heals them. */
export const PATIENTS: readonly Term[] = [
  patient("gatinho, gatinhos, m", {
    som: "um miado fraco",
    ferida: "com o rabo machucado",
    comida: "leite morno",
    cama: "uma cama com uma caixa e um cobertor velho",
    melhora: "já corria atrás de um novelo de lã",
    isWild: false,
  }),
  patient("cachorrinho, cachorrinhos, m", {
    som: "um choro baixinho",
    ferida: "com um espinho na pata",
    comida: "ração e água fresca",
    cama: "uma cama com um travesseiro antigo",
    melhora: "já abanava o rabo e latia de alegria",
    isWild: false,
  }),
  patient("passarinho, passarinhos, m", {
    som: "um pio fraquinho",
    ferida: "com uma asa machucada",
    comida: "sementes e água",
    cama: "um ninho de palha dentro de uma cesta",
    melhora: "já voava em volta da lâmpada",
    isWild: true,
  }),
  patient("coelhinho, coelhinhos, m", {
    som: "um barulho nas folhas",
    ferida: "com a orelha arranhada",
    comida: "folhas de couve",
    cama: "uma toca de papelão cheia de feno",
    melhora: "já pulava pela casa toda",
    isWild: false,
  }),
  patient("tartaruga, tartarugas, f", {
    som: "um ruído estranho",
    ferida: "com um fio enrolado na pata",
    comida: "pedaços de mamão",
    cama: "um cantinho com terra e água",
    melhora: "já passeava devagar pelo corredor",
    isWild: true,
  }),
  patient("coruja, corujas, f", {
    som: "um pio triste",
    ferida: "com um olho inchado",
    comida: "carne picada",
    cama: "um poleiro num quarto escuro",
    melhora: "já enxergava até uma formiga no escuro",
    isWild: true,
  }),
  patient("patinho, patinhos, m", {
    som: "um grasnido rouco",
    ferida: "com o pé preso numa lata",
    comida: "milho amolecido",
    cama: "uma bacia com palha no fundo",
    melhora: "já nadava no tanque sem parar",
    isWild: false,
  }),
  patient("beija-flor, beija-flores, m", {
    som: "um zumbido fraco",
    ferida: "com o peito arranhado",
    comida: "água com açúcar",
    cama: "um ninho de algodão numa caixinha",
    melhora: "já parava no ar como um helicóptero",
    isWild: true,
  }),
  patient("jabuti, jabutis, m", {
    som: "umas batidas na pedra",
    ferida: "com o casco rachado",
    comida: "folhas e bananas",
    cama: "uma caixa forrada de folhas",
    melhora: "já andava de um canto a outro",
    isWild: true,
  }),
  patient("cabritinho, cabritinhos, m", {
    som: "um berro triste",
    ferida: "com um corte na perna",
    comida: "capim fresco",
    cama: "uma cama de palha na varanda",
    melhora: "já saltava por cima dos baldes",
    isWild: false,
  }),
  patient("gambá, gambás, m", {
    som: "um chiado estranho",
    ferida: "com o focinho ferido",
    comida: "frutas maduras",
    cama: "uma casinha com um caixote e folhas secas",
    melhora: "já subia nos galhos da goiabeira",
    isWild: true,
  }),
  patient("arara, araras, f", {
    som: "um grito rouco",
    ferida: "com as penas presas numa linha de pipa",
    comida: "castanhas e coquinhos",
    cama: "um poleiro alto perto da janela",
    melhora: "já repetia o nome de todo mundo",
    isWild: true,
  }),
];

/** Names for an animal that stays. */
export const PET_NAMES = phrases(`
  Pipoca
  Mel
  Farofa
  Pingo
  Canela
  Amora
  Paçoca
  Floco
  Jujuba
  Tico
  Nuvem
  Faísca
  Cacau
  Feijão
  Biscoito
  Trovão
  Pitanga
  Estrela
  Cuscuz
  Sereno
`);

function talker(
  row: string,
  onde: string,
): Term {
  return noun(row, { parts: { onde } });
}

const TREE = "No alto de um galho";
const WATER = "Na beira de um riacho";
const SHADE = "À sombra de uma árvore";

/** Animals that talk, and where they sit. */
export const TALKERS: readonly Term[] = [
  talker("macaco, macacos, m", TREE),
  talker("coruja, corujas, f", TREE),
  talker("tucano, tucanos, m", TREE),
  talker("papagaio, papagaios, m", TREE),
  talker("preguiça, preguiças, f", TREE),
  talker("arara, araras, f", TREE),
  talker("capivara, capivaras, f", WATER),
  talker("garça, garças, f", WATER),
  talker("lontra, lontras, f", WATER),
  talker("sapo, sapos, m", WATER),
  talker("jacaré, jacarés, m", WATER),
  talker("jabuti, jabutis, m", SHADE),
  talker("tatu, tatus, m", SHADE),
  talker("tamanduá, tamanduás, m", SHADE),
  talker("raposa, raposas, f", SHADE),
  talker("onça, onças, f", SHADE),
  talker("lobo-guará, lobos-guarás, m", SHADE),
  talker("veado, veados, m", SHADE),
];
