/**
 * Rows of evaluation data in the forms that the public sets come in: JSON, JSON
 * Lines, CSV, Parquet, the JSON of SQuAD, the XML of ASSIN, the texts of OAB's
 * exams and plain texts; one file, or a folder of them as it was downloaded.
 *
 * @module
 */
import { Parser } from "htmlparser2";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { basename } from "node:path";
import {
  DataError,
  FormatError,
  isJson,
  messageOf,
  parseCsv,
  readText,
  walkFiles,
} from "../util/mod.ts";
import { isExamText, parseExamText } from "./exam_text.ts";

/** Cells of a row by name. */
export type RowFields = Readonly<Record<string, unknown>>;

/** A row, and the file that it comes from. */
export interface DataRow {
  readonly fields: RowFields;
  readonly file: string;
}

/** Split that a file's name tells: "train", "validation", "dev"; or "test". */
export function splitOfFile(file: string): string {
  return /(train|validation|valid|val|test|dev)/.exec(
    basename(file).toLowerCase(),
  )?.[1]?.replace(/^valid$/, "validation") ?? "test";
}

type ReadRows = (path: string) => Promise<readonly unknown[]>;

const READERS: Readonly<Record<string, ReadRows>> = {
  json: async (path) => parseJson(await readText(path, WHAT), path),
  jsonl: async (path) => parseJson(await readText(path, WHAT), path),
  csv: async (path) => parseCsv(await readText(path, WHAT), path).rows,
  txt: async (path) => parseText(await readText(path, WHAT), path),
  xml: async (path) => parsePairs(await readText(path, WHAT), path),
  parquet: readParquetRows,
};

const WHAT = "the items of a task";

const suffixOf = (path: string) => path.toLowerCase().replace(/.*\./, "");

/** Questions of an exam, or one document. */
function parseText(text: string, path: string): unknown[] {
  const name = basename(path).replace(/\.[^.]*$/, "");
  return isExamText(text) ? parseExamText(text, name) : [{ id: name, text }];
}

/** One JSON list or object, an object a line, or SQuAD's nested object. */
function parseJson(text: string, path: string): unknown[] {
  try {
    const begins = text.trimStart();
    if (begins.startsWith("[")) return JSON.parse(text) as unknown[];
    if (/^\{\s*"(version|data)"/.test(begins)) return squadRows(text);
    // An object over several lines: a question in a file of its own.
    if (/^\{\s*\n/.test(begins) && isJson(text)) return [JSON.parse(text)];
    return text.split("\n").filter((line) => line.trim() !== "")
      .map((line) => JSON.parse(line));
  } catch (error) {
    throw new FormatError(
      `Cannot read ${path} as JSON or JSON Lines: ${messageOf(error)}`,
    );
  }
}

/** The data set of SQuAD, as far as its rows need it. */
interface SquadFile {
  readonly data: readonly {
    readonly title?: string;
    readonly paragraphs: readonly {
      readonly context: string;
      readonly qas: readonly object[];
    }[];
  }[];
}

function squadRows(text: string): unknown[] {
  const { data } = JSON.parse(text) as SquadFile;
  return data.flatMap(({ title, paragraphs }) =>
    paragraphs.flatMap(({ context, qas }) =>
      qas.map((question) => ({ title, context, ...question }))
    )
  );
}

/** The `<pair>` elements of ASSIN: attributes, and the texts t and h. */
function parsePairs(text: string, path: string): unknown[] {
  const rows: Record<string, string>[] = [];
  let inside: string | undefined;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === "pair") rows.push({ ...attributes, t: "", h: "" });
      if (name === "t" || name === "h") inside = name;
    },
    ontext(piece) {
      if (inside !== undefined && rows.length > 0) {
        rows.at(-1)![inside] += piece;
      }
    },
    onclosetag(name) {
      if (name === inside) inside = undefined;
    },
  }, { xmlMode: true, decodeEntities: true });
  parser.end(text);
  if (rows.length > 0) return rows;
  throw new FormatError(
    `Cannot read ${path} as a data set: wanted the <pair> elements of ASSIN`,
  );
}

/** A cell as JSON would have it: 64-bit integers and dates are none. */
function plainCell(cell: unknown): unknown {
  if (typeof cell === "bigint") return Number(cell);
  if (Array.isArray(cell)) return cell.map(plainCell);
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell !== "object" || cell === null) return cell;
  return Object.fromEntries(
    Object.entries(cell).map(([key, value]) => [key, plainCell(value)]),
  );
}

async function readParquetRows(path: string): Promise<unknown[]> {
  const bytes = await Deno.readFile(path);
  try {
    const file = bytes.buffer;
    return (await parquetReadObjects({ file, compressors })).map(plainCell);
  } catch (error) {
    throw new FormatError(
      `Cannot read ${path} as Parquet: ${messageOf(error)}`,
    );
  }
}

/** Files of data below a folder in the order of their names, or the file. */
async function filesOf(path: string): Promise<string[]> {
  const isFolder = await Deno.stat(path).then(
    (s) => s.isDirectory,
    () => false,
  );
  if (!isFolder) return [path];
  const files = await Array.fromAsync(walkFiles(path));
  return files.filter((file) => suffixOf(file) in READERS);
}

/**
 * All rows of a file or of the files in a folder. A file of another suffix is
 * taken for JSON or JSON Lines.
 *
 * @throws {DataError} when there is no such file or no row
 * @throws {FormatError} when a file is not what its suffix says
 */
export async function readDataRows(path: string): Promise<DataRow[]> {
  const rows: DataRow[] = [];
  for (const file of await filesOf(path)) {
    const read = READERS[suffixOf(file)] ?? READERS.json!;
    for (const row of await read(file)) {
      const isRecord = typeof row === "object" && row !== null;
      rows.push({ fields: isRecord ? row as RowFields : {}, file });
    }
  }
  if (rows.length > 0) return rows;
  throw new DataError(`Cannot use ${path}: there are no items in it`);
}

/** Takes the reason why an item cannot be used, which names it. */
export type SkipItem = (reason: string) => void;

/** How items are read. */
export interface ItemReadOptions {
  /** Takes items that cannot be used; without it the first one is an error. */
  readonly onSkip?: SkipItem | undefined;
}

/**
 * Items of rows. Those that cannot be used are told and left out, where somebody
 * listens.
 *
 * @param read items of one row; throws a FormatError that names the item
 * @throws {FormatError} for the first item that cannot be used
 * @throws {DataError} when none is left
 */
export function usableItems<Row, Item>(
  rows: readonly Row[],
  read: (row: Row, index: number) => readonly Item[],
  { onSkip }: ItemReadOptions = {},
): Item[] {
  let first: string | undefined;
  const items = rows.flatMap((row, i) => {
    try {
      return read(row, i);
    } catch (error) {
      if (!onSkip || !(error instanceof FormatError)) throw error;
      const reason = messageOf(error);
      first ??= reason;
      onSkip(reason);
      return [];
    }
  });
  if (items.length > 0 || first === undefined) return items;
  throw new DataError(
    `Cannot use any of ${rows.length} items; the first: ${first}`,
  );
}
