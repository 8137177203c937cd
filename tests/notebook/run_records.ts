/**
 * Records of a made-up run, for tests of whatever shows them.
 *
 * @module
 */
import type {
  EvaluationRecord,
  StepRecord,
  TrainRecord,
} from "../../lib/train/mod.ts";

/** A step of two seconds and 100 tokens; its loss falls from 8. */
export function stepRecord(
  step: number,
  other: Partial<StepRecord> = {},
): StepRecord {
  return {
    kind: "step",
    step,
    tokens: 100 * step,
    loss: 8 / Math.sqrt(step),
    learningRate: 1e-3,
    gradientNorm: 0.5,
    seconds: 2 * step,
    tokensPerSecond: 50,
    flopsPerSecond: 5e9,
    utilization: 0.25,
    peakBytes: 2 ** 20,
    ...other,
  };
}

/** An evaluation after a step. */
export function evaluationRecord(step: number, loss: number): EvaluationRecord {
  return {
    kind: "evaluation",
    step,
    tokens: 100 * step,
    loss,
    perplexity: Math.exp(loss),
    evaluatedTokens: 1000,
    seconds: 2 * step,
  };
}

/** A run of so many steps with all that a run may tell. */
export function madeUpRun(steps: number): TrainRecord[] {
  const records: TrainRecord[] = [];
  for (let step = 1; step <= steps; step++) {
    // The meter says something new each ten steps: 20 s at 30 W.
    const energyJoules = 600 * Math.floor(step / 10);
    records.push(stepRecord(step, { energyJoules }));
    if (step % 25 === 0) {
      records.push(evaluationRecord(step, 9 / Math.sqrt(step)));
      records.push({ kind: "sample", step, texts: ["Era uma vez\num gato"] });
      records.push({ kind: "checkpoint", step, path: `run/step_${step}` });
    }
  }
  return records;
}
