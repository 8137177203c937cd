/**
 * Tasks whose score is how likely a text is: a cloze asks how surely a model
 * goes on with the right word (LAMBADA, Paperno et al., 2016, arXiv 1606.06031;
 * CALAME-PT), a rolling task how well it predicts whole documents.
 *
 * @module
 */
import { FormatError } from "../util/mod.ts";
import {
  type DataRow,
  type ItemReadOptions,
  readDataRows,
  splitOfFile,
  usableItems,
} from "./data_rows.ts";
import type { ShotDraw } from "./draw_shots.ts";
import type { TaskItem, TaskParts } from "./task_parts.ts";

/** A text and what stands before it. */
export interface LikelihoodItem extends TaskItem {
  /** What the model reads; "" for rolling tasks. */
  readonly context: string;
  /** What it should say: a word, or the document. */
  readonly target: string;
}

/** A task of such items. */
export interface LikelihoodTask extends TaskParts {
  readonly kind: "cloze" | "rolling";
  readonly sampling?: ShotDraw;
  /** Metric that is reported first. */
  readonly metric:
    | "acc"
    | "perplexity"
    | "bits_per_byte"
    | "byte_perplexity"
    | "word_perplexity";
}

const SPLITS = { askedSplits: ["test", "validation"], shotSplits: [] };

/** All tasks of this kind. */
export const LIKELIHOOD_TASKS: readonly LikelihoodTask[] = [
  {
    name: "cloze_pt",
    summary: "The last word of a passage, as in CALAME-PT and LAMBADA",
    source: "CALAME-PT on Hugging Face, or a file of your own",
    kind: "cloze",
    ...SPLITS,
    shots: 0,
    metric: "acc",
  },
  {
    name: "texts",
    summary: "Whole documents: bits per byte, perplexity per byte and word",
    source: "any texts",
    kind: "rolling",
    ...SPLITS,
    shots: 0,
    metric: "bits_per_byte",
  },
];

/** Names that files give to the same thing. */
const CONTEXTS = ["context", "sentence", "prompt"];
const TARGETS = ["target", "last_word", "answer", "completion"];
const TEXTS = ["text", "content", "sentence"];

/** The first of the fields that is a text. */
function firstText(
  fields: DataRow["fields"],
  names: readonly string[],
): string | undefined {
  const values = names.map((name) => fields[name]);
  return values.find((value) => typeof value === "string");
}

/** Context and target of a row. */
function readParts(
  fields: DataRow["fields"],
  kind: LikelihoodTask["kind"],
  fail: (why: string) => never,
): Pick<LikelihoodItem, "context" | "target"> {
  const text = firstText(fields, TEXTS);
  if (kind === "rolling") {
    if (text?.trim()) return { context: "", target: text };
    return fail(`it has no ${TEXTS.join(" or ")}`);
  }
  const target = firstText(fields, TARGETS)?.trim();
  const context = firstText(fields, CONTEXTS)?.trimEnd();
  if (target !== undefined && context !== undefined) {
    return target === "" ? fail("its target is empty") : { context, target };
  }
  const whole = text?.trimEnd() ??
    fail("it has neither a context with a target nor a text");
  const at = whole.lastIndexOf(" ");
  if (at < 1) fail("its text has fewer than two words");
  return {
    context: whole.slice(0, at).trimEnd(),
    target: whole.slice(at + 1),
  };
}

/**
 * Reads the items of a task: for a cloze a context and its target, or a text
 * whose last word is asked; for a rolling task a text.
 *
 * @throws {DataError} when there is no such file or nothing in it
 * @throws {FormatError} naming the first item that cannot be used
 */
export async function readLikelihoodItems(
  { kind }: Pick<LikelihoodTask, "kind">,
  path: string,
  reading: ItemReadOptions = {},
): Promise<LikelihoodItem[]> {
  const rows = await readDataRows(path);
  return usableItems(rows, ({ fields, file }, i) => {
    const id = String(fields.id ?? i);
    const split = typeof fields.split === "string"
      ? fields.split
      : splitOfFile(file);
    const fail = (why: string): never => {
      throw new FormatError(`Cannot use item ${id} of ${file}: ${why}`);
    };
    const parts = readParts(fields, kind, fail);
    return [{ id, split, ...parts, doc: fields }];
  }, reading);
}
