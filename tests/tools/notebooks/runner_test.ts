/** Notebooks through the real kernel: parameters, outputs, failures. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  ConfigError,
  exists,
  InterruptedError,
} from "../../../lib/util/mod.ts";
import {
  type CellOutput,
  codeCells,
  type Notebook,
  readNotebook,
} from "../../../tools/notebooks/notebook_file.ts";
import {
  declaredNames,
  parametersCode,
} from "../../../tools/notebooks/parameters.ts";
import {
  type CellProgress,
  formatFailure,
  runNotebook,
} from "../../../tools/notebooks/runner.ts";
import { assertFails } from "../../support/assert_close.ts";
import { code, notebookOf, text, withNotebook } from "./scratch.ts";

/** Text of each output of a notebook, cell by cell. */
function outputTexts(notebook: Notebook): string[][] {
  const textOf = (output: CellOutput): string =>
    output.output_type === "stream"
      ? output.text
      : output.output_type === "error"
      ? `${output.ename}: ${output.evalue}`
      : String(output.data["text/plain"]);
  return codeCells(notebook).map(({ outputs }) => outputs.map(textOf));
}

const KNOBS = code(
  "const steps = 1000; // count\nconst name = 'a';",
  "parameters",
);

Deno.test("runNotebook() runs the cells in the folder of the notebook", () =>
  withNotebook([
    text("# Title"),
    "const a: number = 2;",
    "",
    `console.log("x"); console.log("y"); a * 21`,
    `Deno.readTextFileSync("scratch.ipynb").length > 10`,
  ], async (path) => {
    const { notebook, failure, seconds } = await runNotebook(path);
    assert.equal(failure, undefined);
    assert.ok(seconds > 0);
    assert.deepEqual(outputTexts(notebook), [[], [], ["x\ny\n", "42"], [
      "true",
    ]]);
    const counts = codeCells(notebook).map((cell) => cell.execution_count);
    assert.deepEqual(counts, [1, null, 3, 4]);
  }));

Deno.test("runNotebook() sets parameters, and keeps them if asked to", () =>
  withNotebook(
    [text("# Title"), KNOBS, "`${steps} ${name}`"],
    async (path, folder) => {
      const out = join(folder, "deep", "out.ipynb");
      const parameters = { steps: 3, name: 'say "b"' };
      const { notebook } = await runNotebook(path, { parameters, out });
      assert.deepEqual(outputTexts(notebook)[1], [`'3 say "b"'`]);
      assert.equal(codeCells(await readNotebook(out)).length, 2);
      await runNotebook(path, { parameters, out, keepParameters: true });
      const kept = codeCells(await readNotebook(out));
      assert.deepEqual(kept.map((cell) => cell.source), [
        KNOBS.source,
        'const steps = 3;\nconst name = "say \\"b\\"";',
        "`${steps} ${name}`",
      ]);
    },
  ));

Deno.test("parametersCode() refuses names that are not declared", async () => {
  const notebook = notebookOf([KNOBS]);
  assert.deepEqual(declaredNames(KNOBS.source), ["steps", "name"]);
  const several = "const layer = 2, head = 1; // not this = 3, or that = 4\n" +
    'const mix = { wind: 0.2, sun: 0.8 };\nlet path: string = "../a=b";\n' +
    "const isMore = layer >= 2;\n  const inner = 5;";
  assert.deepEqual(declaredNames(several), [
    ...["layer", "head", "mix", "path", "isMore"],
  ]);
  await assertFails(
    () => parametersCode(notebook, { step: 1 }),
    ConfigError,
    /^Cannot set the parameter "step": the notebook declares steps, name$/,
  );
  await assertFails(
    () => parametersCode(notebookOf(["1"]), { steps: 1 }),
    ConfigError,
    /the notebook has no cell tagged "parameters"$/,
  );
});

