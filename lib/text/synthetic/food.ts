/**
 * Words of recipes and of the market.
 *
 * @module
 */
import { noun, nouns, phrases, type Term } from "./terms.ts";

function base(row: string, preparo: string, pronto: string): Term {
  const term = noun(row);
  return { ...term, parts: { preparo, pronto, sabor: term.text } };
}

/** What a cake tastes of, how it is prepared, and what it is then. */
export const CAKE_BASES: readonly Term[] = [
  base(
    "banana, bananas, f",
    "{*amassar} as bananas com um garfo",
    "as bananas amassadas",
  ),
  base("maçã, maçãs, f", "{*cortar} as maçãs em cubinhos", "as maçãs picadas"),
  base(
    "cenoura, cenouras, f",
    "{*descascar} e {*ralar} as cenouras",
    "as cenouras raladas",
  ),
  base(
    "mandioca, mandiocas, f",
    "{*descascar} e {*ralar} as mandiocas",
    "as mandiocas raladas",
  ),
  base(
    "pera, peras, f",
    "{*descascar} e {*picar} as peras",
    "as peras picadas",
  ),
  base(
    "coco, cocos, m",
    "{*abrir} e {*ralar} os cocos",
    "os cocos ralados",
  ),
  base(
    "pêssego, pêssegos, m",
    "{*cortar} os pêssegos em cubinhos",
    "os pêssegos picados",
  ),
  base(
    "abacaxi, abacaxis, m",
    "{*descascar} e {*picar} os abacaxis",
    "os abacaxis picados",
  ),
];

/** What gives a cake its body. */
export const FLOURS = nouns(`
  farinha de trigo, farinhas de trigo, f
  farinha de arroz, farinhas de arroz, f
  farinha de aveia, farinhas de aveia, f
  amido de milho, amidos de milho, m
  fubá, fubás, m
  polvilho doce, polvilhos doces, m
`);

/** With what a cake is served. */
export const CAKE_COMPANY = phrases(`
  com café
  com um copo de leite
  com chá de erva-doce
  com sorvete de creme
  com suco de caju
  com geleia de morango
`);

/** Vegetables of a soup. */
export const VEGETABLES = nouns(`
  batata, batatas, f
  cenoura, cenouras, f
  abobrinha, abobrinhas, f
  beterraba, beterrabas, f
  mandioquinha, mandioquinhas, f
  tomate, tomates, m
  chuchu, chuchus, m
  inhame, inhames, m
  nabo, nabos, m
  pimentão, pimentões, m
`);

/** Herbs. */
export const HERBS = phrases(`
  salsinha
  cebolinha
  coentro
  manjericão
  hortelã
  alecrim
  orégano
  tomilho
`);

/** What vegetables are fried in. */
export const FATS = phrases(`
  azeite
  manteiga
  óleo de girassol
  óleo de coco
`);

/** With what a soup is served. */
export const SOUP_COMPANY = phrases(`
  com torradas
  com pão de alho
  com queijo ralado
  com croutons
  com uma fatia de pão
`);

/** Fruit that goes into a blender. */
export const BLENDER_FRUITS = nouns(`
  banana, bananas, f
  manga, mangas, f
  goiaba, goiabas, f
  maçã, maçãs, f
  ameixa, ameixas, f
  abacate, abacates, m
  mamão, mamões, m
  pêssego, pêssegos, m
  caju, cajus, m
  kiwi, kiwis, m
`);

/** What sweetens. */
export const SWEETENERS = nouns(`
  mel, méis, m
  melado, melados, m
  açúcar, açúcares, m
  rapadura, rapaduras, f
`);

/** What is sold by the piece at the market. */
export const GOODS = nouns(`
  abacaxi, abacaxis, m
  mamão, mamões, m
  coco, cocos, m
  queijo, queijos, m
  repolho, repolhos, m
  melão, melões, m
  melancia, melancias, f
  rapadura, rapaduras, f
  moranga, morangas, f
  pamonha, pamonhas, f
  cocada, cocadas, f
  couve-flor, couves-flores, f
`);

/** Who sells at the market. */
export const SELLERS = nouns(`
  vendedor, vendedores, m
  vendedora, vendedoras, f
  agricultor, agricultores, m
  agricultora, agricultoras, f
`);

/** Cups, for measures. */
export const CUP = noun("xícara, xícaras, f");
/** Glasses, for measures. */
export const GLASS = noun("copo, copos, m");
/** Litres, for measures. */
export const LITRE = noun("litro, litros, m");
/** Cloves of garlic. */
export const CLOVE = noun("dente de alho, dentes de alho, m");
/** Eggs. */
export const EGG = noun("ovo, ovos, m");
/** Servings. */
export const SERVING = noun("porção, porções, f");
/** Times that a recipe is made. */
export const RECIPE = noun("receita, receitas, f");
/** Spoons, for measures. */
export const SPOON = noun("colher, colheres, f");
/** Ice cubes. */
export const ICE_CUBE = noun("cubo de gelo, cubos de gelo, m");
