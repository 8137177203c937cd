/**
 * Runs a cloze or rolling task: an asynchronous generator that yields a record
 * for every item.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import type { Tokenizer } from "../text/mod.ts";
import { DataError, InterruptedError } from "../util/mod.ts";
import { choiceSequence } from "./choice_sequences.ts";
import { itemsOfSplits, layoutOf } from "./choice_task.ts";
import {
  ContinuationScorer,
  type ScoredSequence,
} from "./continuation_scorer.ts";
import { askingOrder, drawShots, type ShotDraw } from "./draw_shots.ts";
import type { LikelihoodItem, LikelihoodTask } from "./likelihood_task.ts";

/** What came out of one item. */
export interface LikelihoodRecord {
  readonly id: string;
  readonly context: string;
  readonly target: string;
  /** Natural logarithm of the target's probability. */
  readonly logLikelihood: number;
  /** Whether each token of the target was the likeliest. */
  readonly isGreedy: boolean;
  /** Words of the target between spaces, and its bytes in UTF-8. */
  readonly words: number;
  readonly bytes: number;
  /** Whether the context was cut from the left. */
  readonly isTruncated: boolean;
}

/** How such a task is run. */
export interface LikelihoodRunOptions {
  readonly shots?: number | undefined;
  readonly sampling?: ShotDraw | undefined;
  readonly seed?: number | undefined;
  /** Most items; all without it. */
  readonly limit?: number | undefined;
  /** Items that were scored before, by id: they are not scored again. */
  readonly done?: ReadonlySet<string>;
  /** Whether `<s>` begins the context (default true). */
  readonly bos?: boolean | undefined;
  /** Stops between items. */
  readonly signal?: AbortSignal;
}

/**
 * Items that a run will score, in order.
 *
 * @throws {DataError} when there is nothing to ask
 */
export function askedTexts(
  task: LikelihoodTask,
  items: readonly LikelihoodItem[],
  { limit = Infinity, done = new Set(), sampling, seed }: LikelihoodRunOptions =
    {},
): LikelihoodItem[] {
  const all = itemsOfSplits(items, task.askedSplits);
  if (all.length === 0) {
    throw new DataError(
      `Cannot run ${task.name}: it asks ${
        task.askedSplits.join(" or ")
      }, the ` +
        "data has none",
    );
  }
  const draw = sampling ?? task.sampling ?? "fixed";
  return askingOrder(all, { draw, seed }).slice(0, limit)
    .filter(({ id }) => !done.has(id));
}

/**
 * Windows over a document, each token predicted once: the first begins behind
 * `<s>`, the others see as much as the model can.
 *
 * @param ids `<s>` and the document
 */
export function rollingWindows(
  ids: Int32Array,
  maxLength: number,
): ScoredSequence[] {
  const total = ids.length - 1;
  const windows: ScoredSequence[] = [];
  for (let done = 0; done < total;) {
    const end = Math.min(done + maxLength, total);
    const start = Math.max(0, end - maxLength);
    windows.push({ ids: ids.slice(start, end + 1), scored: end - done });
    done = end;
  }
  return windows;
}

const encoder = new TextEncoder();

/**
 * Scores the items of a task and yields a record for each.
 *
 * @throws {DataError} when there is nothing to ask, or a text has no token
 * @throws {InterruptedError} when the signal stops it
 */
export async function* evaluateLikelihoods(
  { model, tokenizer }: { model: Llama; tokenizer: Tokenizer },
  task: LikelihoodTask,
  items: readonly LikelihoodItem[],
  options: LikelihoodRunOptions = {},
): AsyncGenerator<LikelihoodRecord, void> {
  const { bos = true, shots = task.shots, seed, signal } = options;
  const draw = options.sampling ?? task.sampling ?? "fixed";
  const { afterDescription, beforeAnswer, betweenShots } = layoutOf(task);
  const asked = itemsOfSplits(items, task.askedSplits);
  const pool = itemsOfSplits(items, task.shotSplits);
  const source = pool.length > 0 ? pool : asked;
  const oneMore = source === asked;
  const isSame = (a: LikelihoodItem, b: LikelihoodItem) =>
    a.context === b.context && a.target === b.target;
  const examplesOf = drawShots({ asked, source, shots, oneMore, isSame }, {
    draw,
    seed,
  });
  const head = task.description ? task.description + afterDescription : "";
  const maxLength = model.config.maxPositionEmbeddings;
  using scorer = new ContinuationScorer(model);
  for (const item of askedTexts(task, items, options)) {
    const { id, target } = item;
    if (signal?.aborted) {
      throw new InterruptedError(`Stopped before item ${id}`);
    }
    const examples = examplesOf(item).map((shot) =>
      shot.context + beforeAnswer + shot.target + betweenShots
    );
    const context = head + examples.join("") + item.context;
    const sequences = task.kind === "rolling"
      ? rollingWindows(tokenizer.encode(target, { bos: true }), maxLength)
      : [
        choiceSequence(tokenizer, context, beforeAnswer + target, {
          maxLength,
          bos,
        }),
      ];
    if (sequences.length === 0) {
      throw new DataError(`Cannot score item ${id}: its text has no token`);
    }
    let logLikelihood = 0;
    let isGreedy = true;
    for (const sequence of sequences) {
      const [score] = await scorer.score([sequence]);
      logLikelihood += score!.logLikelihood;
      isGreedy &&= score!.isGreedy;
    }
    yield {
      id,
      context,
      target,
      logLikelihood,
      isGreedy,
      words: target.split(/\s+/).length,
      bytes: encoder.encode(target).length,
      isTruncated: sequences.some((x) => "isTruncated" in x && x.isTruncated),
    };
  }
}
