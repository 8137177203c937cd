/**
 * `caderno eval`: how well a model predicts texts that it has not seen.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  bitsPerByte,
  DataError,
  formatPercent,
  formatTable,
  heldOutLoss,
  type Llama,
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

/** How the tokens are cut, and what stops the work. */
interface TextLossOptions {
  readonly batchSize: number;
  readonly contextLength: number;
  readonly signal: AbortSignal;
}

/**
 * Loss over all tokens but the first, nats per token: whole sequences of the
 * context side by side, then what is left as a shorter one.
 *
 * @throws {InterruptedError} when the signal is aborted
 */
async function textLoss(
  model: Llama,
  tokens: TokenArray,
  { batchSize, contextLength, signal }: TextLossOptions,
): Promise<number> {
  const total = tokens.length - 1;
  if (total < 1) {
    throw new DataError(
      `Cannot evaluate on ${tokens.length} tokens: wanted at least 2`,
    );
  }
  using line = new StatusLine(
    new Progress("Evaluate", { total, unit: "tokens" }),
  );
  let sum = 0;
  for (let start = 0; start < total;) {
    signal.throwIfAborted();
    const T = Math.min(contextLength, total - start);
    const B = Math.min(batchSize, Math.floor((total - start) / T));
    const stretch = tokens.subarray(start, start + B * T + 1);
    const { loss } = await heldOutLoss(model, stretch, {
      batchSize: B,
      contextLength: T,
    });
    sum += loss * B * T;
    start += B * T;
    line.update(start);
    // So that Ctrl-C is heard.
    await nextTurn();
  }
  return sum / total;
}

/** A text, its tokens, and their losses by how weights are stored. */
interface MeasuredText {
  readonly path: string;
  readonly documents: number;
  readonly tokens: TokenArray;
  readonly bytesPerToken: number;
  readonly losses: Map<string, number>;
}

/** Rows of a table: one for each text and way of storing weights. */
function tableRows(texts: readonly MeasuredText[]): (string | number)[][] {
  return texts.flatMap(({ path, documents, tokens, bytesPerToken, losses }) => {
    const [exact] = losses.values();
    return [...losses].map(([weights, loss]) => [
      path,
      documents,
      tokens.length - 1,
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
    signal: interruptSignal(),
  };
  const texts = read.map(({ path, documents }): MeasuredText => {
    const tokens = packWithProgress(documents, tokenizer);
    const bytesPerToken = totalBytes(documents) / (tokens.length - 1);
    const losses = new Map<string, number>();
    return { path, documents: documents.length, tokens, bytesPerToken, losses };
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
    quantize: {
      ...QUANTIZE_OPTION,
      help: "beside float32, with the weights in 8 or 4 bits",
    },
  },
  example: "eval runs/stories corpora/stories README.md",
  run: runEval,
};
