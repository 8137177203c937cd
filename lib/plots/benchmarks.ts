/**
 * Benchmark tables at a glance: as a heat map, and as a radar.
 *
 * @module
 */
import type { BenchmarkTable } from "../eval/mod.ts";
import {
  axisTitle,
  type Figure,
  figure,
  PALETTE,
  type Trace,
} from "./figure.ts";

/** Standard deviations at which the colours of the map end. */
const MAP_DEVIATIONS = 2;

/** Mean and standard deviation of a column's scores. */
function spreadOf(
  scores: readonly number[],
): { mean: number; deviation: number } {
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const squares = scores.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / scores.length) || 1 };
}

/**
 * A benchmark table as a heat map: the colour tells how many standard deviations
 * of its column a published score is from the column's mean, the text the score
 * itself; scores of English sets are marked "en". Own models stand on top.
 */
export function plotBenchmarkMap(table: BenchmarkTable): Figure {
  const { columns } = table;
  const published = table.rows.filter(({ isOwn }) => !isOwn);
  const own = table.rows.filter(({ isOwn }) => isOwn);
  const rows = [...published.toReversed(), ...own]; // the first row is drawn last
  const spreads = columns.map(({ key }) =>
    spreadOf(published.flatMap(({ cells }) => cells[key]?.score ?? []))
  );
  const text = rows.map(({ cells }) =>
    columns.map(({ key }) => {
      const cell = cells[key];
      return cell ? cell.score.toFixed(1) + (cell.isEnglish ? " en" : "") : "";
    })
  );
  return figure([{
    type: "heatmap",
    x: columns.map(({ title }) => title),
    y: rows.map(({ model }) => model),
    z: rows.map(({ cells }) =>
      columns.map(({ key }, c) => {
        const { mean, deviation } = spreads[c]!;
        const cell = cells[key];
        return cell ? (cell.score - mean) / deviation : null;
      })
    ),
    text,
    texttemplate: "%{text}",
    hovertemplate: "%{y}, %{x}: %{text} %<extra></extra>",
    colorscale: [[0, "#e6a06a"], [0.5, "#ffffff"], [1, "#7fb4d9"]],
    zmin: -MAP_DEVIATIONS,
    zmax: MAP_DEVIATIONS,
    showscale: false,
    xgap: 2,
    ygap: 2,
  }], {
    title: { text: table.title },
    xaxis: { ...axisTitle("benchmark (score in %)"), side: "bottom" },
    yaxis: { automargin: true },
    height: 190 + 26 * rows.length,
  });
}

/** Radius of the lowest score of a column; the best has 1. */
const RADAR_START = 0.2;
/** Published models in a radar where nobody names any. */
const RADAR_MODELS = 3;

/** A point of the radar: spokes go clockwise from the top. */
function radarPoint(spoke: number, spokes: number, radius: number) {
  const angle = Math.PI / 2 - 2 * Math.PI * spoke / spokes;
  return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
}

/** A closed line through one radius for each spoke. */
function radarLine(radii: readonly number[]) {
  const points = radii.map((r, i) => radarPoint(i, radii.length, r));
  const closed = [...points, points[0]!];
  return { x: closed.map(({ x }) => x), y: closed.map(({ y }) => y) };
}

/**
 * Models of a table as a radar: a spoke for each benchmark, from the lowest
 * score of the table (inner ring) to the best (outer ring), which are written
 * beside it. Models that have not run all benchmarks are left out.
 *
 * @param options.models published models, by name; the first three of the table
 * without it. Own models are always shown.
 */
export function plotRadar(
  table: BenchmarkTable,
  { models = table.rows.slice(0, RADAR_MODELS).map(({ model }) => model) }: {
    models?: readonly string[];
  } = {},
): Figure {
  const { columns } = table;
  const rows = table.rows.filter(({ cells }) =>
    columns.every(({ key }) => cells[key])
  );
  const ends = columns.map(({ key }) => {
    const scores = rows.map(({ cells }) => cells[key]!.score);
    return { low: Math.min(...scores), high: Math.max(...scores) };
  });
  const radius = (score: number, { low, high }: typeof ends[number]) =>
    RADAR_START + (1 - RADAR_START) * (score - low) / (high - low || 1);
  const rings: Trace[] = [RADAR_START, (1 + RADAR_START) / 2, 1].map((r) => ({
    type: "scatter",
    mode: "lines",
    ...radarLine(columns.map(() => r)),
    line: { color: "#d9d9d9", width: 1 },
    hoverinfo: "skip",
    showlegend: false,
  }));
  const spokes: Trace[] = columns.map((_, i) => {
    const end = radarPoint(i, columns.length, 1);
    return {
      type: "scatter",
      mode: "lines",
      x: [0, end.x],
      y: [0, end.y],
      line: { color: "#d9d9d9", width: 1 },
      hoverinfo: "skip",
      showlegend: false,
    };
  });
  const shown = rows.filter(({ model, isOwn }) =>
    isOwn || models.includes(model)
  );
  const lines: Trace[] = shown.map(({ model, cells, isOwn }, i) => {
    const scores = columns.map(({ key }) => cells[key]!.score);
    return {
      type: "scatter",
      mode: "lines+markers",
      name: model,
      ...radarLine(scores.map((score, i) => radius(score, ends[i]!))),
      text: [...scores, scores[0]!].map((score) => `${score.toFixed(2)} %`),
      hovertemplate: "%{text}",
      line: { width: isOwn ? 4 : 2, color: PALETTE[i % PALETTE.length] },
    };
  });
  const annotations = columns.map(({ title }, i) => {
    const { x, y } = radarPoint(i, columns.length, 1.08);
    const { low, high } = ends[i]!;
    return {
      x,
      y,
      text: `${title}<br>${low.toFixed(1)} to ${high.toFixed(1)} %`,
      showarrow: false,
      xanchor: Math.abs(x) < 0.1 ? "center" : x > 0 ? "left" : "right",
      yanchor: Math.abs(x) < 0.1 ? (y > 0 ? "bottom" : "top") : "middle",
    };
  });
  const hidden = { visible: false, range: [-1.3, 1.3] };
  return figure([...rings, ...spokes, ...lines], {
    title: { text: table.title },
    xaxis: hidden,
    yaxis: { ...hidden, scaleanchor: "x" },
    annotations,
    legend: { orientation: "h", x: 0.5, xanchor: "center", y: -0.04 },
    margin: { l: 20, r: 20, t: 70, b: 20 },
    height: 560,
  });
}
