/**
 * Figures about tokenizers: tokens per word beside the published table, and the
 * share of a text that the most frequent pieces make up. Reports of `lib/text`
 * and TTL's table 1 in, figures out.
 *
 * @module
 */
import {
  axisTitle,
  type Figure,
  figure,
  logAxis,
  PALETTE,
  type Trace,
} from "./figure.ts";
import { LEGEND_ABOVE } from "./style.ts";

/** A row of a comparison, measured or published. */
export interface TokenizerFit {
  readonly name: string;
  /** Pieces of the tokenizer. */
  readonly vocabSize: number;
  /** Tokens per word, the fertility. */
  readonly tokensPerWord: number;
}

/** Shares of a text's tokens among its n most frequent pieces, n from 1. */
export interface CoverageCurve {
  readonly shares: ArrayLike<number>;
}

/** Height of a figure's frame and of one bar, px. */
const FRAME = 160, BAR = 34;
/** Points of a coverage curve in each power of ten. */
const POINTS_A_DECADE = 20;

/**
 * Tokens per word as bars, the fewest on top; published ones, which are of
 * another text (7,400 words, arXiv 2401.16640, table 1), in a second colour.
 *
 * @param measured reports on one text
 * @param options.published rows of TTL's table 1, see `ttlTokenizers`
 */
export function plotFertility(
  measured: readonly TokenizerFit[],
  { published = [], title = "Tokens per word" }: {
    readonly published?: readonly TokenizerFit[];
    readonly title?: string;
  } = {},
): Figure {
  // The star also keeps two tokenizers of one name on two rows.
  const groups = [
    { name: "this text", mark: "", rows: measured, color: PALETTE[0] },
    {
      name: "* 7,400 words of TTL",
      mark: "*",
      rows: published,
      color: PALETTE[4],
    },
  ].filter(({ rows }) => rows.length > 0);
  const label = ({ name, vocabSize }: TokenizerFit, mark: string) =>
    `${name}${mark} (${vocabSize.toLocaleString("en")})`;
  const data = groups.map(({ name, mark, rows, color }): Trace => ({
    type: "bar",
    orientation: "h",
    name,
    x: rows.map(({ tokensPerWord }) => Number(tokensPerWord.toPrecision(5))),
    y: rows.map((row) => label(row, mark)),
    text: rows.map(({ tokensPerWord }) => tokensPerWord.toFixed(2)),
    textposition: "auto",
    marker: { color },
  }));
  const bars = groups.flatMap(({ mark, rows }) =>
    rows.map((row) => ({ label: label(row, mark), x: row.tokensPerWord }))
  ).sort((a, b) => b.x - a.x);
  return figure(data, {
    title: { text: title },
    height: FRAME + BAR * Math.max(3, bars.length),
    xaxis: { ...axisTitle("tokens per word"), rangemode: "tozero" },
    yaxis: {
      categoryorder: "array",
      categoryarray: bars.map(({ label }) => label),
    },
    barmode: "overlay", // one bar a row, of whichever group
    showlegend: groups.length > 1,
    ...LEGEND_ABOVE,
  });
}

/**
 * Share of the tokens of a text that its most frequent pieces make up.
 *
 * @param curves by name; see `pieceCoverage`
 */
export function plotPieceCoverage(
  curves: Readonly<Record<string, CoverageCurve>>,
): Figure {
  const data = Object.entries(curves).map(([name, { shares }]): Trace => {
    const counts = spacedCounts(shares.length);
    return {
      type: "scatter",
      mode: "lines",
      name,
      x: counts,
      y: counts.map((n) => Number(shares[n - 1]!.toPrecision(5))),
    };
  });
  return figure(data, {
    title: { text: "What the most frequent pieces cover" },
    xaxis: logAxis("most frequent pieces (count)"),
    yaxis: {
      ...axisTitle("share of the tokens"),
      tickformat: ".0%",
      range: [0, 1.02],
    },
    showlegend: data.length > 1,
    legend: { x: 0.02, y: 0.98, xanchor: "left", yanchor: "top" },
  });
}

/** Counts from 1 to `last`, evenly spaced on a logarithmic axis. */
function spacedCounts(last: number): number[] {
  const counts: number[] = [];
  for (let i = 0;; i++) {
    const count = Math.round(10 ** (i / POINTS_A_DECADE));
    if (count >= last) break;
    if (count !== counts.at(-1)) counts.push(count);
  }
  return last > 0 ? [...counts, last] : counts;
}
