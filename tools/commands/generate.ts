/**
 * `caderno generate`: text from a model, as it comes.
 *
 * @module
 */
import { join } from "node:path";
import {
  ConfigError,
  type Device,
  exists,
  formatCount,
  formatDuration,
  FormatError,
  generateText,
  type GenerateTextOptions,
  GenerationTiming,
  type Llama,
  loadLlama,
  loadTokenizer,
  openDevice,
  type QuantizedDType,
  quantizeLlama,
  readText,
  sampleTexts,
  type Tokenizer,
} from "../../lib/mod.ts";
import type { Command, CommandLine, OptionSpec } from "./command.ts";
import { PROGRAM } from "./help.ts";
import { interruptSignal } from "./interrupt.ts";
import { modelFolderOf, tokenizerFolderOf } from "./run_folder.ts";
import { note, print, printPiece } from "./terminal.ts";

/** A model and the tokenizer that goes with it. */
interface OpenModel extends Disposable {
  readonly model: Llama;
  readonly tokenizer: Tokenizer;
}

/** @throws {ConfigError} for a folder whose model has no output layer */
async function refuseClassifier(folder: string): Promise<void> {
  const path = join(folder, "config.json");
  if (!await exists(path)) return; // loading it says what is missing
  const text = await readText(path, "the configuration of a model");
  const names = /"architectures"\s*:\s*\[([^\]]*)\]/.exec(text)?.[1] ?? "";
  if (!names.includes("ForSequenceClassification")) return;
  throw new ConfigError(
    `Cannot use ${folder} as a language model: it is a classifier; to ask it: ` +
      `${PROGRAM} classify ${folder} TEXT_FILE`,
  );
}

/**
 * Opens a Hugging Face folder, a checkpoint, or the newest model of a run.
 *
 * @param options.quantize stores the weights so, for use without training
 * @throws {DataError} when a file is missing
 * @throws {ConfigError} when it is a classifier
 * @throws {FormatError} when a file is damaged, or the tokenizer has more
 * pieces than the model
 */
