/**
 * Cleaning: documents run through filters, and a funnel counts what each step
 * took and why, with examples to look at before trusting a threshold.
 *
 * @module
 */
import {
  type CorpusDocument,
  type DocumentStream,
  utf8Length,
} from "./document.ts";
import type { CorpusFilter } from "./filter.ts";

/** A document that a step dropped or changed. */
export interface FunnelExample {
  readonly name: string;
  /** Rule with what was measured, or "changed". */
  readonly reason: string;
  /** Its beginning, or the place of the change before and after. */
  readonly excerpt: string;
}

/** What one step did. */
export interface FunnelStep {
  readonly name: string;
  readonly knobs: Readonly<Record<string, unknown>>;
  documentsIn: number;
  /** UTF-8 bytes. */
  bytesIn: number;
  documentsOut: number;
  bytesOut: number;
  /** Documents that stayed with another text. */
  edited: number;
  /** Documents dropped, by rule. */
  readonly dropped: Record<string, number>;
  /** The first few of each rule. */
  readonly examples: FunnelExample[];
}

/** What cleaning did, step by step: plain data to print, save and plot. */
export interface CorpusFunnel {
  readonly steps: readonly FunnelStep[];
}

/** Examples of each rule that are kept. */
const EXAMPLES_PER_RULE = 2;
/** Characters of an example. */
const EXCERPT = 160;

function excerptOf(text: string): string {
  const line = text.slice(0, 4 * EXCERPT).replace(/\s+/g, " ").trim();
  return line.length <= EXCERPT ? line : `${line.slice(0, EXCERPT)} …`;
}

/** Where two texts begin to differ, some words before and after. */
function changeOf(before: string, after: string): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  const start = Math.max(0, at - 30);
  const part = (text: string) => excerptOf(text.slice(start, start + 80));
  return `${part(before)} → ${part(after)}`;
}

function newStep({ name, knobs }: CorpusFilter): FunnelStep {
  return {
    name,
    knobs,
    documentsIn: 0,
    bytesIn: 0,
    documentsOut: 0,
    bytesOut: 0,
    edited: 0,
    dropped: {},
    examples: [],
  };
}

/**
 * Runs documents through filters in their order.
 *
 * @example
 * ```ts
 * const cleaner = new CorpusCleaner([gopherQuality(), exactDuplicates()]);
 * for await (const document of cleaner.clean(corpus)) keep(document);
 * console.log(cleaner.funnel);
 * ```
 */
export class CorpusCleaner {
  readonly funnel: CorpusFunnel;
  readonly #filters: readonly CorpusFilter[];
  readonly #exampleCounts = new Map<string, number>();

  constructor(filters: readonly CorpusFilter[]) {
    this.#filters = filters;
    this.funnel = { steps: filters.map(newStep) };
  }

  /** The documents that stay, each as soon as it is judged. */
  async *clean(documents: DocumentStream): AsyncGenerator<CorpusDocument> {
    for await (const document of documents) {
      const kept = this.judge(document);
      if (kept) yield kept;
    }
  }

  /** One document after all filters, or undefined when one drops it. */
  judge(document: CorpusDocument): CorpusDocument | undefined {
    let current = document;
    let bytes = utf8Length(document.text);
    for (const [i, filter] of this.#filters.entries()) {
      const step = this.funnel.steps[i]!;
      step.documentsIn++;
      step.bytesIn += bytes;
      const verdict = filter.judge(current);
      if ("dropped" in verdict) {
        const { dropped, detail } = verdict;
        step.dropped[dropped] = (step.dropped[dropped] ?? 0) + 1;
        this.#remember(step, dropped, () => ({
          name: current.name,
          reason: detail ? `${dropped}: ${detail}` : dropped,
          excerpt: excerptOf(current.text),
        }));
        return undefined;
      }
      const { text } = verdict;
      if (text !== current.text) {
        step.edited++;
        this.#remember(step, "changed", () => ({
          name: document.name,
          reason: "changed",
          excerpt: changeOf(current.text, text),
        }));
        current = { ...current, text };
        bytes = utf8Length(text);
      }
      step.documentsOut++;
      step.bytesOut += bytes;
    }
    return current;
  }

  #remember(step: FunnelStep, rule: string, make: () => FunnelExample): void {
    const key = `${step.name}/${rule}`;
    const count = this.#exampleCounts.get(key) ?? 0;
    if (count >= EXAMPLES_PER_RULE) return;
    this.#exampleCounts.set(key, count + 1);
    step.examples.push(make());
  }
}

/** Rows of a funnel for a table: what each step took. */
export function funnelRows({ steps }: CorpusFunnel): {
  step: string;
  documents: number;
  kept: number;
  dropped: number;
  edited: number;
  /** Share of the step's bytes that is left, 0 to 1. */
  bytesKept: number;
}[] {
  return steps.map((step) => ({
    step: step.name,
    documents: step.documentsIn,
    kept: step.documentsOut,
    dropped: step.documentsIn - step.documentsOut,
    edited: step.edited,
    bytesKept: step.bytesIn === 0 ? 1 : step.bytesOut / step.bytesIn,
  }));
}
