/** Each rule for notebooks, kept by one and broken by a change of it. */
import assert from "node:assert/strict";
import type {
  CellOutput,
  CodeCell,
  Notebook,
} from "../../../tools/notebooks/notebook_file.ts";
import { notebookProblems } from "../../../tools/notebooks/rules.ts";
import { code, notebookOf, text } from "./scratch.ts";

const IMPORTS = code(
  'import { setup } from "caderno/notebook";\nawait setup();',
);
const KNOBS = code("const steps = 10; // count", "parameters");

function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => `f(${i});`).join("\n\n");
}

function withOutput(output: CellOutput): Notebook {
  const shown: CodeCell = { ...code("show()"), outputs: [output] };
  return notebookOf([text("# T"), IMPORTS, KNOBS, shown, text("End")]);
}

function stream(value: string): CellOutput {
  return { output_type: "stream", name: "stdout", text: value };
}

function html(value: string): CellOutput {
  const data = { "text/html": value, "image/png": "/aa/bb/cc/dd" };
  return { output_type: "display_data", data, metadata: {} };
}

const CASES: [name: string, notebook: Notebook, problems: RegExp[]][] = [
  [
    "nothing in a good notebook",
    withOutput(stream("runs/a/b 1/2 a/b/c/d")),
    [],
  ],
  [
    "nothing in HTML, links and pictures",
    withOutput(html('<td>1</td><a href="https://a.org/b/c/d">x</a>')),
    [],
  ],
  ["code at the top and at the end", notebookOf([IMPORTS, KNOBS]), [
    /^The first cell is not text/,
    /^The last cell is not text/,
  ]],
  [
    "imports that come late",
    notebookOf([text("# T"), KNOBS, IMPORTS, text("End")]),
    [
      /^Cell 1 does not import/,
      /^Cell 2 imports: move that above the parameters/,
    ],
  ],
  ["a missing parameters cell", notebookOf([text("#"), IMPORTS, text("End")]), [
    /^No code cell is tagged "parameters"/,
  ]],
  [
    "parameters far from the top",
    notebookOf([text("# T"), IMPORTS, "1", "2", KNOBS, text("End")]),
    [/^The parameters stand in cell 4, not in the first 3/],
  ],
  [
    "a cell of 13 lines, blank ones not counted",
    notebookOf([
      text("#"),
      IMPORTS,
      KNOBS,
      "1",
      lines(12),
      lines(13),
      text("End"),
    ]),
    [/^Cell 5 has 13 lines, more than 12/],
  ],
  [
    "long cells on the whole",
    notebookOf([
      text("#"),
      IMPORTS,
      KNOBS,
      lines(7),
      lines(7),
      lines(7),
      text("E"),
    ]),
    [/^The median code cell has 7 lines, more than 6/],
  ],
  ["outputs that are too large", withOutput(stream("x".repeat(500_001))), [
    /^The outputs take 500\d+ characters, more than 500000/,
  ]],
  ["a path of one machine", withOutput(stream("saved /data/users/ana/x")), [
    /^Cell 3 shows a path of one machine: \/data\/users\/ana/,
  ]],
  ["a file URL in HTML", withOutput(html("<p>file:///a</p>")), [
    /^Cell 3 shows a path of one machine: file:/,
  ]],
  ["a path of Windows", withOutput(stream("in C:\\Users\\ana")), [
    /^Cell 3 shows a path of one machine: C:/,
  ]],
];

for (const [name, notebook, patterns] of CASES) {
  Deno.test(`notebookProblems() finds ${name}`, () => {
    const problems = notebookProblems(notebook);
    assert.equal(problems.length, patterns.length, problems.join("\n"));
    for (const [i, pattern] of patterns.entries()) {
      assert.match(problems[i]!, pattern);
    }
  });
}
