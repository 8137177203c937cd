/** Lines of errors against cells whose faulty line is known by counting. */
import assert from "node:assert/strict";
import {
  findErrorLine,
  findSyntaxError,
} from "../../../tools/notebooks/cell_source.ts";
import { Kernel } from "../../../tools/notebooks/kernel.ts";

Deno.test("findSyntaxError() gives line and reason", async () => {
  const problem = await findSyntaxError("const a = 1;\nconst b = ;\n");
  assert.equal(problem?.line, 2);
  assert.match(problem.message, /^SyntaxError: .*Expression expected/i);
});

Deno.test("findSyntaxError() finds nothing in a cell that is right", async () => {
  const cell = 'import { a } from "./x.ts";\nconst b: number = await a();\nb';
  assert.equal(await findSyntaxError(cell), undefined);
});

Deno.test("findErrorLine() survives what transpiling does to lines", async () => {
  // Comments, blank lines, types, imports and objects all move lines.
  const cell = `// why
import {
  join,
  dirname,
} from "node:path";
import type { Nothing } from "./nothing.ts";
import { EOL } from "node:os"; import * as url from "node:url";

interface Point { x: number; y: number }
enum Side { Left, Right }

function fail(p: Point): never {
  throw new Error("boom");
}
const options = { a: [1, 2, 3], b: { c: "d",
  e: EOL } } as const;
fail({ x: 1, y: 2 });
`;
  const traceback: string[] = [];
  {
    await using kernel = await Kernel.start({ cwd: Deno.cwd() });
    await kernel.execute(cell, {
      onMessage: ({ type, content }) => {
        if (type === "error") traceback.push(...content.traceback as string[]);
      },
    });
  }
  assert.equal(traceback[0], "Error: boom");
  const wanted = cell.split("\n").indexOf("fail({ x: 1, y: 2 });") + 1;
  assert.equal(await findErrorLine(cell, traceback), wanted);
});

Deno.test("findErrorLine() finds nothing without a frame of the cell", async () => {
  const traceback = ["Error: x", "    at read (ext:deno_fs/30_fs.js:1:2)"];
  assert.equal(await findErrorLine("1", traceback), undefined);
});
