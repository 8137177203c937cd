/** What a status says of made-up records, against sums done by hand. */
import assert from "node:assert/strict";
import { RunStatus } from "../../lib/notebook/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { evaluationRecord, madeUpRun, stepRecord } from "./run_records.ts";

const CLOSE = { rtol: 1e-12 };

function statusOf(steps: number, total = 100): RunStatus {
  const status = new RunStatus({ name: "run", steps: total });
  for (const record of madeUpRun(steps)) status.add(record);
  return status;
}

Deno.test("RunStatus tells share, time left, rate and power", () => {
  const status = statusOf(60);
  assert.equal(status.share, 0.6);
  assertClose(status.secondsLeft!, 80, CLOSE); // 40 steps of 2 s
  assertClose(status.tokensPerSecond!, 50, CLOSE);
  assertClose(status.flopsPerSecond!, 5e9, CLOSE);
  assertClose(status.watts!, 30, CLOSE);
  assert.equal(status.evaluation!.step, 50);
  assert.equal(status.checkpoint!.step, 50);
  assert.equal(status.isComplete, false);
  assert.equal(statusOf(100).isComplete, true);
  assert.equal(statusOf(100).share, 1);
});

Deno.test("RunStatus knows nothing before the first record", () => {
  const status = statusOf(0);
  assert.equal(status.share, 0);
  assert.equal(status.smoothedLoss, undefined);
  assert.equal(status.tokensPerSecond, undefined);
  assert.equal(status.watts, undefined);
  assert.equal(status.secondsLeft, undefined);
  assert.equal(statusOf(1).secondsLeft, undefined); // it has compiled
});

Deno.test("RunStatus counts pauses between steps into the time left", () => {
  const status = new RunStatus({ name: "run", steps: 5 });
  status.add(stepRecord(1, { seconds: 100 })); // compiles: does not count
  status.add(stepRecord(2, { seconds: 101 }));
  status.add(stepRecord(3, { seconds: 111 })); // with an evaluation before it
  assertClose(status.secondsLeft!, 11, CLOSE); // 2 steps of 5.5 s
  assert.equal(status.longestGap, 10);
});

Deno.test("RunStatus smooths the loss without a pull from its start", () => {
  const status = new RunStatus({ name: "run", steps: 9 });
  status.add(stepRecord(1, { loss: 4 }));
  assertClose(status.smoothedLoss!, 4, CLOSE);
  status.add(stepRecord(2, { loss: 2 }));
  // Weights 0.98 and 1, by their sum.
  assertClose(status.smoothedLoss!, (0.98 * 4 + 2) / 1.98, CLOSE);
});

Deno.test("RunStatus holds the lowest evaluation beside the last one", () => {
  const status = new RunStatus({ name: "run", steps: 9 });
  for (const [step, loss] of [[1, 3], [2, 2], [3, 2.5]] as const) {
    status.add(evaluationRecord(step, loss));
  }
  assert.equal(status.evaluation!.step, 3);
  assert.equal(status.best!.step, 2);
});

Deno.test("RunStatus goes back with a run that was resumed", () => {
  const status = statusOf(60);
  const path = "run/step_25";
  status.add({ kind: "resume", step: 25, path, skipped: [] });
  assert.equal(status.smoothedLoss, undefined); // of no step yet
  assert.equal(status.evaluation, undefined); // that of step 50 never was
  assert.equal(status.losses.length, 25);
  // The new session runs elsewhere, ten times as fast.
  for (const step of [26, 27]) {
    const seconds = 50 + 0.2 * (step - 25);
    status.add(stepRecord(step, { seconds, tokensPerSecond: 500 }));
  }
  assert.equal(status.losses.length, 27);
  assertClose(status.secondsLeft!, 73 * 0.2, { rtol: 1e-9 });
  assertClose(status.tokensPerSecond!, 500, CLOSE);
  assert.equal(status.watts, undefined);
});

Deno.test("RunStatus leaves losses out that are not finite", () => {
  const status = new RunStatus({ name: "run", steps: 9 });
  status.add(stepRecord(1, { loss: 4 }));
  const none = null as unknown as number; // as JSON has it
  status.add(stepRecord(2, { loss: none, gradientNorm: none }));
  assertClose(status.smoothedLoss!, 4, CLOSE);
  assert.deepEqual(status.losses, [4]);
});

Deno.test("RunStatus has power only where the meter said something twice", () => {
  const status = new RunStatus({ name: "run", steps: 9 });
  for (const step of [1, 2, 3]) {
    status.add(stepRecord(step, { energyJoules: 7 }));
  }
  assert.equal(status.watts, undefined);
  status.add(stepRecord(4, { energyJoules: 67 }));
  assertClose(status.watts!, 10, CLOSE); // 60 J from the first step's end: 6 s
});
