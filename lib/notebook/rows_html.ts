/**
 * Names and values as a small table without a head, for panels that change in
 * place: digits keep their width, so that nothing jumps.
 *
 * @module
 */
import { escapeHtml } from "./jupyter.ts";

/** The rows as HTML; any text may stand in them. */
export function rowsHtml(
  rows: readonly (readonly [name: string, value: string])[],
): string {
  const lines = rows.map(([name, value]) =>
    `<tr><th style="text-align:left">${escapeHtml(name)}</th>` +
    `<td style="text-align:left;font-variant-numeric:tabular-nums">${
      escapeHtml(value)
    }</td></tr>`
  );
  return `<table>${lines.join("")}</table>`;
}
