/**
 * How a run went, for the terminal and for the card of its model.
 *
 * @module
 */
import { basename } from "node:path";
import {
  bitsPerByte,
  countParameters,
  DataError,
  describeTraining,
  type EnergyReading,
  type EvaluationRecord,
  formatCount,
  formatDuration,
  formatTable,
  type StepRecord,
  type TrainRecord,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";
import { type CardFacts, modelCard } from "./model_card.ts";
import { baseName } from "./train_base.ts";
import { bigramLoss, describeData, type TrainingData } from "./train_data.ts";
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
  { plan, data, log }: FinishedRun,
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
      `${formatDuration(last.tokens / rate)} for all steps, ` +
      `${formatDuration(last.seconds)} with evaluations`,
    ],
  ];
}

/** The rows as a table for the terminal. */
export function summaryTable(rows: readonly SummaryRow[]): string {
  return formatTable([["result", "value"], ...rows]);
}

/** "optimizer: AdamW, decay 0.1" as a name and a value. */
function splitLine(line: string): SummaryRow {
  const at = line.indexOf(": ");
  return [line.slice(0, at), line.slice(at + 2)];
}

/** Language of a model: the typed one, or that of the synthetic corpus. */
function languageOf(line: CommandLine): string | undefined {
  return line.text("language") ?? (line.has("synthetic") ? "pt" : undefined);
}

/**
 * The card of the model that a run has made.
 *
 * @param results from {@linkcode summaryRows}
 * @param line options of the run
 * @param commands words that began it, and those that made it longer
 */
export async function cardOfRun(
  results: readonly SummaryRow[],
  { name, plan, data, reading, hardware }: FinishedRun,
  { line, commands }: {
    readonly line: CommandLine;
    readonly commands: CardFacts["commands"];
  },
): Promise<string> {
  const settings = await describeTraining(plan.train, plan.model);
  const text = line.text("text");
  const base = baseName(line);
  const rows: SummaryRow[] = [
    ...results,
    ...settings.map(splitLine),
    splitLine(describeData(data, plan)),
    [
      "text",
      text === undefined
        ? `synthetic Portuguese, ${line.needText("synthetic")}`
        : basename(text),
    ],
    ...(base === undefined ? [] : [["begun with", base] as const]),
    ["context", `${plan.model.maxPositionEmbeddings} tokens`],
    ["seed", String(plan.train.seed)],
    ["hardware", hardware],
  ];
  return modelCard({
    name,
    base,
    license: line.text("license"),
    language: languageOf(line),
    rows,
    reading,
    hardware,
    commands,
  });
}
