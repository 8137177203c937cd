/**
 * Notebook files (nbformat 4, https://nbformat.readthedocs.io): reading with
 * clear errors, and writing as Jupyter's own writer does (sorted keys, one
 * space, text split into lines), so that a run changes no line without need.
 *
 * In memory a source and the text of an output are one string each.
 *
 * @module
 */
import {
  FormatError,
  messageOf,
  readText,
  writeFileAtomic,
} from "../../lib/util/mod.ts";

/** A media bundle: text as one string, JSON types as values. */
export type OutputData = Record<string, unknown>;

/** One output of a code cell. */
export type CellOutput =
  | { output_type: "stream"; name: string; text: string }
  | {
    output_type: "display_data";
    data: OutputData;
    metadata: Record<string, unknown>;
  }
  | {
    output_type: "execute_result";
    data: OutputData;
    metadata: Record<string, unknown>;
    execution_count: number | null;
  }
  | {
    output_type: "error";
    ename: string;
    evalue: string;
    traceback: string[];
  };

interface CellBase {
  id?: string;
  metadata: { tags?: string[]; [key: string]: unknown };
  source: string;
}

/** A cell of text. */
export interface TextCell extends CellBase {
  cell_type: "markdown" | "raw";
}

/** A cell of code with what it put out. */
export interface CodeCell extends CellBase {
  cell_type: "code";
  execution_count: number | null;
  outputs: CellOutput[];
}

export type NotebookCell = TextCell | CodeCell;

/**
 * A notebook; `metadata.caderno.toy` holds small parameters for tests, `isLong`
 * says that `start` runs it by name only.
 */
export interface Notebook {
  cells: NotebookCell[];
  metadata: {
    caderno?: { toy?: Record<string, unknown>; isLong?: boolean };
    [key: string]: unknown;
  };
  nbformat: number;
  nbformat_minor: number;
}

/** A string that may be stored as a list of lines. */
function joined(value: unknown): string {
  return Array.isArray(value) ? value.join("") : String(value ?? "");
}

/** Whether the values of a MIME type are JSON and stay as they are. */
function isJsonMime(mime: string): boolean {
  return mime === "application/json" ||
    (mime.startsWith("application/") && mime.endsWith("+json"));
}

/** Maps the text of a media bundle; JSON types are left alone. */
function mapText(
  data: OutputData,
  change: (value: unknown) => unknown,
): OutputData {
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => [
      mime,
      isJsonMime(mime) ? value : change(value),
    ]),
  );
}

function parseOutput(output: CellOutput): CellOutput {
  if (output.output_type === "stream") {
    return { ...output, text: joined(output.text) };
  }
  if (output.output_type === "error") return output;
  return { ...output, data: mapText(output.data ?? {}, joined) };
}

function parseCell(raw: unknown, name: string, i: number): NotebookCell {
  const cell = raw as Partial<CodeCell | TextCell> | null;
  const type = cell?.cell_type;
  if (type !== "code" && type !== "markdown" && type !== "raw") {
    throw new FormatError(
      `Cannot read ${name}: cell ${i + 1} has the type "${type}", ` +
        "wanted code, markdown or raw",
    );
  }
  const base = {
    ...cell,
    metadata: cell?.metadata ?? {},
    source: joined(cell?.source),
  };
  if (type !== "code") return { ...base, cell_type: type } as TextCell;
  const { outputs = [], execution_count = null } = cell as Partial<CodeCell>;
  return {
    ...base,
    cell_type: "code",
    execution_count,
    outputs: outputs.map(parseOutput),
  };
}

/**
 * Parses the text of a notebook.
 *
 * @param name what errors call it
 * @throws {FormatError} when it is not JSON, not nbformat 4, or a cell is wrong
 */
export function parseNotebook(text: string, name: string): Notebook {
  let raw: Partial<Notebook> | null;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new FormatError(
      `Cannot read ${name}: it is not JSON: ${messageOf(error)}`,
    );
  }
  if (raw?.nbformat !== 4 || !Array.isArray(raw.cells)) {
    throw new FormatError(
      `Cannot read ${name}: wanted a notebook of nbformat 4 with cells, ` +
        `got nbformat ${raw?.nbformat}`,
    );
  }
  return {
    metadata: raw.metadata ?? {},
    nbformat: 4,
    nbformat_minor: raw.nbformat_minor ?? 5,
    cells: raw.cells.map((cell, i) => parseCell(cell, name, i)),
  };
}

/** Reads a notebook; see {@linkcode parseNotebook}. */
export async function readNotebook(path: string): Promise<Notebook> {
  return parseNotebook(await readText(path, "a notebook"), path);
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

function rawOutput(output: CellOutput): unknown {
  if (output.output_type === "stream") {
    return { ...output, text: lines(output.text) };
  }
  if (output.output_type === "error") return output;
  const split = (value: unknown): unknown =>
    typeof value === "string" ? lines(value) : value;
  return { ...output, data: mapText(output.data, split) };
}

/** Records with their keys sorted, at every depth. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([k, v]) => [k, sorted(v)]);
  entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return Object.fromEntries(entries);
}

/** The text of a notebook as it is stored. */
export function formatNotebook(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    source: lines(cell.source),
    ...(cell.cell_type === "code"
      ? { outputs: cell.outputs.map(rawOutput) }
      : {}),
  }));
  return JSON.stringify(sorted({ ...notebook, cells }), null, 1) + "\n";
}

/** Writes a notebook, whole or not at all. */
export async function writeNotebook(
  path: string,
  notebook: Notebook,
): Promise<void> {
  await writeFileAtomic(path, formatNotebook(notebook));
}

/**
 * The code cells in order. Everywhere in these tools a cell's number counts
 * code cells from 1, as Jupyter shows them: [3] is the third code cell.
 */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell) => cell.cell_type === "code");
}

/** Whether a cell carries a tag. */
export function hasTag(cell: NotebookCell, tag: string): boolean {
  return cell.metadata.tags?.includes(tag) ?? false;
}
