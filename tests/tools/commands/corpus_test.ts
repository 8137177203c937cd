/** Synthetic text in files, and what is in a folder of text. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { syntheticCorpus } from "../../../lib/text/mod.ts";
import { exists } from "../../../lib/util/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { filesIn, finishCli, output, refused, startCli, until } from "./cli.ts";

Deno.test("corpus synthetic writes the library's stories, corpus stats counts them", () =>
  inFolder(async (cwd) => {
    const stories = [...syntheticCorpus({ seed: 7, bytes: 20_000 })];
    const args = ["corpus", "synthetic", "--bytes", "20kB", "--seed", "7"];
    const printed = await output([...args, "--out", "all.txt"], { cwd });
    assert.equal(printed, `${stories.length} stories in all.txt\n`);
    assert.equal(
      await Deno.readTextFile(join(cwd, "all.txt")),
      stories.map(({ text }) => `${text}\n`).join("\n"),
    );
    await output([...args, "--folder", "each"], { cwd });
    const files = await filesIn(join(cwd, "each"));
    assert.equal(files.length, stories.length);
    assert.equal(files[1], "story_0000001.txt");
    const texts = stories.map(({ text }) => `${text}\n`);
    assert.equal(
      await Deno.readTextFile(join(cwd, "each", files[1]!)),
      texts[1],
    );
    await refused(
      [...args, "--folder", "each"],
      /each: it is there already/,
      { cwd },
    );

    const table = await output(["corpus", "stats", "each"], { cwd });
    const words = texts.join(" ").split(/\s+/).filter((word) => word !== "");
    const bytes = new TextEncoder().encode(texts.join("")).length;
    const row = (name: string, n: number) =>
      assert.match(
        table,
        new RegExp(`^${name} +${n.toLocaleString("en")}(?= |$)`, "m"),
      );
    row("documents", stories.length);
    row("bytes", bytes);
    row("words", words.length);
    row("different words", new Set(words).size);

    const heldOut = [...args, "--held-out", "--out", "held_out.txt"];
    await output(heldOut, { cwd });
    const [story] = syntheticCorpus({ seed: 7, bytes: 1, split: "heldOut" });
    const text = await Deno.readTextFile(join(cwd, "held_out.txt"));
    assert.ok(text.startsWith(story!.text));
  }));

Deno.test("corpus synthetic writes the genres that it is asked for", () =>
  inFolder(async (cwd) => {
    const args = ["corpus", "synthetic", "--bytes", "20kB", "--seed", "7"];
    const genres = ["--genres", "recipe,letter", "--difficulty", "3"];
    const documents = [...syntheticCorpus({
      seed: 7,
      bytes: 20_000,
      genres: ["recipe", "letter"],
      difficulty: 3,
    })];
    const printed = await output([...args, ...genres, "--out", "some.txt"], {
      cwd,
    });
    assert.equal(printed, `${documents.length} documents in some.txt\n`);
    assert.equal(
      await Deno.readTextFile(join(cwd, "some.txt")),
      documents.map(({ text }) => `${text}\n`).join("\n"),
    );
    await output([...args, "--genres", "all", "--folder", "all"], { cwd });
    const kinds = (await filesIn(join(cwd, "all")))
      .map((name) => name.split("_")[0]);
    assert.deepEqual(
      [...new Set(kinds)].sort(),
      ["dialogue", "letter", "news", "recipe", "story"],
    );
    await refused(
      [...args, "--genres", "poem", "--out", "none.txt"],
      /genres "poem": wanted one or more of story, dialogue/,
      { cwd },
    );
  }));

Deno.test("corpus synthetic leaves nothing when it is stopped", () =>
  inFolder(async (cwd) => {
    const args = ["corpus", "synthetic", "--bytes", "2GB"];
    for (const where of [["--out", "all.txt"], ["--folder", "each"]]) {
      const child = startCli([...args, ...where], { cwd });
      await until(
        child,
        async () => (await Array.fromAsync(Deno.readDir(cwd))).length > 0,
      );
      child.kill("SIGINT");
      const { code, stdout, stderr } = await finishCli(child);
      assert.equal(code, 130, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /^Stopped by Ctrl-C$/m);
      assert.deepEqual(await filesIn(cwd), []);
    }
    assert.equal(await exists(join(cwd, "each.tmp")), false);
  }));
