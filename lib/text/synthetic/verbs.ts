/**
 * Portuguese verbs in the tenses and persons that the stories use. Regular
 * verbs follow the rules of the three conjugations, with the spelling changes
 * that keep a sound (ficar, fiquei; agradecer, agradeço); the forms of the
 * irregular ones are written out.
 *
 * @module
 */
import { invariant } from "../../util/mod.ts";

/** eu, ele, nós, eles. */
export type Persons = readonly [string, string, string, string];

/** The forms of one verb. */
export interface Verb {
  readonly infinitive: string;
  readonly present: Persons;
  readonly preterite: Persons;
  readonly imperfect: Persons;
  readonly future: Persons;
  /** Request to você and to vocês. */
  readonly imperative: readonly [string, string];
}

const REGULAR = `
  abraçar abrir achar agradecer ajudar amarrar andar aprender
  assobiar atravessar bater brigar brincar cantar cavar chamar chegar chorar
  colar colher começar comprar contar correr costurar cuidar dançar decidir
  deixar desenhar desistir dividir dobrar encher encontrar entender entrar
  escorregar escrever escutar espalhar esperar esquecer falar ficar furar
  ganhar gostar gritar jogar juntar lavar levantar levar lixar molhar montar morar
  olhar parar passar pedalar pegar pendurar pensar perceber perguntar pintar
  plantar preparar procurar pular puxar quebrar receber regar resolver
  respirar responder segurar soltar soprar tentar tirar tocar trançar
  treinar trocar tropeçar usar vencer virar viver voltar
  acrescentar adoçar adorar amassar beber colocar comer conhecer conversar
  cortar cozinhar descascar despejar disputar misturar mostrar participar picar
  prometer ralar refogar temperar
`;

/** Present; preterite; imperfect of eu, ele, nós, eles; imperative. */
const IRREGULAR = `
  ser: sou é somos são; fui foi fomos foram; era era éramos eram; seja sejam
  estar: estou está estamos estão; estive esteve estivemos estiveram; estava estava estávamos estavam; esteja estejam
  ir: vou vai vamos vão; fui foi fomos foram; ia ia íamos iam; vá vão
  ter: tenho tem temos têm; tive teve tivemos tiveram; tinha tinha tínhamos tinham; tenha tenham
  fazer: faço faz fazemos fazem; fiz fez fizemos fizeram; fazia fazia fazíamos faziam; faça façam
  dizer: digo diz dizemos dizem; disse disse dissemos disseram; dizia dizia dizíamos diziam; diga digam
  ver: vejo vê vemos veem; vi viu vimos viram; via via víamos viam; veja vejam
  vir: venho vem vimos vêm; vim veio viemos vieram; vinha vinha vínhamos vinham; venha venham
  querer: quero quer queremos querem; quis quis quisemos quiseram; queria queria queríamos queriam; queira queiram
  poder: posso pode podemos podem; pude pôde pudemos puderam; podia podia podíamos podiam; possa possam
  saber: sei sabe sabemos sabem; soube soube soubemos souberam; sabia sabia sabíamos sabiam; saiba saibam
  dar: dou dá damos dão; dei deu demos deram; dava dava dávamos davam; dê deem
  trazer: trago traz trazemos trazem; trouxe trouxe trouxemos trouxeram; trazia trazia trazíamos traziam; traga tragam
  pôr: ponho põe pomos põem; pus pôs pusemos puseram; punha punha púnhamos punham; ponha ponham
  ler: leio lê lemos leem; li leu lemos leram; lia lia líamos liam; leia leiam
  rir: rio ri rimos riem; ri riu rimos riram; ria ria ríamos riam; ria riam
  sorrir: sorrio sorri sorrimos sorriem; sorri sorriu sorrimos sorriram; sorria sorria sorríamos sorriam; sorria sorriam
  ouvir: ouço ouve ouvimos ouvem; ouvi ouviu ouvimos ouviram; ouvia ouvia ouvíamos ouviam; ouça ouçam
  pedir: peço pede pedimos pedem; pedi pediu pedimos pediram; pedia pedia pedíamos pediam; peça peçam
  perder: perco perde perdemos perdem; perdi perdeu perdemos perderam; perdia perdia perdíamos perdiam; perca percam
  sair: saio sai saímos saem; saí saiu saímos saíram; saía saía saíamos saíam; saia saiam
  cair: caio cai caímos caem; caí caiu caímos caíram; caía caía caíamos caíam; caia caiam
  dormir: durmo dorme dormimos dormem; dormi dormiu dormimos dormiram; dormia dormia dormíamos dormiam; durma durmam
  sentir: sinto sente sentimos sentem; senti sentiu sentimos sentiram; sentia sentia sentíamos sentiam; sinta sintam
  seguir: sigo segue seguimos seguem; segui seguiu seguimos seguiram; seguia seguia seguíamos seguiam; siga sigam
  conseguir: consigo consegue conseguimos conseguem; consegui conseguiu conseguimos conseguiram; conseguia conseguia conseguíamos conseguiam; consiga consigam
  repetir: repito repete repetimos repetem; repeti repetiu repetimos repetiram; repetia repetia repetíamos repetiam; repita repitam
  sumir: sumo some sumimos somem; sumi sumiu sumimos sumiram; sumia sumia sumíamos sumiam; suma sumam
  cobrir: cubro cobre cobrimos cobrem; cobri cobriu cobrimos cobriram; cobria cobria cobríamos cobriam; cubra cubram
  engolir: engulo engole engolimos engolem; engoli engoliu engolimos engoliram; engolia engolia engolíamos engoliam; engula engulam
  descobrir: descubro descobre descobrimos descobrem; descobri descobriu descobrimos descobriram; descobria descobria descobríamos descobriam; descubra descubram
  servir: sirvo serve servimos servem; servi serviu servimos serviram; servia servia servíamos serviam; sirva sirvam
  passear: passeio passeia passeamos passeiam; passeei passeou passeamos passearam; passeava passeava passeávamos passeavam; passeie passeiem
`;

