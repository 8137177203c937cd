/** The type checker's errors in terms of notebooks, cells and lines. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  checkNotebooks,
  formatProblem,
} from "../../../tools/notebooks/check.ts";
import { writeNotebook } from "../../../tools/notebooks/notebook_file.ts";
import { code, notebookOf, text, withNotebook } from "./scratch.ts";

/** Problems with the folder taken out of the names. */
async function problemsOf(
  paths: readonly string[],
  folder: string,
): Promise<string[]> {
  const problems = await checkNotebooks(paths);
  return problems.map((problem) =>
    formatProblem(problem).replace(join(folder, "/"), "")
  );
}

Deno.test("checkNotebooks() finds nothing in notebooks that are right", () =>
  withNotebook([
    'import { join } from "node:path";',
    text("const x: number = 'text is not checked';"),
    "const a = await Promise.resolve(join('a', 'b'))",
    "a.length",
  ], async (path) => assert.deepEqual(await checkNotebooks([path]), [])));

Deno.test("checkNotebooks() maps errors of several notebooks in one run", () =>
  withNotebook([
    text("# Title"),
    'import { joint } from "node:path";\nconst a = 1;',
    "\nconst b: string = a;",
    code("const wrong: string = 1;", "skip-check"),
    "const b = 2;",
  ], async (path, folder) => {
    const other = join(folder, "other.ipynb");
    await writeNotebook(other, notebookOf(["1", "nothing.at(1)"]));
    assert.deepEqual(await problemsOf([path, other], folder), [
      "scratch.ipynb, cell 1, line 1: Module '\"node:path\"' has no exported " +
      "member 'joint'.",
      "scratch.ipynb, cell 2, line 2: Cannot redeclare block-scoped " +
      "variable 'b'.",
      "scratch.ipynb, cell 2, line 2: Type 'number' is not assignable to " +
      "type 'string'.",
      "scratch.ipynb, cell 4, line 1: Cannot redeclare block-scoped " +
      "variable 'b'.",
      "other.ipynb, cell 2, line 1: Cannot find name 'nothing'.",
    ]);
  }));

Deno.test("checkNotebooks() sees other notebooks beside a syntax error", () =>
  withNotebook(["1", "const a = = 1"], async (path, folder) => {
    const other = join(folder, "other.ipynb");
    await writeNotebook(other, notebookOf(["const a: string = 1"]));
    const problems = await problemsOf([path, other], folder);
    assert.equal(problems.length, 2);
    assert.match(problems[0]!, /^scratch\.ipynb, cell 2, line 1: SyntaxError/);
    assert.match(problems[1]!, /^other\.ipynb, cell 1, line 1: Type 'number'/);
  }));

Deno.test("checkNotebooks() names a missing file, and cleans up", () =>
  withNotebook(['import { a } from "./gone.ts";\na'], async (path, folder) => {
    const problems = await problemsOf([path], folder);
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /^scratch\.ipynb, cell 1, line 1: .*gone\.ts/);
    const files = (await Array.fromAsync(Deno.readDir(folder)))
      .map(({ name }) => name);
    assert.deepEqual(files, ["scratch.ipynb"]);
  }));
