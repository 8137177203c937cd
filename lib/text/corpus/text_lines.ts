/**
 * Lines of a stream of bytes, and lines gathered to paragraphs, in time linear
 * in their length and with a limit on what is kept: a file without a line end
 * must not fill the memory.
 *
 * @module
 */

/** A line, or what is known of one that is too long. */
export interface ByteLine {
  /** Number of its first line in the file, from 1. */
  readonly number: number;
  /**
   * Without line end, good until the next one is asked for; undefined when it
   * is longer than the limit.
   */
  readonly bytes: Uint8Array | undefined;
  /** Length in bytes, also of one that is too long. */
  readonly byteLength: number;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Lines of a stream; a last line without an end counts when it is not empty.
 * CR before LF belongs to the line end.
 *
 * @param maxBytes longest line that is kept
 */
export async function* byteLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<ByteLine> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  const take = (): ByteLine => {
    const bytes = length <= maxBytes ? joined(parts, length) : undefined;
    const line = { number: number++, bytes, byteLength: length };
    parts = [];
    length = 0;
    return line;
  };
  const add = (part: Uint8Array) => {
    length += part.length;
    if (length > maxBytes) parts = [];
    else parts.push(part);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (
      let end = chunk.indexOf(LF);
      end >= 0;
      end = chunk.indexOf(LF, start)
    ) {
      add(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    // A copy: who made the chunk may use its memory again.
    if (start < chunk.length) add(chunk.slice(start));
  }
  if (length > 0) yield take();
}

/** The parts as one, without a CR at the end. */
function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  let all = parts[0] ?? new Uint8Array();
  if (parts.length > 1) {
    all = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
  }
  return all.at(-1) === CR ? all.subarray(0, -1) : all;
}

/** Whether nothing but white space of ASCII is in a line. */
function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 9 && byte <= 13));
}

/**
 * Runs of lines between blank lines, joined by "\n": the form in which CC-100
 * and other corpora keep many documents in one file.
 *
 * @param maxBytes longest paragraph that is kept
 */
export async function* byteParagraphs(
  lines: AsyncIterable<ByteLine>,
  maxBytes: number,
): AsyncGenerator<ByteLine> {
  let parts: Uint8Array[] = [];
  let byteLength = 0;
  let first = 0;
  const take = (): ByteLine => {
    const bytes = byteLength <= maxBytes
      ? joined(parts, byteLength)
      : undefined;
    const paragraph = { number: first, bytes, byteLength };
    parts = [];
    byteLength = 0;
    return paragraph;
  };
  for await (const line of lines) {
    if (line.bytes && isBlank(line.bytes)) {
      if (byteLength > 0) yield take();
      continue;
    }
    const isFirst = byteLength === 0;
    if (isFirst) first = line.number;
    const length = line.bytes?.length ?? line.byteLength;
    byteLength += length + (isFirst ? 0 : 1);
    if (byteLength > maxBytes || !line.bytes) {
      parts = [];
      continue;
    }
    if (!isFirst) parts.push(Uint8Array.of(LF));
    parts.push(line.bytes.slice()); // a line is good until the next one
  }
  if (byteLength > 0) yield take();
}
