/** The figure of a sweep: every run and the law where they belong. */
import assert from "node:assert/strict";
import { isFigure, plotSweep } from "../../lib/plots/mod.ts";
import { EPOCH_LAW, predictLoss } from "../../lib/scaling/mod.ts";
import { assertClose } from "../support/assert_close.ts";

const runs = [1e5, 1e6].flatMap((parameters) =>
  [1e6, 4e6].map((tokens) => ({
    parameters,
    tokens,
    loss: predictLoss(EPOCH_LAW, { parameters, tokens }),
  }))
);

interface Drawn {
  readonly name: string;
  readonly mode: string;
  readonly x: number[];
  readonly y: number[];
  readonly error_y?: {
    readonly array: number[];
    readonly arrayminus: number[];
  };
}

Deno.test("plotSweep() draws the law through runs that follow it", () => {
  const figure = plotSweep(runs, { law: EPOCH_LAW });
  assert.ok(isFigure(figure));
  const data = figure.data as unknown as Drawn[];
  assert.deepEqual(data.map(({ mode }) => mode), [
    ...["markers", "lines", "markers", "lines"],
  ]);
  assert.deepEqual(data.map(({ name }) => name), [
    ...["N = 100k", "N = 100k, law", "N = 1.00M", "N = 1.00M, law"],
  ]);
  for (const i of [0, 2]) {
    const [points, line] = [data[i]!, data[i + 1]!];
    // Both ends of the line are runs; figures keep five digits.
    const ends = [line.y[0]!, line.y.at(-1)!];
    assertClose(ends, points.y, { atol: 1e-3 });
  }
});

Deno.test("plotSweep() shows a prediction with its interval and the outcome", () => {
  const predicted = { estimate: 3, low: 2.5, high: 4 };
  const beyond = { parameters: 4e6, tokens: 8e6, predicted };
  const marks = (loss?: number) => {
    const forecast = loss === undefined ? beyond : { ...beyond, loss };
    const { data } = plotSweep(runs, { forecast });
    return (data as unknown as Drawn[]).slice(2);
  };
  const [before] = marks();
  assert.deepEqual([before!.x, before!.y], [[8e6], [3]]);
  assert.deepEqual(before!.error_y!.array, [1]);
  assert.deepEqual(before!.error_y!.arrayminus, [0.5]);
  assert.equal(marks().length, 1);
  assert.deepEqual(marks(3.25)[1]!.y, [3.25]);
});
