/**
 * Runs a notebook from top to bottom in a fresh kernel, without Jupyter, and
 * gives it back with its outputs. The result depends on the code alone: no
 * times of execution, cells counted from 1, ids as they were.
 *
 * @module
 */
import { dirname } from "node:path";
import { findErrorLine, findSyntaxError } from "./cell_source.ts";
import { Kernel, KernelError } from "./kernel.ts";
import {
  type CellOutput,
  type CodeCell,
  codeCells,
  hasTag,
  type Notebook,
  readNotebook,
  writeNotebook,
} from "./notebook_file.ts";
import { OutputCollector } from "./outputs.ts";
import {
  type Parameters,
  parametersCell,
  parametersCode,
} from "./parameters.ts";

/** How far a run is. */
export interface CellProgress {
  /** Number of the code cell that starts or has ended, from 1. */
  readonly cell: number;
  readonly numCells: number;
  readonly isDone: boolean;
  /** Seconds since the run began. */
  readonly seconds: number;
}

/** An error of a cell. */
export interface CellFailure {
  /** Number of the code cell, from 1. */
  readonly cell: number;
  /** Line in the cell, from 1, where it could be found. */
  readonly line: number | undefined;
  /** "TypeError: …". */
  readonly message: string;
}

/** How a notebook is run. */
export interface RunOptions {
  /** Values for the names that the cell tagged "parameters" declares. */
  readonly parameters?: Parameters;
  /** Keep a cell with these values in the saved notebook; not by default. */
  readonly keepParameters?: boolean;
  /** File for the notebook with its outputs; written after failures too. */
  readonly out?: string;
  /** Seconds that one cell may take; 3600 by default. */
  readonly timeoutSeconds?: number;
  /** Called before and after each code cell. */
  readonly onCell?: (progress: CellProgress) => void;
  /** Outputs for a file: pictures, no script (CADERNO_STATIC=1); the default. */
  readonly isStatic?: boolean;
  /** Go on after an error; the tag "raises-exception" does so for one cell. */
  readonly allowErrors?: boolean;
  /** Ends the run with an InterruptedError. */
  readonly signal?: AbortSignal;
}

/** What came of a run. */
export interface NotebookRun {
  readonly notebook: Notebook;
  readonly seconds: number;
  /** Errors that were not allowed; the run ended at the first. */
  readonly failure: CellFailure | undefined;
  /** Errors that were allowed. */
  readonly allowed: readonly CellFailure[];
}

/** "cell 3, line 2: TypeError: …". */
export function formatFailure({ cell, line, message }: CellFailure): string {
  return `cell ${cell}${
    line === undefined ? "" : `, line ${line}`
  }: ${message}`;
}

/** Adds an output that says what the kernel did not say. */
function addError(cell: CodeCell, name: string, message: string): void {
  cell.outputs.push({
    output_type: "error",
    ename: name,
    evalue: message,
    traceback: [`${name}: ${message}`],
  });
}

function errorOutput(
  outputs: readonly CellOutput[],
): Extract<CellOutput, { output_type: "error" }> | undefined {
  return outputs.find((output) => output.output_type === "error");
}

/** Runs one cell; its outputs are in the cell afterwards. */
async function runCell(
  kernel: Kernel,
  collector: OutputCollector,
  cell: CodeCell,
  number: number,
  { timeoutSeconds = 3600, signal }: RunOptions,
): Promise<CellFailure | undefined> {
  cell.outputs = [];
  cell.execution_count = number;
  collector.startCell(cell.outputs, number);
  let status: "ok" | "error";
  try {
    status = await kernel.execute(cell.source, {
      onMessage: (message) => collector.add(message),
      timeoutSeconds,
      ...(signal ? { signal } : {}),
    });
  } finally {
    collector.endCell();
  }
  let error = errorOutput(cell.outputs);
  if (!error && status === "ok") return undefined;
  let line: number | undefined;
  if (error) line = await findErrorLine(cell.source, error.traceback);
  else {
    const syntax = await findSyntaxError(cell.source);
    line = syntax?.line;
    addError(
      cell,
      "SyntaxError",
      syntax?.message.replace(/^SyntaxError: /, "") ??
        "the kernel refused the cell and gave no reason",
    );
    error = errorOutput(cell.outputs)!;
  }
  return { cell: number, line, message: `${error.ename}: ${error.evalue}` };
}

/** Runs code cells until one fails; allowed errors go into `allowed`. */
async function runCells(
  kernel: Kernel,
  cells: readonly CodeCell[],
  options: RunOptions,
  hooks: {
    readonly report: (cell: number, isDone: boolean) => void;
    /** Called after each cell that went well. */
    readonly afterCell: (cell: CodeCell) => Promise<void>;
    readonly allowed: CellFailure[];
  },
): Promise<CellFailure | undefined> {
  const collector = new OutputCollector();
  for (const [i, cell] of cells.entries()) {
    if (cell.source.trim() === "") continue;
    hooks.report(i + 1, false);
    let failure: CellFailure | undefined;
    try {
      failure = await runCell(kernel, collector, cell, i + 1, options);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      addError(cell, error.name, error.message);
      return { cell: i + 1, line: undefined, message: error.message };
    }
    hooks.report(i + 1, true);
    if (!failure) await hooks.afterCell(cell);
    else if (options.allowErrors || hasTag(cell, "raises-exception")) {
      hooks.allowed.push(failure);
    } else return failure;
  }
  return undefined;
}

/** A code cell that sets parameters, as it is saved. */
function injectedCell(source: string): CodeCell {
  return {
    cell_type: "code",
    id: "injected-parameters",
    metadata: { tags: ["injected-parameters"] },
    source,
    execution_count: null,
    outputs: [],
  };
}

/**
 * Runs all code cells of a notebook in the notebook's folder.
 *
 * @throws {FormatError} when the file is not a notebook
 * @throws {ConfigError} when a parameter is not declared
 * @throws {KernelError} when no kernel comes up
 * @throws {InterruptedError} when the signal is aborted
 */
export async function runNotebook(
  path: string,
  options: RunOptions = {},
): Promise<NotebookRun> {
  const notebook = await readNotebook(path);
  const injected = parametersCode(notebook, options.parameters ?? {});
  const parametersAt = parametersCell(notebook);
  const cells = codeCells(notebook);
  for (const cell of cells) {
    cell.outputs = [];
    cell.execution_count = null;
  }
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const allowed: CellFailure[] = [];
  let failure: CellFailure | undefined;
  {
    await using kernel = await Kernel.start({
      cwd: dirname(path),
      env: { CADERNO_STATIC: options.isStatic === false ? "0" : "1" },
    });
    failure = await runCells(kernel, cells, options, {
      report: (cell, isDone) =>
        options.onCell?.({
          cell,
          numCells: cells.length,
          isDone,
          seconds: seconds(),
        }),
      afterCell: async (cell) => {
        if (cell === parametersAt && injected) await kernel.execute(injected);
      },
      allowed,
    });
  }
  if (options.keepParameters && injected && parametersAt) {
    const at = notebook.cells.indexOf(parametersAt);
    notebook.cells.splice(at + 1, 0, injectedCell(injected));
  }
  if (options.out !== undefined) await writeNotebook(options.out, notebook);
  return { notebook, seconds: seconds(), failure, allowed };
}
