/**
 * Log-likelihood of continuations: what few-shot evaluation is made of.
 *
 * The choices of an item share their context, and items share their examples:
 * what sequences begin with is computed once and kept as keys and values, and
 * what the next ones begin with is taken from there as far as it is the same.
 * Items go through the model side by side, as `scoring_plan.ts` says.
 *
 *     log p(continuation | context) = Σ_t log softmax(logits[t])[id[t + 1]]
 *
 * @module
 */
import { commonStart, type Llama } from "../model/mod.ts";
import { DataError } from "../util/mod.ts";
import {
  batchesByLength,
  type ItemBatch,
  type PassCosts,
  planItems,
} from "./scoring_plan.ts";
import {
  type PickedTokens,
  type TokenPicks,
  TokenReader,
} from "./token_reader.ts";

/** A sequence whose last tokens are scored. */
export interface ScoredSequence {
  /** Context and continuation; at least one token of context. */
  readonly ids: Int32Array;
  /** Tokens at its end that are scored. */
  readonly scored: number;
}

/** How likely a continuation is. */
export interface ContinuationScore {
  /** Natural logarithm of its probability. */
  readonly logLikelihood: number;
  /** Whether each of its tokens was the likeliest one. */
  readonly isGreedy: boolean;
}

/** Sequences that begin alike, most often the choices of an item. */
export interface SequenceGroup {
  readonly sequences: readonly ScoredSequence[];
}

/** Number of tokens that all begin with. */
function commonPrefix([first, ...others]: readonly Int32Array[]): number {
  const lengths = others.map((ids) => commonStart(first!, ids));
  return Math.min(first!.length, ...lengths);
}

/** A group on its way through the model. */
interface MeasuredGroup {
  readonly sequences: readonly ScoredSequence[];
  /**
   * All tokens but the last, which is only predicted, never read. The token
   * before the first scored one is read with the rest, for its logits.
   */
  readonly inputs: readonly Int32Array[];
  /** What all of them begin with. */
  readonly prefix: Int32Array;
}

function measure({ sequences }: SequenceGroup): MeasuredGroup {
  const inputs = sequences.map(({ ids }) => ids.subarray(0, -1));
  const shared = Math.min(
    commonPrefix(inputs),
    ...sequences.map(({ ids, scored }) => ids.length - scored - 1),
  );
  return { sequences, inputs, prefix: inputs[0]!.subarray(0, shared) };
}

/** A sequence in a batch. */
interface SequenceRow {
  readonly sequence: ScoredSequence;
  /** What of it is read in the batch. */
  readonly rest: Int32Array;
  /** Row of the contexts that it stands behind. */
  readonly context: number;
}

/** The scored tokens of rows; the logits of each stand one place before it. */
function picksOf(rows: readonly SequenceRow[]): TokenPicks {
  const time = Math.max(...rows.map(({ rest }) => rest.length));
  const places: number[] = [];
  const targets: number[] = [];
  for (const [i, { sequence: { ids, scored }, rest }] of rows.entries()) {
    for (let k = scored; k > 0; k--) {
      places.push(i * time + rest.length - k);
      targets.push(ids[ids.length - k]!);
    }
  }
  return { places, targets };
}

/** Scores of rows from those of their tokens. */
function rowScores(
  rows: readonly SequenceRow[],
  { targets }: TokenPicks,
  { logProbabilities, likeliest }: PickedTokens,
): ContinuationScore[] {
  let end = 0;
  return rows.map(({ sequence: { scored } }) => {
    const begin = end;
    end += scored;
    let logLikelihood = 0;
    let isGreedy = true;
    for (let i = begin; i < end; i++) {
      logLikelihood += logProbabilities[i]!;
      isGreedy &&= likeliest[i] === targets[i];
    }
    return { logLikelihood, isGreedy };
  });
}

/**
 * Tokens that a pass over the weights costs about as much as. On a GPU its
 * launches count: some 270 of 4 to 8 µs for TTL-160m, which a card that trains
 * at TTL's rate reads a token of in 11 µs.
 */
const PASS_TOKENS = { gpu: 128, cpu: 16 } as const;
/** Contexts of the model that a pass reads; a CPU is busy with fewer tokens. */
const READ_CONTEXTS = { gpu: 4, cpu: 1 } as const;
/** Contexts in memory: what the choices of one long item take. */
const HELD_CONTEXTS = 4;

/** Scores groups of sequences with one model; owns what it has read. */
export class ContinuationScorer implements Disposable {
  readonly #model: Llama;
  readonly #reader: TokenReader;
  readonly #costs: PassCosts;
  /** Tokens that would be read, if every sequence were by itself. */
  separateTokens = 0;

