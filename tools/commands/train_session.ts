/**
 * The training itself: steps with progress, the energy beside them, and what
 * is left in the folder when it ends, however it ends.
 *
 * @module
 */
import {
  ConfigError,
  type EnergyReading,
  generateText,
  InterruptedError,
  type Llama,
  messageOf,
  PackedTokens,
  Progress,
  TokenBatches,
  type Tokenizer,
  type TokenSource,
  track,
  train,
  type TrainRecord,
} from "../../lib/mod.ts";
import { PROGRAM } from "./help.ts";
import { interruptSignal } from "./interrupt.ts";
import { saveEmissions } from "./run_emissions.ts";
import type { RunFolder } from "./run_folder.ts";
import { note, print, StatusLine } from "./terminal.ts";
import type { TrainingData } from "./train_data.ts";
import type { Electricity, TrainPlan } from "./train_plan.ts";

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
  /** Beginnings of samples, taken in turn; none for no samples. */
  readonly prompts: readonly string[];
  /** Whether the run goes on from its newest checkpoint. */
  readonly isResumed: boolean;
  /** Where the electricity comes from. */
  readonly electricity: Electricity;
}

/** Tokens that know where documents begin: in a packed stream, at `<s>`. */
function withStarts(
  tokens: TokenSource,
  { bosId, vocabSize }: Tokenizer,
): TokenSource {
  if (tokens.documentStarts) return tokens;
  const stream = tokens.subarray(0, tokens.length);
  const starts: number[] = [];
  for (let at = stream.indexOf(bosId); at >= 0;) {
    starts.push(at);
    at = stream.indexOf(bosId, at + 1);
  }
  return new PackedTokens(stream, Int32Array.from(starts), vocabSize);
}

/** Batches of a run; they are checked before anything is written. */
export function batchesOf(
  { train }: TrainPlan,
  { tokens, tokenizer }: TrainingData,
): TokenBatches {
  const { maskDocuments } = train;
  const source = maskDocuments ? withStarts(tokens, tokenizer) : tokens;
  return new TokenBatches(source, {
    batchSize: train.batchSize,
    contextLength: train.contextLength,
    vocabSize: tokenizer.vocabSize,
    seed: train.seed,
    numberDocuments: maskDocuments,
  });
}

/** Shows records: one line that moves, and a line that stays an evaluation. */
class RecordView implements Disposable {
  readonly #plan: TrainPlan;
  #line: StatusLine | undefined;
  #startTokens = 0;

  constructor(plan: TrainPlan) {
    this.#plan = plan;
  }

  show(record: TrainRecord): void {
    const { steps, tokensPerStep } = this.#plan.train;
    if (record.kind === "evaluation") {
      print(
        `step ${record.step} of ${steps}: held-out loss ` +
          `${record.loss.toFixed(4)}, perplexity ` +
          record.perplexity.toPrecision(4),
      );
    }
    if (record.kind === "sample") {
      for (const text of record.texts) print(`step ${record.step}: ${text}`);
    }
    if (record.kind === "resume") {
      for (const { path, reason } of record.skipped) {
        note(`skipped the checkpoint ${path}: ${reason}`);
      }
      note(`going on from ${record.path}`);
    }
    if (record.kind !== "step") return;
    if (!this.#line) {
      // The first step compiles and may follow a resumed run: rates and the
      // time left count from its end.
      this.#startTokens = record.tokens;
      const total = steps * tokensPerStep - record.tokens;
      this.#line = new StatusLine(
        new Progress("Train", { total, unit: "tokens" }),
      );
    }
    this.#line.update(
      record.tokens - this.#startTokens,
      `step ${record.step}  loss ${record.loss.toFixed(3)}`,
    );
  }

  [Symbol.dispose](): void {
    this.#line?.[Symbol.dispose]();
  }
}

/** Settings of TeenyTinyLlama's samples, in half their length. */
const SAMPLING = { topK: 50, topP: 0.5, repetitionPenalty: 1.2, maxTokens: 64 };

/**
 * Writes a sample from the prompt whose turn it is.
 *
 * @throws {ConfigError} at once when a prompt leaves no room for a sample
 */
function samplerOf(
  { prompts, plan, data, model }: SessionOptions,
): (step: number) => Promise<string[]> {
  const { tokenizer } = data;
  const { maxPositionEmbeddings } = plan.model;
  for (const prompt of prompts) {
    const { length } = tokenizer.encode(prompt, { bos: true });
    if (length >= maxPositionEmbeddings) {
      throw new ConfigError(
        `Cannot sample from the prompt "${prompt}": it has ${length} tokens, ` +
          `the model's context holds ${maxPositionEmbeddings}`,
      );
    }
  }
  return async (step) => {
    const turn = Math.floor(step / plan.train.sampleEvery) % prompts.length;
    const prompt = prompts[turn]!;
    const texts = await Array.fromAsync(
      generateText({ model, tokenizer }, prompt, {
        ...SAMPLING,
        temperature: 1,
        seed: step,
      }),
    );
    return [prompt + texts.join("")];
  };
}

/**
 * Trains to the end.
 *
 * @returns energy of the whole run, earlier sessions included
 * @throws {InterruptedError} after Ctrl-C, with a checkpoint and the command
 * that goes on
 */
export async function trainSession(
  options: SessionOptions,
): Promise<EnergyReading> {
  const { run, name, plan, data, model, batches, isResumed } = options;
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
  using view = new RecordView(plan);
  const records = train({
    model,
    batches,
    config: plan.train,
    heldOut: data.heldOut,
    folder: run.path,
    resume: isResumed,
    signal: interruptSignal(),
    energyJoules,
    sampleEnergyJoules,
    ...(options.prompts.length === 0 ? {} : { sampler: samplerOf(options) }),
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
