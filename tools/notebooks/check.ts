/**
 * Type-checks notebooks. The kernel strips types unseen, says nothing about a
 * syntax error and imports a missing name as undefined, so the code cells of
 * each notebook are joined to one module beside it, all modules go through one
 * `deno check`, and its errors are told in cells and lines.
 *
 * A name declared twice is an error here though the kernel allows it: notebooks
 * that others read say each thing once. The tag "skip-check" leaves a cell out.
 * By itself: `deno run -A tools/notebooks/check.ts notebooks/*.ipynb`.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DataError } from "../../lib/util/mod.ts";
import {
  codeCells,
  hasTag,
  type Notebook,
  readNotebook,
} from "./notebook_file.ts";

/** One error of the type checker. */
export interface CheckProblem {
  /** The notebook, or the file that it imports. */
  readonly file: string;
  /** Number of the code cell, from 1; undefined in an imported file. */
  readonly cell: number | undefined;
  /** Line in the cell or in the file, from 1. */
  readonly line: number;
  readonly message: string;
}

interface Place {
  readonly cell: number;
  readonly line: number;
}

/** The code of a notebook as one module, with the origin of each line. */
export interface NotebookModule {
  readonly code: string;
  readonly places: readonly (Place | undefined)[];
}

/** "01_start.ipynb, cell 3, line 2: …". */
export function formatProblem(
  { file, cell, line, message }: CheckProblem,
): string {
  const place = cell === undefined ? file : `${file}, cell ${cell}`;
  return `${place}, line ${line}: ${message}`;
}

/** Joins the code cells; a line of its own ends each cell. */
export function notebookModule(notebook: Notebook): NotebookModule {
  const lines = ["export {};"];
  const places: (Place | undefined)[] = [undefined];
  for (const [i, cell] of codeCells(notebook).entries()) {
    if (hasTag(cell, "skip-check")) continue;
    for (const [j, line] of cell.source.split("\n").entries()) {
      lines.push(line);
      places.push({ cell: i + 1, line: j + 1 });
    }
    lines.push(";");
    places.push(undefined);
  }
  return { code: lines.join("\n") + "\n", places };
}

/** Blocks of the checker's report, each one error with its place. */
function* errorsOf(
  report: string,
): Generator<{ path: string; line: number; message: string }> {
  const blocks = report.split(/^(?=TS\d+ \[ERROR\]: |error: )/m);
  for (const block of blocks) {
    const [, message] =
      /^(?:TS\d+ \[ERROR\]|error): (.*(?:\n {2}\S.*)*)/.exec(block) ?? [];
    const [, url, line] = /^\s+at (file:\S+?):(\d+):\d+$/m.exec(block) ?? [];
    if (message === undefined || url === undefined) continue;
    yield { path: fileURLToPath(url), line: Number(line), message };
  }
}

async function denoCheck(paths: readonly string[]): Promise<{
  success: boolean;
  report: string;
}> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", ...paths],
    cwd: dirname(paths[0]!),
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  return { success, report: new TextDecoder().decode(stderr) };
}

/** Problems of modules; a syntax error hides those of the others for a round. */
async function checkModules(
  modules: ReadonlyMap<string, { notebook: string; module: NotebookModule }>,
): Promise<CheckProblem[]> {
  const problems: CheckProblem[] = [];
  let paths = [...modules.keys()];
  while (paths.length > 0) {
    const { success, report } = await denoCheck(paths);
    if (success) break;
    const errors = [...errorsOf(report)];
    if (errors.length === 0) {
      throw new DataError(`Cannot check the notebooks: deno said\n${report}`);
    }
    for (const { path, line, message } of errors) {
      const origin = modules.get(path);
      const place = origin?.module.places[line - 1];
      problems.push({
        file: origin?.notebook ?? path,
        cell: place?.cell,
        line: place?.line ?? line,
        message,
      });
    }
    if (!report.includes("error: SyntaxError")) break;
    paths = paths.filter((path) =>
      errors.every((error) => error.path !== path)
    );
  }
  return problems;
}

/** Compares by notebook, cell, line; imported files come last. */
function byPlace(
  paths: readonly string[],
): (a: CheckProblem, b: CheckProblem) => number {
  const keys = ({ file, cell = 0, line }: CheckProblem): number[] => [
    paths.includes(file) ? paths.indexOf(file) : paths.length,
    cell,
    line,
  ];
  return (a, b) => {
    const ofB = keys(b);
    const differences = keys(a).map((key, i) => key - ofB[i]!);
    return differences.find((difference) => difference !== 0) ??
      (a.message < b.message ? -1 : 1);
  };
}

/**
 * Type-checks notebooks, all in one run.
 *
 * @param paths notebook files
 * @returns problems in the order of the notebooks, cells and lines
 */
export async function checkNotebooks(
  paths: readonly string[],
): Promise<CheckProblem[]> {
  const modules = new Map<
    string,
    { notebook: string; module: NotebookModule }
  >();
  try {
    for (const path of paths) {
      const module = notebookModule(await readNotebook(path));
      // The name is one that git ignores; the number keeps two runs apart.
      const file = resolve(path).replace(
        /(\.ipynb)?$/,
        `.${Deno.pid}.nbcheck.ts`,
      );
      modules.set(file, { notebook: path, module });
      await Deno.writeTextFile(file, module.code);
    }
    const problems = await checkModules(modules);
    return problems.sort(byPlace(paths));
  } finally {
    for (const file of modules.keys()) await Deno.remove(file).catch(() => {});
  }
}

if (import.meta.main) {
  const problems = await checkNotebooks(Deno.args);
  for (const problem of problems) console.error(formatProblem(problem));
  Deno.exit(problems.length === 0 ? 0 : 1);
}
