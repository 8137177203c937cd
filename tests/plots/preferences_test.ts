/** Rewards by step; of many steps means of neighbours. */
import assert from "node:assert/strict";
import { plotPreferences } from "../../lib/plots/mod.ts";
import type { PreferenceStepRecord } from "../../lib/train/mod.ts";

const steps = (count: number) =>
  Array.from({ length: count }, (_, i): PreferenceStepRecord => ({
    kind: "step",
    ...{ step: i + 1, tokens: 10 * i, loss: 0.5, learningRate: 1e-3 },
    ...{ gradientNorm: 1, seconds: i, tokensPerSecond: 9 },
    ...{ chosenReward: i, rejectedReward: -2 * i, margin: 3 * i, accuracy: 1 },
  }));

Deno.test("plotPreferences() draws both rewards, few points of many", () => {
  const [chosen, rejected] = plotPreferences(steps(3)).data;
  assert.deepEqual([chosen!.name, chosen!.x, chosen!.y], [
    ...["chosen", [1, 2, 3], [0, 1, 2]],
  ]);
  assert.deepEqual([rejected!.name, rejected!.y], ["rejected", [0, -2, -4]]);
  const [long] = plotPreferences(steps(150)).data;
  assert.equal((long!.x as number[]).length, 50);
  assert.deepEqual((long!.y as number[]).slice(0, 2), [1, 4]);
  assert.deepEqual(plotPreferences([]).data[0]!.x, []);
});
