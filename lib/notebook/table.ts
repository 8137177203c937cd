/**
 * Records as a table: HTML in a notebook, aligned text in a terminal. Numbers
 * stand right and are cut to the digits that matter.
 *
 * @module
 */
import { ConfigError, formatScientific, formatTable } from "../util/mod.ts";
import { DISPLAY, escapeHtml, type MediaBundle } from "./jupyter.ts";

/** How a table looks. */
export interface TableOptions {
  /** Columns to show, in this order; all by default. */
  columns?: readonly string[];
  /** Unit of a column, shown behind its name: `{ loss: "nats/token" }`. */
  units?: Readonly<Record<string, string>>;
  /** A line above the table. */
  caption?: string;
  /** Significant digits of fractions, for all or by column; 4 by default. */
  digits?: number | Readonly<Record<string, number>>;
  /** Rows to show; a last line counts the others. 100 by default. */
  limit?: number;
}

/**
 * 162417408 → "162,417,408", 2.3456789 → "2.346", 1e-9 → "1.000e-9". Numbers
 * below 10,000 have no comma, so that a year stays a year.
 */
function formatNumber(x: number, digits: number): string {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  const useGrouping = size >= 1e4;
  if (Number.isInteger(x) && size < 1e15) {
    return x.toLocaleString("en-US", { useGrouping });
  }
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) {
    return formatScientific(x, digits);
  }
  return x.toLocaleString("en-US", {
    useGrouping,
    minimumSignificantDigits: digits,
    maximumSignificantDigits: digits,
  });
}

function formatCell(value: unknown, digits: number): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return formatNumber(value, digits);
  if (typeof value === "bigint") return value.toLocaleString("en-US");
  return typeof value === "object" ? Deno.inspect(value) : String(value);
}

/** Numbers as numbers, and as `formatCount` writes them: "57.3M". */
function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint" ||
    (typeof value === "string" && /^-?\d[\d.,]*[kMBT]?$/.test(value));
}

/** Words of field names that are written otherwise in a sentence. */
const SPELLED = new Map(
  ["kWh", "CPU", "GPU", "RAM", "TDP", "PUE", "FLOPs"].map((word) =>
    [word.toLowerCase(), word] as const
  ),
);

/**
 * A field's name as a head: "tokensPerWord" → "tokens per word", "gramsPerKwh"
 * → "grams per kWh". Symbols and units such as "pH" and "kgCO2eq" stay, and so
 * do names with a capital: "HellaSwag".
 */
function headOf(name: string): string {
  if (/^\p{Lu}/u.test(name)) return name;
  const words = name.replace(
    /(?<=[a-zA-Z][a-z]|\d)[A-Z](?=[a-z])/g,
    (letter) => ` ${letter.toLowerCase()}`,
  );
  return words.replace(/[a-z]+/g, (word) => SPELLED.get(word) ?? word);
}

/** Letters of a cell that stays on one line; longer ones may break. */
const SHORT = 24;

/** Style that keeps a name with blanks or hyphens, or a number, in one line. */
function unbroken(cell: string): string {
  const couldBreak = cell.length <= SHORT && /[\s-]/.test(cell);
  return couldBreak ? ";white-space:nowrap" : "";
}

/** A table that shows itself; made by {@linkcode table}. */
export class Table {
  readonly caption: string | undefined;
  /** Column heads with units. */
  readonly heads: readonly string[];
  /** Cells as text, row by row. */
  readonly cells: readonly (readonly string[])[];
  /** Which columns hold numbers only and stand right. */
  readonly isRight: readonly boolean[];
  /** Number of rows that are not shown. */
  readonly numHidden: number;

  constructor(
    rows: readonly object[],
    { columns, units = {}, caption, digits = 4, limit = 100 }: TableOptions,
  ) {
    const records = rows.slice(0, limit) as Record<string, unknown>[];
    const names = columns ?? [...new Set(rows.flatMap(Object.keys))];
    const unknown = [...names, ...Object.keys(units)].find((name) =>
      rows.length > 0 && !rows.some((row) => name in row)
    );
    if (unknown !== undefined) {
      throw new ConfigError(
        `Cannot show column "${unknown}": the rows have ` +
          [...new Set(rows.flatMap(Object.keys))].join(", "),
      );
    }
    const digitsOf = (name: string): number =>
      typeof digits === "number" ? digits : digits[name] ?? 4;
    this.caption = caption;
    this.heads = names.map((name) =>
      headOf(name) + (units[name] === undefined ? "" : ` (${units[name]})`)
    );
    this.cells = records.map((row) =>
      names.map((name) => formatCell(row[name], digitsOf(name)))
    );
    this.isRight = names.map((name) => {
      const values = records.map((row) => row[name]).filter((value) =>
        value !== null && value !== undefined
      );
      return values.length > 0 && values.every(isNumeric);
    });
    this.numHidden = rows.length - records.length;
  }

  /** The table as HTML; its style stands in each cell, for any frontend. */
  toHTML(): string {
    const align = (c: number) =>
      `text-align:${this.isRight[c] ? "right" : "left"}`;
    const head = this.heads.map((name, c) =>
      `<th style="${align(c)}">${escapeHtml(name)}</th>`
    );
    const body = this.cells.map((cells) =>
      cells.map((cell, c) =>
        `<td style="${align(c)}${unbroken(cell)}">${escapeHtml(cell)}</td>`
      )
    );
    const row = (cells: readonly string[]) => `<tr>${cells.join("")}</tr>`;
    const caption = this.caption === undefined
      ? ""
      : `<caption>${escapeHtml(this.caption)}</caption>`;
    const more = this.#more();
    return `<table>${caption}\n<thead>${row(head)}</thead>\n` +
      `<tbody>${body.map(row).join("\n")}</tbody></table>${
        more && `\n<p>${more}</p>`
      }`;
  }

  /** The table as text of aligned columns. */
  toString(): string {
    const widths = this.heads.map((head, c) =>
      Math.max(head.length, ...this.cells.map((cells) => cells[c]!.length))
    );
    const align = (cells: readonly string[]): string[] =>
      cells.map((cell, c) =>
        this.isRight[c] ? cell.padStart(widths[c]!) : cell
      );
    const text = formatTable([this.heads, ...this.cells].map(align));
    return [this.caption, text, this.#more()].filter(Boolean).join("\n");
  }

  #more(): string {
    if (this.numHidden === 0) return "";
    return `… and ${this.numHidden.toLocaleString("en-US")} more rows`;
  }

  [DISPLAY](): MediaBundle {
    return { "text/html": this.toHTML(), "text/plain": this.toString() };
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/**
 * A table of records, to end a cell with or to {@linkcode show}.
 *
 * @throws {ConfigError} when a column or a unit names what no row has
 *
 * @example
 * ```ts
 * table([{ run: "a", loss: 2.5 }], { units: { loss: "nats/token" } });
 * ```
 */
export function table(
  rows: readonly object[],
  options: TableOptions = {},
): Table {
  return new Table(rows, options);
}
