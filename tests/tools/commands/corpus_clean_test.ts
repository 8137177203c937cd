/** From raw texts to a training run by commands only, and what they refuse. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  openShards,
  readShardManifest,
  syntheticCorpus,
} from "../../../lib/text/mod.ts";
import { exists } from "../../../lib/util/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import {
  buildPackages,
  hasDpkg,
} from "../../text/corpus/debian/build_packages.ts";
import { cli, filesIn, output, refused } from "./cli.ts";

const stories = [...syntheticCorpus({ seed: 3, documents: 120 })];

/** Stories, two of them twice, and some that filters drop. */
async function writeRaw(folder: string): Promise<void> {
  const rows = [
    ...stories.map(({ text }) => ({ text })),
    { text: stories[0]!.text },
    { text: stories[1]!.text.replace("Era", "Foi") + " Fim." },
    { text: "curto demais" },
    { text: "The cat sat on the mat and the dog was very sad. ".repeat(9) },
    { text: "compre agora com a loja de sempre ".repeat(40) },
  ];
  await Deno.mkdir(folder);
  await Deno.writeTextFile(
    join(folder, "rows.jsonl"),
    rows.map((row) => JSON.stringify(row)).join("\n") + "\n{broken\n",
  );
}

Deno.test("corpus clean, pack, stats and train make one way", () =>
  inFolder(async (cwd) => {
    await writeRaw(join(cwd, "raw"));
    const clean = ["corpus", "clean", "raw", "--out", "clean"];
    await refused(
      clean,
      /rows\.jsonl, line 126: it is not JSON.*; --skip-bad leaves such/,
      { cwd },
    );
    assert.deepEqual(await filesIn(cwd), ["raw/rows.jsonl"]);

    const printed = await output([
      ...clean,
      ...["--skip-bad", "--examples", "--set", "minWords=30"],
      ...["--filters", "quality,repetition,language,exact,near"],
    ], { cwd });
    // Gopher wants stop words, so it drops English text before the language.
    assert.match(printed, /^Gopher quality +125 +2 /m);
    assert.match(printed, /^exact duplicates +\d+ +1 /m);
    assert.match(printed, /number of words: 2, wanted 30 to 100000/);
    const kept = Number(/^(\d+) of 125 documents in clean$/m.exec(printed)![1]);
    assert.ok(kept > 60 && kept <= 121, `${kept}`);

    const stats = await output(["corpus", "stats", "clean", "--languages"], {
      cwd,
    });
    assert.match(stats, new RegExp(`^documents +${kept}$`, "m"));
    assert.match(stats, /^raw +\d+ .* unknown$/m);
    assert.match(stats, /^pt +100 %$/m);
    const file = join("clean", "documents.jsonl");
    assert.match(await output(["corpus", "stats", file], { cwd }), /^bytes /m);
    const shown = await output(["corpus", "show", "clean"], { cwd });
    assert.ok(shown.startsWith("── raw: rows.jsonl:1"));

    const tokenizer = ["tokenizer", "train", "clean", "--vocab", "420"];
    await output([...tokenizer, "--out", "tok"], { cwd });
    const pack = ["corpus", "pack", "clean", "--tokenizer", "tok"];
    const options = ["--held-out", "0.2", "--together", "--shuffle", "50"];
    await output([...pack, "--out", "shards", ...options], { cwd });
    const manifest = await readShardManifest(join(cwd, "shards"));
    assert.equal(
      manifest.command,
      "deno task caderno corpus pack clean --tokenizer tok --out shards " +
        "--held-out 0.2 --together --shuffle 50",
    );
    assert.equal(manifest.heldOut.unit, "near-duplicate groups");
    const { train, heldOut } = manifest.splits;
    assert.equal(train.documents + heldOut.documents, kept);
    using tokens = await openShards(join(cwd, "shards"));
    const table = await output(["corpus", "stats", "shards"], { cwd });
    assert.match(
      table,
      new RegExp(
        `^training tokens +${tokens.length.toLocaleString("en")}$`,
        "m",
      ),
    );
    assert.match(table, /^checksums +fit$/m);

    const run = ["train", "--text", "shards", "--tokens", "4k"];
    const small = ["--preset", "tiny-64", "--context", "32", "--batch", "4"];
    const summary = await output([...run, "--out", "run", ...small], { cwd });
    assert.match(summary, /^corpus: .* held out, .* tokenizer of 420 pieces$/m);
    const ofFile = run.with(2, file); // a file is no folder of shards
    await output([...ofFile, "--out", "run3", ...small], { cwd });
    await output(
      [...tokenizer.with(-1, "400"), "--out", "other"],
      { cwd },
    );
    await refused(
      [...run, "--out", "run2", ...small, "--tokenizer", "other"],
      /they were made with another tokenizer of 420 pieces/,
      { cwd },
    );
    const path = join(cwd, "shards", train.shards[0]!.file);
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.with(200, bytes[200]! ^ 1));
    await refused(["corpus", "stats", "shards"], /bytes have changed/, { cwd });
  }));

