/**
 * The text of HTML, and of other documents in angle brackets (DocBook,
 * Mallard): what a reader of the page would read, paragraphs apart.
 *
 * @module
 */
import { Parser } from "htmlparser2";

/** What is no text of the page. */
const NEVER_TEXT = [
  ...["head", "script", "style", "noscript", "template", "svg", "math"],
  ...["iframe", "object", "canvas", "select", "button", "textarea"],
];

/** Elements that stand on lines of their own, a blank line around them. */
const PARAGRAPHS = new Set([
  ...["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol"],
  ...["dl", "table", "section", "article", "header", "footer", "nav", "main"],
  ...["aside", "figure", "address", "form", "fieldset", "hr", "page", "note"],
  ...["title", "list", "steps", "terms", "screen", "code-block"],
]);

/** Elements that begin a new line. */
const LINES = new Set([
  ...["div", "li", "dt", "dd", "tr", "caption", "figcaption", "br", "option"],
  ...["summary", "details", "item", "desc"],
]);

/** Cells of one row, a space between two. */
const CELLS = new Set(["td", "th"]);

/** Settings of {@linkcode htmlText}. */
export interface HtmlTextOptions {
  /** Names of further elements whose content is left out: "table", "nav". */
  readonly drop?: readonly string[];
}

/**
 * Text of a page: white space of the source is one space, paragraphs are a
 * blank line apart, rows and items a line; `pre` keeps its lines. Broken HTML
 * is read as a browser would, never refused.
 */
export function htmlText(
  html: string,
  { drop = [] }: HtmlTextOptions = {},
): string {
  const dropped = new Set([...NEVER_TEXT, ...drop]);
  const lines = new LineBuilder();
  let dropDepth = 0;
  let preDepth = 0;
  const edge = (name: string) => {
    if (PARAGRAPHS.has(name)) lines.breakLine(2);
    else if (LINES.has(name)) lines.breakLine(1);
    else if (CELLS.has(name)) lines.add(" ");
  };
  const parser = new Parser({
    onopentag(name) {
      if (dropped.has(name)) dropDepth++;
      if (name === "pre" || name === "screen") preDepth++;
      edge(name);
    },
    onclosetag(name) {
      if (dropped.has(name)) dropDepth--;
      if (name === "pre" || name === "screen") preDepth--;
      edge(name);
    },
    ontext(text) {
      if (dropDepth > 0) return;
      if (preDepth > 0) lines.addLines(text);
      else lines.add(text.replace(/\s+/g, " "));
    },
  }, { recognizeSelfClosing: true });
  parser.end(html);
  return lines.text();
}

/** Lines that grow by pieces, with breaks between them that do not add up. */
class LineBuilder {
  readonly #parts: string[] = [];
  #line = "";
  /** Kept beside, since to look at the end of a growing string copies it. */
  #endsInSpace = true;
  /** Line ends that stand before the next line. */
  #gap = 0;

  breakLine(count: 1 | 2): void {
    const line = this.#line.trimEnd();
    if (line !== "") {
      if (this.#parts.length > 0) this.#parts.push("\n".repeat(this.#gap));
      this.#parts.push(line);
      this.#gap = 0;
    }
    this.#line = "";
    this.#endsInSpace = true;
    this.#gap = Math.max(this.#gap, count);
  }

  /** Adds text of one line; spaces at its edges join with those around. */
  add(text: string): void {
    const piece = this.#endsInSpace ? text.replace(/^ /, "") : text;
    if (piece === "") return;
    this.#line += piece;
    this.#endsInSpace = piece.endsWith(" ");
  }

  /** Adds text whose lines and indents stay as they are. */
  addLines(text: string): void {
    for (const [i, line] of text.split("\n").entries()) {
      if (i > 0) this.breakLine(1);
      this.#line += line;
      this.#endsInSpace = false;
    }
  }

  text(): string {
    this.breakLine(1);
    return this.#parts.join("");
  }
}
