/**
 * `caderno classify`: the classes of texts by a fine-tuned classifier, with
 * their probabilities, and how many are right where that is known.
 *
 * @module
 */
import {
  classScores,
  ConfigError,
  exists,
  type LabeledText,
  loadClassifier,
  openDevice,
  Progress,
  readText,
  type SequenceClassifier,
  TTL_CLASSIFIER_RECIPE,
  writeFileAtomic,
} from "../../lib/mod.ts";
import type { Command, CommandLine } from "./command.ts";
import { cellOf, isRowFile, readRows } from "./finetune.ts";
import { confusionTable } from "./finetune_classify.ts";
import { note, print, StatusLine } from "./terminal.ts";

/** Texts that go through the model before their classes are printed. */
const TEXTS_AT_ONCE = 256;

/** A text, and its class where it is known. */
type GivenText = Omit<LabeledText, "label"> & { readonly label?: string };

/** A text with what the classifier says. */
interface ClassifiedText extends GivenText {
  readonly predicted: string;
  /** By the name of the class. */
  readonly probabilities: Readonly<Record<string, number>>;
}

function textsOfLines(lines: string): GivenText[] {
  return lines.split(/\r?\n/).map((text) => text.trim())
    .filter((text) => text !== "").map((text) => ({ text }));
}

/** Texts of a table, of the lines of a file, or of those that come in. */
async function readTexts(line: CommandLine): Promise<GivenText[]> {
  const [, path] = line.operands;
  if (path === undefined) {
    if (Deno.stdin.isTerminal()) note("A text a line; Ctrl-D ends them");
    return textsOfLines(await new Response(Deno.stdin.readable).text());
  }
  if (!isRowFile(path)) return textsOfLines(await readText(path, "texts"));
  const [text, label] = [line.needText("text"), line.needText("label")];
  const pair = line.text("pair");
  const rows = await readRows(path);
  // Labels that were asked for must be there, the usual ones may.
  const hasLabels = line.has("label") || label in rows[0]!;
  return rows.map((row, i) => {
    const cell = (field: string) =>
      cellOf(row, field, `row ${i + 1} of ${path}`);
    return {
      text: cell(text),
      ...(pair === undefined ? {} : { pair: cell(pair) }),
      ...(hasLabels && { label: cell(label) }),
    };
  });
}

/** What the classifier says of each text, in their order. */
async function* classified(
  classifier: SequenceClassifier,
  texts: readonly GivenText[],
  maxTokens: number,
): AsyncGenerator<ClassifiedText[], void> {
  const { labels } = classifier;
  // Of texts without a class the first is set, which nothing looks at.
  const labeled = texts.map((text) => ({ label: labels[0]!, ...text }));
  const { inputs, cut } = classifier.encode(labeled, maxTokens);
  if (cut > 0) note(`${cut} of ${texts.length} texts were cut`);
  for (let at = 0; at < inputs.length; at += TEXTS_AT_ONCE) {
    const some = inputs.slice(at, at + TEXTS_AT_ONCE);
    const shares = await classifier.probabilities(some);
    yield shares.map((p, i) => ({
      ...texts[at + i]!,
      predicted: labels[p.indexOf(Math.max(...p))]!,
      probabilities: Object.fromEntries(labels.map((name, k) => [name, p[k]!])),
    }));
  }
}

/** Class, probability and text of one line each. */
function lineOf({ predicted, probabilities, text }: ClassifiedText): string {
  const share = probabilities[predicted]!.toFixed(4);
  return `${predicted}\t${share}\t${text.replaceAll(/\s+/g, " ")}`;
}

/** How many are right, of texts whose class is known. */
function report(all: readonly ClassifiedText[]): string {
  const scores = classScores(
    all.map(({ label }) => label!),
    all.map(({ predicted }) => predicted),
  );
  const { accuracy, macroF1, texts } = scores;
  return `on ${texts} texts: accuracy ${accuracy.toFixed(4)}, ` +
    `macro F1 ${macroF1.toFixed(4)}\n${confusionTable(scores)}`;
}

async function runClassify(line: CommandLine): Promise<void> {
  const out = line.text("out");
  if (out !== undefined && await exists(out)) {
    throw new ConfigError(`Cannot write to ${out}: it is there already`);
  }
  const texts = await readTexts(line);
  if (texts.length === 0) throw new ConfigError("Cannot classify no texts");
  using device = await openDevice();
  note(device.description);
  using classifier = await loadClassifier(line.operands[0]!, { device });
  const all: ClassifiedText[] = [];
  {
    const total = texts.length;
    const progress = new Progress("Classify", { total, unit: "texts" });
    using status = new StatusLine(progress);
    const maxTokens = line.needNumber("max-tokens");
    for await (const some of classified(classifier, texts, maxTokens)) {
      if (out === undefined) { for (const text of some) print(lineOf(text)); }
      all.push(...some);
      status.update(all.length);
    }
  }
  if (out !== undefined) {
    const rows = all.map((text) => JSON.stringify(text) + "\n");
    await writeFileAtomic(out, rows.join(""));
  }
  // A report must not end up among the lines of a pipe.
  const tell = out === undefined ? note : print;
  if (texts[0]!.label !== undefined) tell(report(all));
}

/** The command "classify". */
export const classifyCommand: Command = {
  name: "classify",
  summary: "Name the classes of texts with a fine-tuned classifier",
  operands: ["CLASSIFIER_FOLDER", "[TEXT_FILE]"],
  options: {
    text: {
      kind: "text",
      value: "FIELD",
      help: "field (column) of the text",
      default: "text",
      heading: "Data: .csv, .jsonl, .json, .parquet; or a text a line, also " +
        "from stdin",
    },
    pair: {
      kind: "text",
      value: "FIELD",
      help: "field of a second text, as in the fine-tuning",
    },
    label: {
      kind: "text",
      value: "FIELD",
      help: "field of the right class, where it is there: adds a report",
      default: "label",
    },
    "max-tokens": {
      kind: "count",
      help: "most tokens of a text; the model's context is a bound too",
      range: [1, Infinity],
      default: `${TTL_CLASSIFIER_RECIPE.maxTokens}`,
    },
    out: {
      kind: "text",
      value: "FILE",
      help: "new .jsonl file for the texts with all probabilities",
      heading: "Output",
    },
  },
  example: "classify runs/b texts.jsonl",
  run: runClassify,
};