Deno.test("corpus pack mixes by weights and packs as TTL", () =>
  inFolder(async (cwd) => {
    const lines = (from: number, to: number) =>
      stories.slice(from, to).map(({ text }) => JSON.stringify({ text }))
        .join("\n");
    await Deno.writeTextFile(join(cwd, "a.jsonl"), lines(0, 60));
    await Deno.writeTextFile(join(cwd, "b.jsonl"), lines(60, 120));
    const tokenizer = ["tokenizer", "train", "a.jsonl", "--vocab", "400"];
    await output([...tokenizer, "--out", "tok"], { cwd });
    await output([
      ...["corpus", "pack", "a.jsonl", "b.jsonl", "--tokenizer", "tok"],
      ...["--weights", "60,40", "--packing", "ttl", "--hold-out", "blocks"],
      ...["--block", "64", "--held-out", "0.1", "--out", "shards"],
    ], { cwd });
    const { sources, splits } = await readShardManifest(join(cwd, "shards"));
    const [a, b] = sources;
    // The last document may stand too much on one side.
    assert.ok(Math.abs(a!.bytes / b!.bytes - 1.5) < 0.1);
    assert.equal(splits.train.tokens % 64, 0);
    assert.ok(splits.heldOut.tokens > 0);
  }));

/** Tetum, which no guesser knows; "uma" is a Portuguese word too. */
const TETUM = "Ema sira la'o ba uma boot hodi haree foho iha loron ida ne'e. "
  .repeat(9);

