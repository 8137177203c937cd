/**
 * Fine-tuning on conversations, so that a model that goes on with texts learns
 * to answer (supervised fine-tuning). TeenyTinyLlama took the loss over every
 * token, the question and the padding too; here over the answers unless told
 * otherwise.
 *
 * @module
 */
import {
  chatBatch,
  type ChatLoss,
  type ChatMessage,
  type ChatModel,
  type ChatTokens,
  encodeChat,
  packChats,
} from "../chat/mod.ts";
import type { LowRankChange } from "../nn/mod.ts";
import { noGrad, scoped, type Tensor, tensor } from "../tensor/mod.ts";
import type { TokenBatch } from "../text/mod.ts";
import { ConfigError, DataError } from "../util/mod.ts";
import type { LoraAdapters } from "./lora_adapters.ts";
import type { StepRecord } from "./records.ts";
import { tune } from "./tune.ts";
import {
  chunks,
  freezeOthers,
  shuffledBatches,
  Snapshot,
  splitExamples,
} from "./tune_examples.ts";
import { TTL_CHAT_RECIPE, type TuneRecipe, tuneRecipe } from "./tune_recipe.ts";

/** A conversation from its beginning. */
export type Chat = readonly ChatMessage[];

/** What is trained on what. */
export interface FineTuneChatOptions {
  readonly train: readonly Chat[];
  /** Changes of {@linkcode TTL_CHAT_RECIPE}. */
  readonly recipe?: Partial<TuneRecipe>;
  /** "answers" without it. */
  readonly loss?: ChatLoss;
  /** Several conversations in a row, with a mask between them; no. */
  readonly packs?: boolean;
  /** Trains these only, and what `alsoTrains` names; merged in at the end. */
  readonly lora?: LoraAdapters;
  /**
   * Parameters that are trained as they are beside LoRA: the embedding and the
   * head where the vocabulary has grown.
   */
  readonly alsoTrains?: readonly string[];
  /** Stops after the step that runs; the best epoch so far is kept. */
  readonly signal?: AbortSignal;
}

/** Told first: what is used of the conversations. */
export interface ChatDataRecord {
  readonly kind: "data";
  /** Conversations that are used, those that are held out with them. */
  readonly chats: number;
  /** Those of them that were cut at `maxTokens`. */
  readonly cutChats: number;
  /** Conversations that were left out: nothing in them counts. */
  readonly emptyChats: number;
  /** Steps of all passes. */
  readonly steps: number;
}

/** Loss after a pass over the conversations. */
export interface ChatEpochRecord {
  readonly kind: "epoch";
  /** From 1. */
  readonly epoch: number;
  readonly step: number;
  /** Mean over what counts of the held-out conversations, nats per token. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  /** Whether it is the lowest so far. */
  readonly isBest: boolean;
}

/**
 * Trains a model on conversations and yields what it uses of them, and a record
 * for every step and every pass. At the end it has the weights of the pass with the lowest loss on the
 * conversations that are held out.
 *
 * @throws {InterruptedError} when the signal stops it
 * @throws {DataError} when the template refuses a conversation, or none is left
 * @throws {ConfigError} when a setting is out of range
 */
