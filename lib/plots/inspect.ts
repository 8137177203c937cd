/**
 * The inside of a model as pictures: where a head looks, and what each layer
 * would say next.
 *
 * @module
 */
import { axisTitle, type Figure, figure, type Trace } from "./figure.ts";
import { LEGEND_CORNER } from "./style.ts";

/** A token to read: Plotly takes "<s>" for markup, and blanks show nothing. */
function legible(word: string): string {
  const shown = word.replaceAll("\n", "⏎").replaceAll("<", "&lt;");
  return shown.trim() === "" ? "␣" : shown;
}

/** Letters that a cell of the lens has room for. */
const CELL_LETTERS = 12;
/** Height of its row, and what stands above and below all rows, in pixels. */
const ROW_HEIGHT = 22;
const FRAME_HEIGHT = 150;

/** A word that fits into a cell; the whole one shows on hovering. */
function cut(word: string): string {
  const letters = [...word.trim()];
  return letters.length > CELL_LETTERS
    ? letters.slice(0, CELL_LETTERS - 1).join("") + "…"
    : word;
}

/** Tick labels: words may repeat, so places are numbers and words their names. */
function wordAxis(words: readonly string[], title: string) {
  return {
    ...axisTitle(title),
    tickvals: words.map((_, i) => i),
    ticktext: words.map(legible),
    showgrid: false,
  };
}

/**
 * Weights of one head: row i says how much position i takes from each earlier
 * one.
 *
 * @param words the tokens as text, T of them
 * @param weights (T, T)
 */
export function plotAttention(
  words: readonly string[],
  weights: ArrayLike<number>,
  { title = "Attention of one head" }: { readonly title?: string } = {},
): Figure {
  const time = words.length;
  const z = Array.from(
    { length: time },
    (_, i) =>
      Array.from(
        { length: time },
        (_, j) => j <= i ? weights[i * time + j]! : null,
      ),
  );
  return figure([{
    type: "heatmap",
    z,
    colorscale: "Blues",
    reversescale: true,
    zmin: 0,
    zmax: 1,
    colorbar: { title: { text: "weight" } },
  }], {
    title: { text: title },
    height: 520,
    xaxis: { ...wordAxis(words, "looks at"), tickangle: -60 },
    yaxis: { ...wordAxis(words, "token"), autorange: "reversed" },
  });
}

/**
 * How likely each of some tokens is, one bar for each way of asking.
 *
 * @param words the tokens as text
 * @param chances probabilities by name, in the order of the words
 */
export function plotNextTokens(
  words: readonly string[],
  chances: Readonly<Record<string, readonly number[]>>,
): Figure {
  const data = Object.entries(chances).map(([name, values]): Trace => ({
    type: "bar",
    name,
    x: words.map((_, i) => i),
    y: values,
  }));
  return figure(data, {
    title: { text: "What may come next" },
    barmode: "group",
    showlegend: data.length > 1,
    xaxis: {
      ...wordAxis(words, "next token"),
      // Few and short ones have room to lie.
      tickangle: words.join("").length > 60 ? -45 : 0,
    },
    yaxis: { ...axisTitle("probability"), rangemode: "tozero" },
    legend: LEGEND_CORNER,
  });
}

/** One cell of the lens: a layer's best guess behind a position. */
export interface LensCell {
  readonly word: string;
  readonly probability: number;
}

/**
 * The likeliest next token by position and layer, coloured by how sure the
 * layer is: the text goes down, the layers go to the right.
 *
 * @param words the tokens as text, T of them
 * @param layers by layer from the embedding up: a cell for each position
 */
export function plotLogitLens(
  words: readonly string[],
  layers: readonly (readonly LensCell[])[],
): Figure {
  const names = layers.map((_, i) => i === 0 ? "embedding" : `layer ${i}`);
  const cells = <T>(of: (cell: LensCell) => T): T[][] =>
    words.map((_, i) => layers.map((layer) => of(layer[i]!)));
  return figure([{
    type: "heatmap",
    z: cells(({ probability }) => probability),
    text: cells(({ word }) => legible(cut(word))),
    hovertext: cells(({ word }) => legible(word)),
    hoverinfo: "text+z",
    texttemplate: "%{text}",
    textfont: { size: 12 },
    colorscale: "Blues",
    reversescale: true,
    zmin: 0,
    zmax: 1,
    xgap: 2,
    ygap: 1,
    colorbar: { title: { text: "probability" } },
  }], {
    title: { text: "What each layer would say next" },
    height: FRAME_HEIGHT + ROW_HEIGHT * words.length,
    xaxis: wordAxis(names, "read out after"),
    yaxis: { ...wordAxis(words, "after the token"), autorange: "reversed" },
  });
}
