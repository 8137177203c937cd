/**
 * Every notebook of the project: its types, the rules that notebooks keep to,
 * and a run from top to bottom with toy parameters through the real kernel.
 */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkNotebooks, formatProblem } from "../tools/notebooks/check.ts";
import { formattedNotebook } from "../tools/notebooks/format.ts";
import { readNotebook } from "../tools/notebooks/notebook_file.ts";
import { notebookProblems } from "../tools/notebooks/rules.ts";
import { formatFailure, runNotebook } from "../tools/notebooks/runner.ts";

const folder = fileURLToPath(new URL("../notebooks", import.meta.url));
const files = [...Deno.readDirSync(folder)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".ipynb"))
  .sort();
const paths = files.map((name) => join(folder, name));

Deno.test("notebooks have no type errors", async () => {
  const problems = await checkNotebooks(paths);
  assert.equal(problems.map(formatProblem).join("\n"), "");
});

Deno.test("notebooks keep to the rules", async () => {
  const problems: string[] = [];
  for (const path of paths) {
    for (const problem of notebookProblems(await readNotebook(path))) {
      problems.push(`${basename(path)}: ${problem}`);
    }
  }
  assert.equal(problems.join("\n"), "");
});

Deno.test("notebooks are formatted", async () => {
  for (const path of paths) {
    assert.equal(
      await Deno.readTextFile(path),
      await formattedNotebook(path),
      `${basename(path)}: deno run -A tools/notebooks/format.ts ${path}`,
    );
  }
});

for (const path of paths) {
  Deno.test(`${basename(path)} runs from top to bottom at toy size`, async () => {
    const { metadata } = await readNotebook(path);
    const { failure } = await runNotebook(path, {
      parameters: metadata.caderno?.toy ?? {},
      timeoutSeconds: 300,
    });
    assert.equal(failure && formatFailure(failure), undefined);
  });
}
