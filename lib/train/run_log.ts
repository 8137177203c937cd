/**
 * The log of a run while it goes: JSON Lines in a file that stays open, since a
 * step of a small model takes little longer than opening one.
 *
 * @module
 */
import { dirname } from "node:path";
import { DataError, messageOf } from "../util/mod.ts";
import type { TrainRecord } from "./records.ts";

const NEWLINE = 10;

/** Bytes of the file up to its last whole line. */
function wholeLines(file: Deno.FsFile): number {
  const block = new Uint8Array(1 << 16);
  let end = file.statSync().size;
  while (end > 0) {
    const begin = Math.max(0, end - block.length);
    file.seekSync(begin, Deno.SeekMode.Start);
    const count = file.readSync(block.subarray(0, end - begin)) ?? 0;
    const last = block.subarray(0, count).lastIndexOf(NEWLINE);
    if (last >= 0) return begin + last + 1;
    end = begin;
  }
  return 0;
}

/** An open log; the file is closed with it. */
export class RunLog implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens a log to append to it; file and folder are made when they are
   * missing. A last line that a crash or a full disk cut short is taken off:
   * the next record would make it part of a damaged line.
   */
  static async open(path: string): Promise<RunLog> {
    await Deno.mkdir(dirname(path), { recursive: true });
    const file = await Deno.open(path, {
      read: true,
      append: true,
      create: true,
    });
    try {
      const size = wholeLines(file);
      if (size < file.statSync().size) file.truncateSync(size);
      return new RunLog(path, file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * Appends a record; it is with the operating system when this returns.
   *
   * @throws {DataError} when the disk does not take it
   */
  write(record: TrainRecord): void {
    const line = new TextEncoder().encode(JSON.stringify(record) + "\n");
    try {
      for (let done = 0; done < line.length;) {
        done += this.#file.writeSync(line.subarray(done));
      }
    } catch (error) {
      throw new DataError(
        `Cannot write to the log ${this.#path}: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
