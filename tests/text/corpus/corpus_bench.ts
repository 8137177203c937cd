/**
 * How fast a corpus is built, and in how much memory. Run by a person:
 *
 *     deno run -A tests/text/corpus/corpus_bench.ts
 *
 * Each filter alone on documents in memory; then text is generated to disk,
 * read, cleaned by all filters, written, packed to shards and read in batches,
 * while the memory of the process is watched. CORPUS_BENCH_MB sets how much
 * text that is (100).
 */
import { join } from "node:path";
import {
  CorpusCleaner,
  type CorpusDocument,
  type CorpusFilter,
  documentsOf,
  exactDuplicates,
  gopherQuality,
  gopherRepetition,
  languageFilter,
  nearDuplicates,
  openCorpus,
  openShards,
  packCorpus,
  personalDataMask,
  repeatedLines,
  TokenBatches,
  trainBpe,
  utf8Length,
  writeCorpusFolder,
} from "../../../lib/text/mod.ts";
import { formatBytes, formatTable, Random } from "../../../lib/util/mod.ts";
import { inFolder } from "../../support/in_folder.ts";

const MEGABYTES = Number(Deno.env.get("CORPUS_BENCH_MB") ?? "100");

const SYLLABLES = ["ca", "sa", "do", "ré", "mi", "lhão", "to", "pe", "que"];
const FUNCTION_WORDS = ["de", "a", "o", "que", "e", "do", "da", "em", "um"];
const random = new Random(1, "bench");
/** 50,000 words that look Portuguese to a tokenizer. */
const WORDS = Array.from(
  { length: 50_000 },
  () =>
    Array.from({ length: 1 + random.int(4) }, () => random.pick(SYLLABLES))
      .join(""),
);

/** Documents without end, 200 to 600 words, some words far more frequent. */
function* texts(bytes: number): Generator<string> {
  for (let made = 0; made < bytes;) {
    const words: string[] = [];
    for (let left = 200 + random.int(400); left > 0; left--) {
      const u = random.uniform();
      words.push(
        u < 0.4
          ? FUNCTION_WORDS[Math.floor(u / 0.4 * FUNCTION_WORDS.length)]!
          : WORDS[Math.floor(WORDS.length * ((u - 0.4) / 0.6) ** 3)]!,
      );
      if (left % 12 === 0) words.push(left % 60 === 0 ? "fim.\n\n" : "fim.");
    }
    const text = words.join(" ");
    made += utf8Length(text);
    yield text;
  }
}

/** Megabytes of memory of this process, now and at most. */
class MemoryWatch implements Disposable {
  peakBytes = 0;
  readonly #timer: ReturnType<typeof setInterval>;
  constructor() {
    this.#timer = setInterval(() => this.look(), 50);
  }
  look(): void {
    this.peakBytes = Math.max(this.peakBytes, Deno.memoryUsage().rss);
  }
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

async function benchFilters(): Promise<void> {
  const documents = [...documentsOf(texts(8e6), "bench")];
  const bytes = documents.reduce((sum, { text }) => sum + utf8Length(text), 0);
  const makers: (() => CorpusFilter | Promise<CorpusFilter>)[] = [
    repeatedLines,
    gopherQuality,
    gopherRepetition,
    () => languageFilter(["pt"]),
    () => languageFilter(["pt"], { unit: "paragraph" }),
    exactDuplicates,
    nearDuplicates,
    personalDataMask,
  ];
  const rows: [string, string][] = [];
  for (const make of makers) {
    let best = Infinity;
    for (let round = 0; round < 3; round++) {
      const filter = await make();
      const start = performance.now();
      for (const document of documents) filter.judge(document);
      best = Math.min(best, performance.now() - start);
      if (round === 2) {
        rows.push([filter.name, (bytes / 1e3 / best).toFixed(1)]);
      }
    }
  }
  console.log(formatTable([["filter", "MB/s"], ...rows]));
}

async function benchStream(folder: string): Promise<void> {
  const bytes = MEGABYTES * 1e6;
  const tokenizer = trainBpe([...texts(2e6)], { vocabSize: 4096 });
  using watch = new MemoryWatch();
  const rows: [string, string, string][] = [];
  const stage = async (name: string, work: () => Promise<unknown>) => {
    watch.peakBytes = 0;
    const start = performance.now();
    await work();
    watch.look();
    const seconds = (performance.now() - start) / 1000;
    const rate = `${(bytes / 1e6 / seconds).toFixed(1)}`;
    rows.push([name, rate, formatBytes(watch.peakBytes)]);
  };
  const raw = join(folder, "raw"), clean = join(folder, "clean");
  const shards = join(folder, "shards");
  await stage(
    "generate and write",
    () => writeCorpusFolder(raw, documentsOf(texts(bytes), "bench")),
  );
  await stage("read", async () => {
    for await (const _ of await openCorpus(raw));
  });
  await stage("read, clean, write", async () => {
    const cleaner = new CorpusCleaner([
      gopherQuality(),
      gopherRepetition(),
      await languageFilter(["pt", "it", "es", "ca"]),
      exactDuplicates(),
      nearDuplicates(),
    ]);
    await writeCorpusFolder(clean, cleaner.clean(await openCorpus(raw)));
    for (const { name, dropped } of cleaner.funnel.steps) {
      console.log(`${name}: ${JSON.stringify(dropped)}`);
    }
  });
  const corpus = await openCorpus(raw);
  await stage("encode alone", async () => {
    for await (const { text } of corpus) tokenizer.encode(text);
  });
  await stage(
    "pack into shards",
    () =>
      packCorpus((): AsyncIterable<CorpusDocument> => corpus, {
        tokenizer,
        folder: shards,
      }),
  );
  await stage("one epoch of batches", async () => {
    using tokens = await openShards(shards, { verify: true });
    const batches = new TokenBatches(tokens, {
      batchSize: 8,
      contextLength: 512,
      vocabSize: tokenizer.vocabSize,
      seed: 1,
      numberDocuments: true,
    });
    while (batches.epoch < 1) batches.next();
  });
  const size = (await Deno.stat(join(shards, "train_00000.tokens"))).size;
  console.log(`\n${MEGABYTES} MB of text, first shard ${formatBytes(size)}`);
  console.log(formatTable([["stage", "MB/s", "peak memory"], ...rows]));
}

await benchFilters();
await inFolder(benchStream);
