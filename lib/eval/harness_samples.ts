/**
 * Lines of a samples file in the form of lm-evaluation-harness 0.4: what was
 * asked, what came, its scores, and hashes by which the same question and the
 * same prompt are known again between runs and between the two programs.
 *
 *     doc_hash     SHA-256 of the row as Python's json.dumps(row, indent=2,
 *                  ensure_ascii=False) writes it
 *     prompt_hash  SHA-256 of the first argument of the first request
 *     target_hash  SHA-256 of the target as text
 *
 * The same file gives the same `doc_hash` in both as long as a task there does
 * not change its rows, but for numbers like 3.0, which are 3 here, and what CSV
 * leaves open. As there, targets and responses are texts.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { UNREADABLE } from "./answer_forms.ts";
import { type AnswerTask, writeAnswer } from "./answer_task.ts";
import type { RowFields } from "./data_rows.ts";
import { answerMetrics, type AnswerRecord } from "./evaluate_answers.ts";
import type { ChoiceRecord } from "./evaluate_choices.ts";
import type { LikelihoodRecord } from "./evaluate_likelihood.ts";
import type { LikelihoodTask } from "./likelihood_task.ts";
import { layoutOf, type TaskParts } from "./task_parts.ts";

/** A value as Python's `str` writes it. */
function pythonText(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

/** What a request brought: a text, or numbers side by side. */
type Response = string | readonly unknown[];

const responseText = (response: Response) =>
  typeof response === "string" ? response : response.map(pythonText);

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** An item with its requests, in the program's own types. */
interface Sample {
  readonly id: string;
  readonly doc: RowFields;
  readonly target: string | number;
  /** Arguments of each request; the first of the first is its prompt. */
  readonly requests: readonly (readonly [prompt: string, ...unknown[]])[];
  readonly responses: readonly Response[];
  /** What was read from the responses, where that is something else. */
  readonly filtered?: readonly unknown[];
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly isTruncated: boolean;
}

function sampleLine(sample: Sample): Record<string, unknown> {
  const { id, doc, requests, responses, metrics, isTruncated } = sample;
  const target = String(sample.target);
  const numbered = (name: string, values: readonly unknown[]) =>
    Object.fromEntries(values.map((value, i) => [`${name}_${i}`, value]));
  return {
    doc_id: id,
    doc,
    target,
    arguments: numbered(
      "gen_args",
      requests.map((one) => numbered("arg", one)),
    ),
    resps: responses.map((response) => [responseText(response)]),
    filtered_resps: sample.filtered?.map(pythonText) ??
      responses.map(responseText),
    filter: "none",
    metrics: Object.keys(metrics),
    doc_hash: hash(JSON.stringify(doc, null, 2)),
    prompt_hash: hash(requests[0]![0]),
    target_hash: hash(target),
    is_truncated: isTruncated,
    ...metrics,
  };
}

/** A line of the samples file of a task with choices. */
export function harnessSample(
  record: ChoiceRecord,
  task: Pick<TaskParts, "layout">,
): Record<string, unknown> {
  const { context, choices, logLikelihoods, isGreedy, gold, ...rest } = record;
  const { beforeAnswer } = layoutOf(task);
  return sampleLine({
    ...rest,
    target: gold,
    requests: choices.map((choice) => [context, beforeAnswer + choice]),
    responses: logLikelihoods.map((ll, i) => [ll, isGreedy[i]]),
  });
}

/** A line of the samples file of a generative task. */
export function harnessAnswer(
  record: AnswerRecord,
  { until = ["\n\n"], form }: Pick<AnswerTask, "until" | "form">,
): Record<string, unknown> {
  const { context, text, answer, gold, ...rest } = record;
  const means = answerMetrics(form).filter(({ isMean }) => isMean);
  return {
    ...sampleLine({
      ...rest,
      target: writeAnswer(gold),
      requests: [[context, { until, do_sample: false }]],
      responses: [text],
      filtered: [answer],
      metrics: Object.fromEntries(means.map((m) => [m.name, m.of([record])])),
    }),
    is_unreadable: answer === UNREADABLE,
  };
}

/** A line of the samples file of a cloze or rolling task. */
export function harnessLikelihood(
  record: LikelihoodRecord,
  task: Pick<LikelihoodTask, "kind" | "layout">,
): Record<string, unknown> {
  const { context, target, logLikelihood, isGreedy, words, bytes } = record;
  if (task.kind === "rolling") {
    return sampleLine({
      ...record,
      requests: [[target]],
      responses: [String(logLikelihood)],
      metrics: {
        word_perplexity: [logLikelihood, words],
        byte_perplexity: [logLikelihood, bytes],
        bits_per_byte: [logLikelihood, bytes],
      },
    });
  }
  return sampleLine({
    ...record,
    requests: [[context, layoutOf(task).beforeAnswer + target]],
    responses: [[logLikelihood, isGreedy]],
    metrics: { perplexity: logLikelihood, acc: Number(isGreedy) },
  });
}
