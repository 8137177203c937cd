/** Estimates against the formula by hand and against published allocations. */
import assert from "node:assert/strict";
import { output } from "./cli.ts";

/** Cells of the row that begins with a law's name. */
function rowOf(table: string, law: string): string[] {
  const line = table.split("\n").find((row) => row.startsWith(`${law}  `));
  assert.ok(line, `${law} in ${table}`);
  return line.slice(law.length).trim().split(/ {2,}/);
}

Deno.test("estimate predicts a run by every law", async () => {
  const args = ["estimate", "--parameters", "160M", "--tokens", "3.7B"];
  const table = await output(args);
  // 6 x 160e6 x 3.7e9 = 3.552e18, 3.7e9 / 160e6 = 23.125
  assert.match(table, /23\.1 tokens per parameter, C = 6ND = 3\.55e18 FLOPs/);
  const loss = 1.69 + 406.4 / 160e6 ** 0.34 + 410.7 / 3.7e9 ** 0.28;
  const cells = rowOf(table, "Hoffmann rounded");
  assert.equal(cells[0], loss.toFixed(4));
  assert.equal(cells[1], Math.exp(loss).toFixed(2));
  for (
    const law of [
      "TTL (alpha 0.32)",
      "Hoffmann unrounded",
      "Epoch refit",
      "Epoch grid optimum",
    ]
  ) {
    assert.equal(rowOf(table, law).length, 8);
  }
});

Deno.test("estimate spends a budget and finds a model's tokens", async () => {
  const budget = await output([
    "estimate",
    "--budget",
    "5.76e23",
    "--law",
    "epoch refit",
  ]);
  // Besiroglu et al. (2024): about 20 tokens per parameter at Chinchilla's
  // budget, where the fit's exponents are nearly equal.
  const [loss, , N, D, ratio] = rowOf(budget, "Epoch refit");
  assert.ok(Number(ratio) > 15 && Number(ratio) < 25, `${N} ${D} ${ratio}`);
  assert.ok(Number(loss) > 1.82 && Number(loss) < 2.1);
  assert.doesNotMatch(budget, /Hoffmann/);

  const model = await output([
    "estimate",
    "--parameters",
    "160M",
    "--law",
    "epoch refit",
  ]);
  const [, , tokens] = rowOf(model, "Epoch refit");
  assert.equal(tokens, "3.97B");
});

Deno.test("estimate says when a model lies outside of the laws' runs", async () => {
  const small = await output(["estimate", "--parameters", "177k"]);
  assert.match(small, /^177k parameters lie outside of the runs .*44\.0M to/m);
  const known = await output(["estimate", "--parameters", "160M"]);
  assert.doesNotMatch(known, /lie outside/);
  const budget = await output(["estimate", "--budget", "1e15"]);
  assert.match(budget, /parameters lie outside of the runs/);
});
