/**
 * `caderno corpus clean`: named filters in the order that is asked for, with
 * their thresholds, what each of them took, and examples.
 *
 * @module
 */
import {
  ConfigError,
  CorpusCleaner,
  type CorpusFilter,
  type CorpusFunnel,
  DataError,
  describeNearNames,
  exactDuplicates,
  formatPercent,
  formatTable,
  funnelRows,
  type FunnelStep,
  GOPHER_QUALITY,
  GOPHER_REPETITION,
  gopherQuality,
  gopherRepetition,
  languageFilter,
  NEAR_DUPLICATE_DEFAULTS,
  nearDuplicates,
  personalDataMask,
  repeatedLines,
  writeCorpusFolder,
} from "../../lib/mod.ts";
import type { Command, CommandLine, OptionSpec } from "./command.ts";
import {
  LANGUAGE_OPTIONS,
  listOf,
  type WantedLanguage,
  wantedLanguage,
} from "./corpus_language.ts";
import {
  commandText,
  noteSkipped,
  openCorpora,
  READ_OPTIONS,
  withProgress,
} from "./corpus_options.ts";
import { interruptSignal } from "./interrupt.ts";
import { note, print } from "./terminal.ts";
import { noteNext } from "./typed_command.ts";

type Knobs = Readonly<Record<string, number>>;

/** A filter by its short name. */
interface FilterRow {
  /** Knobs that `--set` takes, with their defaults. */
  readonly knobs: Knobs;
  readonly make: (
    knobs: Knobs,
    wanted: WantedLanguage,
  ) => CorpusFilter | Promise<CorpusFilter>;
  /** Whether it guesses languages, which `--languages any` leaves out. */
  readonly guesses?: boolean;
}

/** Knobs of a record that are numbers. */
function numbersOf(knobs: object): Knobs {
  return Object.fromEntries(
    Object.entries(knobs).filter(([, value]) => typeof value === "number"),
  );
}

const FILTERS: Readonly<Record<string, FilterRow>> = {
  lines: {
    knobs: { minCharacters: 0, maxOccurrences: 1 },
    make: (knobs) => repeatedLines(knobs),
  },
  paragraphs: {
    knobs: {},
    make: (_, { languages }) =>
      languageFilter(languages, { unit: "paragraph" }),
    guesses: true,
  },
  language: {
    knobs: {},
    make: (_, { languages }) => languageFilter(languages),
    guesses: true,
  },
  quality: {
    knobs: numbersOf(GOPHER_QUALITY),
    make: (knobs, { stopWords }) =>
      gopherQuality({
        ...(stopWords.length === 0 ? { minStopWords: 0 } : {}),
        ...knobs,
        stopWords,
      }),
  },
  repetition: {
    knobs: numbersOf(GOPHER_REPETITION),
    make: (knobs) => gopherRepetition(knobs),
  },
  exact: { knobs: {}, make: () => exactDuplicates() },
  near: {
    knobs: numbersOf(NEAR_DUPLICATE_DEFAULTS),
    make: (knobs) => nearDuplicates(knobs),
  },
  personal: { knobs: {}, make: () => personalDataMask() },
};

/** Cheap filters first: what they drop costs the others nothing. */
const USUAL = "quality,repetition,language,exact,near";

const FILTER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  filters: {
    heading: "Filters",
    kind: "text",
    value: "LIST",
    help: `in their order, of ${Object.keys(FILTERS).join(", ")}`,
    default: USUAL,
  },
  set: {
    kind: "text",
    value: "LIST",
    help: "thresholds, such as minWords=20,maxMeanWordLength=12",
  },
  ...LANGUAGE_OPTIONS,
};

/** Thresholds of `--set`, each a knob of one of the filters. */
function parseKnobs(text: string, rows: readonly FilterRow[]): Knobs {
  const known = rows.flatMap(({ knobs }) => Object.keys(knobs));
  return Object.fromEntries(
    listOf(text).map((item) => {
      const [name = "", value = ""] = item.split("=");
      const number = value.trim() === "" ? NaN : Number(value);
      if (known.includes(name) && number >= 0) return [name, number];
      throw new ConfigError(
        known.includes(name)
          ? `Cannot set ${item}: wanted ${name}=NUMBER, from 0`
          : `Cannot set "${name}": these filters have ${known.join(", ")}; ` +
            describeNearNames(name, known),
      );
    }),
  );
}

