/**
 * The training itself: steps with progress, the energy beside them, and what
 * is left in the folder when it ends, however it ends.
 *
 * @module
 */
import {
  appendRecord,
  type Device,
  type EnergyReading,
  formatSi,
  InterruptedError,
  type Llama,
  measurePeakFlops,
  messageOf,
  TokenBatches,
  track,
  train,
  type TrainConfig,
  withDocumentStarts,
} from "../../lib/mod.ts";
import { devicePeak, holdRun, meterLabels } from "../../lib/notebook/mod.ts";
import { PROGRAM } from "./help.ts";
import { interruptSignal } from "./interrupt.ts";
import { recordView } from "./record_view.ts";
import { saveEmissions } from "./run_emissions.ts";
import type { RunFolder } from "./run_folder.ts";
import { describeSession } from "./session_record.ts";
import { print } from "./terminal.ts";
import type { TrainingData } from "./train_data.ts";
import type { Electricity, TrainPlan } from "./train_plan.ts";
import { type SamplePlan, samplerOf } from "./train_samples.ts";

/** What a session is made of. */
interface SessionOptions {
  readonly run: RunFolder;
  /** Name under which its energy is counted. */
  readonly name: string;
  readonly plan: TrainPlan;
  readonly data: TrainingData;
  readonly model: Llama;
  /** Batches of the data. */
  readonly batches: TokenBatches;
  readonly samples: SamplePlan;
  /** Whether the run goes on from its newest checkpoint. */
  readonly isResumed: boolean;
  /** Where the electricity comes from. */
  readonly electricity: Electricity;
}

/** FLOP/s that the device can do at most, and how that is known. */
async function knownPeak(device: Device, config: TrainConfig): Promise<number> {
  const listed = await devicePeak(device.description, config);
  const peak = listed ?? await measurePeakFlops(device, config);
  const source = listed ? "its data sheet" : "its fastest matrix product now";
  print(`peak: ${formatSi(peak, "FLOP/s")} by ${source}`);
  return peak;
}

/** Batches of a run; they are checked before anything is written. */
export function batchesOf(
  { train }: TrainPlan,
  { tokens, tokenizer }: TrainingData,
): TokenBatches {
  const { maskDocuments } = train;
  const source = maskDocuments ? withDocumentStarts(tokens, tokenizer) : tokens;
  return new TokenBatches(source, {
    batchSize: train.batchSize,
    contextLength: train.contextLength,
    vocabSize: tokenizer.vocabSize,
    seed: train.seed,
    numberDocuments: maskDocuments,
  });
}

/**
 * Trains to the end.
 *
 * @returns energy of the whole run, earlier sessions included
 * @throws {InterruptedError} after Ctrl-C, with a checkpoint and the command
 * that goes on
 * @throws {ConfigError} when another process trains in the folder
 */
export async function trainSession(
  options: SessionOptions,
): Promise<EnergyReading> {
  const { run, name, plan, data, model, batches, isResumed } = options;
  const { samples } = options;
  const { tokenizer } = data;
  const { sampleEvery } = plan.train;
  using _held = await holdRun(run.path);
  const { description } = model.device;
  const kind = isResumed ? "resume" : "start";
  await appendRecord(run.sessions, await describeSession(kind, description));
  await using tracker = await track({
    project: name,
    stateFile: run.trackerState,
    ...options.electricity,
  });
  // The trainer adds what earlier sessions have used to each record itself.
  const joulesBefore = tracker.reading().energyJoules ?? 0;
  const energyJoules = () => {
    const joules = tracker.reading().energyJoules;
    return joules === undefined ? undefined : joules - joulesBefore;
  };
  const sampleEnergyJoules = async () => {
    await tracker.sample().catch(() => {}); // it is in the tracker's notes
    return energyJoules();
  };
  const peakFlopsPerSecond = await knownPeak(model.device, plan.train);
  using view = recordView({
    name: run.path,
    steps: plan.train.steps,
    get energyLabel() {
      return meterLabels(tracker.reading());
    },
  });
  const records = train({
    model,
    batches,
    config: plan.train,
    heldOut: data.heldOut,
    heldOutBytesPerToken: data.bytesPerToken,
    peakFlopsPerSecond,
    folder: run.path,
    resume: isResumed,
    signal: interruptSignal(),
    energyJoules,
    sampleEnergyJoules,
    ...(samples.prompts.length > 0
      ? { sampler: samplerOf({ model, tokenizer }, samples, sampleEvery) }
      : {}),
  });
  try {
    for await (const record of records) {
      view.show(record);
      if (record.kind !== "checkpoint") continue;
      await saveEmissions(run, tracker);
    }
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(
      `${messageOf(error)}; to go on: ${PROGRAM} train --out ${run.path} ` +
        "--resume",
    );
  } finally {
    await tracker.stop();
    await saveEmissions(run, tracker);
  }
  return tracker.reading();
}
