/**
 * A task in one small YAML file, by the keys of lm-evaluation-harness: what this
 * library does of them, checked and with its defaults. A key that would change
 * scores and is not done here is an error that names it; keys that change
 * nothing are told.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { FormatError, messageOf, readText } from "../util/mod.ts";
import type { AnswerForm } from "./answer_forms.ts";
import { FieldReader, type Fields } from "./field_reader.ts";
import { readTaskForm } from "./task_filters.ts";

/** Kinds of requests. */
const OUTPUT_TYPES = [
  "multiple_choice",
  "generate_until",
  "loglikelihood",
  "loglikelihood_rolling",
] as const;

/** How examples are chosen. */
const SAMPLERS = ["default", "first_n", "id_sampler"] as const;

/** A task file. */
export interface TaskFile {
  readonly path: string;
  readonly task: string;
  readonly outputType: typeof OUTPUT_TYPES[number];
  /** Files of the data by their split, "" where the file does not say it. */
  readonly dataFiles: readonly (readonly [split: string, path: string])[];
  /** Split that is asked, and that of the examples. */
  readonly askedSplit: string | undefined;
  readonly shotSplit: string | undefined;
  readonly docToText: string;
  readonly docToTarget: string | number;
  /** A template, or the choices themselves. */
  readonly docToChoice: string | readonly string[] | undefined;
  readonly description: string;
  readonly targetDelimiter: string;
  readonly shotDelimiter: string;
  readonly shots: number;
  readonly sampler: typeof SAMPLERS[number];
  /** Examples that the file itself gives. */
  readonly samples: readonly Fields[] | undefined;
  readonly shotIds: readonly string[] | undefined;
  readonly shotPlaces: readonly number[] | undefined;
  readonly idColumn: string;
  readonly until: readonly string[];
  readonly maxTokens: number;
  readonly form: AnswerForm;
  readonly metrics: readonly string[];
  /** Keys that change nothing here. */
  readonly ignored: readonly string[];
}

/** What a split is called where it is not asked: the harness' order. */
const ASKED = ["test_split", "validation_split", "training_split"];
const SHOWN = [
  ...["fewshot_split", "training_split", "validation_split", "test_split"],
];

const KEYS = [
  ...["task", "include", "output_type", "dataset_path", "dataset_kwargs"],
  ...["training_split", "validation_split", "test_split", "fewshot_split"],
  ...["doc_to_text", "doc_to_target", "doc_to_choice", "description"],
  ...["target_delimiter", "fewshot_delimiter", "num_fewshot"],
  ...["fewshot_config", "generation_kwargs", "filter_list", "metric_list"],
];

