/**
 * What a run is made of.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import type { TokenBatches, TokenSource } from "../text/mod.ts";
import type { TrainConfig } from "./train_config.ts";

/** What is trained on what, and where it is written. */
export interface TrainOptions {
  readonly model: Llama;
  /** Batches of (B, T) as the configuration says. */
  readonly batches: TokenBatches;
  readonly config: TrainConfig;
  /**
   * Held-out tokens; without them nothing is evaluated. With `maskDocuments`
   * they begin documents where they say it, or else at the model's `bosTokenId`.
   */
  readonly heldOut?: TokenSource;
  /**
   * UTF-8 bytes of text in a held-out token; with them evaluations tell bits
   * per byte, which models with other tokenizers can be compared in.
   */
  readonly heldOutBytesPerToken?: number;
  /**
   * Folder of the run: `config.json`, `log.jsonl` and `checkpoints/`, and
   * `diverged.json` with the batches of the step where the loss ran away.
   * Without it nothing is written.
   */
  readonly folder?: string;
  /** Goes on from the newest checkpoint in the folder, if there is one. */
  readonly resume?: boolean;
  /** Writes texts every `sampleEvery` steps, to see what was learned. */
  readonly sampler?: (step: number) => Promise<readonly string[]>;
  /**
   * Replays a step that was recorded, where the device can; by default of a
   * Llama as it is. Of a subclass that launches the same work at every step
   * (no dropout with a seed of its own, say) it is right too.
   */
  readonly replays?: boolean;
  /**
   * Gives the device the next step before the loss of the last one is read,
   * where it records steps; by default where it is a GPU. The weights are then
   * one step on when a record comes.
   */
  readonly ahead?: boolean;
  /** Of the device, in FLOP/s; with it steps tell their utilization (MFU). */
  readonly peakFlopsPerSecond?: number | undefined;
  /** Stops after the step that runs, with a checkpoint. */
  readonly signal?: AbortSignal;
  /**
   * Joules since this call, for the records; those of the checkpoint that it
   * goes on from are added.
   */
  readonly energyJoules?: () => number | undefined;
  /**
   * The same, read afresh, for what an evaluation and a checkpoint use by
   * themselves; without it their own energy is not told.
   */
  readonly sampleEnergyJoules?: () => Promise<number | undefined>;
}
