/**
 * `caderno export`: a model in other formats: a GGUF file for llama.cpp, or a
 * Hugging Face folder in another precision, down to 8 and 4 bits.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import {
  ConfigError,
  DataError,
  exists,
  exportGguf,
  type FloatDType,
  formatBytes,
  formatDuration,
  type GgufType,
  openDevice,
  saveLlama,
  saveTokenizer,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { openModel, QUANTIZE_OPTION, quantizeOf } from "./generate.ts";
import { carryCard, readScores } from "./model_card.ts";
import { print } from "./terminal.ts";

const GGUF_TYPES: readonly GgufType[] = ["f32", "f16", "q8_0", "q4_0"];
const DTYPES: Readonly<Record<string, FloatDType>> = {
  f32: "F32",
  f16: "F16",
  bf16: "BF16",
};

/** One of the names, or an error that lists them. */
function choose<T extends string>(
  text: string,
  names: readonly T[],
  form: string,
): T {
  const found = names.find((name) => name === text);
  if (found) return found;
  throw new ConfigError(
    `Cannot export ${form} as "${text}": there are ${names.join(", ")}`,
  );
}

async function sizeOfFolder(folder: string): Promise<number> {
  let total = 0;
  for await (const { name } of Deno.readDir(folder)) {
    total += (await Deno.stat(`${folder}/${name}`)).size;
  }
  return total;
}

async function runExport(line: CommandLine): Promise<void> {
  const [source, target] = line.operands as [string, string];
  const type = line.needText("type");
  const isGguf = target.endsWith(".gguf");
  const quantize = quantizeOf(line);
  if (isGguf && quantize) {
    throw new ConfigError(
      `Cannot export a .gguf file with --quantize ${quantize}: wanted --type ` +
        "q8_0 or q4_0",
    );
  }
  const name = isGguf
    ? choose(type, GGUF_TYPES, "a .gguf file")
    : choose(type, Object.keys(DTYPES), "a folder");
  if (await exists(target)) {
    throw new DataError(`Cannot export to ${target}: it is there already`);
  }
  const results = line.text("results");
  const scores = results === undefined ? undefined : await readScores(results);
  using device = await openDevice("cpu");
  const begun = performance.now();
  using opened = await openModel(source, device, { quantize });
  const { model, tokenizer } = opened;
  let bytes: number;
  if (isGguf) {
    const called = line.text("name") ?? basename(resolve(source));
    const options = { type: name as GgufType, name: called };
    await exportGguf(target, opened, options);
    bytes = (await Deno.stat(target)).size;
  } else {
    await saveTokenizer(target, tokenizer);
    await saveLlama(target, model, {
      dtype: DTYPES[name]!,
      maxShardBytes: line.needNumber("shard"),
    });
    await carryCard(source, target, {
      title: "Export",
      text: `Its weights were written as ${quantize ?? name}.`,
      ...(scores && { scores }),
    });
    bytes = await sizeOfFolder(target);
  }
  const seconds = (performance.now() - begun) / 1000;
  print(`${target}: ${formatBytes(bytes)} in ${formatDuration(seconds)}`);
}

/** The command "export". */
export const exportCommand: Command = {
  name: "export",
  summary: "Write a model as a GGUF file, or in another precision",
  operands: ["MODEL_FOLDER", "FILE.gguf|FOLDER"],
  options: {
    type: {
      kind: "text",
      value: "TYPE",
      help: "f32 or f16; q8_0 or q4_0 in a .gguf file; bf16 in a folder",
      default: "f16",
    },
    quantize: {
      ...QUANTIZE_OPTION,
      help: "a folder with matrices of 8 or 4 bits, 128 a scale, instead",
    },
    shard: {
      kind: "bytes",
      help: "largest file of weights in a folder",
      range: [1, Infinity],
      default: "5GB",
    },
    results: {
      kind: "text",
      value: "FOLDER",
      help: 'scores of "eval tasks --out", for the card in a folder',
    },
    name: {
      kind: "text",
      value: "NAME",
      help: "what a .gguf file calls the model; without it, its folder's name",
    },
  },
  example: "export runs/stories stories.gguf --type q8_0",
  run: runExport,
};
