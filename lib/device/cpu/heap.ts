/**
 * Allocator over the linear memory of WebAssembly: best fit with coalescing.
 *
 * Blocks are aligned and rounded to 64 bytes (a cache line), so a kernel may
 * read and write whole vectors past the last element. The list of free blocks
 * stays short because training repeats the same sizes.
 *
 * @module
 */
import { invariant } from "../../util/mod.ts";

const ALIGN = 64;

interface Block {
  start: number;
  bytes: number;
}

/** Rounds up to whole cache lines; an empty buffer still gets one. */
function round(bytes: number): number {
  return Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
}

/** Addresses of a memory that grows from `start` up to `limit` bytes. */
export class Heap {
  /** Free blocks in order of address, neighbours merged. */
  readonly #free: Block[] = [];
  readonly #sizes = new Map<number, number>();
  readonly #limit: number;
  #end: number;

  constructor(start: number, limit: number) {
    this.#end = round(start);
    this.#limit = limit;
  }

  /** First address that was never handed out: the memory must reach it. */
  get end(): number {
    return this.#end;
  }

  /** Bytes in free blocks. */
  get freeBytes(): number {
    return this.#free.reduce((sum, block) => sum + block.bytes, 0);
  }

  /** Address of a block of at least `bytes`, or undefined when there is none. */
  allocate(bytes: number): number | undefined {
    const size = round(bytes);
    let best = -1;
    for (let i = 0; i < this.#free.length; i++) {
      const candidate = this.#free[i]!.bytes;
      if (candidate < size) continue;
      if (best < 0 || candidate < this.#free[best]!.bytes) best = i;
      if (candidate === size) break;
    }
    if (best < 0) return this.#extend(size);
    const block = this.#free[best]!;
    const start = block.start;
    if (block.bytes === size) this.#free.splice(best, 1);
    else {
      block.start += size;
      block.bytes -= size;
    }
    this.#sizes.set(start, size);
    return start;
  }

  /** Gives a block back and merges it with free neighbours. */
  free(start: number): void {
    const bytes = this.#sizes.get(start);
    invariant(bytes !== undefined, `no block at address ${start}`);
    this.#sizes.delete(start);
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#free[middle]!.start < start) low = middle + 1;
      else high = middle;
    }
    const before = this.#free[low - 1];
    const after = this.#free[low];
    const joinsBefore = before && before.start + before.bytes === start;
    const joinsAfter = after && start + bytes === after.start;
    if (joinsBefore && joinsAfter) {
      before.bytes += bytes + after.bytes;
      this.#free.splice(low, 1);
    } else if (joinsBefore) before.bytes += bytes;
    else if (joinsAfter) {
      after.start = start;
      after.bytes += bytes;
    } else this.#free.splice(low, 0, { start, bytes });
  }

  /** New block at the end, together with a free block that lies there. */
  #extend(size: number): number | undefined {
    const last = this.#free.at(-1);
    const joins = last && last.start + last.bytes === this.#end;
    const start = joins ? last.start : this.#end;
    if (start + size > this.#limit) return undefined;
    if (joins) this.#free.pop();
    this.#end = start + size;
    this.#sizes.set(start, size);
    return start;
  }
}
