/**
 * How fast the tokenizer is trained and encodes. Run by a person:
 *
 *     deno run -A tests/text/bpe_bench.ts
 *
 * The text is ten novels where the reference folder is there, else synthetic
 * stories. Encoding is set against the plain rank-merge encoder of the tests,
 * word by word and without a cache, in the same run.
 */
import {
  BigramModel,
  packDocuments,
  syntheticCorpus,
  trainBpe,
} from "../../lib/text/mod.ts";
import { formatTable, walkFiles } from "../../lib/util/mod.ts";
import { referencePath } from "../support/reference.ts";
import { asNaive, naiveEncoder } from "./naive_bpe.ts";

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
function fastest(rounds: number, fn: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    fn();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

const [source, text] = await benchText();
const megabytes = (part: string) => new TextEncoder().encode(part).length / 1e6;
const megabyte = text.slice(0, 960_000);
const ten = text.repeat(Math.ceil(10 / megabytes(text))).slice(0, 9_600_000);

const rows: (string | number)[][] = [["what", "MB", "seconds", "MB/s"]];
const add = (what: string, part: string, seconds: number) => {
  const size = megabytes(part);
  rows.push([
    what,
    +size.toFixed(2),
    +seconds.toFixed(3),
    +(size / seconds).toFixed(2),
  ]);
  return size / seconds;
};

for (const [vocabSize, part] of [[4096, megabyte], [32_000, ten]] as const) {
  const seconds = fastest(2, () => trainBpe([part], { vocabSize }));
  add(`train ${vocabSize} on ${source}`, part, seconds);
}
const tokenizer = trainBpe([text], { vocabSize: 16_000 });
const cold = fastest(1, () => tokenizer.encode(text));
add("encode, cold", text, cold);
const fast = add(
  "encode, warm",
  text,
  fastest(3, () => tokenizer.encode(text)),
);
const naive = naiveEncoder(asNaive(tokenizer.model));
const sample = text.slice(0, 300_000);
const slow = add(
  "encode, plain rank merge",
  sample,
  fastest(2, () => sample.split(" ").forEach(naive)),
);
const ids = tokenizer.encode(text);
add("decode", text, fastest(3, () => tokenizer.decode(ids)));
const tokens = packDocuments([{ text }], tokenizer);
add(
  "fit bigram model",
  text,
  fastest(2, () => BigramModel.fit(tokens, tokenizer.vocabSize)),
);
let stories: string[] = [];
const seconds = fastest(3, () => {
  stories = Array.from(
    syntheticCorpus({ seed: 1, documents: 5000 }),
    ({ text }) => text,
  );
});
add("write synthetic stories", stories.join(""), seconds);

console.log(formatTable(rows));
console.log(
  `encode, warm : plain rank merge = ${(fast / slow).toFixed(1)} : 1`,
);
