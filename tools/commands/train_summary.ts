/**
 * How a run went, for the terminal and for the card of its model.
 *
 * @module
 */
import {
  bitsPerByte,
  countParameters,
  DataError,
  emissionsParagraph,
  emissionsTable,
  type EnergyReading,
  type EvaluationRecord,
  formatCount,
  formatDuration,
  formatTable,
  modelCardEmissions,
  type StepRecord,
  type TrainRecord,
} from "../../lib/mod.ts";
import { bigramLoss, type TrainingData } from "./train_data.ts";
import type { TrainPlan } from "./train_plan.ts";

/** Everything about a run that is over. */
export interface FinishedRun {
  readonly name: string;
  readonly plan: TrainPlan;
  readonly data: TrainingData;
  readonly log: readonly TrainRecord[];
  readonly reading: EnergyReading;
  /** One line about the machine that trained. */
  readonly hardware: string;
  /** What all steps were going to take, said before the first. */
  readonly predictedSeconds: number;
}

/** What was measured, as pairs of a name and a value with its unit. */
type SummaryRow = readonly [name: string, value: string];

/** Tokens a second of all steps together, evaluations left out. */
export function trainingRate(steps: readonly StepRecord[]): number {
  let tokens = 0, seconds = 0;
  for (const [i, step] of steps.entries()) {
    const ofStep = step.tokens - (steps[i - 1]?.tokens ?? 0);
    tokens += ofStep;
    seconds += ofStep / step.tokensPerSecond;
  }
  return tokens / seconds;
}

/**
 * Loss, the bar of the bigram model on the same tokens, and speed.
 *
 * @throws {DataError} when the log has no step or no evaluation
 */
export function summaryRows(
  { plan, data, log, predictedSeconds }: FinishedRun,
): SummaryRow[] {
  const steps = log.filter((r): r is StepRecord => r.kind === "step");
  const evaluation = log.findLast((r): r is EvaluationRecord =>
    r.kind === "evaluation"
  );
  const last = steps.at(-1);
  if (!last || !evaluation) {
    throw new DataError(
      `Cannot sum up a run of ${steps.length} steps: wanted steps and an ` +
        "evaluation in its log",
    );
  }
  const { loss, perplexity, evaluatedTokens } = evaluation;
  const bar = bigramLoss(data, evaluatedTokens);
  const bits = bitsPerByte(loss, data.bytesPerToken);
  const rate = trainingRate(steps);
  return [
    ["parameters", formatCount(countParameters(plan.model).total)],
    ["training", `${formatCount(last.tokens)} tokens in ${last.step} steps`],
    [
      "held-out loss",
      `${loss.toFixed(4)} nats/token on ${formatCount(evaluatedTokens)} tokens`,
    ],
    ["perplexity", perplexity.toPrecision(4)],
    ["bits per byte", bits.toFixed(4)],
    [
      "bigram bar",
      `${bar.toFixed(4)} nats/token, ${
        loss < bar ? "cleared" : "not reached"
      } by ${Math.abs(bar - loss).toFixed(4)}`,
    ],
    ["speed", `${formatCount(rate)} tokens/s`],
    [
      "time",
      `${formatDuration(last.tokens / rate)} for all steps, predicted ` +
      `${formatDuration(predictedSeconds)}; ` +
      `${formatDuration(last.seconds)} with evaluations`,
    ],
  ];
}

/** The rows as a table for the terminal. */
export function summaryTable(rows: readonly SummaryRow[]): string {
  return formatTable([["result", "value"], ...rows]);
}

/**
 * The README.md of the model's folder, with Hugging Face's head.
 *
 * @param results from {@linkcode summaryRows}
 */
export function modelCard(
  results: readonly SummaryRow[],
  { name, plan, reading, hardware }: FinishedRun,
): string {
  const rows: SummaryRow[] = [
    ...results,
    ["layers", String(plan.model.numHiddenLayers)],
    ["width", String(plan.model.hiddenSize)],
    ["heads", String(plan.model.numAttentionHeads)],
    ["context", `${plan.model.maxPositionEmbeddings} tokens`],
    ["vocabulary", `${plan.model.vocabSize} pieces`],
    ["learning rate", `${plan.train.learningRate} at its peak`],
    ["hardware", hardware],
  ];
  const emissions = reading.carbon
    ? modelCardEmissions(reading, { trainingType: "pre-training", hardware })
    : "";
  return [
    `---\npipeline_tag: text-generation\n${emissions}---`,
    `# ${name}`,
    "A Llama trained from scratch with Caderno.",
    [
      "| result | value |",
      "| --- | --- |",
      ...rows.map(([left, right]) => `| ${left} | ${right} |`),
    ].join("\n"),
    "## Energy",
    emissionsParagraph(reading),
    emissionsTable(reading),
  ].join("\n\n") + "\n";
}
