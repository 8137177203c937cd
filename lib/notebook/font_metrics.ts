/**
 * Widths of text in DejaVu Sans, read from the font file itself: plotly.js
 * asks the browser how wide its labels are, and outside of a browser nobody
 * else could answer. Tables as in the OpenType specification 1.9 ("head",
 * "hhea", "hmtx", "cmap" format 4).
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { FormatError, invariant } from "../util/mod.ts";

/** Measures of one font, in em (1 em is the font size). */
export interface FontMetrics {
  /** Height above the baseline. */
  readonly ascent: number;
  /** Depth below the baseline, positive. */
  readonly descent: number;
  /** Width of one character; one that the font lacks is as wide as "0". */
  advance(codePoint: number): number;
}

/** Paths of the two font files of npm:dejavu-fonts-ttf: regular and bold. */
export function fontFiles(): [string, string] {
  return [
    fileURLToPath(import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf")),
    fileURLToPath(
      import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"),
    ),
  ];
}

/** Offsets of the tables of a TrueType file by name. */
function tableOffsets(view: DataView): Map<string, number> {
  const offsets = new Map<string, number>();
  for (let i = 0; i < view.getUint16(4); i++) {
    const at = 12 + 16 * i;
    const tag = String.fromCharCode(
      ...[0, 1, 2, 3].map((k) => view.getUint8(at + k)),
    );
    offsets.set(tag, view.getUint32(at + 8));
  }
  return offsets;
}

/** Offset of the subtable of format 4 (Unicode up to U+FFFF). */
function findFormat4(view: DataView, cmap: number): number | undefined {
  for (let i = 0; i < view.getUint16(cmap + 2); i++) {
    const at = cmap + view.getUint32(cmap + 4 + 8 * i + 4);
    if (view.getUint16(at) === 4) return at;
  }
  return undefined;
}

/** Glyph of a character by a subtable of format 4; 0 when it has none. */
function glyphOf(view: DataView, table: number, codePoint: number): number {
  const twice = view.getUint16(table + 6); // 2 × the number of segments
  const ends = table + 14, starts = ends + twice + 2;
  const deltas = starts + twice, ranges = deltas + twice;
  for (let i = 0; i < twice; i += 2) {
    if (codePoint > view.getUint16(ends + i)) continue;
    const start = view.getUint16(starts + i);
    if (codePoint < start) return 0;
    const delta = view.getUint16(deltas + i);
    const range = view.getUint16(ranges + i);
    if (range === 0) return (codePoint + delta) & 0xffff;
    const glyph = view.getUint16(
      ranges + i + range + 2 * (codePoint - start),
    );
    return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
  }
  return 0;
}

/**
 * Reads the measures of a TrueType font.
 *
 * @throws {FormatError} when a table that is needed is missing
 */
export function parseFont(bytes: Uint8Array): FontMetrics {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offsets = tableOffsets(view);
  const offset = (tag: string): number => {
    const at = offsets.get(tag);
    if (at === undefined) {
      throw new FormatError(`Cannot read a font: it has no table "${tag}"`);
    }
    return at;
  };
  const head = offset("head"), hhea = offset("hhea"), hmtx = offset("hmtx");
  const format4 = findFormat4(view, offset("cmap"));
  if (format4 === undefined) {
    throw new FormatError('Cannot read a font: its "cmap" has no format 4');
  }
  const unitsPerEm = view.getUint16(head + 18);
  const numWidths = view.getUint16(hhea + 34);
  const advance = (codePoint: number): number => {
    const glyph = codePoint > 0xffff ? 0 : glyphOf(view, format4, codePoint);
    if (glyph === 0 && codePoint !== 48) return advance(48);
    const row = Math.min(glyph, numWidths - 1); // the last width repeats
    return view.getUint16(hmtx + 4 * row) / unitsPerEm;
  };
  return {
    ascent: view.getInt16(hhea + 4) / unitsPerEm,
    descent: -view.getInt16(hhea + 6) / unitsPerEm,
    advance,
  };
}

let fonts: [FontMetrics, FontMetrics] | undefined;

/** Measures of DejaVu Sans, read on first use. */
export function dejaVu(weight: "normal" | "bold"): FontMetrics {
  if (!fonts) {
    const [normal, bold] = fontFiles().map((path) =>
      parseFont(Deno.readFileSync(path))
    );
    invariant(normal && bold, "two font files");
    fonts = [normal, bold];
  }
  return fonts[weight === "bold" ? 1 : 0];
}

/** Width of a text in em. */
export function textWidth(text: string, font: FontMetrics): number {
  let width = 0;
  for (const character of text) {
    width += font.advance(character.codePointAt(0)!);
  }
  return width;
}
