/**
 * Reading and writing notebooks; the text is compared with what nbformat 5.5
 * writes (`nbformat.write` of the same notebook), letter by letter.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { FormatError } from "../../../lib/util/mod.ts";
import {
  codeCells,
  formatNotebook,
  parseNotebook,
  readNotebook,
  writeNotebook,
} from "../../../tools/notebooks/notebook_file.ts";
import { assertFails } from "../../support/assert_close.ts";
import { code, notebookOf, text } from "./scratch.ts";

/** By nbformat 5.5.0 of Debian 12. */
const BY_NBFORMAT = `{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "a",
   "metadata": {},
   "source": [
    "# Olá\\n",
    "\\n",
    "x"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "b",
   "metadata": {
    "tags": [
     "parameters"
    ]
   },
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "1\\n",
      "2\\n"
     ]
    },
    {
     "data": {
      "application/json": {
       "a": "x\\ny"
      },
      "text/plain": [
       "one line"
      ]
     },
     "execution_count": 1,
     "metadata": {},
     "output_type": "execute_result"
    },
    {
     "ename": "E",
     "evalue": "v",
     "output_type": "error",
     "traceback": [
      "t"
     ]
    }
   ],
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "Deno",
   "language": "typescript",
   "name": "deno"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`;

Deno.test("formatNotebook() writes what nbformat writes", () => {
  const notebook = parseNotebook(BY_NBFORMAT, "a test");
  assert.equal(formatNotebook(notebook), BY_NBFORMAT);
});

Deno.test("parseNotebook() joins lines and keeps JSON values", () => {
  const notebook = parseNotebook(BY_NBFORMAT, "a test");
  assert.equal(notebook.cells[0]!.source, "# Olá\n\nx");
  const [stream, result] = codeCells(notebook)[0]!.outputs;
  assert.deepEqual(stream, {
    output_type: "stream",
    name: "stdout",
    text: "1\n2\n",
  });
  assert.ok(result?.output_type === "execute_result");
  assert.deepEqual(result.data, {
    "application/json": { a: "x\ny" },
    "text/plain": "one line",
  });
});

Deno.test("parseNotebook() refuses what is not a notebook, by name", async () => {
  const cases: [string, RegExp][] = [
    ["{", /^Cannot read a\.ipynb: it is not JSON/],
    ["null", /wanted a notebook of nbformat 4 with cells, got nbformat undef/],
    ['{ "nbformat": 3, "worksheets": [] }', /got nbformat 3/],
    ['{ "nbformat": 4 }', /wanted a notebook of nbformat 4 with cells/],
    ['{ "nbformat": 4, "cells": [{}] }', /cell 1 has the type "undefined"/],
  ];
  for (const [content, pattern] of cases) {
    await assertFails(
      () => parseNotebook(content, "a.ipynb"),
      FormatError,
      pattern,
    );
  }
});

Deno.test("writeNotebook() and readNotebook() are inverse", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "a.ipynb");
  const notebook = notebookOf([text("# a"), "1\n\n2\n", code("x", "tag")], {
    caderno: { toy: { steps: 3 } },
  });
  await writeNotebook(path, notebook);
  assert.deepEqual(await readNotebook(path), notebook);
  await Deno.remove(folder, { recursive: true });
});
