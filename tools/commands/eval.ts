/**
 * `caderno eval`: how well a model predicts texts that it has not seen.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  averageLoss,
  bitsPerByte,
  DataError,
  formatPercent,
  formatTable,
  heldOutLoss,
  type Llama,
  type LossAverage,
  openDevice,
  Progress,
  quantizeLlama,
  type TokenArray,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { packWithProgress, readDocuments, totalBytes } from "./documents.ts";
import { openModel, QUANTIZE_OPTION, quantizeOf } from "./generate.ts";
import { interruptSignal } from "./interrupt.ts";
import { note, print, StatusLine } from "./terminal.ts";

/** How the tokens are cut and averaged, and what stops the work. */
interface TextLossOptions {
  readonly batchSize: number;
  readonly contextLength: number;
  readonly average: LossAverage;
  readonly signal: AbortSignal;
}

/**
 * Tokens of a text that are predicted: all but the first. Where batches weigh
 * the same, what does not fill a sequence at the end does not count either:
 * TeenyTinyLlama's texts were whole sequences, and a few tokens must not weigh
 * as much as a batch.
 */
function predictedTokens(
  tokens: TokenArray,
  { average, contextLength }: TextLossOptions,
): number {
  const all = tokens.length - 1;
  return average === "tokens" || all < contextLength
    ? all
    : all - all % contextLength;
}

/**
 * Loss in nats per token: whole sequences of the context side by side, then what
 * is left as a shorter one.
 *
 * @throws {InterruptedError} when the signal is aborted
 */
async function textLoss(
  model: Llama,
  tokens: TokenArray,
  options: TextLossOptions,
): Promise<number> {
  const { batchSize, contextLength, average, signal } = options;
  const total = predictedTokens(tokens, options);
  if (total < 1) {
    throw new DataError(
      `Cannot evaluate on ${tokens.length} tokens: wanted at least 2`,
    );
  }
  using line = new StatusLine(
    new Progress("Evaluate", { total, unit: "tokens" }),
  );
  const batches = [];
  for (let start = 0; start < total;) {
    signal.throwIfAborted();
    const T = Math.min(contextLength, total - start);
    const B = Math.min(batchSize, Math.floor((total - start) / T));
    const stretch = tokens.subarray(start, start + B * T + 1);
    batches.push(
      await heldOutLoss(model, stretch, { batchSize: B, contextLength: T }),
    );
    start += B * T;
    line.update(start);
    // So that Ctrl-C is heard.
    await nextTurn();
  }
  return averageLoss(batches, average);
}

/** A text, its tokens, and their losses by how weights are stored. */
interface MeasuredText {
  readonly path: string;
  readonly documents: number;
  readonly tokens: TokenArray;
  /** Tokens that are predicted. */
  readonly predicted: number;
  readonly bytesPerToken: number;
  readonly losses: Map<string, number>;
}

/** Rows of a table: one for each text and way of storing weights. */
function tableRows(texts: readonly MeasuredText[]): (string | number)[][] {
  return texts.flatMap((text) => {
    const { path, documents, predicted, bytesPerToken, losses } = text;
    const [exact] = losses.values();
    return [...losses].map(([weights, loss]) => [
      path,
      documents,
      predicted,
      loss.toFixed(4),
      Math.exp(loss).toPrecision(4),
      bytesPerToken.toFixed(3),
      bitsPerByte(loss, bytesPerToken).toFixed(4),
      ...(losses.size > 1
        ? [weights, formatPercent(Math.exp(loss - exact!) - 1)]
        : []),
    ]);
  });
}

async function runEval(line: CommandLine): Promise<void> {
  const [folder, ...paths] = line.operands;
  const quantize = quantizeOf(line);
  const read = [];
  for (const path of paths) {
    read.push({ path, documents: await readDocuments(path) });
  }
  using device = await openDevice();
  note(device.description);
  using opened = await openModel(folder!, device);
  const { model, tokenizer } = opened;
  const context = model.config.maxPositionEmbeddings;
  const options: TextLossOptions = {
    batchSize: line.needNumber("batch"),
    contextLength: Math.min(context, line.number("context") ?? context),
    average: line.has("batch-mean") ? "batches" : "tokens",
    signal: interruptSignal(),
  };
  const texts = read.map(({ path, documents }): MeasuredText => {
    const tokens = packWithProgress(documents, tokenizer);
    const bytesPerToken = totalBytes(documents) / (tokens.length - 1);
    const losses = new Map<string, number>();
    const predicted = predictedTokens(tokens, options);
    const of = { path, documents: documents.length, tokens, predicted };
    return { ...of, bytesPerToken, losses };
  });
  const measure = async (model: Llama, weights: string) => {
    for (const { tokens, losses } of texts) {
      losses.set(weights, await textLoss(model, tokens, options));
    }
  };
  await measure(model, "float32");
  if (quantize) {
    using small = quantizeLlama(model, quantize);
    await measure(small, quantize);
  }
  print(formatTable([
    [
      "text",
      "documents",
      "tokens",
      "loss (nats)",
      "perplexity",
      "bytes/token",
      "bits/byte",
      ...(quantize ? ["weights", "more perplexity"] : []),
    ],
    ...tableRows(texts),
  ]));
  if (options.average === "tokens") return;
  print(
    `\nmeans over batches of ${options.batchSize} x ${options.contextLength} ` +
      "tokens, a short last one as heavy as the others; compare with figures " +
      "of the same batches only",
  );
}

/** The command "eval". */
export const evalCommand: Command = {
  name: "eval",
  summary: "Measure loss, perplexity and bits per byte on texts",
  operands: ["MODEL_FOLDER", "TEXT…"],
  options: {
    context: {
      kind: "count",
      help: "tokens of a sequence, at most the model's context, which holds " +
        "without it",
      range: [1, Infinity],
    },
    batch: {
      kind: "count",
      help: "sequences side by side",
      range: [1, Infinity],
      default: "8",
    },
    "batch-mean": {
      kind: "switch",
      help: "the mean over batches, as TeenyTinyLlama reports perplexity, in " +
        "place of that over tokens: whole sequences alone, and a short last " +
        "batch weighs as much as a full one; give its batch, 16",
    },
    quantize: {
      ...QUANTIZE_OPTION,
      help: "beside float32, with the weights in 8 or 4 bits",
    },
  },
  example: "eval runs/stories corpora/stories README.md",
  run: runEval,
};
