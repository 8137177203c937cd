/**
 * Places, what one does there, and the corners where a thing may lie.
 *
 * @module
 */
import { noun, nouns, phrase, phrases, type Term } from "./terms.ts";

function place(
  row: string,
  fazer: string,
  corners: string,
): Term {
  return noun(row, {
    parts: { fazer },
    corners: phrases(corners),
  });
}

/** Where a child goes for an afternoon. */
export const OUTINGS: readonly Term[] = [
  place(
    "parque, parques, m",
    "para andar no balanço",
    `
    atrás de um banco
    perto do lago
    debaixo de uma árvore
    ao lado do escorregador
    no meio dos arbustos
    dentro da caixa de areia
  `,
  ),
  place(
    "praça, praças, f",
    "para tomar sorvete",
    `
    debaixo de um banco
    perto do chafariz
    ao lado do coreto
    atrás da estátua
    na sombra de uma figueira
  `,
  ),
  place(
    "praia, praias, f",
    "para fazer castelos de areia",
    `
    ao lado de um castelo de areia
    debaixo de uma barraca
    perto das pedras
    dentro de um barco velho
    embaixo de uma toalha
  `,
  ),
  place(
    "escola, escolas, f",
    "para ensaiar uma peça",
    `
    debaixo de uma carteira
    em cima da estante
    atrás da porta da sala
    no canto do pátio
    ao lado do bebedouro
  `,
  ),
  place(
    "feira, feiras, f",
    "para comprar frutas",
    `
    debaixo da barraca de pastel
    ao lado de um cesto de laranjas
    atrás de um caixote
    entre dois sacos de feijão
    em cima de um carrinho de mão
  `,
  ),
  place(
    "biblioteca, bibliotecas, f",
    "para escolher um livro",
    `
    debaixo de uma mesa
    ao lado da janela
    em cima de uma poltrona
    atrás de uma pilha de livros
    no fundo do corredor
  `,
  ),
  place(
    "museu, museus, m",
    "para ver os esqueletos de dinossauro",
    `
    atrás de uma coluna
    ao lado da bilheteria
    debaixo de uma vitrine
    no pé da escada
    em cima de um banco de pedra
  `,
  ),
  place(
    "circo, circos, m",
    "para ver os palhaços",
    `
    debaixo da arquibancada
    ao lado do picadeiro
    atrás da cortina
    perto da bilheteria
    em cima de um tambor
  `,
  ),
  place(
    "sítio, sítios, m",
    "para colher mangas",
    `
    atrás do galinheiro
    debaixo da mangueira
    ao lado do poço
    em cima da cerca
    no meio da horta
  `,
  ),
  place(
    "zoológico, zoológicos, m",
    "para ver as girafas",
    `
    perto da lagoa dos patos
    ao lado da gaiola das araras
    debaixo de uma placa
    atrás da lanchonete
    na sombra de um bambuzal
  `,
  ),
  place(
    "clube, clubes, m",
    "para nadar na piscina",
    `
    debaixo de uma espreguiçadeira
    ao lado do vestiário
    atrás da quadra
    perto do chuveiro
    em cima do muro
  `,
  ),
  place(
    "jardim botânico, jardins botânicos, m",
    "para ver as orquídeas",
    `
    debaixo de uma palmeira
    ao lado da estufa
    atrás de um bambu gigante
    na beira do lago
    entre as raízes de uma figueira
  `,
  ),
];

/** Corners of a home, where something can be hidden. */
export const HOME_CORNERS = phrases(`
  atrás do sofá
  debaixo da cama
  em cima do armário
  atrás da cortina
  dentro da caixa de brinquedos
  no fundo da gaveta
  debaixo do tapete
  dentro do cesto de roupa
  atrás da geladeira
  embaixo da escada
`);

/** Where precious things stand at home. */
export const SHELVES = phrases(`
  em cima da estante
  na mesa da sala
  no móvel da entrada
  em cima do piano
  na prateleira da cozinha
  ao lado da televisão
`);

/** Where one can lose the way. */
export const WILDS: readonly Term[] = nouns(`
  mata, matas, f
  cerrado, cerrados, m
  seringal, seringais, m
  bambuzal, bambuzais, m
  palmeiral, palmeirais, m
  restinga, restingas, f
  caatinga, caatingas, f
  pinhal, pinhais, m
`);

/** What one goes there for. */
export const ERRANDS = phrases(`
  colher frutas
  ver as borboletas
  juntar gravetos
  procurar ninhos
  escutar os passarinhos
  desenhar as flores
  tirar fotografias
  buscar folhas de boldo
`);

/** What shows the way home. */
export const SIGNS = phrases(`
  o som do rio
  as flores amarelas
  o voo das garças
  a trilha de pedras brancas
  o cheiro do mar
  a fila de formigas
  o canto do bem-te-vi
  as marcas de carroça
`);

/** Ways by which one passes and hears something. */
export const WAYS: readonly Term[] = [
  noun("parque, parques, m"),
  noun("praça, praças, f"),
  noun("estrada, estradas, f"),
  noun("quintal, quintais, m"),
  noun("beira do rio, beiras do rio, f"),
  noun("caminho da escola, caminhos da escola, m"),
  noun("rua da feira, ruas da feira, f"),
  noun("jardim, jardins, m"),
  noun("trilha, trilhas, f"),
  noun("ponte velha, pontes velhas, f"),
];

/** How a day is shared by two: the turn of one, and that of the other. */
export const TURNS: readonly Term[] = [
  ["de manhã", "à tarde"],
  ["nos dias pares", "nos dias ímpares"],
  ["na segunda e na quarta", "na terça e na quinta"],
  ["nos dias de sol", "nos dias de chuva"],
  ["na primeira metade do mês", "na segunda metade do mês"],
  ["nas férias de julho", "nas férias de verão"],
].map(([first, second]) => phrase(first!, { parts: { outro: second! } }));

/** How long someone practises. */
export const SPANS = phrases(`
  a semana inteira
  durante um mês
  o verão inteiro
  três dias seguidos
  durante duas semanas
  durante seis meses
`);

/** What was seen, heard or smelled just then, anywhere. */
export const OPEN_AIR = phrases(`
  As cigarras cantavam sem parar.
  O vento balançava as folhas.
  Um sabiá cantava ao longe.
  O ar cheirava a terra molhada.
  As nuvens pareciam de algodão.
  O sol aparecia entre as nuvens.
  Uma brisa fresca soprava do sul.
  O céu estava limpo e azul.
  As andorinhas voavam bem baixo.
`);

/** The same where people live. */
export const AMBIENCES: readonly Term[] = [
  ...OPEN_AIR,
  ...phrases(`
    Um rádio tocava um samba antigo.
    Alguém assava milho ali perto.
    Ao longe, um sino tocava.
  `),
];
