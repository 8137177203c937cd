/** Reading runs, leaving out outliers, and refusing runs that fit nothing. */
import assert from "node:assert/strict";
import {
  checkObservations,
  chinchillaObservations,
  dropHighestLosses,
  EPOCH_LAW,
  type Observation,
  predictLoss,
  readObservations,
} from "../../lib/scaling/mod.ts";
import { ConfigError, DataError, FormatError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { inFile } from "../support/in_folder.ts";

/** Runs of a law at all pairs of these sizes. */
function grid(sizes: number[], tokens: number[]): Observation[] {
  return sizes.flatMap((parameters) =>
    tokens.map((D) => {
      const size = { parameters, tokens: D };
      return { ...size, loss: predictLoss(EPOCH_LAW, size) };
    })
  );
}

const withFile = (text: string, fn: (path: string) => Promise<void>) =>
  inFile("runs.csv", async (path) => {
    await Deno.writeTextFile(path, text);
    await fn(path);
  });

Deno.test("chinchillaObservations() has the 245 published points", async () => {
  const runs = await chinchillaObservations();
  assert.equal(runs.length, 245);
  const range = (key: keyof Observation) => {
    const values = runs.map((run) => run[key]);
    return [Math.min(...values), Math.max(...values)];
  };
  // Ranges as published with the extraction, in their printed digits.
  assertClose(range("parameters"), [5.7e7, 1.62e10], { rtol: 0.01 });
  assertClose(range("loss"), [2.077, 5.006], { atol: 5e-4 });
});

Deno.test("dropHighestLosses() leaves out rows 1 to 5 of the 245", async () => {
  const runs = await chinchillaObservations();
  assert.deepEqual(dropHighestLosses(runs), runs.slice(5));
});

Deno.test("dropHighestLosses() drops ties with the limit and nothing for 0", () => {
  const runs = [3, 5, 4, 4, 1].map((loss) => ({
    parameters: 1,
    tokens: 1,
    loss,
  }));
  const losses = (count: number) =>
    dropHighestLosses(runs, count).map((run) => run.loss);
  assert.deepEqual(losses(2), [3, 1]);
  assert.deepEqual(losses(0), [3, 5, 4, 4, 1]);
});

Deno.test("dropHighestLosses() rejects a count that leaves nothing", async () => {
  const runs = grid([1, 2], [1, 2]);
  for (const count of [4, -1, 1.5]) {
    await assertFails(
      () => dropHighestLosses(runs, count),
      ConfigError,
      /highest losses of 4/,
    );
  }
});

Deno.test("readObservations() takes the columns it is told", async () => {
  const text = "# a source\nN,D,nats\n1e8,2e9,3.5\n2e8,4e9,3.1\n";
  await withFile(text, async (path) => {
    const columns = { parameters: "N", tokens: "D", loss: "nats" };
    assert.deepEqual(await readObservations(path, columns), [
      { parameters: 1e8, tokens: 2e9, loss: 3.5 },
      { parameters: 2e8, tokens: 4e9, loss: 3.1 },
    ]);
  });
});

Deno.test("readObservations() names the row that is no number", async () => {
  const text = "parameters,tokens,loss\n1,2,3\n1,two,3\n";
  await withFile(text, async (path) => {
    await assertFails(
      () => readObservations(path),
      FormatError,
      /row 2 of .*"tokens": "two"/,
    );
  });
});

Deno.test("checkObservations() accepts the public points and one budget", async () => {
  checkObservations(await chinchillaObservations());
  const sizes = [1e7, 1e8, 3e8, 1e9, 1e10];
  checkObservations(sizes.flatMap((N) => grid([N], [1e20 / N])));
});

Deno.test("checkObservations() names what makes a fit impossible", async () => {
  const good = grid([1e7, 1e8, 1e9], [1e9, 1e10]);
  const at = (row: number, change: Partial<Observation>) =>
    good.map((run, i) => i === row - 1 ? { ...run, ...change } : run);
  const onLine = [1e7, 1e8, 3e8, 1e9, 1e10].flatMap((N) => grid([N], [20 * N]));
  const cases: [Observation[], RegExp][] = [
    [at(3, { loss: NaN }), /loss is NaN in row 3/],
    [at(1, { tokens: 0 }), /tokens is 0 in row 1/],
    [at(6, { parameters: -5 }), /parameters is -5 in row 6/],
    [at(2, { loss: Infinity }), /loss is Infinity in row 2/],
    [
      good.map((run) => ({ ...run, loss: 0 })),
      /loss is 0 in rows 1, 2, 3, 4, 5 and 1 more/,
    ],
    [good.slice(0, 4), /4 runs: it has 5 constants/],
    [[], /0 runs/],
    [grid([1e8], [1, 2, 3, 4, 5]), /parameters is 100000000 in all of rows 1/],
    [grid([1, 2, 3, 4, 5], [1e9]), /tokens is 1000000000 in all of rows 1/],
    [onLine, /rows 1 to 5 all lie on one line/],
  ];
  for (const [runs, pattern] of cases) {
    await assertFails(() => checkObservations(runs), DataError, pattern);
  }
});
