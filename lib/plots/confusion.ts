/**
 * Which classes a classifier takes for which.
 *
 * @module
 */
import type { ClassScores } from "../train/mod.ts";
import { axisTitle, type Figure, figure } from "./figure.ts";

/**
 * A confusion matrix as a heat map: rows are the right classes, columns the
 * given ones. The colour tells the share of a row, the text how many texts;
 * cells without any stay empty.
 */
export function plotConfusion(
  { labels, counts }: ClassScores["confusion"],
): Figure {
  const totals = counts.map((row) => row.reduce((a, b) => a + b, 0));
  // Names may be numbers, which Plotly would take for places on an axis.
  const names = { type: "category", showgrid: false, automargin: true };
  return figure([{
    type: "heatmap",
    x: labels,
    y: labels,
    z: counts.map((row, i) => row.map((n) => n === 0 ? null : n / totals[i]!)),
    text: counts.map((row) => row.map((n) => n === 0 ? "" : String(n))),
    texttemplate: "%{text}",
    hovertemplate: "%{y} taken for %{x}: %{text} texts<extra></extra>",
    colorscale: [[0, "#ffffff"], [1, "#7fb4d9"]],
    zmin: 0,
    zmax: 1,
    colorbar: { title: { text: "share<br>of row" } },
    xgap: 2,
    ygap: 2,
  }], {
    title: { text: "What is taken for what (texts)" },
    height: 190 + 30 * labels.length,
    xaxis: { ...axisTitle("given"), ...names, tickangle: -40 },
    yaxis: { ...axisTitle("right"), ...names, autorange: "reversed" },
  });
}
