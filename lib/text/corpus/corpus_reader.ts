/**
 * The one door to texts in files: any mixture of folders, files and data sets
 * as a stream of documents, one in memory at a time.
 *
 * @module
 */
import { ConfigError, FormatError, messageOf } from "../../util/mod.ts";
import { type ByteSource, fileSource, innerName } from "./byte_source.ts";
import { type CorpusDataSet, findCorpusFiles } from "./corpus_files.ts";
import type { CorpusDocument } from "./document.ts";
import { readJsonLines, readParquet } from "./read_rows.ts";
import { readTexts } from "./read_texts.ts";
import {
  READ_DEFAULTS,
  type ReadCorpusOptions,
  type ReadCorpusSettings,
  ReadCorpusTally,
  Reading,
} from "./reading.ts";

type ReadFormat = (
  source: ByteSource,
  reading: Reading,
) => AsyncGenerator<CorpusDocument>;

/** Readers of rows by suffix; all else is text. */
const ROW_READERS: Readonly<Record<string, ReadFormat>> = {
  jsonl: readJsonLines,
  ndjson: readJsonLines,
  parquet: readParquet,
};

/**
 * Documents of corpora. Iterating reads the files anew; `tally` tells of the
 * pass that goes on or of the last one.
 *
 * @example
 * ```ts
 * const corpus = await openCorpus("corpora/real", { badInput: "skip" });
 * for await (const { text } of corpus) console.log(text.length);
 * ```
 */
export class CorpusReader implements AsyncIterable<CorpusDocument> {
  /** Bytes of all files, as they lie on the disk. */
  readonly fileBytes: number;
  /** What has been read, and what was skipped. */
  tally: ReadCorpusTally = new ReadCorpusTally();
  readonly #dataSets: readonly CorpusDataSet[];
  readonly #settings: ReadCorpusSettings;

  constructor(
    dataSets: readonly CorpusDataSet[],
    settings: ReadCorpusSettings,
    fileBytes: number,
  ) {
    this.#dataSets = dataSets;
    this.#settings = settings;
    this.fileBytes = fileBytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CorpusDocument> {
    const tally = this.tally = new ReadCorpusTally();
    const settings = this.#settings;
    for (const { name, licence, files } of this.#dataSets) {
      const origin = {
        source: name,
        ...(licence === undefined ? {} : { licence }),
      };
      for (const file of files) {
        const reading = new Reading(file, origin, { settings, tally });
        for await (const document of readFile(reading)) {
          tally.count(document);
          yield document;
        }
        tally.files++;
      }
    }
  }
}

async function* readFile(reading: Reading): AsyncGenerator<CorpusDocument> {
  const source = await fileSource(reading.path);
  if (source.byteLength === 0) {
    reading.tally.blank++;
    return;
  }
  const suffix = innerName(reading.name).toLowerCase().replace(/.*\./, "");
  try {
    yield* (ROW_READERS[suffix] ?? readTexts)(source, reading);
  } catch (error) {
    // A packed file that breaks off: what came before it has been given out.
    const isBroken = error instanceof FormatError;
    if (!isBroken || reading.settings.badInput === "stop") throw error;
    reading.refuse(messageOf(error));
  }
}

function checkEncoding(label: string): void {
  try {
    new TextDecoder(label);
  } catch {
    throw new ConfigError(
      `Cannot read texts in the encoding "${label}": wanted a label such as ` +
        "utf-8, iso-8859-1 or windows-1252",
    );
  }
}

/**
 * Opens folders, files and data sets of Hugging Face as one corpus.
 *
 * @throws {ConfigError} when there is no such encoding
 * @throws {DataError} when a path leads to nothing that can be read
 */
export async function openCorpus(
  paths: string | readonly string[],
  options: ReadCorpusOptions = {},
): Promise<CorpusReader> {
  const settings: ReadCorpusSettings = { ...READ_DEFAULTS, ...options };
  checkEncoding(settings.encoding);
  const dataSets: CorpusDataSet[] = [];
  let fileBytes = 0;
  for (const path of typeof paths === "string" ? [paths] : paths) {
    const dataSet = await findCorpusFiles(path, { split: settings.split });
    for (const file of dataSet.files) {
      fileBytes += (await Deno.stat(file.path)).size;
    }
    dataSets.push(dataSet);
  }
  return new CorpusReader(dataSets, settings, fileBytes);
}
