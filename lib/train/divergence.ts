/**
 * Runs that ran away: when to stop one, and what it leaves to look at.
 *
 * @module
 */
import { join } from "node:path";
import type { TokenBatch } from "../text/mod.ts";
import { DataError, writeFileAtomic } from "../util/mod.ts";
import type { UpdateReport } from "./mixed_precision.ts";
import type { TrainConfig } from "./train_config.ts";

/** A step that went wrong. */
export interface LostStep extends Partial<Omit<UpdateReport, "isLost">> {
  /** Its number, from 1. */
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
  /** Where it, and not the loss, is not finite. */
  readonly gradientNorm?: number;
}

/** JSON has no Infinity and no NaN, and would write null: they become text. */
export function spellNumber(_name: string, value: unknown): unknown {
  const isNumber = typeof value === "number";
  return isNumber && !Number.isFinite(value) ? String(value) : value;
}

/**
 * Whether a loss says that the run has diverged: it is no number, or the model
 * is worse, after the warm-up, than one that knows nothing.
 *
 * @param loss of a step, nats per token
 * @param steps that came before
 */
export function isDiverged(
  loss: number,
  steps: number,
  { config, vocabSize }: {
    readonly config: TrainConfig;
    readonly vocabSize: number;
  },
): boolean {
  if (!Number.isFinite(loss)) return true;
  const limit = Math.log(vocabSize) + config.divergenceMargin;
  return steps >= config.warmupSteps && loss > limit;
}

/** A number for people. */
const short = (x: number) => String(Number(x.toPrecision(3)));

/**
 * Ends a run, with the batches of the step in `diverged.json`.
 *
 * @param folder of the run, if it has one
 * @throws {DataError} always
 */
export async function giveUp(
  lost: LostStep,
  batches: readonly TokenBatch[],
  folder: string | undefined,
): Promise<never> {
  const { step, loss, learningRate, gradientNorm, lossScale } = lost;
  if (folder !== undefined) {
    const ids = batches.map(({ B, T, inputs, targets }) => ({
      B,
      T,
      inputs: [...inputs],
      targets: [...targets],
    }));
    await writeFileAtomic(
      join(folder, "diverged.json"),
      JSON.stringify({ ...lost, batches: ids }, spellNumber) + "\n",
    );
  }
  const what = gradientNorm === undefined
    ? `the loss of step ${step} is ${short(loss)}`
    : `the norm of the gradients of step ${step} is ${short(gradientNorm)}` +
      (lossScale === undefined
        ? ""
        : `, and no smaller loss scale has helped, the last was ${lossScale}`);
  const where = folder === undefined ? "" : `; ${folder} holds the last ` +
    "checkpoint, and in diverged.json the batches of this step";
  const help = gradientNorm === undefined && Number.isFinite(loss)
    ? "a lower rate or a longer warm-up helps"
    : "checkNumbers(device) finds the kernel that made it";
  throw new DataError(
    `Cannot train on: ${what}, with a learning rate of ` +
      `${short(learningRate)}${where}; ${help}`,
  );
}
