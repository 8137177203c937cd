/**
 * Real text: the plain text files of a folder as documents.
 *
 * @module
 */
import { relative } from "node:path";
import { DataError, exists, FormatError, walkFiles } from "../util/mod.ts";

/** One text of a corpus. */
export interface TextDocument {
  /** Where it comes from: a path below the folder, or a generator's index. */
  readonly name: string;
  /** Text with "\n" as line end. */
  readonly text: string;
}

/**
 * Documents of the `.txt` and `.md` files below a folder, in the order of their
 * paths, one file in memory at a time. A byte order mark is dropped, CR LF and
 * CR become LF, files of white space only are passed over.
 *
 * @throws {DataError} when there is no such folder or no text in it
 * @throws {FormatError} when a file is not UTF-8, naming file and byte
 */
export async function* readTextFolder(
  folder: string,
): AsyncGenerator<TextDocument> {
  const fail = (reason: string) => {
    throw new DataError(
      `Cannot read texts of ${folder}: ${reason}; ` +
        "wanted .txt or .md files in UTF-8 that are not blank",
    );
  };
  if (!await exists(folder)) fail("there is no such folder");
  if (!(await Deno.stat(folder)).isDirectory) fail("it is not a folder");
  let count = 0;
  for await (const path of walkFiles(folder)) {
    if (!/\.(txt|md)$/i.test(path)) continue;
    const text = decodeText(await Deno.readFile(path), path);
    if (text.trim() === "") continue;
    count++;
    yield { name: relative(folder, path).replaceAll("\\", "/"), text };
  }
  if (count === 0) fail("it holds none");
}

function decodeText(bytes: Uint8Array<ArrayBuffer>, path: string): string {
  try {
    // The decoder drops a byte order mark itself.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.replace(/\r\n?/g, "\n");
  } catch {
    throw new FormatError(`Cannot read ${path}: ${describeInvalidByte(bytes)}`);
  }
}

/** "byte 5 (0xe7) is not UTF-8", for bytes that are not all valid. */
export function describeInvalidByte(bytes: Uint8Array): string {
  const at = firstInvalidByte(bytes);
  const value = bytes[at]!.toString(16).padStart(2, "0");
  return `byte ${at} (0x${value}) is not UTF-8`;
}

/** Where bytes stop being UTF-8; they must not be all valid. */
function firstInvalidByte(bytes: Uint8Array): number {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  let at = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    // U+FFFD stands in the file as EF BF BD, or is the decoder's complaint.
    const isReal = bytes[at] === 0xef && bytes[at + 1] === 0xbf &&
      bytes[at + 2] === 0xbd;
    if (code === 0xfffd && !isReal) break;
    at += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return at;
}
