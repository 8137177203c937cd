/**
 * The thread of `read_ahead.ts`: reads what will be wanted and forgets it; the
 * operating system remembers.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";

/** A piece of a file. */
export interface FilePiece {
  /** Index in the list of files that the thread was started with. */
  readonly file: number;
  /** First byte. */
  readonly position: number;
  readonly bytes: number;
}

const paths = workerData as readonly string[];
const files: (Deno.FsFile | undefined)[] = [];
let scratch = new Uint8Array(1 << 16);

function read({ file, position, bytes }: FilePiece): void {
  if (bytes > scratch.length) scratch = new Uint8Array(bytes);
  const open = files[file] ??= Deno.openSync(paths[file]!);
  open.seekSync(position, Deno.SeekMode.Start);
  for (let left = bytes; left > 0;) {
    const count = open.readSync(scratch.subarray(0, left));
    if (count === null) return;
    left -= count;
  }
}

parentPort!.on("message", (pieces: readonly FilePiece[]) => {
  for (const piece of pieces) {
    try {
      read(piece);
    } catch {
      // A file that is gone is an error where it is wanted, not here.
    }
  }
});