  constructor(model: Llama) {
    const { config, device } = model;
    this.#model = model;
    this.#reader = new TokenReader(model);
    const isGpu = device.kind === "webgpu" && !device.isSoftware;
    const kind = isGpu ? "gpu" : "cpu";
    this.#costs = {
      passTokens: PASS_TOKENS[kind],
      maxRead: READ_CONTEXTS[kind] * config.maxPositionEmbeddings,
      maxHeld: HELD_CONTEXTS * config.maxPositionEmbeddings,
    };
  }

  /** Tokens that went through the model. */
  get computedTokens(): number {
    return this.#reader.computedTokens;
  }

  /**
   * Scores groups in their order. They are asked for as many at a time as go
   * through the model together: at least one, else as many tokens as fill four
   * contexts of the model on a GPU, and one on a CPU.
   *
   * @returns each group with the scores of its sequences
   * @throws {DataError} when a sequence has no context or is longer than the
   * model's
   */
  async *scoreEach<G extends SequenceGroup>(
    groups: Iterable<G>,
  ): AsyncGenerator<[group: G, scores: ContinuationScore[]], void> {
    let window: G[] = [];
    let tokens = 0;
    for (const group of groups) {
      this.#check(group);
      const size = group.sequences.reduce((n, { ids }) => n + ids.length, 0);
      if (tokens + size > this.#costs.maxRead && window.length > 0) {
        yield* await this.#scoreWindow(window);
        window = [];
        tokens = 0;
      }
      window.push(group);
      tokens += size;
    }
    yield* await this.#scoreWindow(window);
  }

  /** Scores one group; see {@linkcode scoreEach}. */
  async score(
    sequences: readonly ScoredSequence[],
  ): Promise<ContinuationScore[]> {
    const [scored] = await Array.fromAsync(this.scoreEach([{ sequences }]));
    return scored![1];
  }

  async #scoreWindow<G extends SequenceGroup>(
    window: readonly G[],
  ): Promise<[G, ContinuationScore[]][]> {
    const scores = new Map<ScoredSequence, ContinuationScore>();
    const groups = window.filter(({ sequences }) => sequences.length > 0)
      .map(measure);
    for (const { inputs } of groups) {
      for (const ids of inputs) this.separateTokens += ids.length;
    }
    for (const batch of this.#plan(groups)) {
      await this.#scoreBatch(batch, groups, scores);
    }
    return window.map((group) => [
      group,
      group.sequences.map((sequence) => scores.get(sequence)!),
    ]);
  }

  #plan(groups: readonly MeasuredGroup[]): ItemBatch[] {
    if (groups.length === 0) return [];
    const sizes = groups.map(({ inputs, prefix }, i) => ({
      shared: prefix.length,
      kept: commonStart(groups[i - 1]?.prefix ?? this.#reader.begun, prefix),
      lengths: inputs.map(({ length }) => length),
    }));
    const head = commonPrefix(groups.map(({ prefix }) => prefix));
    return planItems(sizes, head, this.#costs);
  }

  /** Scores the sequences of some groups into `scores`. */
  async #scoreBatch(
    { members, head, cut }: ItemBatch,
    groups: readonly MeasuredGroup[],
    scores: Map<ScoredSequence, ContinuationScore>,
  ): Promise<void> {
    const reader = this.#reader;
    const batch = members.map((i) => groups[i]!);
    const prefixes = batch.map(({ prefix }) => prefix);
    reader.begin(prefixes[0]!.subarray(0, head));
    using contexts = cut === head
      ? undefined
      : reader.contexts(prefixes.map((prefix) => prefix.subarray(head, cut)));
    const rows = batch.flatMap(({ sequences, inputs }, context) =>
      sequences.map((sequence, i): SequenceRow => ({
        sequence,
        rest: inputs[i]!.subarray(cut),
        context,
      }))
    );
    const lengths = rows.map(({ rest }) => rest.length);
    for (const places of batchesByLength(lengths, this.#costs, cut)) {
      const some = places.map((i) => rows[i]!);
      const rests = some.map(({ rest }) => rest);
      const behind = some.map(({ context }) => context);
      const picks = picksOf(some);
      const picked = await reader.pick(rests, picks, { contexts, behind });
      for (const [i, score] of rowScores(some, picks, picked).entries()) {
        scores.set(some[i]!.sequence, score);
      }
    }
  }

  #check({ sequences }: SequenceGroup): void {
    const { maxPositionEmbeddings, vocabSize } = this.#model.config;
    for (const { ids, scored } of sequences) {
      if (scored < 0 || ids.length - scored < 1) {
        throw new DataError(
          `Cannot score ${scored} of ${ids.length} tokens: at least one token ` +
            "of context stands before them",
        );
      }
      if (ids.length - 1 > maxPositionEmbeddings) {
        throw new DataError(
          `Cannot score a sequence of ${ids.length} tokens: the model's ` +
            `context holds ${maxPositionEmbeddings}`,
        );
      }
      const wrong = ids.find((id) => id < 0 || id >= vocabSize);
      if (wrong !== undefined) {
        throw new DataError(
          `Cannot score the token ${wrong}: the model has ${vocabSize}`,
        );
      }
    }
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }
}
