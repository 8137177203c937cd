/**
 * A classifier as a Hugging Face folder for `LlamaForSequenceClassification`:
 * the language model without its output layer, `score.weight`, and the names of
 * the classes in `config.json`.
 *
 * @module
 */
import { join } from "node:path";
import { currentDevice, type Device } from "../device/mod.ts";
import {
  Llama,
  loadTensors,
  parameterShapes,
  readLlamaConfig,
  SafetensorsFile,
  tensorSources,
  toHuggingFaceConfig,
  writeSafetensors,
} from "../model/mod.ts";
import { keep, Tensor } from "../tensor/mod.ts";
import { loadTokenizer, saveTokenizer } from "../text/mod.ts";
import { FormatError, readJson, writeJson } from "../util/mod.ts";
import { SequenceClassifier } from "./classifier.ts";

/** Writes the classifier with its tokenizer, each file whole or not at all. */
export async function saveClassifier(
  folder: string,
  { model, tokenizer, labels, head }: SequenceClassifier,
): Promise<void> {
  const body = [...model.parameters].filter(([name]) =>
    name !== "lm_head.weight"
  );
  await writeSafetensors(
    join(folder, "model.safetensors"),
    tensorSources([...body, ["score.weight", head]]),
    { metadata: { format: "pt" } },
  );
  await saveTokenizer(folder, tokenizer);
  const config = {
    ...toHuggingFaceConfig(model.config),
    architectures: ["LlamaForSequenceClassification"],
    id2label: Object.fromEntries(labels.entries()),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
  };
  // Last: a folder with a configuration is complete.
  await writeJson(join(folder, "config.json"), config);
}

/**
 * Reads a classifier in one file of weights.
 *
 * @throws {DataError} when a file is missing
 * @throws {FormatError} when a file is damaged or names no classes
 */
export async function loadClassifier(
  folder: string,
  { device = currentDevice() }: { readonly device?: Device } = {},
): Promise<SequenceClassifier> {
  // It has no output layer of its own: the embedding stands in, unused.
  const config = {
    ...await readLlamaConfig(folder),
    tieWordEmbeddings: true,
  };
  const labels = await readLabels(join(folder, "config.json"));
  const tokenizer = await loadTokenizer(folder);
  using file = await SafetensorsFile.open(join(folder, "model.safetensors"));
  const parameters = new Map<string, Tensor>();
  for (const [name, shape] of parameterShapes(config)) {
    const tensor = keep(Tensor.empty(device, shape, { label: name }));
    tensor.requiresGrad = true;
    parameters.set(name, tensor);
  }
  const model = new Llama(config, parameters, device);
  const classifier = new SequenceClassifier({ model, tokenizer }, { labels });
  try {
    const all = [...parameters, ["score.weight", classifier.head] as const];
    await loadTensors(file, new Map(all));
    return classifier;
  } catch (error) {
    classifier[Symbol.dispose]();
    throw error;
  }
}

/** Names of the classes in the order of their numbers. */
async function readLabels(path: string): Promise<string[]> {
  const { id2label } = await readJson<{
    readonly id2label?: Readonly<Record<string, string>>;
  }>(path, "a classifier's configuration");
  const names = Object.entries(id2label ?? {});
  const labels = names.map((_, id) => id2label![id]);
  if (names.length < 2 || labels.some((label) => typeof label !== "string")) {
    throw new FormatError(
      `Cannot read ${path}: it names no classes (id2label 0, 1, …)`,
    );
  }
  return labels as string[];
}
