/**
 * The end of a JSON Lines file that somebody else is still writing.
 *
 * @module
 */
import { FormatError, messageOf } from "../util/mod.ts";

const LINE_FEED = 10;
/** Bytes that are read at once. */
const CHUNK = 1 << 20;

/** Gives the records of a file that have come since it was last asked. */
export class LogTail<T extends object> {
  readonly path: string;
  #offset = 0;
  #lines = 0;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * New whole lines. The file is opened anew each time, since a shared folder
   * shows what another machine wrote only then.
   *
   * @returns nothing when there is no file yet
   * @throws {FormatError} when a whole line is not JSON, or the file has become
   * shorter: it is another log now
   */
  async read(): Promise<T[]> {
    const records: T[] = [];
    try {
      using file = await Deno.open(this.path, { read: true });
      const { size } = await file.stat();
      if (size < this.#offset) {
        throw new FormatError(
          `Cannot follow ${this.path}: it had ${this.#offset} bytes and has ` +
            `${size} now; follow it again`,
        );
      }
      while (this.#offset < size) {
        const bytes = await this.#readAt(file, size);
        const end = bytes.lastIndexOf(LINE_FEED) + 1;
        if (end === 0) break; // the rest of the line is not there yet
        this.#offset += end;
        records.push(...this.#parse(bytes.subarray(0, end)));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return records;
  }

  /** A chunk from where it stands; longer where a line is. */
  async #readAt(file: Deno.FsFile, size: number): Promise<Uint8Array> {
    for (let length = CHUNK;; length *= 2) {
      const bytes = new Uint8Array(Math.min(length, size - this.#offset));
      await file.seek(this.#offset, Deno.SeekMode.Start);
      let filled = 0;
      while (filled < bytes.length) {
        const count = await file.read(bytes.subarray(filled));
        if (count === null) break;
        filled += count;
      }
      const whole = bytes.subarray(0, filled);
      const isAll = this.#offset + length >= size;
      if (isAll || whole.includes(LINE_FEED)) return whole;
    }
  }

  #parse(bytes: Uint8Array): T[] {
    const lines = new TextDecoder().decode(bytes).split("\n").slice(0, -1);
    const records: T[] = [];
    for (const line of lines) {
      this.#lines++;
      if (line.trim() === "") continue;
      try {
        records.push(JSON.parse(line) as T);
      } catch (error) {
        throw new FormatError(
          `Cannot read ${this.path}: line ${this.#lines} is not JSON: ` +
            messageOf(error),
        );
      }
    }
    return records;
  }
}
