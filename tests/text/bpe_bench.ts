/**
 * How fast tokenizers are trained, encode and decode. Run by a person:
 *
 *     deno run -A tests/text/bpe_bench.ts
 *
 * The text is ten novels where the reference folder is there, else synthetic
 * stories; to train on 20 MB they are joined by copies in which letters are
 * exchanged, so that new words come as fast as in new text. Encoding is set
 * against Hugging Face's Rust implementation on the same file, one thread
 * each, and against the plain rank-merge encoder of the tests, in the same run.
 */
import {
  BigramModel,
  EncodePool,
  packDocuments,
  saveTokenizer,
  syntheticCorpus,
  type Tokenizer,
  trainBpe,
} from "../../lib/text/mod.ts";
import { formatBytes, formatTable, walkFiles } from "../../lib/util/mod.ts";
import { inFolder } from "../support/in_folder.ts";
import { referencePath } from "../support/reference.ts";
import { asNaive, naiveEncoder } from "./naive_bpe.ts";
import { RustTokenizer } from "./rust_tokenizer.ts";

async function benchText(): Promise<[source: string, text: string]> {
  try {
    const texts: string[] = [];
    for await (const path of walkFiles(referencePath("corpus"))) {
      if (path.endsWith(".txt")) texts.push(await Deno.readTextFile(path));
    }
    return ["novels", texts.join("\n\n")];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const stories = syntheticCorpus({ seed: 1, bytes: 3e6 });
    return ["stories", Array.from(stories, ({ text }) => text).join("\n\n")];
  }
}

/** Seconds of the fastest of `rounds` calls. */
async function fastest(rounds: number, fn: () => unknown): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await fn();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

Deno.env.set("TOKENIZERS_PARALLELISM", "false"); // one thread in Rust

const ALPHABET = "abcdefghijlmnopqrstuvxzáâãàçéêíóôõú";

/** The text with every letter moved on in the alphabet: as many new words. */
function otherWords(text: string, by: number): string {
  const moved = new Map(Array.from(ALPHABET, (letter, i) => [
    letter,
    ALPHABET[(i + by) % ALPHABET.length]!,
  ]));
  return text.toLowerCase().replace(/\p{L}/gu, (x) => moved.get(x) ?? x);
}

const [source, text] = await benchText();
const sizeOf = (part: string) => new TextEncoder().encode(part).length / 1e6;
const size = sizeOf(text);

const rows: (string | number)[][] = [["what", "MB", "seconds", "MB/s"]];
const ratios: string[] = [];
const add = (what: string, megabytes: number, seconds: number) => {
  const speed = megabytes / seconds;
  const rounded = [megabytes, seconds, speed].map((x) => +x.toPrecision(3));
  rows.push([what, ...rounded]);
  return speed;
};
const compare = (a: string, b: string, fast: number, slow: number) =>
  ratios.push(`${a} : ${b} = ${(fast / slow).toFixed(1)} : 1`);

const twenty = [text];
for (let by = 1; sizeOf(twenty.join("")) < 20; by++) {
  twenty.push(otherWords(text, by));
}
for (const kind of ["llama", "byte-level"] as const) {
  const options = { vocabSize: 32_000, kind };
  const seconds = await fastest(1, () => trainBpe(twenty, options));
  add(`train 32000, ${kind}`, sizeOf(twenty.join("")), seconds);
}
const memory = Deno.memoryUsage().rss;

/** Documents of some thousand signs, cut at line ends. */
const documents = text.match(/[^]{1,4000}(?:\n|$)|[^]{1,4000}/g)!;

async function benchEncoding(tokenizer: Tokenizer): Promise<void> {
  const { kind } = tokenizer.model;
  add(`encode, ${kind}, first time`, size, await fastest(1, () => encodeAll()));
  function encodeAll(): void {
    for (const document of documents) tokenizer.encode(document);
  }
  const ours = add(`encode, ${kind}`, size, await fastest(3, encodeAll));
  using pool = await EncodePool.start(tokenizer);
  add(
    `encode, ${kind}, all threads`,
    size,
    await fastest(3, () => Array.fromAsync(pool.encodeAll(documents))),
  );
  const ids = tokenizer.encode(text);
  add(
    `decode, ${kind}`,
    size,
    await fastest(3, () => tokenizer.decode(ids)),
  );
  await inFolder(async (folder) => {
    await saveTokenizer(folder, tokenizer);
    const rust = RustTokenizer?.fromFile(`${folder}/tokenizer.json`);
    if (!rust) return;
    const seconds = await fastest(3, () => rust.encodeBatch(documents));
    const theirs = add(`encode, ${kind}, Rust`, size, seconds);
    compare(`encode, ${kind}`, "Rust", ours, theirs);
  });
}

const tokenizer = trainBpe([text], { vocabSize: 16_000 });
await benchEncoding(tokenizer);
await benchEncoding(
  trainBpe([text], { vocabSize: 16_000, kind: "byte-level" }),
);

const naive = naiveEncoder(asNaive(tokenizer.model));
const sample = text.slice(0, 300_000);
const slow = add(
  "encode, plain rank merge",
  sizeOf(sample),
  await fastest(2, () => sample.split(" ").forEach(naive)),
);
const fast = sizeOf(sample) /
  await fastest(3, () => tokenizer.encode(sample));
compare("encode, llama", "plain rank merge", fast, slow);

const tokens = packDocuments([{ text }], tokenizer);
add(
  "fit bigram model",
  size,
  await fastest(2, () => BigramModel.fit(tokens, tokenizer.vocabSize)),
);
let stories: string[] = [];
const seconds = await fastest(3, () => {
  stories = Array.from(
    syntheticCorpus({ seed: 1, documents: 5000 }),
    ({ text }) => text,
  );
});
add("write synthetic stories", sizeOf(stories.join("")), seconds);

console.log(`${source}; ${formatBytes(memory)} resident after training`);
console.log(formatTable(rows));
console.log(ratios.join("\n"));
