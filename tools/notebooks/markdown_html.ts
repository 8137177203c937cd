/**
 * Markdown with formulas as HTML that needs nothing else: TeX between dollar
 * signs becomes MathML, which browsers set with their own fonts.
 *
 * @module
 */
import katex from "katex";
import { escapeHtml } from "../../lib/notebook/mod.ts";
import { Marked, type TokenizerAndRendererExtension } from "marked";

/** What depends on the place where the text stands. */
export interface MarkdownContext {
  /** Turns a link or the source of an image into one that works there. */
  readonly link: (href: string) => string;
  /** Id of a heading; each id must be given out once. */
  readonly headingId: (text: string) => string;
}

interface Formula {
  /** The formula with its dollar signs. */
  readonly raw: string;
  readonly tex: string;
  readonly isDisplay: boolean;
}

/** $$…$$ anywhere. */
const DISPLAY_MATH = /^\$\$([\s\S]+?)\$\$/;
/**
 * $…$ with no space inside of the signs and no digit after, so that prices stay
 * prices, and without backticks, which begin code.
 */
const INLINE_MATH = /^\$(?![\s$])((?:\\.|[^$\\`\n])*?[^\s\\`])\$(?!\d)/;

function displayMath(source: string): Formula | undefined {
  const [raw, tex] = DISPLAY_MATH.exec(source) ?? [];
  return tex === undefined ? undefined : { raw: raw!, tex, isDisplay: true };
}

function inlineMath(source: string): Formula | undefined {
  const [raw, tex] = INLINE_MATH.exec(source) ?? [];
  if (tex === undefined) return displayMath(source);
  return { raw: raw!, tex, isDisplay: false };
}

/** A formula as MathML; one that KaTeX cannot read is shown as it is. */
function renderMath(tex: string, isDisplay: boolean): string {
  return katex.renderToString(tex.trim(), {
    displayMode: isDisplay,
    output: "mathml",
    throwOnError: false,
  });
}

/** A rule of the parser for formulas, looked for where `sign` stands. */
function mathExtension(
  name: string,
  level: "block" | "inline",
  sign: string,
  find: (source: string) => Formula | undefined,
): TokenizerAndRendererExtension {
  return {
    name,
    level,
    start: (source) => {
      const at = source.indexOf(sign);
      return at < 0 ? undefined : at;
    },
    tokenizer: (source) => {
      const formula = find(source);
      return formula && { type: name, ...formula };
    },
    renderer: ({ tex, isDisplay }) => renderMath(String(tex), isDisplay),
  };
}

/** Heading text as an id: letters and digits with hyphens between. */
export function slugOf(text: string): string {
  return text.toLowerCase().replace(/<[^>]*>|&\w+;/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "section";
}

/** Markdown (GitHub's flavour) as HTML. */
export function markdownHtml(text: string, context: MarkdownContext): string {
  const marked = new Marked({
    extensions: [
      mathExtension("displayMath", "block", "\n$$", displayMath),
      mathExtension("inlineMath", "inline", "$", inlineMath),
    ],
    renderer: {
      heading({ tokens, depth, text }) {
        const id = context.headingId(text);
        const inner = this.parser.parseInline(tokens);
        return `<h${depth} id="${escapeHtml(id)}">${inner}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        return `<a href="${escapeHtml(context.link(href))}">${inner}</a>`;
      },
      image({ href, text }) {
        const source = escapeHtml(context.link(href));
        return `<img src="${source}" alt="${escapeHtml(text)}">`;
      },
    },
  });
  return marked.parse(text, { async: false });
}
