/**
 * Documents of `.txt`, `.md` and `.html` files.
 *
 * @module
 */
import { marked } from "marked";
import { type ByteSource, innerName, unpackedBytes } from "./byte_source.ts";
import type { CorpusDocument } from "./document.ts";
import { htmlText } from "./html_text.ts";
import type { Reading } from "./reading.ts";
import { type ByteLine, byteLines, byteParagraphs } from "./text_lines.ts";

/** Documents of a file of text, by its suffix; an unknown one is plain text. */
export async function* readTexts(
  source: ByteSource,
  reading: Reading,
): AsyncGenerator<CorpusDocument> {
  const { settings, tally } = reading;
  const suffix = innerName(reading.name).toLowerCase().replace(/.*\./, "");
  const limit = settings.maxDocumentBytes;
  const chunks = unpackedBytes(source, (count) => tally.fileBytes += count);
  const isMarkup = /^(md|x?html?|xml)$/.test(suffix);
  if (isMarkup || settings.textUnit === "file") {
    const text = await wholeText(chunks, reading);
    if (text === undefined) return;
    const document = reading.document(plainText(text, suffix, reading));
    if (document) yield document;
    return;
  }
  const lines = byteLines(chunks, limit);
  const units = settings.textUnit === "line"
    ? lines
    : byteParagraphs(lines, limit);
  for await (const unit of units) {
    const document = unitDocument(unit, reading);
    if (document) yield document;
  }
}

/** The whole file, or undefined when it cannot be read and is skipped. */
async function wholeText(
  chunks: AsyncIterable<Uint8Array>,
  reading: Reading,
): Promise<string | undefined> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > reading.settings.maxDocumentBytes) {
      reading.refuse(
        `it is longer than the limit of ` +
          `${reading.settings.maxDocumentBytes} bytes for one document ` +
          "(maxDocumentBytes); with lines or paragraphs as documents " +
          "(textUnit) only they count",
      );
      return undefined;
    }
    parts.push(new Uint8Array(chunk));
  }
  return reading.decode(await new Blob(parts).bytes());
}

function plainText(text: string, suffix: string, reading: Reading): string {
  const { markdown, dropElements: drop } = reading.settings;
  switch (suffix) {
    case "htm":
    case "html":
    case "xhtml":
    case "xml":
      return htmlText(text, { drop });
    case "md":
      return markdown === "source"
        ? text
        : htmlText(marked.parse(withoutFrontMatter(text), { async: false }), {
          drop,
        });
    default:
      return text;
  }
}

/** A block of YAML at the top of Markdown says things about it. */
function withoutFrontMatter(text: string): string {
  return text.replace(/^---\n[\s\S]*?\n---\n/, "");
}

function unitDocument(
  { number, bytes, byteLength }: ByteLine,
  reading: Reading,
): CorpusDocument | undefined {
  if (!bytes) {
    reading.refuse(reading.tooLong(byteLength), `line ${number}`);
    return undefined;
  }
  const text = reading.decode(bytes, `line ${number}`);
  return text === undefined
    ? undefined
    : reading.document(text, { part: number });
}