/** The filters that were asked for. */
async function filtersOf(line: CommandLine): Promise<CorpusFilter[]> {
  const wanted = await wantedLanguage(line);
  const named = listOf(line.needText("filters"));
  const names = named.filter((name) =>
    wanted.languages.length > 0 || !FILTERS[name]?.guesses
  );
  const rows = names.map((name) => {
    const row = FILTERS[name];
    if (row) return row;
    throw new ConfigError(
      `Cannot find the filter "${name}": there are ` +
        Object.keys(FILTERS).join(", "),
    );
  });
  const given = parseKnobs(line.text("set") ?? "", rows);
  if (line.has("stop-words") && !names.includes("quality")) {
    throw new ConfigError(
      "Cannot use --stop-words without the filter quality, which asks for them",
    );
  }
  if (names.includes("quality") && wanted.stopWords.length === 0) {
    note("quality: without --stop-words its rule of stop words is off");
  }
  return await Promise.all(rows.map(({ knobs, make }) => {
    const own = Object.entries(given).filter(([name]) => name in knobs);
    return make(Object.fromEntries(own), wanted);
  }));
}

/** Rules of a step with the documents that each dropped, most first. */
function rulesOf({ dropped }: FunnelStep): [rule: string, count: number][] {
  return Object.entries(dropped).sort(([, a], [, b]) => b - a);
}

/** What a funnel says, as a table, with examples when they are wanted. */
export function printFunnel(funnel: CorpusFunnel, withExamples: boolean): void {
  const count = (n: number) => n.toLocaleString("en");
  print(formatTable([
    ["step", "documents", "dropped", "mostly by", "changed", "text left"],
    ...funnelRows(funnel).map((row, i) => [
      row.step,
      count(row.documents),
      count(row.dropped),
      rulesOf(funnel.steps[i]!)[0]?.[0] ?? "",
      count(row.edited),
      formatPercent(row.bytesKept),
    ]),
  ]));
  if (!withExamples) return;
  for (const step of funnel.steps) {
    const { name, examples } = step;
    if (examples.length === 0) continue;
    const rules = rulesOf(step).map(([rule, n]) => `${rule} ${count(n)}`);
    print(`\n${name}${rules.length > 0 ? `: ${rules.join(", ")}` : ""}`);
    for (const example of examples) {
      print(`  ${example.name} (${example.reason})\n    ${example.excerpt}`);
    }
  }
}

/** Shows what took the last document, where that is what is wrong. */
function tellIfAllDropped(error: unknown, funnel: CorpusFunnel): unknown {
  const [first] = funnel.steps;
  const isEmptied = first !== undefined && first.documentsIn > 0 &&
    funnel.steps.at(-1)!.documentsOut === 0;
  if (!isEmptied || !(error instanceof DataError)) return error;
  printFunnel(funnel, true);
  return new DataError(
    `Cannot write a corpus: the filters dropped all ${first.documentsIn} ` +
      "documents, as the table tells; --languages, --stop-words, --set and " +
      "--filters change what they ask for",
    { cause: error },
  );
}

async function runClean(line: CommandLine): Promise<void> {
  const out = line.needText("out");
  const cleaner = new CorpusCleaner(await filtersOf(line));
  const corpus = await openCorpora(line);
  const signal = interruptSignal();
  const documents = withProgress("Clean", corpus, {
    readers: [corpus],
    signal,
  });
  const written = writeCorpusFolder(out, cleaner.clean(documents), {
    command: commandText(line),
    funnel: () => cleaner.funnel,
    gzip: line.has("gzip"),
  });
  const { sources } = await written.catch((error) => {
    throw tellIfAllDropped(error, cleaner.funnel);
  });
  noteSkipped(corpus);
  printFunnel(cleaner.funnel, line.has("examples"));
  const kept = sources.reduce((sum, { documents }) => sum + documents, 0);
  print(
    `\n${kept.toLocaleString("en")} of ` +
      `${corpus.tally.documents.toLocaleString("en")} documents in ${out}`,
  );
  noteNext("tokenizer", "train", out, "--out", "tokenizers/NAME");
}

/** The command "corpus clean". */
export const corpusCleanCommand: Command = {
  name: "corpus clean",
  summary: "Run texts through filters, with a count of what each took",
  operands: ["PATH…"],
  options: {
    out: {
      kind: "text",
      value: "FOLDER",
      help: "new folder for the documents that stay and their record",
    },
    gzip: { kind: "switch", help: "packs the documents" },
    examples: {
      kind: "switch",
      help: "shows some documents that each filter dropped or changed",
    },
    ...FILTER_OPTIONS,
    ...READ_OPTIONS,
  },
  example: "corpus clean corpora/web --out corpora/clean --examples",
  run: runClean,
};
