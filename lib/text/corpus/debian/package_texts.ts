/**
 * Texts of one file of a Debian package, by the form it is written in.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";
import { htmlText } from "../html_text.ts";
import type { DebianForm, DebianPackage } from "./debian_packages.ts";
import { manText } from "./man_text.ts";

/** Code, tables and what surrounds a page. */
const NO_PROSE = ["pre", "table", "nav", "header", "footer", "aside", "info"];

/**
 * A plain text that was set for a fixed width: lines of a paragraph are joined,
 * items keep a line each, headings lose the dashes under them.
 */
function unwrapped(text: string): string {
  const joined = (item: string) => item.replace(/\s+/g, " ").trim();
  return text.replace(/^ *[-=~]{3,} *$/gm, "")
    .split(/\n[ \t]*\n/)
    .map((paragraph) =>
      paragraph.split(/\n[ \t]+(?=[*-] )/).map(joined).join("\n").trim()
    )
    .filter((paragraph) => paragraph !== "")
    .join("\n\n");
}

/** Chapters stand between lines of dashes over the whole width. */
function chapters(text: string): string[] {
  return text.split(/^-{70,}$/m).map(unwrapped);
}

const TEXTS: Readonly<Record<DebianForm, (content: string) => string[]>> = {
  html: (content) => [htmlText(content, { drop: NO_PROSE })],
  mallard: (content) => [htmlText(content, { drop: NO_PROSE })],
  man: (content) => [manText(content)],
  book: chapters,
  fortunes: (content) => content.split(/^%$/m),
};

/** Texts of a file, packed by gzip or not; blank ones are left out. */
export function packageTexts(
  { form, encoding = "utf-8" }: DebianPackage,
  path: string,
  bytes: Uint8Array,
): string[] {
  const raw = path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
  const content = new TextDecoder(encoding).decode(raw).replace(/\r\n?/g, "\n");
  return TEXTS[form](content).map((text) => text.trim())
    .filter((text) => text !== "");
}