/** The fields of a file upon those of the one that it includes. */
async function readFields(
  path: string,
  readers: readonly string[] = [],
): Promise<Fields> {
  const text = await readText(path, "a task");
  const called = /^[^#\n]*!function\s+(\S+)/m.exec(text)?.[1];
  if (called) {
    throw new FormatError(
      `Cannot use ${path}: it calls ${called}, a function in Python; write a ` +
        "Jinja template, or the task in TypeScript",
    );
  }
  let fields: unknown;
  try {
    fields = parse(text);
  } catch (error) {
    throw new FormatError(`Cannot read ${path} as YAML: ${messageOf(error)}`);
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new FormatError(`Cannot use ${path}: it is no list of fields`);
  }
  const { include, ...own } = fields as Record<string, unknown>;
  if (include === undefined) return own;
  const base = join(dirname(path), String(include));
  if ([...readers, path].includes(base)) {
    throw new FormatError(`Cannot use ${path}: it includes itself`);
  }
  return { ...await readFields(base, [...readers, path]), ...own };
}

/** Files of the data: beside the task file, or as the loader names them. */
function readDataFiles(
  fields: FieldReader,
  path: string,
): [split: string, path: string][] {
  const beside = (file: unknown): string =>
    typeof file === "string"
      ? join(dirname(path), file)
      : fields.fail("a data file is named by a text");
  const named = fields.text("dataset_path");
  const kwargs = fields.within("dataset_kwargs");
  const files = kwargs.take("data_files");
  kwargs.end(["data_files"]);
  if (files === undefined) return named ? [["", beside(named)]] : [];
  if (typeof files === "string") return [["", beside(files)]];
  if (Array.isArray(files)) return files.map((file) => ["", beside(file)]);
  return Object.entries(files as Fields).flatMap(([split, some]) =>
    [some].flat().map((file): [string, string] => [split, beside(file)])
  );
}

/** Templates of a row, and choices that are the same for all. */
function readTemplates(
  fields: FieldReader,
  outputType: TaskFile["outputType"],
): Pick<TaskFile, "docToText" | "docToTarget" | "docToChoice"> {
  const isRolling = outputType === "loglikelihood_rolling";
  const docToText = fields.text("doc_to_text") ??
    (isRolling ? "" : fields.fail("doc_to_text is missing"));
  const target = fields.take("doc_to_target");
  const docToTarget = typeof target === "string" || typeof target === "number"
    ? target
    : fields.fail("doc_to_target is missing or neither a template nor a place");
  const choice = fields.take("doc_to_choice");
  if (outputType === "multiple_choice" && choice === undefined) {
    fields.fail("doc_to_choice is missing");
  }
  const docToChoice = Array.isArray(choice)
    ? choice.map(String)
    : choice === undefined || typeof choice === "string"
    ? choice
    : fields.fail("doc_to_choice is neither a template nor a list");
  return { docToText, docToTarget, docToChoice };
}

/** What is asked, and which examples stand before it. */
function readShots(fields: FieldReader) {
  const splits = new Map(SHOWN.map((key) => [key, fields.text(key)] as const));
  const firstOf = (keys: readonly string[]) =>
    keys.map((key) => splits.get(key)).find((split) => split !== undefined);
  const config = fields.within("fewshot_config");
  const given = config.within("sampler_config");
  const sampler = config.oneOf("sampler", SAMPLERS) ?? "default";
  const places = given.list("fewshot_indices") ?? config.list("indices");
  const read = {
    askedSplit: firstOf(ASKED),
    shotSplit: config.text("split") ?? firstOf(SHOWN),
    shots: fields.count("num_fewshot") ?? 0,
    sampler,
    samples: config.list("samples") as readonly Fields[] | undefined,
    shotIds: given.list("id_list")?.map(String),
    shotPlaces: places?.map(Number),
    idColumn: given.text("id_column") ?? "id",
  };
  if ((sampler === "id_sampler") !== (read.shotIds !== undefined)) {
    fields.fail("fewshot_config: an id_sampler and its id_list go together");
  }
  const ignored = [
    ...given.end(["fewshot_indices", "id_list", "id_column"]),
    ...config.end(["sampler", "split", "samples", "sampler_config"]),
  ];
  return { read, ignored };
}

/**
 * Reads and checks a task file.
 *
 * @throws {DataError} when there is no such file
 * @throws {FormatError} naming the first field that cannot be used
 */
export async function readTaskFile(path: string): Promise<TaskFile> {
  const fields = new FieldReader(path, await readFields(path));
  const task = fields.text("task") ?? fields.fail("it names no task");
  if (!/^[\w.-]+$/.test(task)) {
    fields.fail(`the name "${task}" is not of letters, digits, _, . and -`);
  }
  const outputType = fields.oneOf("output_type", OUTPUT_TYPES) ??
    "generate_until";
  const { read: shots, ignored: ofShots } = readShots(fields);
  const generation = fields.within("generation_kwargs");
  const shotDelimiter = fields.text("fewshot_delimiter") ?? "\n\n";
  const until = generation.take("until") ?? shotDelimiter;
  const read = {
    path,
    task,
    outputType,
    dataFiles: readDataFiles(fields, path),
    ...shots,
    ...readTemplates(fields, outputType),
    description: fields.text("description") ?? "",
    targetDelimiter: fields.text("target_delimiter") ?? " ",
    shotDelimiter,
    until: [until].flat().map(String),
    maxTokens: generation.count("max_gen_toks") ?? 256,
    ...readTaskForm({
      outputType,
      filters: fields.take("filter_list"),
      metrics: fields.take("metric_list"),
      fail: (why) => fields.fail(why),
    }),
  };
  const ofGeneration = generation.end(["until", "max_gen_toks"]);
  return {
    ...read,
    ignored: [...ofShots, ...ofGeneration, ...fields.end(KEYS)],
  };
}
