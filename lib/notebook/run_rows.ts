/**
 * A run's status in words: a few rows of a label and parts, and the same as
 * lines of a terminal that are as wide as it is. A part is shown whole or not
 * at all, so that no number loses its end.
 *
 * @module
 */
import { formatEnergy } from "../emissions/mod.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatScientific,
  formatSi,
} from "../util/mod.ts";
import type { RunState } from "./run_state.ts";
import type { RunStatus } from "./run_status.ts";
import { sparkline, textBar } from "./sparkline.ts";

/** One row: what it is about, and what is to tell, most important first. */
export interface RunRow {
  readonly label: string;
  readonly parts: readonly string[];
}

/** Letters of the widest label and the space behind it. */
const LABEL_WIDTH = 12;
/** Letters that a curve or a bar needs at least, and takes at most. */
const MIN_CURVE = 8;
const MAX_CURVE = 60;

const count = (n: number): string => n.toLocaleString("en-US");

/** A number of a record; JSON makes null of NaN and of infinity. */
function spelled(x: number | null, digits: (x: number) => string): string {
  return x !== null && Number.isFinite(x) ? digits(x) : "not finite";
}

const loss = (x: number): string => spelled(x, (y) => y.toFixed(3));

function progressParts(status: RunStatus, state: RunState): string[] {
  const { step, secondsLeft, share, facts } = status;
  const parts = [
    formatPercent(share),
    `step ${count(step?.step ?? 0)} of ${count(facts.steps)}`,
  ];
  if (state !== "running") {
    const after = step ? ` after ${formatDuration(step.seconds)}` : "";
    parts.push(state + after);
  } else if (secondsLeft !== undefined) {
    parts.push(`${formatDuration(secondsLeft)} left`);
  }
  if (step) parts.push(`${formatCount(step.tokens)} tokens`);
  return parts;
}

function updateParts({ step }: RunStatus): string[] {
  if (!step) return [];
  const { learningRate, gradientNorm, lossScale, skippedSteps } = step;
  const parts = [
    `learning rate ${formatScientific(learningRate)}`,
    `gradient norm ${spelled(gradientNorm, (x) => x.toPrecision(3))}`,
  ];
  if (lossScale !== undefined) parts.push(`loss scale ${count(lossScale)}`);
  if (skippedSteps) parts.push(`${count(skippedSteps)} skipped`);
  return parts;
}

function speedParts(status: RunStatus): string[] {
  const { tokensPerSecond, flopsPerSecond, utilization, step } = status;
  if (!step || tokensPerSecond === undefined) return [];
  const parts = [`${formatCount(tokensPerSecond)} tokens/s`];
  if (flopsPerSecond !== undefined) {
    parts.push(formatSi(flopsPerSecond, "FLOP/s"));
    if (utilization) parts.push(`${formatPercent(utilization)} MFU`);
  }
  if (step.peakBytes !== undefined) {
    parts.push(`${formatBytes(step.peakBytes)} at the peak`);
  }
  return parts;
}

function energyParts({ step, watts, facts }: RunStatus): string[] {
  if (step?.energyJoules === undefined) return [];
  return [
    formatEnergy(step.energyJoules),
    ...(watts === undefined ? [] : [`${watts.toPrecision(3)} W`]),
    ...(facts.energyLabel ? [facts.energyLabel] : []),
  ];
}

function heldOutParts({ evaluation, best }: RunStatus): string[] {
  if (!evaluation || !best) return [];
  const parts = [`${loss(evaluation.loss)} at step ${count(evaluation.step)}`];
  if (best !== evaluation) {
    parts.push(`lowest ${loss(best.loss)} at ${count(best.step)}`);
  }
  if (evaluation.bitsPerByte !== undefined) {
    parts.push(`${evaluation.bitsPerByte.toFixed(3)} bits per byte`);
  }
  return parts;
}

