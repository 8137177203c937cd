/**
 * A thread of the CPU device: waits for jobs, works, waits again.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import type { Blas } from "./blas.ts";
import {
  GENERATION,
  instantiate,
  OPEN,
  STATE,
  TRAPPED,
  work,
} from "./control.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  readonly modules: readonly WebAssembly.Module[];
  readonly blas: Blas | undefined;
  /** Byte address of the control block. */
  readonly control: number;
  /** Byte address of the word that holds this thread's scratch address. */
  readonly scratch: number;
}

/** Turns of the loop that look for a job before the thread goes to sleep. */
const SPINS = 4000;

function run(start: WorkerStart): void {
  const { memory, modules, blas } = start;
  const control = new Int32Array(memory.buffer, start.control, 16);
  const scratch = new Int32Array(memory.buffer, start.scratch, 1);
  const functions = [...instantiate(modules, memory, blas).values()];
  let seen = Atomics.load(control, GENERATION);
  parentPort!.postMessage("ready");
  for (;;) {
    for (let i = 0; i < SPINS; i++) {
      if (Atomics.load(control, GENERATION) !== seen) break;
    }
    Atomics.wait(control, GENERATION, seen);
    seen = Atomics.load(control, GENERATION);
    if (seen < 0) return;
    // Enter only while the job is open.
    let state = Atomics.load(control, STATE);
    while (state & OPEN) {
      const found = Atomics.compareExchange(control, STATE, state, state + 1);
      if (found === state) break;
      state = found;
    }
    if (!(state & OPEN)) continue;
    try {
      work(control, functions, scratch[0]! >>> 0);
    } catch {
      Atomics.store(control, TRAPPED, 1); // the main thread reports it
    }
    if (Atomics.sub(control, STATE, 1) === 1) Atomics.notify(control, STATE);
  }
}

run(workerData as WorkerStart);
