/**
 * The block of shared words through which the threads of the CPU device agree
 * on one job at a time.
 *
 * The main thread writes the job, opens it by setting OPEN, and raises
 * GENERATION, for which idle workers wait. A worker enters by counting itself
 * into the low bits of STATE while OPEN is set, takes ranges of items from
 * NEXT until none is left, and counts itself out. The main thread works too,
 * then clears OPEN and waits until nobody is inside. A worker that wakes late
 * finds the job closed and waits again: a busy machine costs no time.
 *
 * @module
 */
import { bindBlas, type Blas } from "./blas.ts";

/** Word: raised once a job; negative when the workers are to stop. */
export const GENERATION = 0;
/** Word: OPEN flag and number of workers inside. */
export const STATE = 1;
/** Word: first item that nobody has taken. */
export const NEXT = 2;
/** Word: index of the function. */
export const FUNCTION = 3;
/** Word: number of items. */
export const ITEMS = 4;
/** Word: items a range. */
export const GRAIN = 5;
/** Word: address of the arguments. */
export const ARGS = 6;
/** Word: set when a worker's kernel trapped. */
export const TRAPPED = 7;
/** Bytes of the block. */
export const CONTROL_BYTES = 64;

/** Flag in STATE. */
export const OPEN = 1 << 16;

/** A function of a kernel module. */
export type CpuFunction = (
  args: number,
  begin: number,
  end: number,
  scratch: number,
) => void;

/** Takes ranges of the job until none is left. */
export function work(
  control: Int32Array,
  functions: readonly CpuFunction[],
  scratch: number,
): void {
  const fn = functions[control[FUNCTION]!]!;
  const items = control[ITEMS]!;
  const grain = control[GRAIN]!;
  const args = control[ARGS]! >>> 0;
  for (;;) {
    const begin = Atomics.add(control, NEXT, grain);
    if (begin >= items) return;
    fn(args, begin, Math.min(items, begin + grain), scratch);
  }
}

/** Exported functions of the modules, in the same order on every thread. */
export function instantiate(
  modules: readonly WebAssembly.Module[],
  memory: WebAssembly.Memory,
  blas: Blas | undefined,
): Map<string, CpuFunction> {
  const functions = new Map<string, CpuFunction>();
  const abort = () => {
    throw new Error("Internal: a CPU kernel aborted");
  };
  const sgemm = bindBlas(blas, memory);
  for (const module of modules) {
    const { exports } = new WebAssembly.Instance(module, {
      env: { memory, abort, sgemm },
    });
    for (const name of Object.keys(exports).sort()) {
      const value = exports[name];
      if (typeof value === "function") {
        functions.set(name, value as unknown as CpuFunction);
      }
    }
  }
  return functions;
}