/** One line of text without what would move a terminal's cursor. */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\s]+/gu, " ").trim();
}

/**
 * The rows of a run, those left out of which there is nothing to tell. The
 * first is about progress, the second about the loss.
 */
export function runRows(
  status: RunStatus,
  state: RunState = "running",
): RunRow[] {
  const { step, smoothedLoss, checkpoint, sample } = status;
  const rows: RunRow[] = [
    { label: "progress", parts: progressParts(status, state) },
    {
      label: "loss",
      parts: step
        ? [
          loss(step.loss),
          ...smoothedLoss === undefined
            ? []
            : [`smoothed ${loss(smoothedLoss)}`],
        ]
        : ["known after the first step"],
    },
    { label: "held out", parts: heldOutParts(status) },
    { label: "update", parts: updateParts(status) },
    { label: "speed", parts: speedParts(status) },
    { label: "energy", parts: energyParts(status) },
    {
      label: "checkpoint",
      parts: checkpoint
        ? [`step ${count(checkpoint.step)}`, checkpoint.path]
        : [],
    },
    {
      label: "sample",
      parts: sample
        ? [`step ${count(sample.step)}`, oneLine(sample.texts.join(" / "))]
        : [],
    },
  ];
  return rows.filter(({ parts }) => parts.length > 0);
}

/** Letters of two columns: East Asian ones, and most pictures. */
const WIDE = new RegExp(
  "[\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff" +
    "\\ufe30-\\ufe6f\\uff00-\\uff60\\u{1f000}-\\u{3ffff}]",
  "u",
);

/** Columns of a letter in a terminal. */
function columnsOf(letter: string): number {
  if (/\p{M}|\p{Cf}/u.test(letter)) return 0;
  return WIDE.test(letter) ? 2 : 1;
}

/** The beginning of a text that fits, with "…" where it was cut. */
export function cutToWidth(text: string, width: number): string {
  let used = 0;
  let kept = "";
  let room = ""; // as `kept`, but with place left for "…"
  for (const letter of text) {
    used += columnsOf(letter);
    if (used > width) return width > 0 ? room + "…" : "";
    kept += letter;
    if (used < width) room = kept;
  }
  return kept;
}

/** The first parts that fit into a line, and never less than one. */
function fitParts(parts: readonly string[], width: number): string {
  let line = parts[0] ?? "";
  for (const part of parts.slice(1)) {
    if (`${line}  ${part}`.length > width) break;
    line += `  ${part}`;
  }
  return line;
}

/** Texts that are worth cutting rather than leaving out. */
const CUT_ROWS = ["sample", "checkpoint"];

/** What a terminal has room for. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * The run as lines that fit a terminal: a bar, a curve of the loss and the rows
 * in words, the last ones left out where there are too few lines.
 */
export function runLines(
  status: RunStatus,
  { columns, rows }: TerminalSize,
  state: RunState = "running",
): string[] {
  // A line that fills the last column may wrap.
  const width = columns - 1;
  const isNarrow = width < 3 * LABEL_WIDTH;
  const room = isNarrow ? width : width - LABEL_WIDTH;
  const lines = runRows(status, state).map(({ label, parts }) => {
    const head = isNarrow ? "" : label.padEnd(LABEL_WIDTH);
    if (CUT_ROWS.includes(label)) return head + parts.join("  ");
    let text = fitParts(parts, room);
    const curveRoom = Math.min(MAX_CURVE, room - text.length - 2);
    if (curveRoom >= MIN_CURVE) {
      if (label === "progress") {
        text = `${textBar(status.share, curveRoom)}  ${text}`;
      } else if (label === "loss") {
        text = `${text}  ${sparkline(status.losses, curveRoom)}`;
      }
    }
    return head + text;
  });
  const title = oneLine(status.facts.name);
  return [title, ...lines].slice(0, Math.max(1, rows - 1))
    .map((line) => cutToWidth(line, width).trimEnd());
}
