/** The command line as a whole: help, exit codes, one clear line when wrong. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { exists } from "../../lib/util/mod.ts";
import { inFolder } from "../support/in_folder.ts";
import { cli, filesIn, output, refused, startCli } from "./commands/cli.ts";

const COMMANDS = [
  "corpus synthetic",
  "corpus stats",
  "corpus show",
  "corpus clean",
  "corpus pack",
  "corpus debian",
  "tokenizer train",
  "tokenizer report",
  "tokenizer compare",
  "tokenizer encode",
  "tokenizer decode",
  "tokenizer convert",
  "train",
  "log",
  "plot",
  "generate",
  "finetune classify",
  "classify",
  "finetune chat",
  "finetune prefer",
  "chat",
  "export",
  "eval tasks",
  "eval compare",
  "eval table",
  "eval contamination",
  "eval",
  "estimate",
  "machine",
  "sweep run",
  "sweep show",
  "emissions ttl",
  "emissions run",
  "emissions report",
];

Deno.test("caderno lists its commands, and each explains itself", async () => {
  const overview = await output([]);
  assert.equal(await output(["--help"]), overview);
  for (const name of COMMANDS) {
    assert.match(overview, new RegExp(`^  ${name} {2,}\\S`, "m"));
    const help = await output([...name.split(" "), "--help"]);
    assert.match(help, new RegExp(`^  deno task caderno ${name}`, "m"));
    assert.match(help, new RegExp(`Example:\n\n  deno task caderno ${name} `));
    for (const line of help.split("\n")) assert.ok(line.length <= 80, line);
  }
  assert.equal(await output(["help"]), overview);
  assert.equal(
    await output(["help", "eval", "tasks"]),
    await output(["eval", "tasks", "--help"]),
  );
  const group = await output(["corpus"]);
  assert.match(group, /corpus synthetic/);
  assert.doesNotMatch(group, /tokenizer/);
  assert.match(await output(["--version"]), /^caderno \d+\.\d+\.\d+, deno \d/);
});

Deno.test("caderno refuses wrong words with the nearest right ones", async () => {
  await refused(
    ["trian"],
    /^error: Cannot find the command "trian": the nearest is "train"; deno task caderno --help lists all$/,
  );
  await refused(
    ["corpus", "sho"],
    /"corpus sho": the nearest is "corpus show"; there are corpus synthetic, corpus stats, corpus show, corpus clean, corpus pack, corpus debian$/,
  );
  await refused(
    ["corpus", "--fast"],
    /Cannot find the command "corpus --fast"/,
  );
  await refused(["--fast"], /Cannot find the command "--fast"/);
  await refused(
    ["train", "--lerning-rate", "1"],
    /no option --lerning-rate, the nearest is --learning-rate/,
  );
  await refused(["train", "--lr", "1"], /no option --lr, --help lists all$/);
  await refused(["sft"], /"sft": the nearest is "finetune chat"; deno task/);
  await refused(["eval", "model"], /wanted MODEL_FOLDER TEXT…, got "model"/);
});

Deno.test("caderno refuses bad input and leaves nothing behind", () =>
  inFolder(async (cwd) => {
    await Deno.mkdir(join(cwd, "empty"));
    await Deno.mkdir(join(cwd, "mixed"));
    await Deno.writeFile(
      join(cwd, "mixed", "latin1.txt"),
      Uint8Array.of(0x63, 0xe3, 0x6f),
    );
    const before = await filesIn(cwd);
    const train = ["train", "--out", "run", "--tokens", "1k"];
    const synthetic = [...train, "--synthetic", "10kB"];
    const cases: [string[], RegExp, Record<string, string>?][] = [
      [train, /on no text: give either --text FOLDER or --synthetic SIZE/],
      [[...synthetic, "--text", "empty"], /on two corpora/],
      [[...train, "--text", "nowhere"], /Cannot train on nowhere/],
      [
        [...train, "--text", "empty"],
        /Cannot read texts of empty: it holds none/,
      ],
      [
        [...train, "--text", "mixed"],
        /latin1\.txt: byte 1 \(0xe3\) is not UTF-8/,
      ],
      [
        [...synthetic, "--preset", "big"],
        /Cannot find the preset "big": there are tiny-64/,
      ],
      [
        [...synthetic, "--hidden", "60", "--heads", "7"],
        /hiddenSize 60 does not divide/,
      ],
      [[...synthetic, "--vocab", "270"], /Cannot train 270 pieces/],
      [
        [...synthetic, "--context", "256", "--batch", "99"],
        /one batch takes 25345/,
      ],
      [
        [...train, "--synthetic", "1kB", "--context", "1k"],
        /Cannot hold out text: \d+ tokens/,
      ],
      [[...synthetic, "--country", "Brasl"], /near names are Brazil/],
      [[...synthetic, "--region", "iowa"], /give its --country as well/],
      [[...synthetic, "--resume"], /no file .*run\.json/],
      [synthetic, /CADERNO_DEVICE=tpu: it is webgpu or cpu/, {
        CADERNO_DEVICE: "tpu",
      }],
      [["generate", "empty", "Oi"], /no file empty.config\.json/],
      [["tokenizer", "encode", "empty", "Oi"], /no file empty.tokenizer\.json/],
      [["tokenizer", "train", "empty", "--out", "t"], /it holds none/],
      [["corpus", "show", "nowhere"], /there is no such folder/],
      [["corpus", "synthetic"], /give either --out FILE/],
      [["emissions", "run", "empty"], /no file .*log\.jsonl/],
      [["estimate", "--budget", "0"], /Cannot use budget 0/],
      [["estimate", "--parameters", "1M", "--law", "x"], /there are "TTL/],
    ];
    for (const [args, pattern, env = {}] of cases) {
      await refused(args, pattern, { cwd, env });
    }
    assert.deepEqual(await filesIn(cwd), before);
    assert.equal(await exists(join(cwd, "run")), false);
  }));

Deno.test("caderno shows where an error comes from when asked to", async () => {
  const { code, stderr } = await cli(["estimate"], {
    env: { CADERNO_DEBUG: "1" },
  });
  assert.equal(code, 1);
  assert.match(stderr, /^error: Cannot estimate/);
  assert.match(stderr, /^ {4}at .*estimate\.ts/m);
});

Deno.test("caderno ends without a word when nobody reads on", async () => {
  const child = startCli(["--help"]);
  await child.stdout.cancel();
  const errors = await new Response(child.stderr).text();
  assert.equal((await child.status).code, 141);
  assert.equal(errors, "");
});
