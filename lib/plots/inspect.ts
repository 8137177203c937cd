/**
 * The inside of a model as pictures: where a head looks, and what each layer
 * would say next.
 *
 * @module
 */
import { axisTitle, type Figure, figure } from "./figure.ts";

/** Tick labels: words may repeat, so places are numbers and words their names. */
function wordAxis(words: readonly string[], title: string) {
  return {
    ...axisTitle(title),
    tickvals: words.map((_, i) => i),
    ticktext: words.map((word) => word.replaceAll("\n", "⏎")),
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
    text: layers.map((cells) =>
      cells.map(({ word }) => word.replaceAll("\n", "⏎"))
    ),
    texttemplate: "%{text}",
    textfont: { size: 11 },
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
