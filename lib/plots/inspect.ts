/**
 * The inside of a model as pictures: where a head looks, and what each layer
 * would say next.
 *
 * @module
 */
import { axisTitle, type Figure, figure, type Trace } from "./figure.ts";

/** A token to read: Plotly takes "<s>" for markup, and blanks show nothing. */
function legible(word: string): string {
  const shown = word.replaceAll("\n", "⏎").replaceAll("<", "&lt;");
  return shown.trim() === "" ? "␣" : shown;
}

/** Letters that a square of the lens has room for. */
const CELL_LETTERS = 5;

/** A word that fits into a square; the whole one shows on hovering. */
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
  { title = "What may come next" }: { readonly title?: string } = {},
): Figure {
  const data = Object.entries(chances).map(([name, values]): Trace => ({
    type: "bar",
    name,
    x: words.map((_, i) => i),
    y: values,
  }));
  return figure(data, {
    title: { text: title },
    barmode: "group",
    showlegend: data.length > 1,
    xaxis: { ...wordAxis(words, "next token"), tickangle: -45 },
    yaxis: { ...axisTitle("probability"), rangemode: "tozero" },
    legend: { x: 1, y: 1, xanchor: "right", yanchor: "top" },
  });
}

/** One square of the lens: a layer's best guess behind a position. */
export interface LensCell {
  readonly word: string;
  readonly probability: number;
}

/**
 * The likeliest next token by layer and position, coloured by how sure the
 * layer is.
 *
 * @param words the tokens as text, T of them
 * @param layers by layer from the embedding up: a cell for each position
 */
export function plotLogitLens(
  words: readonly string[],
  layers: readonly (readonly LensCell[])[],
  { title = "What each layer would say next" }: { readonly title?: string } =
    {},
): Figure {
  const names = layers.map((_, i) => i === 0 ? "embedding" : `layer ${i}`);
  return figure([{
    type: "heatmap",
    z: layers.map((cells) => cells.map(({ probability }) => probability)),
    text: layers.map((cells) => cells.map(({ word }) => legible(cut(word)))),
    hovertext: layers.map((cells) => cells.map(({ word }) => legible(word))),
    hoverinfo: "text+z",
    texttemplate: "%{text}",
    textfont: { size: 9 },
    colorscale: "Blues",
    reversescale: true,
    zmin: 0,
    zmax: 1,
    colorbar: { title: { text: "probability" } },
  }], {
    title: { text: title },
    width: 900,
    xaxis: { ...wordAxis(words, "after the token"), tickangle: -60 },
    yaxis: { ...wordAxis(names, "read out after") },
  });
}