Deno.test("runNotebook() stops at an error with its cell and line", () =>
  withNotebook([
    "1",
    `console.log("before");\n\n// why\nconst list: number[] = [1,\n  2];\n` +
    `list.at(0)!.toFixed(101);`,
    "2",
  ], async (path, folder) => {
    const out = join(folder, "out.ipynb");
    const { failure } = await runNotebook(path, { out });
    assert.equal(
      formatFailure(failure!),
      "cell 2, line 6: RangeError: toFixed() digits argument must be " +
        "between 0 and 100",
    );
    const written = outputTexts(await readNotebook(out));
    assert.deepEqual(written[1], [
      "before\n",
      "RangeError: toFixed() digits argument must be between 0 and 100",
    ]);
    assert.deepEqual(written[2], []);
  }));

Deno.test("runNotebook() explains a syntax error", () =>
  withNotebook(["const a = 1;\nconst b = = 2;"], async (path) => {
    const { failure, notebook } = await runNotebook(path);
    assert.match(
      formatFailure(failure!),
      /^cell 1, line 2: SyntaxError: .*xpression expected/,
    );
    assert.match(outputTexts(notebook)[0]![0]!, /^SyntaxError: /);
  }));

Deno.test("runNotebook() goes on where an error is allowed", () =>
  withNotebook(
    [code("throw new Error('wanted')", "raises-exception"), "2", "oops", "4"],
    async (path) => {
      const strict = await runNotebook(path);
      assert.equal(strict.allowed.length, 1);
      assert.equal(strict.failure?.cell, 3);
      const lenient = await runNotebook(path, { allowErrors: true });
      assert.equal(lenient.failure, undefined);
      assert.deepEqual(lenient.allowed.map(({ cell }) => cell), [1, 3]);
      assert.deepEqual(outputTexts(lenient.notebook)[3], ["4"]);
    },
  ));

Deno.test("runNotebook() reports a cell that takes too long", () =>
  withNotebook(["await new Promise(() => {})"], async (path) => {
    const { failure, notebook } = await runNotebook(path, {
      timeoutSeconds: 0.5,
    });
    assert.equal(
      formatFailure(failure!),
      "cell 1: The kernel did not answer in 0.5 s",
    );
    assert.match(outputTexts(notebook)[0]![0]!, /^KernelError: /);
  }));

Deno.test("runNotebook() reports a kernel that dies", () =>
  withNotebook(["Deno.exit(5)"], async (path) => {
    const { failure } = await runNotebook(path);
    assert.match(formatFailure(failure!), /^cell 1: .* died with exit code 5/);
  }));

Deno.test("runNotebook() tells how far it is", () =>
  withNotebook([text("a"), "1", "2"], async (path) => {
    const seen: CellProgress[] = [];
    await runNotebook(path, { onCell: (progress) => seen.push(progress) });
    assert.deepEqual(
      seen.map(({ cell, numCells, isDone }) => [cell, numCells, isDone]),
      [[1, 2, false], [1, 2, true], [2, 2, false], [2, 2, true]],
    );
    assert.ok(
      seen.every(({ seconds }, i) => seconds >= (seen[i - 1]?.seconds ?? 0)),
    );
  }));

Deno.test("runNotebook() ends on a signal and writes nothing", () =>
  withNotebook(["await new Promise(() => {})"], async (path, folder) => {
    const stop = new AbortController();
    const out = join(folder, "out.ipynb");
    const onCell = (): void => stop.abort();
    await assertFails(
      () => runNotebook(path, { out, onCell, signal: stop.signal }),
      InterruptedError,
      /Stopped/,
    );
    assert.equal(await exists(out), false);
  }));

Deno.test("runNotebook() gives the same file twice", () =>
  withNotebook([
    `const id = crypto.randomUUID();
    const show = (text: string, update: boolean) => Deno.jupyter.display(
      { "text/plain": text }, { raw: true, display_id: id, update });
    await show("a", false);`,
    `await show("b", true); console.log(1); ({ a: 1 })`,
  ], async (path, folder) => {
    const outs = [join(folder, "1.ipynb"), join(folder, "2.ipynb")];
    for (const out of outs) await runNotebook(path, { out });
    const [first, second] = await Promise.all(
      outs.map((out) => Deno.readTextFile(out)),
    );
    assert.equal(first, second);
    assert.match(first!, /"b"/);
  }));
