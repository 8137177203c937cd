/**
 * Rows of evaluation data in the forms that the public sets come in: JSON, JSON
 * Lines, CSV, Parquet, the JSON of SQuAD and the XML of ASSIN; one file, or a
 * folder of them as it was downloaded.
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
  messageOf,
  parseCsv,
  readText,
  walkFiles,
} from "../util/mod.ts";

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
  xml: async (path) => parsePairs(await readText(path, WHAT), path),
  parquet: readParquetRows,
};

const WHAT = "the items of a task";

const suffixOf = (path: string) => path.toLowerCase().replace(/.*\./, "");

/** One JSON list, an object a line, or SQuAD's nested object. */
function parseJson(text: string, path: string): unknown[] {
  try {
    const begins = text.trimStart();
    if (begins.startsWith("[")) return JSON.parse(text) as unknown[];
    if (/^\{\s*"(version|data)"/.test(begins)) return squadRows(text);
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

async function readParquetRows(path: string): Promise<unknown[]> {
  const bytes = await Deno.readFile(path);
  try {
    return await parquetReadObjects({ file: bytes.buffer, compressors });
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
