/**
 * The published tables of TeenyTinyLlama (TTL, arXiv 2401.16640) that a
 * replay of its budget needs, read from `data/ttl`: two models, their runs,
 * their evaluations every 100,000 steps, their training loss.
 *
 * @module
 */
import { numberCell, readDataTable } from "../util/mod.ts";
import type { Allocation } from "./law.ts";

/** Sizes of a released model; all are counts. */
export interface TtlArchitecture {
  readonly name: string;
  /** Published number of parameters. */
  readonly parameters: number;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numLayers: number;
}

/** One evaluation during a run. */
export interface TtlCheckpoint {
  readonly step: number;
  /** Training tokens seen. */
  readonly tokens: number;
  /**
   * Nats per token of the evaluation set, as published: cut, not rounded, to
   * two decimals, so that the logarithm of the perplexity is sharper.
   */
  readonly loss: number;
  /** e^loss, of the loss with all its digits. */
  readonly perplexity: number;
}

/** One pre-training run. */
export interface TtlRun extends Allocation {
  readonly name: string;
  readonly steps: number;
  readonly tokensPerStep: number;
  /** Seconds by the energy tracker, evaluations included. */
  readonly seconds: number;
  /** In the order of training. */
  readonly checkpoints: readonly TtlCheckpoint[];
}

/** One point of a smoothed training-loss curve. */
export interface TtlLossPoint {
  readonly tokens: number;
  /** Nats per token, mean over 50,000 logged steps. */
  readonly loss: number;
}

/** How many tokens a tokenizer makes of the same 7,400 Portuguese words. */
export interface TtlTokenizer {
  readonly name: string;
  readonly tokensPerWord: number;
  readonly vocabSize: number;
}

/** "TTL-160m" → "160m", as the files of a run are named. */
function sizeOf(name: string): string {
  return name.replace(/^TTL-/, "");
}

/** The two models and the chat model. */
export async function ttlArchitectures(): Promise<TtlArchitecture[]> {
  const rows = await readDataTable("ttl/models");
  return rows.map((row) => ({
    name: row["model"]!,
    parameters: numberCell(row, "parameters"),
    vocabSize: numberCell(row, "vocab_size"),
    hiddenSize: numberCell(row, "hidden_size"),
    intermediateSize: numberCell(row, "intermediate_size"),
    numLayers: numberCell(row, "layers"),
  }));
}

async function readCheckpoints(name: string): Promise<TtlCheckpoint[]> {
  const rows = await readDataTable(`ttl/checkpoints_${sizeOf(name)}`);
  return rows.map((row) => ({
    step: numberCell(row, "step"),
    tokens: numberCell(row, "tokens"),
    loss: numberCell(row, "eval_loss"),
    perplexity: numberCell(row, "perplexity"),
  }));
}

/** The two pre-training runs with their evaluations. */
export async function ttlRuns(): Promise<TtlRun[]> {
  const models = await ttlArchitectures();
  const rows = await readDataTable("ttl/training");
  // The chat model's row is a fine-tuning: its steps were not published.
  const pretraining = rows.filter((row) => row["steps"] !== "not found");
  return Promise.all(pretraining.map(async (row) => {
    const name = row["model"]!;
    return {
      name,
      parameters: models.find((model) => model.name === name)!.parameters,
      tokens: numberCell(row, "tokens"),
      steps: numberCell(row, "steps"),
      tokensPerStep: numberCell(row, "tokens_per_step"),
      seconds: numberCell(row, "tracker_seconds"),
      checkpoints: await readCheckpoints(name),
    };
  }));
}

/** Training loss of a run, smoothed, as read from the paper's Figure 1a. */
export async function ttlTrainingLoss(
  { name }: Pick<TtlRun, "name">,
): Promise<TtlLossPoint[]> {
  const rows = await readDataTable(`ttl/training_loss_${sizeOf(name)}`);
  return rows.map((row) => ({
    tokens: numberCell(row, "tokens"),
    loss: numberCell(row, "loss_smoothed"),
  }));
}

/** Table 1 of the paper: five tokenizers on the same words. */
export async function ttlTokenizers(): Promise<TtlTokenizer[]> {
  const words = 7400;
  const rows = await readDataTable("ttl/tokenizers");
  return rows.map((row) => ({
    name: row["tokenizer"]!,
    tokensPerWord: numberCell(row, "tokens_for_7400_words") / words,
    vocabSize: numberCell(row, "vocab_size"),
  }));
}
