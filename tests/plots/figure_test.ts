/**
 * The common look of figures, and ticks of logarithmic axes as a reader sees
 * them: drawn, counted and measured.
 */
import assert from "node:assert/strict";
import { figureSvg } from "../../lib/notebook/mod.ts";
import {
  axisTitle,
  type Figure,
  figure,
  logAxis,
} from "../../lib/plots/mod.ts";

/** A figure with a logarithmic axis across and another one up. */
function logFigure(from: number, to: number): Figure {
  const ends = [from, to];
  return figure([{ type: "scatter", x: ends, y: ends }], {
    xaxis: logAxis("x (count)"),
    yaxis: logAxis("y (count)"),
  });
}

interface TickLabel {
  readonly text: string;
  /** Pixels from the left or from the top. */
  readonly at: number;
}

/** Labels of an axis that are not empty, in the order of drawing. */
function tickLabels(svg: string, axis: "x" | "y"): TickLabel[] {
  const elements = svg.matchAll(
    new RegExp(
      `<g class="${axis}tick"><text[^>]*translate\\(([^,]*),([^)]*)\\)"[^>]*>` +
        "(.*?)</text>",
      "g",
    ),
  );
  return [...elements].map(([, x, y, inner]) => ({
    text: inner!.replace(/<[^>]*>|\u200b/g, ""),
    at: Number(axis === "x" ? x : y),
  })).filter(({ text }) => text !== "");
}

/** Pixels that a label takes along its axis, in letters of 13 px. */
function room({ text }: TickLabel, axis: "x" | "y"): number {
  return axis === "y" ? 13 : 8 * text.length;
}

Deno.test("logAxis() has readable ticks from half a decade to twenty", async () => {
  const ranges = [
    [2.1, 3.4], // losses
    [1.2e8, 4.7e8],
    [120, 900],
    [2.2, 22],
    [3.75, 115.69], // kWh of the published runs
    [1.5e8, 8e10],
    [2e-7, 3e-5],
    [1e16, 1e24], // eight decades of FLOPs
    [1e-5, 1e15],
  ] as const;
  for (const [from, to] of ranges) {
    const svg = await figureSvg(logFigure(from, to));
    for (const axis of ["x", "y"] as const) {
      const labels = tickLabels(svg, axis);
      const name = `${from} to ${to} on ${axis}: ` +
        labels.map(({ text }) => text).join(" ");
      assert.ok(labels.length >= 3 && labels.length <= 12, name);
      for (const [i, label] of labels.entries()) {
        if (i === 0) continue;
        const gap = Math.abs(label.at - labels[i - 1]!.at);
        const needed = room(label, axis) / 2 + room(labels[i - 1]!, axis) / 2;
        assert.ok(gap > needed, `${name}: ${gap} px at "${label.text}"`);
      }
    }
  }
});

Deno.test("logAxis() writes 1, 2 and 5 out over one or two decades", () => {
  const ticksOf = ({ layout }: Figure) =>
    layout.xaxis as { tickvals: number[]; ticktext: string[] };
  const { tickvals, ticktext } = ticksOf(logFigure(3.75, 115.69));
  assert.deepEqual(tickvals.slice(0, 7), [1, 2, 5, 10, 20, 50, 100]);
  assert.deepEqual(ticktext, tickvals.map(String));
  assert.deepEqual(ticksOf(logFigure(3e8, 8e9)).ticktext.slice(0, 4), [
    "10<sup>8</sup>",
    "2×10<sup>8</sup>",
    "5×10<sup>8</sup>",
    "10<sup>9</sup>",
  ]);
});

Deno.test("figure() takes the ticks of an axis from its own traces", () => {
  const { layout } = figure([
    { x: [1, 1e6], y: [0, -1, null, 5] },
    { x: Float64Array.of(1, 30), y: [0, -2], xaxis: "x2" },
  ], { xaxis: logAxis("a"), xaxis2: logAxis("b"), yaxis: logAxis("c") });
  const axes = layout as Record<string, Record<string, unknown>>;
  assert.equal(axes.xaxis!.dtick, 1);
  assert.ok((axes.xaxis2!.tickvals as number[]).includes(20));
  assert.equal(axes.yaxis!.tickvals, undefined, "zero and less have no place");
  assert.equal(axes.yaxis!.dtick, undefined);
});

Deno.test("figure() keeps the common look where the layout says nothing", () => {
  const { layout } = figure([], { yaxis: axisTitle("loss"), height: 300 });
  const axes = layout as Record<string, Record<string, unknown>>;
  assert.deepEqual([layout.width, layout.height], [720, 300]);
  assert.equal((axes.yaxis!.title as { text: string }).text, "loss");
  assert.equal(axes.yaxis!.gridcolor, axes.xaxis!.gridcolor);
  const second = figure([], { yaxis2: axisTitle("rate") }).layout;
  assert.ok((second.yaxis2 as Record<string, unknown>).automargin);
});

Deno.test("figure() gives no two figures or axes the same record", () => {
  const first = figure([]), second = figure([]);
  const axes = first.layout as Record<string, Record<string, unknown>>;
  axes.xaxis!.range = [0, 1]; // as plotly does with what it draws
  assert.equal(axes.yaxis!.range, undefined);
  assert.equal((second.layout as typeof axes).xaxis!.range, undefined);
});
