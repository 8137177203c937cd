/**
 * Documents of tables: a row of JSON Lines or Parquet is a text or a
 * conversation, its other columns are metadata.
 *
 * @module
 */
import { parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { messageOf } from "../../util/mod.ts";
import { type ByteSource, unpackedBytes } from "./byte_source.ts";
import { conversationOf, flattenConversation } from "./conversation.ts";
import { type CorpusDocument, ORIGIN_COLUMN, utf8Length } from "./document.ts";
import type { Reading } from "./reading.ts";
import { byteLines } from "./text_lines.ts";

type Row = Readonly<Record<string, unknown>>;

/**
 * Document of a row: its text column, else the conversation that it holds. A
 * row without either is refused, a blank one gives nothing.
 */
function rowDocument(
  row: unknown,
  number: number,
  reading: Reading,
): CorpusDocument | undefined {
  const { textColumn, maxDocumentBytes } = reading.settings;
  const place = `row ${number}`;
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    reading.refuse("it is not a record of columns", place);
    return undefined;
  }
  const { [textColumn]: own, [ORIGIN_COLUMN]: origin, ...rest } = row as Row;
  const turns = typeof own === "string" ? undefined : conversationOf(rest);
  const text = typeof own === "string" ? own : flattenConversation(turns ?? []);
  if (typeof own !== "string" && !turns) {
    reading.refuse(
      `it has no column "${textColumn}" with a text and no conversation; its ` +
        `columns are ${Object.keys(row).join(", ") || "none"}`,
      place,
    );
    return undefined;
  }
  const bytes = utf8Length(text);
  if (bytes > maxDocumentBytes) { // Parquet has no lines to limit
    reading.refuse(reading.tooLong(bytes), place);
    return undefined;
  }
  const document = reading.document(
    text.replace(/\r\n?/g, "\n").toWellFormed(),
    { part: number, metadata: turns ? {} : plainColumns(rest) },
  );
  return document && isOrigin(origin) ? { ...document, ...origin } : document;
}

/** Columns that JSON can hold; bytes (pictures, sound) are left out. */
function plainColumns(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => !ArrayBuffer.isView(value))
      .map(([name, value]) => [
        name,
        typeof value === "bigint" ? bigNumber(value) : value,
      ]),
  );
}

/** INT64 of Parquet: a number where it is exact, else its digits. */
function bigNumber(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Whether a row says where its text came from before it was cleaned. */
function isOrigin(
  x: unknown,
): x is Pick<CorpusDocument, "name" | "source" | "licence"> {
  if (typeof x !== "object" || x === null) return false;
  const { name, source, licence = "" } = x as Row;
  return [name, source, licence].every((value) => typeof value === "string");
}

/** Documents of JSON Lines, a record each line; blank lines are passed over. */
export async function* readJsonLines(
  source: ByteSource,
  reading: Reading,
): AsyncGenerator<CorpusDocument> {
  const { settings, tally } = reading;
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const chunks = unpackedBytes(source, (count) => tally.fileBytes += count);
  for await (const line of byteLines(chunks, settings.maxDocumentBytes)) {
    const place = `line ${line.number}`;
    if (!line.bytes) {
      reading.refuse(reading.tooLong(line.byteLength), place);
      continue;
    }
    const text = reading.decode(line.bytes, place, utf8);
    if (text === undefined || text.trim() === "") continue;
    let row: unknown;
    try {
      row = JSON.parse(text);
    } catch (error) {
      reading.refuse(`it is not JSON: ${messageOf(error)}`, place);
      continue;
    }
    const document = rowDocument(row, line.number, reading);
    if (document) yield document;
  }
}

/**
 * Documents of a Parquet file, one row group in memory at a time.
 *
 * A file whose footer is damaged is refused as a whole, a damaged row group
 * for itself.
 */
export async function* readParquet(
  file: ByteSource,
  reading: Reading,
): AsyncGenerator<CorpusDocument> {
  const { tally } = reading;
  let metadata;
  try {
    metadata = await parquetMetadataAsync(file);
  } catch (error) {
    reading.refuse(`it is not Parquet or cut short: ${messageOf(error)}`);
    tally.fileBytes += file.byteLength;
    return;
  }
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    let rows: Row[] = [];
    try {
      rows = await parquetReadObjects({
        file,
        metadata,
        rowStart,
        rowEnd,
        compressors,
      });
    } catch (error) {
      reading.refuse(
        `they cannot be read: ${messageOf(error)}`,
        `rows ${rowStart + 1} to ${rowEnd}`,
      );
    }
    for (const [i, row] of rows.entries()) {
      const document = rowDocument(row, rowStart + i + 1, reading);
      if (document) yield document;
    }
    tally.fileBytes += Number(
      group.total_compressed_size ?? group.total_byte_size,
    );
    rowStart = rowEnd;
  }
}