export async function* fineTuneChat(
  chat: ChatModel,
  { train, recipe: changes, loss = "answers", packs = false, ...options }:
    FineTuneChatOptions,
): AsyncGenerator<ChatDataRecord | StepRecord | ChatEpochRecord, void> {
  const { model } = chat;
  const { lora, alsoTrains = [], signal } = options;
  const { maxPositionEmbeddings, padTokenId } = model.config;
  const wanted = tuneRecipe(TTL_CHAT_RECIPE, changes);
  const rowTokens = Math.min(wanted.maxTokens, maxPositionEmbeddings);
  const recipe = { ...wanted, maxTokens: rowTokens };
  const { chats, ...counts } = encodeChats(chat, train, { rowTokens, loss });
  const parts = splitExamples(chats, recipe);
  const form = { loss, padId: padTokenId, rowTokens };
  const rows = packs
    ? packChats(parts.train, rowTokens)
    : parts.train.map((tokens) => [tokens]);
  const steps = recipe.epochs * Math.ceil(rows.length / recipe.batchSize);
  yield { kind: "data", chats: chats.length, ...counts, steps };
  const validation = chunks(parts.validation, recipe.batchSize)
    .map((some) => chatBatch(some.map((tokens) => [tokens]), form));
  const trained = lora
    ? new Map([
      ...lora.parameters,
      ...alsoTrains.map((name) => [name, model.parameter(name)] as const),
    ])
    : model.parameters;
  using _ = freezeOthers(model.parameters, trained);
  const lossOf = (batch: TokenBatch) => chatLoss(chat, batch, lora?.changes);
  const best = new Snapshot(trained);
  let bestLoss = Infinity;
  try {
    const records = tune<TokenBatch>({
      parameters: trained,
      batchesOf: (epoch) =>
        shuffledBatches(rows, recipe, epoch).map((some) =>
          chatBatch(some, form)
        ),
      loss: lossOf,
      tokensOf: ({ B, T }) => B * T,
      signal,
    }, recipe);
    for await (const record of records) {
      if (record.kind === "step") {
        yield record;
        continue;
      }
      const loss = await meanLoss(validation, lossOf);
      const isBest = loss < bestLoss;
      if (isBest) {
        bestLoss = loss;
        await best.take();
      }
      const { epoch, step } = record;
      const perplexity = Math.exp(loss);
      yield { kind: "epoch", epoch, step, loss, perplexity, isBest };
    }
  } finally {
    best.restore();
    await lora?.mergeInto(model);
  }
}

/** Conversations as tokens, cut; those in which nothing counts are left out. */
function encodeChats(
  chat: ChatModel,
  all: readonly Chat[],
  { rowTokens, loss }: { readonly rowTokens: number; readonly loss: ChatLoss },
) {
  if (rowTokens < 2) {
    throw new ConfigError(
      `Cannot fine-tune on rows of ${rowTokens} tokens: wanted at least 2`,
    );
  }
  let cutChats = 0;
  const chats: ChatTokens[] = [];
  for (const messages of all) {
    const { ids, answers } = encodeChat(messages, chat);
    const cut = {
      ids: ids.subarray(0, rowTokens),
      answers: answers.subarray(0, rowTokens),
    };
    const counts = loss === "answers"
      ? cut.answers.includes(1)
      : cut.ids.length > 1;
    if (!counts) continue;
    chats.push(cut);
    if (ids.length > rowTokens) cutChats++;
  }
  if (chats.length > 0) {
    return { chats, cutChats, emptyChats: all.length - chats.length };
  }
  throw new DataError(
    `Cannot fine-tune on ${all.length} conversations: in none of them is an ` +
      `answer within ${rowTokens} tokens`,
  );
}

/** Mean cross-entropy over the targets that count. */
function chatLoss(
  { model }: ChatModel,
  { inputs, targets, documents, B, T }: TokenBatch,
  adapters: ReadonlyMap<string, LowRankChange> | undefined,
): Tensor {
  const { device } = model;
  const of = (ids: Int32Array<ArrayBuffer>) =>
    tensor(ids, { shape: [B, T], device });
  return scoped(() =>
    model.loss(of(inputs), of(targets), {
      ...(documents && { documents: of(documents) }),
      ...(adapters && { adapters }),
    }), "chatLoss");
}

/** Mean over all batches, every target weighs the same. */
async function meanLoss(
  batches: readonly TokenBatch[],
  lossOf: (batch: TokenBatch) => Tensor,
): Promise<number> {
  let sum = 0;
  let total = 0;
  for (const batch of batches) {
    const count = batch.targets.reduce((n, id) => id >= 0 ? n + 1 : n, 0);
    const mean = await scoped(
      () => noGrad(() => lossOf(batch).item()),
      "fineTuneChat",
    );
    sum += mean * count;
    total += count;
  }
  return sum / total;
}
