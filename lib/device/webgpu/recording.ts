/**
 * Commands of the WebGPU device that can be given again, with the memory that
 * they use.
 *
 * @module
 */
import { DeviceError } from "../../util/mod.ts";
import type { MemoryMeter } from "../device.ts";
import { packParam, type ParamType } from "../kernel.ts";
import type { Recording } from "../recording.ts";
import type { Batch } from "./batch.ts";
import type { Arena, BufferPool, GpuBuffer } from "./buffers.ts";
import { buffersOf, type Command } from "./commands.ts";

/** The word of a parameter. */
interface ParamPlace {
  readonly name: string;
  readonly type: ParamType;
  readonly view: DataView;
  readonly at: number;
}

/** Where the parameters of a command stand. */
function placesOf(command: Command): ParamPlace[] {
  if (command.kind !== "dispatch") return [];
  const view = new DataView(command.params.buffer);
  return Object.entries(command.types).map(([name, type], i) => ({
    ...{ name, type, view, at: 4 * i },
  }));
}

/** What a recording needs of its device. */
export interface RecordingParts {
  readonly batch: Batch;
  readonly pool: BufferPool;
  readonly meter: MemoryMeter;
}

/** A recording; its buffers are those of its arena, and some that it found. */
export class WebGpuRecording implements Recording {
  readonly #parts: RecordingParts;
  readonly #commands: readonly Command[];
  readonly #arena: Arena;
  /** Buffers that were there before. */
  readonly #found: readonly GpuBuffer[];
  /** Where parameters stand, by their names. */
  readonly #params: ReadonlyMap<string, readonly ParamPlace[]>;

  constructor(
    parts: RecordingParts,
    commands: readonly Command[],
    arena: Arena,
  ) {
    this.#parts = parts;
    this.#commands = commands;
    this.#arena = arena;
    const all = new Set(commands.flatMap(buffersOf));
    this.#found = [...all].filter((buffer) => buffer.arena !== arena);
    this.#params = Map.groupBy(commands.flatMap(placesOf), ({ name }) => name);
  }

  get length(): number {
    return this.#commands.length;
  }

  get isAlive(): boolean {
    const { meter } = this.#parts;
    return this.#arena.isOpen &&
      this.#found.every((buffer) => meter.has(buffer));
  }

  replay(params: Readonly<Record<string, number>> = {}): void {
    if (!this.isAlive) {
      const { meter } = this.#parts;
      const lost = this.#found.find((buffer) => !meter.has(buffer));
      throw new DeviceError(
        `Cannot replay ${this.length} commands: ` +
          (lost ? `buffer "${lost.label}" was freed` : "they were disposed of"),
      );
    }
    for (const [name, value] of Object.entries(params)) {
      const places = this.#params.get(name);
      if (!places) {
        throw new DeviceError(
          `Cannot replay with ${name} = ${value}: no launch has it`,
        );
      }
      for (const { type, view, at } of places) {
        packParam(type, value, view, at);
      }
    }
    this.#parts.batch.replay(this.#commands);
  }

  [Symbol.dispose](): void {
    if (this.#arena.isOpen) this.#parts.pool.closeArena(this.#arena);
  }
}