export async function openModel(
  path: string,
  device: Device,
  { quantize }: { readonly quantize?: QuantizedDType | undefined } = {},
): Promise<OpenModel> {
  const folder = await modelFolderOf(path);
  await refuseClassifier(folder);
  let model = await loadLlama(folder, { device });
  try {
    const tokenizer = await loadTokenizer(await tokenizerFolderOf(folder));
    const { vocabSize } = model.config;
    if (tokenizer.vocabSize > vocabSize) {
      throw new FormatError(
        `Cannot use ${folder}: its tokenizer has ${tokenizer.vocabSize} ` +
          `pieces, its model ${vocabSize}`,
      );
    }
    if (quantize) model = quantizeLlama(model, quantize);
    return { model, tokenizer, [Symbol.dispose]: () => model.dispose() };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The option "--quantize". */
export const QUANTIZE_OPTION: OptionSpec = {
  kind: "text",
  value: "int8|int4",
  help: "stores the weights in 8 or 4 bits, 128 a scale, to the nearest",
};

/**
 * What `--quantize` says.
 *
 * @throws {ConfigError} when it is no such type
 */
export function quantizeOf(line: CommandLine): QuantizedDType | undefined {
  const dtype = line.text("quantize");
  if (dtype === undefined || dtype === "int8" || dtype === "int4") return dtype;
  throw new ConfigError(`Cannot use --quantize ${dtype}: wanted int8 or int4`);
}

/** "prefill: 7 tokens in 21 ms, 333 tokens/s; decode: …". */
function describeTiming(timing: GenerationTiming): string {
  const { promptTokens, promptSeconds, newTokens, samples, seconds } = timing;
  if (newTokens === 0) return `prompt of ${promptTokens} tokens, nothing new`;
  const phase = (name: string, tokens: number, time: number) =>
    `${name}: ${tokens} tokens in ${formatDuration(time)}` +
    (tokens > 0 ? `, ${formatCount(tokens / time)} tokens/s` : "");
  return phase("prefill", promptTokens, promptSeconds) + "; " +
    phase("decode", Math.max(0, newTokens - samples), seconds);
}

/** A text as it comes. */
async function printText(
  line: CommandLine,
  opened: OpenModel,
  options: GenerateTextOptions,
): Promise<void> {
  const prompt = line.operands[1] ?? "";
  const timing = new GenerationTiming();
  let isBegun = false;
  try {
    for await (const text of generateText(opened, prompt, options, timing)) {
      // Not before: a wrong setting must leave no output.
      if (!isBegun && !line.has("only-new")) printPiece(prompt);
      isBegun = true;
      printPiece(text);
    }
  } finally {
    if (isBegun) {
      print();
      note(describeTiming(timing));
    }
  }
}

/** Several texts, computed side by side, one below the other. */
async function printSamples(
  line: CommandLine,
  opened: OpenModel,
  options: GenerateTextOptions & { readonly samples: number },
): Promise<void> {
  const prompt = line.operands[1] ?? "";
  const timing = new GenerationTiming();
  const texts = await sampleTexts(opened, prompt, options, timing);
  for (const [i, text] of texts.entries()) {
    print(`--- ${i + 1} ---`);
    print(line.has("only-new") ? text : prompt + text);
  }
  note(describeTiming(timing));
}

async function runGenerate(line: CommandLine): Promise<void> {
  const options: GenerateTextOptions = {
    temperature: line.needNumber("temperature"),
    topK: line.needNumber("top-k"),
    topP: line.needNumber("top-p"),
    minP: line.needNumber("min-p"),
    repetitionPenalty: line.needNumber("repetition-penalty"),
    stop: line.texts("stop"),
    maxTokens: line.needNumber("max-tokens"),
    seed: line.needNumber("seed"),
    signal: interruptSignal(),
  };
  const samples = line.needNumber("samples");
  const quantize = quantizeOf(line);
  using device = await openDevice();
  note(device.description);
  using opened = await openModel(line.operands[0]!, device, { quantize });
  if (samples === 1) await printText(line, opened, options);
  else await printSamples(line, opened, { ...options, samples });
}

/** The command "generate". */
export const generateCommand: Command = {
  name: "generate",
  summary: "Go on from a prompt with a model, token by token",
  operands: ["MODEL_FOLDER", "[PROMPT]"],
  options: {
    temperature: {
      kind: "number",
      help: "0 takes the likeliest token, 1 samples as the model says",
      range: [0, 10],
      default: "0.8",
    },
    "top-k": {
      kind: "count",
      help: "only the k likeliest tokens, 0 for all",
      default: "0",
    },
    "top-p": {
      kind: "number",
      help: "only the likeliest tokens that reach this share, above 0",
      range: [0, 1],
      default: "1",
    },
    "min-p": {
      kind: "number",
      help: "only tokens with this share of the best one's probability",
      range: [0, 1],
      default: "0",
    },
    "repetition-penalty": {
      kind: "number",
      help: "divides logits of tokens that came before; 1 is off, above 0",
      range: [0, 10],
      default: "1",
    },
    stop: {
      kind: "text",
      value: "STRING",
      help: "ends before this string; may be given several times",
      repeats: true,
    },
    "max-tokens": {
      kind: "count",
      help: "most new tokens; the model's context is a bound too",
      range: [1, Infinity],
      default: "128",
    },
    seed: {
      kind: "count",
      help: "seed of the draws",
      range: [0, 2 ** 32 - 1],
      default: "0",
    },
    samples: {
      kind: "count",
      help: "so many texts from the prompt, computed side by side",
      range: [1, 1024],
      default: "1",
    },
    quantize: QUANTIZE_OPTION,
    "only-new": {
      kind: "switch",
      help: "leaves the prompt out of the output",
    },
  },
  example: 'generate runs/stories "Era uma vez" --temperature 0.7',
  run: runGenerate,
};
