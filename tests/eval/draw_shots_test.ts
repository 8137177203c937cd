/**
 * Examples as the harnesses draw them. The lists were made with CPython 3.11 by
 * the fork's own loop, documents being numbers:
 *
 *     rnd = random.Random(); rnd.seed(42); rnd.shuffle(docs)
 *     for doc in docs: shots = rnd.sample(source, k)
 *
 * with `k + 1` and `[x for x in shots if x != doc][:k]` where a task has no
 * training part.
 */
import assert from "node:assert/strict";
import {
  askingOrder,
  type ChoiceItem,
  drawShots,
  EVAL_SETTINGS,
  findChoiceTask,
  readChoiceItems,
  type ShotDraw,
  shotWriter,
  splitItems,
  taskSettings,
} from "../../lib/eval/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";

interface Doc {
  readonly id: string;
}

const docs = (from: number, to: number): Doc[] =>
  Array.from({ length: to - from }, (_, i) => ({ id: String(from + i) }));
const numbers = (items: readonly Doc[]) => items.map(({ id }) => Number(id));

/** Items in their order, and the examples of each. */
function plan(
  draw: ShotDraw,
  asked: Doc[],
  source: Doc[],
  shots: number,
  oneMore: boolean,
) {
  const isSame = (a: Doc, b: Doc) => a.id === b.id;
  const of = drawShots({ asked, source, shots, oneMore, isSame }, { draw });
  const order = askingOrder(asked, { draw });
  return order.map((doc) => [Number(doc.id), numbers(of(doc))] as const);
}

Deno.test("drawShots() draws as the fork with a training part", () => {
  const drawn = plan("okapi", docs(0, 12), docs(100, 140), 5, false);
  assert.deepEqual(
    drawn.map(([doc]) => doc),
    [7, 5, 2, 8, 9, 6, 11, 3, 4, 0, 1, 10],
  );
  assert.deepEqual(drawn[0]![1], [102, 101, 105, 113, 114]);
  assert.deepEqual(drawn[1]![1], [132, 138, 101, 135, 112]);
  assert.deepEqual(drawn[11]![1], [113, 117, 104, 138, 110]);
});

Deno.test("drawShots() draws as the fork without a training part", () => {
  const own = docs(0, 12);
  const drawn = plan("okapi", own, own, 3, true);
  assert.deepEqual(drawn.slice(0, 3), [
    [7, [0, 11, 1]],
    [5, [3, 8, 9]],
    [2, [8, 3, 11]],
  ]);
  assert.deepEqual(drawn[11], [10, [11, 1, 0]]);
  // One more is drawn even from a part of its own, as for MMLU.
  assert.deepEqual(plan("okapi", docs(0, 4), docs(100, 106), 3, true), [
    [2, [101, 105, 104]],
    [1, [100, 104, 105]],
    [3, [103, 100, 104]],
    [0, [101, 105, 100]],
  ]);
});

Deno.test("drawShots() draws as the newer harness, in order", () => {
  const own = docs(0, 12);
  assert.deepEqual(plan("harness", own, own, 3, true).slice(0, 3), [
    [0, [7, 1, 10]],
    [1, [9, 0, 11]],
    [2, [5, 3, 0]],
  ]);
  const drawn = plan("harness", docs(0, 3), docs(100, 140), 5, false);
  assert.deepEqual(drawn.map(([, shots]) => shots), [
    [128, 107, 100, 105, 137],
    [102, 105, 106, 122, 115],
    [101, 122, 139, 130, 129],
  ]);
  assert.deepEqual(plan("first", own, own, 2, true).slice(0, 3), [
    [0, [1, 2]],
    [1, [0, 2]],
    [2, [0, 1]],
  ]);
  assert.deepEqual(plan("okapi", own, [], 0, true)[0], [7, []]);
});

Deno.test("drawShots() refuses items that were not planned", async () => {
  const asked = docs(0, 3);
  const isSame = (a: Doc, b: Doc) => a.id === b.id;
  const plan = { asked, source: asked, shots: 1, oneMore: true, isSame };
  const of = drawShots(plan, { draw: "okapi" });
  await assertFails(
    () => of({ id: "9" }),
    DataError,
    /examples for item 9: it is not in the data/,
  );
});

Deno.test("taskSettings() knows what TTL's tasks were run with", async () => {
  const shots = (setting: string) =>
    ["arc_pt", "hellaswag_pt", "mmlu_pt", "truthfulqa_pt"].map((name) =>
      taskSettings(setting, findChoiceTask(name)).shots
    );
  assert.deepEqual(shots("okapi"), [25, 0, 25, 0]);
  assert.deepEqual(shots("leaderboard"), [25, 10, 5, 0]);
  assert.deepEqual(EVAL_SETTINGS, ["okapi", "leaderboard", "shared"]);
  assert.deepEqual(taskSettings("okapi", findChoiceTask("exam_pt")), {});
  const { bos, encoding } = taskSettings("okapi", findChoiceTask("arc_pt"));
  assert.deepEqual([bos, encoding], [false, "apart"]);
  await assertFails(
    () => taskSettings("okapy", findChoiceTask("arc_pt")),
    ConfigError,
    /setting "okapy", the nearest is "okapi"/,
  );
});

referenceTest(
  "shotWriter() writes the fork's 25 examples of ARC",
  "eval/arc_pt.jsonl",
  async (path) => {
    const items = await readChoiceItems(path);
    const arc = findChoiceTask("arc_pt");
    const split = splitItems(arc, items);
    const settings = taskSettings("okapi", arc);
    const write = shotWriter(arc, split, settings);
    const order = askingOrder(split.asked, { draw: "okapi" });
    /** First and last item, and the places of their examples (CPython). */
    const EXPECTED: [number, string, number[]][] = [
      [0, "Mercury_SC_406482", [
        ...[180, 530, 475, 51, 255, 124, 467, 136, 543, 324, 453, 516, 436],
        ...[456, 162, 486, 460, 265, 253, 283, 533, 496, 244, 281, 450],
      ]],
      [583, "Mercury_7086608", [
        ...[208, 167, 370, 99, 295, 316, 555, 70, 78, 159, 124, 3, 245, 67],
        ...[276, 183, 116, 462, 345, 512, 547, 476, 523, 125, 492],
      ]],
    ];
    for (const [at, id, places] of EXPECTED) {
      assert.equal(order[at]!.id, `ARC-Challenge/test/${id}`);
      const solve = ({ question, choices, gold }: ChoiceItem) =>
        `Question: ${question}\nAnswer: ${choices[gold]}\n\n`;
      const wanted = places.map((i) => solve(split.pool[i]!)).join("");
      assert.equal(write(order[at]!), wanted);
    }
  },
);
