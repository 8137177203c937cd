/**
 * Things of the stories.
 *
 * @module
 */
import { nouns, phrases } from "./terms.ts";

/** What a child owns, carries about, and may lose; any colour suits. */
export const BELONGINGS = nouns(`
  bola, bolas, f
  boneca, bonecas, f
  pipa, pipas, f
  mochila, mochilas, f
  lanterna, lanternas, f
  pulseira, pulseiras, f
  flauta, flautas, f
  peteca, petecas, f
  caneta, canetas, f
  sacola, sacolas, f
  caixinha, caixinhas, f
  boina, boinas, f
  caneca, canecas, f
  gaita, gaitas, f
  almofada, almofadas, f
  livro, livros, m
  caderno, cadernos, m
  boné, bonés, m
  chapéu, chapéus, m
  cachecol, cachecóis, m
  carrinho, carrinhos, m
  pião, piões, m
  ursinho, ursinhos, m
  estojo, estojos, m
  apito, apitos, m
  barquinho, barquinhos, m
  colar, colares, m
  relógio, relógios, m
  guarda-chuva, guarda-chuvas, m
  tambor, tambores, m
  balde, baldes, m
  anel, anéis, m
  álbum, álbuns, m
  cordão, cordões, m
  robô, robôs, m
  avental, aventais, m
  -, luvas, f
  -, castanholas, f
  -, maracas, f
  -, raquetes, f
  -, bolinhas de gude, f
  -, patins, m
  -, fantoches, m
  -, pincéis, m
`);

/** What breaks when it falls. */
export const FRAGILE_THINGS = nouns(`
  vaso, vasos, m
  jarra, jarras, f
  xícara, xícaras, f
  espelho, espelhos, m
  prato, pratos, m
  bule, bules, m
  moringa, moringas, f
  taça, taças, f
  fruteira, fruteiras, f
  leiteira, leiteiras, f
  garrafa, garrafas, f
  estatueta, estatuetas, f
  abajur, abajures, m
  açucareiro, açucareiros, m
`);

/** What one finds while looking for something else. */
export const TRIFLES = phrases(`
  uma folha seca
  uma pedra redonda
  um botão velho
  uma tampinha enferrujada
  um pedaço de barbante
  uma pena de pombo
  um papel amassado
  uma formiga apressada
  um graveto torto
  um besouro dorminhoco
`);

/** Something to eat on the way. */
export const SNACKS = phrases(`
  um pedaço de bolo
  uma banana
  um pão de queijo
  uma goiaba madura
  um cacho de uvas
  uma espiga de milho
  um punhado de castanhas
  uma fatia de melancia
  um biscoito de polvilho
  uma tapioca
`);

/** What is served at a party. */
export const TREATS = phrases(`
  bolo de cenoura
  bolo de fubá
  pão de queijo
  brigadeiro
  pipoca
  cocada
  suco de maracujá
  pudim de leite
  canjica
  torta de banana
  beijinho de coco
  doce de abóbora
`);
