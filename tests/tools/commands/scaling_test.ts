/** Fits on the command line against the library and the published numbers. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "../../../lib/util/mod.ts";
import { inFolder } from "../../support/in_folder.ts";
import { cli, output, refused } from "./cli.ts";

const points = fileURLToPath(
  new URL("../../../data/scaling/chinchilla_extracted.csv", import.meta.url),
);
const table = [points, "--parameters-column", "params", "--drop", "5"];

Deno.test("scaling fit tells constants, intervals and doubts", async () => {
  const { code, stdout, stderr } = await cli([
    ...["scaling", "fit", ...table],
    ...["--resamples", "100", "--budget", "5.76e23"],
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /objective 1\.01827e-3, reached by 27 of 27 starts/);
  assert.match(stdout, /^A +477\.8 +1\d\d\.\d /m);
  assert.match(stdout, /^N\* +7\.319e10 /m);
  assert.match(stdout, /^100 resamples by row/m);
  assert.match(stderr, /warning: rows 1, 6, 7, 55 and 240 lie more than 5/);
});

Deno.test("scaling fit takes the misfit and a tie, without a bootstrap", async () => {
  const text = await output([
    ...["scaling", "fit", ...table, "--resamples", "0"],
    ...["--misfit", "absolute", "--tied"],
  ]);
  assert.match(text, /absolute misfit of log loss, alpha = beta, 240 runs/);
  assert.match(text, /^a +0\.5000$/m);
  const plain = await output([
    ...["scaling", "fit", ...table, "--resamples", "0"],
    ...["--misfit", "absolute"],
  ]);
  assert.match(plain, /^beta +0\.3659$/m);
});

Deno.test("scaling isoflop has a row a budget and warns of the one outside", async () => {
  const budgets = "6e18,1e19,3e19,6e19,1e20,3e20,6e20,1e21,3e21";
  const args = ["scaling", "isoflop", ...table, "--budgets", budgets];
  const { stdout, stderr } = await cli(args);
  assert.match(stdout, /^1\.00e20 .* 501M .* doubtful$/m);
  assert.match(stdout, /C\^0\.5134 .* 9 budgets/);
  assert.match(stderr, /1\.00e20 FLOPs: vertex 501M lies outside/);
  const dropped = await output([...args, "--drop-outside"]);
  assert.match(dropped, / 8 budgets/);
});

Deno.test("scaling spend turns dollars into a model and its emissions", async () => {
  const rig = ["--tflops", "100", "--dollars-per-hour", "2", "--watts", "500"];
  const grid = ["--pue", "1.2", "--grams-per-kwh", "100"];
  const text = await output([
    ...["scaling", "spend", "--dollars", "20", ...rig, ...grid],
  ]);
  // Ten hours at 1e14 FLOP/s and 0.6 kW.
  assert.match(text, /3\.60e18 FLOPs in 10 h 0 min .*6\.00 kWh, 600 g CO2eq/);
  assert.match(text, /^a device of 100 TFLOP\/s in training, 500 W and 2 dol/m);
  assert.match(text, /^Epoch refit +155M +3\.86B +24\.8 /m);
  assert.match(text, / 0\.0 %$/m);
  const served = await output([
    ...["scaling", "spend", "--kwh", "6", ...rig, ...grid, "--serve", "10B"],
  ]);
  assert.doesNotMatch(served, / 0\.0 %$/m);
});

Deno.test("scaling commands refuse what cannot be fitted or spent", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/runs.csv`;
    await writeFileAtomic(path, "parameters,tokens,loss\n1e8,1e9,3\n");
    await refused(["scaling", "fit", path], /1 runs: it has 5 constants/);
    await writeFileAtomic(path, "parameters,tokens,loss\n");
    await refused(["scaling", "fit", path], /runs\.csv: it has no row below/);
    await writeFileAtomic(path, "parameters;tokens;loss\n1e8;1e9;3\n");
    await refused(
      ["scaling", "fit", path],
      /column "parameters": .* cells seem to be separated by ";", wanted ","/,
    );
  });
  await refused(["scaling", "fit", "none.csv"], /no file none.csv/);
  await refused(
    ["scaling", "fit", ...table, "--misfit", "cubed"],
    /huber, absolute, squared/,
  );
  await refused(
    ["scaling", "isoflop", ...table, "--budgets", "1e18,x"],
    /--budgets 1e18,x/,
  );
  await refused(["scaling", "spend"], /within 0 limits: give one of --dollars/);
  await refused(
    ["scaling", "spend", "--dollars", "0"],
    /dollars 0: it must be/,
  );
});
