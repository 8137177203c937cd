/**
 * What every notebook of this project keeps to (CONTRIBUTING, rule 9), as far
 * as a program can see it.
 *
 * @module
 */
import {
  type CellOutput,
  codeCells,
  formatNotebook,
  type Notebook,
  type NotebookCell,
} from "./notebook_file.ts";
import { parametersCell } from "./parameters.ts";

/** Lines that half of the code cells keep to. */
const MAX_MEDIAN_LINES = 6;
/** Lines of the longest code cell. */
const MAX_LINES = 12;
/** The parameters stand within so many code cells from the top. */
const MAX_PARAMETERS_CELL = 3;
/** Characters of a notebook's outputs in its file. */
const MAX_OUTPUT = 500_000;
/**
 * A file URL, a path of Windows, or a path from "/" of three names, but for
 * those that are the same on every machine.
 */
const ABSOLUTE_PATH =
  /file:\/\/\/|\b[A-Z]:\\\w|(?<![\w.:/<-])\/(?!sys\/|proc\/|dev\/)(?:[\w.-]+\/){2}[\w.-]+/;

/** Lines of code, blank ones left out. */
function lineCount(cell: NotebookCell): number {
  return cell.source.split("\n").filter((line) => line.trim() !== "").length;
}

function* lengthProblems(notebook: Notebook): Generator<string> {
  const counts = codeCells(notebook).map(lineCount);
  for (const [i, count] of counts.entries()) {
    if (count > MAX_LINES) {
      yield `Cell ${i + 1} has ${count} lines, more than ${MAX_LINES}`;
    }
  }
  const median = counts.toSorted((a, b) => a - b)[counts.length >> 1] ?? 0;
  if (median > MAX_MEDIAN_LINES) {
    yield `The median code cell has ${median} lines, more than ` +
      MAX_MEDIAN_LINES;
  }
}

function* orderProblems(notebook: Notebook): Generator<string> {
  const { cells } = notebook;
  const code = codeCells(notebook);
  if (cells[0]?.cell_type !== "markdown") {
    yield "The first cell is not text: begin with a title and the question";
  }
  if (cells.at(-1)?.cell_type !== "markdown") {
    yield "The last cell is not text: end with what was learned";
  }
  if (!/^import\b/m.test(code[0]?.source ?? "")) {
    yield "Cell 1 does not import: bring in everything at the top";
  }
  const at = code.findIndex((cell) => cell === parametersCell(notebook));
  const late = code.findIndex((cell, i) =>
    i > Math.max(at, 0) && /^import\b/m.test(cell.source)
  );
  if (late > 0) {
    yield `Cell ${late + 1} imports: move that above the parameters`;
  }
  if (at < 0) yield 'No code cell is tagged "parameters"';
  else if (at >= MAX_PARAMETERS_CELL) {
    yield `The parameters stand in cell ${at + 1}, ` +
      `not in the first ${MAX_PARAMETERS_CELL}`;
  }
}

/** Text of an output in which a path could stand. */
function textOf(output: CellOutput): string {
  switch (output.output_type) {
    case "stream":
      return output.text;
    case "error":
      return [output.evalue, ...output.traceback].join("\n");
    default:
      return Object.entries(output.data)
        .filter(([mime]) => !mime.startsWith("image/"))
        .map(([, value]) =>
          typeof value === "string" ? value : JSON.stringify(value)
        )
        .join("\n").replace(/data:[^"]*/g, "");
  }
}

function* outputProblems(notebook: Notebook): Generator<string> {
  const code = codeCells(notebook);
  const bare = { ...notebook, cells: notebook.cells.map(withoutOutputs) };
  const size = formatNotebook(notebook).length - formatNotebook(bare).length;
  if (size > MAX_OUTPUT) {
    yield `The outputs take ${size} characters, more than ${MAX_OUTPUT}`;
  }
  for (const [i, cell] of code.entries()) {
    for (const output of cell.outputs) {
      const path = ABSOLUTE_PATH.exec(textOf(output))?.[0];
      if (path) yield `Cell ${i + 1} shows a path of one machine: ${path}`;
    }
  }
}

/** A cell as it is before it has run. */
export function withoutOutputs(cell: NotebookCell): NotebookCell {
  if (cell.cell_type !== "code") return cell;
  return { ...cell, outputs: [], execution_count: null };
}

/** What a notebook does otherwise than it should; nothing when all is well. */
export function notebookProblems(notebook: Notebook): string[] {
  return [
    ...orderProblems(notebook),
    ...lengthProblems(notebook),
    ...outputProblems(notebook),
  ];
}
