/**
 * Figures of a corpus: what each step of cleaning left.
 *
 * @module
 */
import { axisTitle, type Figure, figure, PALETTE } from "./figure.ts";
import { LEGEND_ABOVE } from "./style.ts";

/** A step of cleaning, as `CorpusFunnel` records it. */
export interface FunnelPlotStep {
  readonly name: string;
  readonly documentsIn: number;
  readonly documentsOut: number;
  /** UTF-8 bytes. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Documents dropped, by rule. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** The rules of a step that dropped most, for the hover. */
function rulesOf({ dropped }: FunnelPlotStep): string {
  return Object.entries(dropped).sort(([, a], [, b]) => b - a).slice(0, 5)
    .map(([rule, count]) => `${rule}: ${count.toLocaleString("en")}`)
    .join("<br>");
}

/**
 * Shares of documents and of text that are left after each step, from the top
 * down; the first pair of bars is the corpus as it was read.
 */
export function plotFunnel(
  { steps }: { readonly steps: readonly FunnelPlotStep[] },
): Figure {
  const first = steps[0];
  const documents = first?.documentsIn ?? 0;
  const bytes = first?.bytesIn ?? 0;
  const names = ["as read", ...steps.map(({ name }) => name)];
  const rules = ["", ...steps.map(rulesOf)];
  const shareOf = (left: readonly number[], all: number) =>
    left.map((n) => all === 0 ? 0 : 100 * n / all);
  const bars = [
    {
      name: "documents",
      color: PALETTE[0],
      left: [documents, ...steps.map(({ documentsOut }) => documentsOut)],
      all: documents,
      label: (n: number) => n.toLocaleString("en"),
    },
    {
      name: "text",
      color: PALETTE[1],
      left: [bytes, ...steps.map(({ bytesOut }) => bytesOut)],
      all: bytes,
      label: (n: number) => `${(n / 1e6).toPrecision(3)} MB`,
    },
  ];
  const traces = bars.map(({ name, color, left, all, label }) => ({
    type: "bar",
    orientation: "h",
    name,
    y: names,
    x: shareOf(left, all),
    text: left.map(label),
    textposition: "auto",
    insidetextanchor: "end",
    customdata: rules,
    hovertemplate:
      `%{y}: %{x:.1f} % of ${name}, %{text}<br>%{customdata}<extra></extra>`,
    marker: { color },
  }));
  return figure(traces, {
    title: { text: "What cleaning left" },
    barmode: "group",
    xaxis: { ...axisTitle("left (%)"), range: [0, 105] },
    yaxis: { autorange: "reversed" },
    ...LEGEND_ABOVE,
    height: 200 + 50 * names.length,
  });
}
