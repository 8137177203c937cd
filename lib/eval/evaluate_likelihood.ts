/**
 * Runs a cloze or rolling task: an asynchronous generator that yields a record
 * for every item.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import type { Tokenizer } from "../text/mod.ts";
import { DataError } from "../util/mod.ts";
import { choiceSequence } from "./choice_sequences.ts";
import type { ShotOptions } from "./choice_shots.ts";
import {
  ContinuationScorer,
  type ScoredSequence,
} from "./continuation_scorer.ts";
import type { RowFields } from "./data_rows.ts";
import { askingOrder, drawShots } from "./draw_shots.ts";
import type { LikelihoodItem, LikelihoodTask } from "./likelihood_task.ts";
import {
  checkSignal,
  docOf,
  itemsOfSplits,
  layoutOf,
  leftItems,
  nothingToAsk,
  type TaskRunOptions,
} from "./task_parts.ts";

/** What came out of one item. */
export interface LikelihoodRecord {
  readonly id: string;
  /** The row that the item was read from; the item where there is none. */
  readonly doc: RowFields;
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
export interface LikelihoodRunOptions extends ShotOptions, TaskRunOptions {}

/**
 * Items that a run will score, in order.
 *
 * @throws {DataError} when there is nothing to ask
 */
export function askedTexts(
  task: LikelihoodTask,
  items: readonly LikelihoodItem[],
  options: LikelihoodRunOptions = {},
): LikelihoodItem[] {
  const all = itemsOfSplits(items, task.askedSplits);
  if (all.length === 0) throw nothingToAsk(task, items);
  const { sampling = task.sampling ?? "fixed", seed } = options;
  return leftItems(askingOrder(all, { draw: sampling, seed }), options);
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
  const { bos = true, shots = task.shots, seed } = options;
  const draw = options.sampling ?? task.sampling ?? "fixed";
  const { afterDescription, beforeAnswer, betweenShots } = layoutOf(task);
  const all = itemsOfSplits(items, task.askedSplits);
  const pool = itemsOfSplits(items, task.shotSplits);
  const source = pool.length > 0 ? pool : all;
  const oneMore = source === all;
  const isSame = (a: LikelihoodItem, b: LikelihoodItem) =>
    a.context === b.context && a.target === b.target;
  const examplesOf = drawShots({ asked: all, source, shots, oneMore, isSame }, {
    draw,
    seed,
  });
  const head = task.description ? task.description + afterDescription : "";
  const maxLength = model.config.maxPositionEmbeddings;
  const ask = (item: LikelihoodItem) => {
    checkSignal(options, item);
    const { id, target } = item;
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
    if (sequences.length > 0) return { item, context, sequences };
    throw new DataError(`Cannot score item ${id}: its text has no token`);
  };
  using scorer = new ContinuationScorer(model);
  const asked = Iterator.from(askedTexts(task, items, options)).map(ask);
  for await (const [group, scores] of scorer.scoreEach(asked)) {
    const { item, context, sequences } = group;
    const { id, target } = item;
    yield {
      id,
      doc: docOf(item),
      context,
      target,
      logLikelihood: scores.reduce((sum, x) => sum + x.logLikelihood, 0),
      isGreedy: scores.every(({ isGreedy }) => isGreedy),
      words: target.split(/\s+/).length,
      bytes: encoder.encode(target).length,
      isTruncated: sequences.some((x) => "isTruncated" in x && x.isTruncated),
    };
  }
}
