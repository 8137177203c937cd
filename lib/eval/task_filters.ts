/**
 * How a task file has answers read and scored: its `filter_list` and
 * `metric_list`, as far as this library does the same.
 *
 * @module
 */
import type { AnswerForm } from "./answer_forms.ts";

type Fields = Readonly<Record<string, unknown>>;
type Fail = (why: string) => never;

/** Filters that a form does by itself. */
const IMPLIED = [
  ...["take_first", "remove_whitespace", "normalize_spaces"],
  "remove_accents",
];

/** Metrics of each kind of request; the first is what holds without a list. */
const METRICS: Readonly<Record<string, readonly string[]>> = {
  multiple_choice: ["acc", "acc_norm", "acc_bytes"],
  loglikelihood: ["perplexity", "acc"],
  loglikelihood_rolling: [
    "word_perplexity",
    "byte_perplexity",
    "bits_per_byte",
  ],
  text: ["exact_match"],
  letter: ["acc"],
  label: ["f1_macro", "acc"],
  number: ["pearson", "mse"],
};

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The records of a list of records. */
function records(value: unknown, what: string, fail: Fail): readonly Fields[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return fail(`${what} is no list`);
  return value.every(isRecord) ? value : fail(`${what} has an empty entry`);
}

/** A regular expression of Python, where JavaScript reads it alike. */
function readPattern(pattern: unknown, fail: Fail): RegExp {
  try {
    return new RegExp(String(pattern), "gu");
  } catch {
    return fail(`the regex_pattern ${pattern} is none in JavaScript`);
  }
}

function formOfFilter(filter: Fields, fail: Fail): AnswerForm {
  const { function: name } = filter;
  const list = (key: string): string[] => {
    const value = filter[key];
    return Array.isArray(value) && value.length > 0
      ? value.map(String)
      : fail(`the filter ${name} has no ${key}`);
  };
  if (name === "find_similar_label") {
    return { kind: "label", labels: list("labels") };
  }
  if (name === "find_choices") {
    const letters = list("choices").join("");
    return /^[A-Z]+$/.test(letters)
      ? { kind: "letter", letters }
      : fail(`the filter find_choices takes letters, not ${letters}`);
  }
  if (name === "number_filter") {
    const { range_min: min, range_max: max, fallback } = filter;
    const ends = [min, max, fallback].map(Number);
    return ends.every(Number.isFinite)
      ? { kind: "number", min: ends[0]!, max: ends[1]!, fallback: ends[2]! }
      : fail("the filter number_filter needs range_min, range_max, fallback");
  }
  if (name === "regex") {
    const { regex_pattern: pattern, group_select: select = 0 } = filter;
    return {
      kind: "text",
      pattern: readPattern(pattern ?? "#### (\\-?[0-9\\.\\,]+)", fail),
      select: Number(select),
    };
  }
  return fail(
    `the filter "${name}" is not done here; there are regex, find_choices, ` +
      `find_similar_label, number_filter, ${IMPLIED.join(", ")}`,
  );
}

/** What is done with an answer of the first filter pipeline. */
function readForm(filters: unknown, fail: Fail): AnswerForm {
  const [pipeline, ...others] = records(filters, "filter_list", fail);
  if (others.length > 0) fail("filter_list has more than one pipeline");
  if (!pipeline) return { kind: "text" };
  const steps = records(pipeline.filter, "filter_list.filter", fail)
    .filter((step) => !IMPLIED.includes(String(step.function)));
  if (steps.length > 1) fail("filter_list has more than one filter that reads");
  return steps[0] ? formOfFilter(steps[0], fail) : { kind: "text" };
}

/** Options of exact_match, and those that every metric has. */
const MATCH_OPTIONS = ["ignore_case", "ignore_punctuation"];
const METRIC_KEYS = ["metric", "aggregation", "higher_is_better"];

/**
 * The form of the answers and the metrics, the one that is reported first.
 *
 * @param options.fail throws, naming the file
 */
export function readTaskForm(
  { outputType, filters, metrics, fail }: {
    readonly outputType: string;
    readonly filters: unknown;
    readonly metrics: unknown;
    readonly fail: Fail;
  },
): { readonly form: AnswerForm; readonly metrics: readonly string[] } {
  const isWritten = outputType === "generate_until";
  if (!isWritten && filters) fail(`filter_list is for generate_until`);
  const form = readForm(filters, fail);
  const known = METRICS[isWritten ? form.kind : outputType]!;
  const listed = records(metrics, "metric_list", fail);
  for (const entry of listed) {
    const { metric } = entry;
    if (!known.includes(String(metric))) {
      fail(`the metric "${metric}" is not one of ${known.join(", ")}`);
    }
    const allowed = form.kind === "text" && isWritten
      ? [...METRIC_KEYS, ...MATCH_OPTIONS]
      : METRIC_KEYS;
    const other = Object.keys(entry).find((key) => !allowed.includes(key));
    if (other) fail(`the option ${other} of ${metric} is not done here`);
  }
  const names = listed.map(({ metric }) => String(metric));
  const isSet = (key: string) => listed.some((entry) => entry[key] === true);
  return {
    form: form.kind !== "text" ? form : {
      ...form,
      ignoresCase: isSet("ignore_case"),
      ignoresPunctuation: isSet("ignore_punctuation"),
    },
    metrics: [...new Set([...names, ...known])],
  };
}
