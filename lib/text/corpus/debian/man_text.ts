/**
 * The prose of a manual page: roff with the man macros to paragraphs. Tables
 * and lines set as they are (code, synopses) are left out.
 *
 * @module
 */

/** Names of special characters, `\(em`; others become nothing. */
const CHARACTERS: Readonly<Record<string, string>> = {
  aq: "'",
  bu: "•",
  co: "©",
  cq: "’",
  dq: '"',
  em: "—",
  en: "–",
  lq: "“",
  oq: "‘",
  rq: "”",
};

/** Macros whose words are text. */
const TEXT_MACROS = /^(B|I|SM|SB|BI|BR|IB|IR|RB|RI)$/;
/** Macros that join their words without a space between. */
const JOINING = /^(BI|BR|IB|IR|RB|RI)$/;
/** Macros that end a paragraph. */
const BREAKS = /^(PP|P|LP|TP|IP|HP|TQ|br|sp|RS|RE|SH|SS|fi|EE|TE)$/;
/** Macros that open a part which is left out, with those that close it. */
const SKIPPED: Readonly<Record<string, string>> = {
  nf: "fi",
  EX: "EE",
  TS: "TE",
  ig: ".",
};

/** Text of a line, its escapes resolved. */
function unescapeLine(line: string): string {
  return line
    .replace(/\\["#].*$/, "") // comment
    .replace(/\\f(\[[^\]]*\]|\(..|.)/g, "") // font
    .replace(/\\s[+-]?\d+/g, "") // size
    .replace(/\\\*(\[[^\]]*\]|\(..|.)/g, "") // string
    .replace(
      /\\(?:\[([^\]]*)\]|\((..))/g,
      (_, long?: string, short?: string) =>
        CHARACTERS[(long ?? short)!] ?? unicodeName(long),
    )
    .replace(/\\[~0 ]/g, " ")
    .replace(/\\[&,/)|^%:c]/g, "")
    .replace(/\\-/g, "-")
    .replace(/\\(?:e|\\)/g, "\\");
}

/** `\[u00E7]` → "ç". */
function unicodeName(name: string | undefined): string {
  const code = /^u([0-9A-F]{4,6})$/.exec(name ?? "")?.[1];
  return code === undefined ? "" : String.fromCodePoint(parseInt(code, 16));
}

/** Words of a macro: quoted ones may hold spaces. */
function wordsOf(rest: string): string[] {
  return [...rest.matchAll(/"((?:[^"]|"")*)"?|((?:\\ |\S)+)/g)]
    .map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare!);
}

/** Paragraphs of a page, a blank line apart; headings are paragraphs. */
export function manText(source: string): string {
  const paragraphs: string[] = [];
  let current: string[] = [];
  let skipUntil: string | undefined;
  const end = () => {
    const text = current.join(" ").replace(/\s+/g, " ").trim();
    if (text !== "") paragraphs.push(text);
    current = [];
  };
  for (const line of source.split("\n")) {
    const macro = /^[.']\s*([^\s"]*)\s?(.*)$/.exec(line);
    const name = macro?.[1] ?? "";
    if (skipUntil !== undefined) {
      if (macro && name === skipUntil) skipUntil = undefined;
      continue;
    }
    if (!macro) {
      if (line.trim() === "") end();
      else current.push(unescapeLine(line));
      continue;
    }
    const words = wordsOf(unescapeLine(macro[2]!));
    if (SKIPPED[name] !== undefined) {
      end();
      skipUntil = SKIPPED[name];
    } else if (TEXT_MACROS.test(name)) {
      current.push(words.join(JOINING.test(name) ? "" : " "));
    } else if (BREAKS.test(name)) {
      end();
      if (name === "SH" || name === "SS") paragraphs.push(words.join(" "));
    }
  }
  end();
  return paragraphs.filter((text) => text !== "").join("\n\n");
}