function fourOf(forms: readonly string[] = []): Persons {
  const [eu, ele, nós, eles] = forms;
  invariant(forms.length === 4, () => `not four persons: "${forms}"`);
  return [eu!, ele!, nós!, eles!];
}

function twoOf(forms: readonly string[] = []): Verb["imperative"] {
  const [você, vocês] = forms;
  invariant(forms.length === 2, () => `not two requests: "${forms}"`);
  return [você!, vocês!];
}

/** Verbs whose future does not start from the infinitive. */
const FUTURE_STEMS = new Map([
  ["fazer", "far"],
  ["dizer", "dir"],
  ["trazer", "trar"],
  ["pôr", "por"],
]);

function futureOf(infinitive: string): Persons {
  const stem = FUTURE_STEMS.get(infinitive) ?? infinitive;
  return fourOf(["ei", "á", "emos", "ão"].map((ending) => stem + ending));
}

function irregular(line: string): Verb {
  const [infinitive, forms] = line.trim().split(": ");
  const [present, preterite, imperfect, imperative] = forms!.split("; ")
    .map((tense) => tense.split(" "));
  return {
    infinitive: infinitive!,
    present: fourOf(present),
    preterite: fourOf(preterite),
    imperfect: fourOf(imperfect),
    future: futureOf(infinitive!),
    imperative: twoOf(imperative),
  };
}

/** Endings of the regular conjugations, after the stem. */
const ENDINGS = {
  ar: {
    present: ["o", "a", "amos", "am"],
    preterite: ["ei", "ou", "amos", "aram"],
    imperfect: ["ava", "ava", "ávamos", "avam"],
    imperative: ["e", "em"],
  },
  er: {
    present: ["o", "e", "emos", "em"],
    preterite: ["i", "eu", "emos", "eram"],
    imperfect: ["ia", "ia", "íamos", "iam"],
    imperative: ["a", "am"],
  },
  ir: {
    present: ["o", "e", "imos", "em"],
    preterite: ["i", "iu", "imos", "iram"],
    imperfect: ["ia", "ia", "íamos", "iam"],
    imperative: ["a", "am"],
  },
} as const;

/** Last letter of a stem → how it keeps its sound before e and i. */
const BEFORE_FRONT = new Map([["ç", "c"], ["c", "qu"], ["g", "gu"]]);
/** Last letter of a stem → how it keeps its sound before a and o. */
const BEFORE_BACK = new Map([["c", "ç"], ["g", "j"]]);

/** Conjugates a regular verb from its infinitive in -ar, -er or -ir. */
export function conjugate(infinitive: string): Verb {
  const ending = infinitive.slice(-2) as keyof typeof ENDINGS;
  const start = infinitive.slice(0, -3);
  const last = infinitive.at(-3)!;
  const join = (suffix: string) => {
    const isFront = /^[eií]/.test(suffix);
    let letter: string | undefined;
    if (ending === "ar" && isFront) letter = BEFORE_FRONT.get(last);
    if (ending !== "ar" && !isFront) letter = BEFORE_BACK.get(last);
    return start + (letter ?? last) + suffix;
  };
  const { present, preterite, imperfect, imperative } = ENDINGS[ending];
  return {
    infinitive,
    present: fourOf(present.map(join)),
    preterite: fourOf(preterite.map(join)),
    imperfect: fourOf(imperfect.map(join)),
    future: futureOf(infinitive),
    imperative: twoOf(imperative.map(join)),
  };
}

/** All verbs of the stories. */
export const VERBS: readonly Verb[] = [
  ...IRREGULAR.trim().split("\n").map(irregular),
  ...REGULAR.trim().split(/\s+/).map(conjugate),
];
