/** Following a run and listing runs, as a person calls it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { exists } from "../../../lib/util/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import {
  makeOld,
  writeRecords,
  writeRunSettings,
} from "../../notebook/run_folder.ts";
import { madeUpRun } from "../../notebook/run_records.ts";
import { cliArgs, finishCli, output, refused, startCli } from "./cli.ts";

/** Debian's `script` gives a command a terminal; others know other options. */
const hasScript = Deno.build.os === "linux" &&
  await exists("/usr/bin/script");

Deno.test("log --follow shows a run that goes on, in a pipe as plain lines", () =>
  inFolder(async (cwd) => {
    const folder = join(cwd, "gato");
    await writeRunSettings(folder, 50);
    const records = madeUpRun(50);
    await writeRecords(folder, records.slice(0, 30));
    const child = startCli(["log", "gato", "--follow"], { cwd });
    const rest = new Promise((go) => setTimeout(go, 600)).then(() =>
      writeRecords(folder, records.slice(30))
    );
    const { code, stdout, stderr } = await finishCli(child);
    await rest;
    assert.equal(code, 0, stderr);
    assert.equal(
      stdout,
      `step 25 of 50: held-out loss 1.8000, perplexity 6.050
step 25: Era uma vez
um gato
step 50 of 50: held-out loss 1.2728, perplexity 3.571
step 50: Era uma vez
um gato
gato: done
`,
    );
    assert.ok(!(stdout + stderr).includes("\x1b"));
  }));

Deno.test({
  name: "log --follow changes lines in place on a terminal",
  ignore: !hasScript,
  fn: () =>
    inFolder(async (cwd) => {
      await writeRunSettings(join(cwd, "gato"), 50);
      await writeRecords(join(cwd, "gato"), madeUpRun(50));
      const args = cliArgs(["log", "gato", "--follow"]);
      const command = [Deno.execPath(), ...args].join(" ");
      const { code, stdout } = await new Deno.Command("/usr/bin/script", {
        args: ["--quiet", "--return", "--command", command, "/dev/null"],
        cwd,
        env: { TERM: "xterm", NO_COLOR: "" },
        stdin: "null",
      }).output();
      const text = new TextDecoder().decode(stdout);
      assert.equal(code, 0, text);
      assert.match(text, /progress +█+ {2}100 % {2}step 50 of 50 {2}done/);
      assert.ok(text.includes("\x1b[6A"), "goes up its first six lines");
      assert.ok(!text.includes("\x1b[?25l"), "never hides the cursor");
      assert.match(text, /gato: done\r\n$/);
    }),
});

Deno.test("log --follow ends with a run that has stopped, and needs a run", () =>
  inFolder(async (cwd) => {
    const folder = join(cwd, "gato");
    await writeRunSettings(folder, 50);
    await writeRecords(folder, madeUpRun(10));
    await makeOld(folder);
    assert.equal(
      await output(["log", "--follow", "gato"], { cwd }),
      "gato: stopped\n",
    );
    await refused(["log", "--follow", "none"], /there is no file none.config/, {
      cwd,
    });
    await refused(
      ["log", "--follow", "gato", "--csv", "a.csv"],
      /Cannot follow a run with --csv/,
      { cwd },
    );
  }));

Deno.test("log shows the runs of a folder side by side", () =>
  inFolder(async (cwd) => {
    for (const [name, steps] of [["a", 50], ["b", 10]] as const) {
      await writeRunSettings(join(cwd, "runs", name), 50);
      await writeRecords(join(cwd, "runs", name), madeUpRun(steps));
      if (name === "a") await makeOld(join(cwd, "runs", name));
    }
    const lines = (await output(["log", "runs"], { cwd })).split("\n");
    assert.match(
      lines[0]!,
      /^run +changed +parameters +tokens +of +loss +held out +is$/,
    );
    assert.match(lines[2]!, /^b .* 1\.00k +5\.00k +\d\.\d{4} +- +running$/);
    assert.match(lines[3]!, /^a .* 5\.00k +5\.00k +\d\.\d{4} +1\.2728 +done$/);
  }));