Deno.test("corpus clean takes a language that it has no tables of", () =>
  inFolder(async (cwd) => {
    await Deno.mkdir(join(cwd, "raw"));
    await Deno.writeTextFile(join(cwd, "raw", "a.txt"), TETUM);
    const filters = ["--filters", "quality,language,exact"];
    const clean = ["corpus", "clean", "raw", ...filters, "--out"];
    const usual = await cli([...clean, "out"], { cwd });
    assert.equal(usual.code, 1);
    // What took the documents is told before the error.
    assert.match(usual.stdout, /^Gopher quality +1 +1 +stop words /m);
    assert.match(usual.stdout, /a\.txt \(stop words: 1, wanted at least 2\)/);
    assert.equal(await exists(join(cwd, "out")), false);

    const any = ["--languages", "any"];
    const { code, stdout, stderr } = await cli([...clean, "any", ...any], {
      cwd,
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^quality: without --stop-words its rule .* is off$/m);
    assert.match(stderr, /^next: deno task caderno tokenizer train any --out/m);
    assert.match(stdout, /^1 of 1 documents in any$/m);
    assert.doesNotMatch(stdout, /^language/m);

    await Deno.writeTextFile(join(cwd, "words.txt"), "Iha\nba\n\nsira\n");
    const own = [...any, "--stop-words", "words.txt"];
    const kept = await output([...clean, "own", ...own], { cwd });
    assert.match(kept, /^1 of 1 documents in own$/m);
    const { funnel } = JSON.parse(
      await Deno.readTextFile(join(cwd, "own", "corpus.json")),
    );
    assert.deepEqual(funnel.steps[0].knobs.stopWords, ["iha", "ba", "sira"]);
    await refused(
      [...clean, "other", ...any, "--stop-words", "the, and"],
      /the filters dropped all 1 documents/,
      { cwd },
    );
  }));

Deno.test("corpus commands refuse what makes no sense", () =>
  inFolder(async (cwd) => {
    await Deno.writeTextFile(join(cwd, "a.txt"), "Era uma vez um gato.\n");
    const clean = ["corpus", "clean", "a.txt", "--out", "out"];
    const pack = ["corpus", "pack", "a.txt", "--out", "out"];
    await output([
      "tokenizer",
      "train",
      "a.txt",
      "--vocab",
      "280",
      "--out",
      "t",
    ], {
      cwd,
    });
    const before = await filesIn(cwd);
    const cases: [string[], RegExp][] = [
      [[...clean, "--filters", "best"], /filter "best": there are lines/],
      [[...clean, "--set", "minWord=3"], /near names are minWords/],
      [[...clean, "--set", "minWords="], /minWords=NUMBER/],
      [[...clean, "--unit", "page"], /--unit page: wanted file or line or/],
      [[...clean, "--languages", "xx"], /Cannot keep the language "xx"/],
      [clean, /the filters dropped all 1 documents, as the table tells/],
      [[...clean, "--set", "minWords=-3"], /minWords=NUMBER, from 0/],
      [[...clean, "--languages", "any,pt"], /or the word any alone/],
      [[...clean, "--stop-words", ","], /there are no words in it/],
      [
        [...clean, "--filters", "exact", "--stop-words", "a"],
        /--stop-words without the filter quality/,
      ],
      [pack, /without --tokenizer/],
      [[...pack, "--tokenizer", "t", "--weights", "1,2"], /wanted 1 numbers/],
      [[...pack, "--tokenizer", "t", "--hold-out", "blocks"], /wanted "ttl"/],
      [["corpus", "debian", "--out", "d", "--only", "x"], /package "x": there/],
      [
        ["corpus", "debian", "--out", "d", "--packages", "."],
        /Cannot read packages in .*: it holds none of/,
      ],
    ];
    for (const [args, pattern] of cases) await refused(args, pattern, { cwd });
    assert.deepEqual(await filesIn(cwd), before);
    const { stderr } = await cli([...pack, "--tokenizer", "t"], { cwd });
    assert.match(stderr, /^nothing is held out, which train needs: /m);
  }));

Deno.test({
  name: "corpus debian keeps texts with their licences",
  ignore: !hasDpkg,
  fn: () =>
    inFolder(async (cwd) => {
      await buildPackages(join(cwd, "debs"));
      const debian = ["corpus", "debian", "--packages", "debs"];
      const printed = await output([...debian, "--out", "out"], { cwd });
      assert.match(printed, /^repeated lines +3 /m);
      assert.match(printed, /^fortunes-br +2 +\d+ B +\d+ B +GPL-2\+$/m);
      assert.deepEqual(await filesIn(join(cwd, "out")), [
        "copyright/fortunes-br",
        "copyright/manpages-pt-br",
        "corpus.json",
        "documents.jsonl",
      ]);
      const raw = [...debian, "--only", "fortunes-br", "--raw"];
      await output([...raw, "--out", "raw"], { cwd });
      const shown = await output(["corpus", "show", "raw"], { cwd });
      assert.match(shown, /^── fortunes-br: .*brasil:1 \(GPL-2\+\)$/m);
    }),
});
