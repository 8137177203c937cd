/**
 * TeenyTinyLlama's checkpoints, each 100,000 steps: perplexity against energy,
 * and why the checkpoint table and the tracker disagree (arXiv 2401.16640,
 * table 6): the energy column includes the evaluations, the emissions do not.
 *
 * @module
 */
import {
  ConfigError,
  DataError,
  numberCell,
  readDataTable,
} from "../util/mod.ts";
import {
  type Grams,
  gramsFromEnergy,
  type GramsPerKwh,
  type Joules,
  JOULES_PER_KWH,
  joulesFromKwh,
} from "./units.ts";

/** One row of the checkpoint tables; energy and emissions are cumulative. */
export interface EnergyCheckpoint {
  readonly step: number;
  readonly tokens: number;
  /** Mean loss on the evaluation set, nats a token. */
  readonly loss: number;
  readonly perplexity: number;
  /** Evaluations included. */
  readonly energyJoules: Joules;
  /** As logged, evaluations not included. */
  readonly grams: Grams;
  /** As printed in the paper. */
  readonly printedGrams: Grams;
}

/** The checkpoints of "TTL-160m" (4) or "TTL-460m" (12) in order. */
export async function loadEnergyCheckpoints(
  model: string,
): Promise<EnergyCheckpoint[]> {
  const size = model.match(/^TTL-(160m|460m)$/)?.[1];
  if (!size) {
    throw new ConfigError(
      `Cannot load checkpoints of "${model}": ` +
        "there are those of TTL-160m and TTL-460m",
    );
  }
  const rows = await readDataTable(`ttl/checkpoints_${size}`);
  return rows.map((row) => ({
    step: numberCell(row, "step"),
    tokens: numberCell(row, "tokens"),
    loss: numberCell(row, "eval_loss"),
    perplexity: numberCell(row, "perplexity"),
    energyJoules: joulesFromKwh(numberCell(row, "energy_kwh")),
    grams: numberCell(row, "emissions_kg") * 1000,
    printedGrams: numberCell(row, "emissions_kg_printed_table") * 1000,
  }));
}

/** What a checkpoint's two columns say about each other. */
export interface CheckpointAudit {
  readonly step: number;
  /** Evaluations up to this checkpoint, one at each. */
  readonly evaluations: number;
  /** Energy without the evaluations. */
  readonly trainingJoules: Joules;
  /** Emissions of that energy. */
  readonly impliedGrams: Grams;
  /** Logged emissions minus the implied ones. */
  readonly errorGrams: Grams;
}

/** Energy of one evaluation and the table without the evaluations. */
export interface CheckpointAccount {
  readonly evaluationJoules: Joules;
  readonly rows: readonly CheckpointAudit[];
}

/**
 * Splits the energy of checkpoints into training and evaluation. Emissions of
 * checkpoint k belong to the energy without k evaluations, so the gap between
 * energy and emissions / intensity is k times the energy of one evaluation,
 * which is found by least squares through the origin.
 *
 * @throws {DataError} without checkpoints
 */
export function accountCheckpoints(
  checkpoints: readonly EnergyCheckpoint[],
  gramsPerKwh: GramsPerKwh,
): CheckpointAccount {
  if (checkpoints.length === 0) {
    throw new DataError("Cannot account for no checkpoints: one is needed");
  }
  let gaps = 0, squares = 0;
  for (const [i, { energyJoules, grams }] of checkpoints.entries()) {
    const gap = energyJoules - grams / gramsPerKwh * JOULES_PER_KWH;
    gaps += gap * (i + 1);
    squares += (i + 1) ** 2;
  }
  const evaluationJoules = gaps / squares;
  const rows = checkpoints.map(({ step, energyJoules, grams }, i) => {
    const trainingJoules = energyJoules - evaluationJoules * (i + 1);
    const impliedGrams = gramsFromEnergy(trainingJoules, gramsPerKwh);
    return {
      step,
      evaluations: i + 1,
      trainingJoules,
      impliedGrams,
      errorGrams: grams - impliedGrams,
    };
  });
  return { evaluationJoules, rows };
}

/** What the way from one checkpoint to the next cost and gained. */
export interface MarginalEnergy {
  readonly fromStep: number;
  readonly toStep: number;
  /** Tokens at the end of the stretch. */
  readonly tokens: number;
  readonly energyJoules: Joules;
  /** Points of perplexity that were gained; negative: lost. */
  readonly perplexityGain: number;
  /** Undefined where nothing was gained. */
  readonly joulesPerPoint: Joules | undefined;
}

/** Energy for each point of perplexity between neighbours of a list. */
export function marginalEnergy(
  checkpoints: readonly EnergyCheckpoint[],
): MarginalEnergy[] {
  return checkpoints.slice(1).map((to, i) => {
    const from = checkpoints[i]!;
    const energyJoules = to.energyJoules - from.energyJoules;
    const perplexityGain = from.perplexity - to.perplexity;
    return {
      fromStep: from.step,
      toStep: to.step,
      tokens: to.tokens,
      energyJoules,
      perplexityGain,
      joulesPerPoint: perplexityGain > 0
        ? energyJoules / perplexityGain
        : undefined,
    };
  });
}
