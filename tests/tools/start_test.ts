/** The start command on folders of small notebooks, as a user calls it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError, exists, InterruptedError } from "../../lib/util/mod.ts";
import {
  codeCells,
  readNotebook,
} from "../../tools/notebooks/notebook_file.ts";
import { writeNotebook } from "../../tools/notebooks/notebook_file.ts";
import { start } from "../../tools/start.ts";
import { assertFails } from "../support/assert_close.ts";
import { code, notebookOf, text } from "./notebooks/scratch.ts";

/** A folder with two notebooks; the second fails unless steps is small. */
async function withFolder(
  fn: (
    call: (...args: string[]) => Promise<{
      exitCode: number;
      text: string;
      status: string[];
    }>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  await writeNotebook(
    join(folder, "notebooks/01_good.ipynb"),
    notebookOf([text("# Good"), "1 + 1", "2 + 2"]),
  );
  await writeNotebook(
    join(folder, "notebooks/02_bad.ipynb"),
    notebookOf([
      text("# Bad"),
      code("const steps = 1000;", "parameters"),
      "\nif (steps > 10) throw new Error('too long');\nsteps",
    ], { caderno: { toy: { steps: 3 } } }),
  );
  const call = async (...args: string[]) => {
    const lines: string[] = [];
    const status: string[] = [];
    const exitCode = await start(
      [
        ...args,
        "--notebooks",
        join(folder, "notebooks"),
        "--out",
        join(folder, "gallery"),
      ],
      {
        print: (line) => lines.push(line),
        status: (line) => status.push(line),
      },
    );
    return { exitCode, text: lines.join("\n"), status };
  };
  try {
    await fn(call, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("start() leaves long notebooks out until they are asked for", () =>
  withFolder(async (call, folder) => {
    await writeNotebook(
      join(folder, "notebooks/03_long.ipynb"),
      notebookOf([text("# Long"), "3"], { caderno: { isLong: true } }),
    );
    await Deno.remove(join(folder, "notebooks/02_bad.ipynb"));
    const usual = await call();
    assert.match(usual.text, /^Running 1 notebook from/);
    assert.match(usual.text, /in four minutes: 03_long\.\n.* start 03$/m);
    assert.doesNotMatch(usual.text, /✓ 03_long/);
    for (const args of [["03"], ["--all"], ["--toy"]]) {
      const { exitCode, text } = await call(...args);
      assert.equal(exitCode, 0, text);
      assert.match(text, /^✓ 03_long\.ipynb/m);
    }
  }));

Deno.test("start() runs all, reports the one that fails, writes the gallery", () =>
  withFolder(async (call, folder) => {
    const original = await Deno.readTextFile(
      join(folder, "notebooks/01_good.ipynb"),
    );
    const { exitCode, text, status } = await call();
    assert.equal(exitCode, 1);
    assert.match(text, /^Running 2 notebooks from top to bottom/);
    assert.match(text, /^✓ 01_good\.ipynb {2}2 cells in /m);
    assert.match(text, /^✗ 02_bad\.ipynb, cell 2, line 2: Error: too long$/m);
    assert.match(text, /^1 of 2 notebooks failed$/m);
    assert.equal(status[0], "Opening the device …");
    assert.match(status[1]!, /^01_good\.ipynb {2}cell 1 of 2 .* All {2}0 %/);
    assert.match(
      status.at(-1)!,
      /^02_bad\.ipynb {2}cell 2 of 2 .* All {2}100 %/,
    );
    const page = await Deno.readTextFile(join(folder, "gallery/index.html"));
    assert.match(page, /Stopped: cell 2, line 2: Error: too long/);
    assert.match(page, /<pre class="text ">4<\/pre>/);
    const good = await readNotebook(join(folder, "gallery/01_good.ipynb"));
    assert.equal(codeCells(good)[1]!.outputs.length, 1);
    assert.ok(await exists(join(folder, "gallery/02_bad.ipynb")));
    assert.equal(
      await Deno.readTextFile(join(folder, "notebooks/01_good.ipynb")),
      original,
    );
  }));

Deno.test("start() takes toy parameters and names", () =>
  withFolder(async (call, folder) => {
    const { exitCode, text } = await call("--toy", "02");
    assert.equal(exitCode, 0, text);
    assert.doesNotMatch(text, /01_good/);
    assert.match(text, /✓ 02_bad\.ipynb/);
    const bad = await readNotebook(join(folder, "gallery/02_bad.ipynb"));
    assert.equal(codeCells(bad)[1]!.source, "const steps = 3;");
  }));

Deno.test("start() commits the outputs of what went well", () =>
  withFolder(async (call, folder) => {
    const { exitCode } = await call("--commit");
    assert.equal(exitCode, 1);
    const [good, bad] = await Promise.all(
      ["01_good", "02_bad"].map((name) =>
        readNotebook(join(folder, `notebooks/${name}.ipynb`))
      ),
    );
    assert.equal(codeCells(good!)[1]!.outputs.length, 1);
    assert.deepEqual(codeCells(bad!).map(({ outputs }) => outputs), [[], []]);
  }));

Deno.test("start() refuses a wrong command line in one line", () =>
  withFolder(async (call) => {
    const cases: [string[], RegExp][] = [
      [
        ["03"],
        /^Cannot find the notebook "03" in .*: there are 01_good, 02_bad/,
      ],
      [["--only", "x"], /^Cannot find the notebook "x"/],
      [["--toy", "--commit"], /^Cannot commit toy outputs/],
      [["--fast"], /--fast/],
    ];
    for (const [args, pattern] of cases) {
      await assertFails(() => call(...args), ConfigError, pattern);
    }
    await assertFails(
      () => start(["--notebooks", "/nowhere"], { print() {}, status() {} }),
      ConfigError,
      /^Cannot find notebooks: there is no folder \/nowhere$/,
    );
    const { exitCode, text } = await call("--help");
    assert.equal(exitCode, 0);
    assert.match(text, /deno task start \[names…\] \[options\]/);
  }));

Deno.test("start() stops on a signal", () =>
  withFolder(async (_, folder) => {
    const stop = new AbortController();
    await assertFails(
      () =>
        start(["--notebooks", join(folder, "notebooks"), "--out", folder], {
          print: () => {},
          status: () => stop.abort(),
        }, stop.signal),
      InterruptedError,
      /Stopped/,
    );
    assert.equal(await exists(join(folder, "index.html")), false);
  }));
