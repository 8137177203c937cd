/**
 * Documents on disk: a folder with `documents.jsonl` (a row each, with its
 * text and where it came from) and `corpus.json` (the command, sources with
 * licences, what cleaning took). `openCorpus` reads it back with its licences.
 *
 * @module
 */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  DataError,
  writeAll,
  writeFileAtomic,
  writeFolderAtomic,
  writeJson,
} from "../../util/mod.ts";
import type { CorpusFunnel } from "./clean_corpus.ts";
import {
  type CorpusDocument,
  type DocumentStream,
  ORIGIN_COLUMN,
} from "./document.ts";
import { type CorpusSource, SourceTally } from "./source_tally.ts";

/** Bytes of rows that are written, and packed, at a time. */
const PIECE_BYTES = 1 << 20;

/** The record beside the documents. */
export interface CorpusRecord {
  readonly format: "caderno corpus 1";
  /** The command that made it, as one would type it again. */
  readonly command: string;
  readonly sources: readonly CorpusSource[];
  readonly funnel?: CorpusFunnel;
}

/** How a corpus is written. */
export interface WriteCorpusOptions {
  /** For the record. */
  readonly command?: string;
  /** For the record; asked for after the last document. */
  readonly funnel?: () => CorpusFunnel;
  /** Packs the rows by gzip (default false). */
  readonly gzip?: boolean;
  /** Further files by their names: texts of licences. */
  readonly files?: () => Readonly<Record<string, string>>;
  /** Stops between two documents; nothing is left behind. */
  readonly signal?: AbortSignal | undefined;
}

function rowOf({ text, name, source, licence, metadata }: CorpusDocument) {
  const origin = {
    name,
    source,
    ...(licence === undefined ? {} : { licence }),
  };
  return { text, [ORIGIN_COLUMN]: origin, ...metadata };
}

async function writeRows(
  path: string,
  documents: DocumentStream,
  { gzip = false, signal }: WriteCorpusOptions,
): Promise<SourceTally> {
  const tally = new SourceTally();
  const encoder = new TextEncoder();
  await writeFileAtomic(path, async (file) => {
    let piece: string[] = [];
    let size = 0;
    const flush = async () => {
      const bytes = encoder.encode(piece.join(""));
      // Members of gzip one after the other are one file of gzip.
      await writeAll(file, gzip ? gzipSync(bytes) : bytes);
      piece = [];
      size = 0;
    };
    for await (const document of documents) {
      signal?.throwIfAborted();
      tally.count(document);
      const line = JSON.stringify(rowOf(document)) + "\n";
      piece.push(line);
      size += line.length;
      if (size >= PIECE_BYTES) await flush();
    }
    await flush();
  });
  return tally;
}

/**
 * Writes documents to a new folder, which is whole or absent.
 *
 * @throws {ConfigError} when the folder is there already
 * @throws {DataError} when there is no document
 */
export async function writeCorpusFolder(
  folder: string,
  documents: DocumentStream,
  options: WriteCorpusOptions = {},
): Promise<CorpusRecord> {
  return await writeFolderAtomic(folder, async (temporary) => {
    const name = `documents.jsonl${options.gzip ? ".gz" : ""}`;
    const tally = await writeRows(join(temporary, name), documents, options);
    const sources = tally.rows();
    if (sources.length === 0) {
      throw new DataError("Cannot write a corpus without a document");
    }
    const record: CorpusRecord = {
      format: "caderno corpus 1",
      command: options.command ?? "",
      sources,
      ...(options.funnel ? { funnel: options.funnel() } : {}),
    };
    await writeJson(join(temporary, "corpus.json"), record);
    for (const [name, content] of Object.entries(options.files?.() ?? {})) {
      await writeFileAtomic(join(temporary, name), content);
    }
    return record;
  });
}
