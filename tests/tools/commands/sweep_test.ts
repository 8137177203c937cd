/** `caderno sweep` from a YAML file to a law, and what it refuses. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { exists } from "../../../lib/util/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { cli, output, refused } from "./cli.ts";

const SPEC = `depths: [1, 2]
tokens: [1k, 2k, 4k] # with units
vocabSize: 400
contextLength: 32
batchSize: 4
heldOutTokens: 1024
`;

Deno.test("caderno sweep trains a grid, fits it, and does nothing twice", () =>
  inFolder(async (cwd) => {
    await Deno.writeTextFile(join(cwd, "sweep.yaml"), SPEC);
    const run = ["sweep", "run", "sweep.yaml", "--out", "out"];
    const plan = await output([...run, "--dry-run"], { cwd });
    assert.match(plan, /^6 runs: 38\.2k to 152k parameters, 1\.02k to 4\.10k/);
    const rowsOfPlan = plan.match(
      /^ *[12] +(32|64) +\S+ +\S+ .* 0\.0035 +0$/gm,
    );
    assert.equal(rowsOfPlan?.length, 6, plan);
    assert.match(plan, /^ *2 +64 +152k +4\.10k +0\.0 +0\.0035 +0$/m);
    assert.equal(await exists(join(cwd, "out")), false);

    const told = await output([...run, "--country", "BRA"], { cwd });
    assert.match(
      told,
      /prediction: .* Wh, .* CO2eq for 6 runs on this machine, \d+ side/,
    );
    assert.match(told, /^ +cpu .* W, (measured|modelled|assumed): /m);
    assert.match(told, /^time +\S+ .* [+-]\S+ %$/m);
    assert.match(told, /^energy +\S+ .*Wh .* [+-]\S+ %$/m);
    assert.equal(told.match(/^d[12]-w\d+-t\d+-r0\.0035-s0 /gm)?.length, 6);
    assert.match(told, /E \+ A \/ N\^alpha \+ B \/ D\^beta through 6 runs/);
    assert.match(told, /^alpha +[\d.e-]+ /m);
    const rows = await Deno.readTextFile(join(cwd, "out/observations.jsonl"));
    assert.equal(rows.trim().split("\n").length, 6);

    const again = await output(run, { cwd });
    assert.match(again, /6 of them are finished already/);
    assert.doesNotMatch(again, /prediction/);
    const shown = await output(["sweep", "show", "out"], { cwd });
    assert.match(shown, /6 of 6 runs are finished/);
    assert.equal(
      await Deno.readTextFile(join(cwd, "out/observations.jsonl")),
      rows,
    );
  }));

Deno.test("caderno sweep refuses bad input in one line", () =>
  inFolder(async (cwd) => {
    const write = (name: string, text: string) =>
      Deno.writeTextFile(join(cwd, name), text);
    await write("good.yaml", SPEC);
    await write("typo.yaml", "dephts: [1]\n");
    await write("unit.yaml", "tokens: [1x]\n");
    await write("both.yaml", "tokens: [1k]\nbudgets: [1e12]\n");
    await write("list.yaml", "- 1\n");
    await write("broken.yaml", "depths: [1\n");
    await write("shards.yaml", "shards: here\nvocabSize: 400\n");
    await write("none.yaml", "shards: nowhere\n");
    const manifest = {
      ...{ format: "caderno shards 1", sources: [] },
      splits: { train: { shards: [] }, heldOut: { shards: [] } },
      tokenizer: { vocabSize: 600, sha256: "0" },
    };
    await Deno.mkdir(join(cwd, "here"));
    await write("here/manifest.json", JSON.stringify(manifest));
    const run = (name: string, ...rest: string[]) => [
      ...["sweep", "run", name, "--out", "out"],
      ...rest,
    ];
    const cases: [string[], RegExp][] = [
      [run("nowhere.yaml"), /Cannot read a sweep: there is no file nowhere/],
      [run("typo.yaml"), /typo\.yaml: .* "dephts": near names are depths/],
      [run("unit.yaml"), /unit\.yaml: Cannot sweep with tokens \["1x"\]/],
      [run("both.yaml"), /both tokens and budgets/],
      [run("list.yaml"), /wanted fields such as/],
      [run("broken.yaml"), /Cannot read the sweep broken\.yaml/],
      [
        run("shards.yaml", "--dry-run"),
        /vocabSize 400: its tokenizer has 600 pieces, which hold without/,
      ],
      [run("none.yaml", "--dry-run"), /no file .*nowhere.manifest\.json/],
      [run("good.yaml", "--engine", "pbs"), /it is local or slurm/],
      [run("good.yaml", "--sbatch", "-p x"), /without --engine slurm/],
      [run("good.yaml", "--jobs", "0"), /--jobs 0/],
      [["sweep", "show", "out"], /Cannot read a sweep: there is no file/],
    ];
    for (const [args, pattern] of cases) await refused(args, pattern, { cwd });
    assert.equal(await exists(join(cwd, "out")), false);
  }));

Deno.test("caderno sweep says so where there is no Slurm", () =>
  inFolder(async (cwd) => {
    await Deno.writeTextFile(join(cwd, "sweep.yaml"), SPEC);
    const { code, stderr } = await cli([
      ...["sweep", "run", "sweep.yaml", "--out", "out", "--engine", "slurm"],
    ], { cwd, env: { PATH: cwd } });
    assert.equal(code, 1);
    assert.match(stderr, /error: Cannot use Slurm: there is no program sbatch/);
  }));
