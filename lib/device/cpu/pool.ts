/**
 * The threads of the CPU device: the calling thread and workers over one
 * shared memory, woken by atomics, without a message for each kernel.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { DeviceError } from "../../util/mod.ts";
import type { Blas } from "./blas.ts";
import {
  ARGS,
  type CpuFunction,
  FUNCTION,
  GENERATION,
  GRAIN,
  instantiate,
  ITEMS,
  NEXT,
  OPEN,
  STATE,
  TRAPPED,
  work,
} from "./control.ts";
import type { WorkerStart } from "./worker.ts";

/** Operations below which waking another thread costs more than it brings. */
const PARALLEL_WORK = 60_000;
/**
 * The same with a BLAS, which is several times as fast, for a job of one or two
 * items: a product of one or two blocks.
 */
const PARALLEL_BLAS_WORK = 400_000;
const FEW_ITEMS = 2;
/** Ranges a thread gets on average: more balance better, fewer cost less. */
const RANGES = 2;
const SPINS = 20_000;

/** What a pool is started with. */
export interface PoolOptions {
  /** Byte address of the control block. */
  readonly control: number;
  /** Byte address of one word a thread: its scratch address. */
  readonly scratch: number;
  readonly threads: number;
  /** The system's BLAS, for products. */
  readonly blas: Blas | undefined;
}

/** Threads that run one kernel at a time. */
export class Pool {
  readonly threads: number;
  readonly #control: Int32Array;
  readonly #workers: Worker[] = [];
  readonly #functions: CpuFunction[];
  readonly #index: Map<string, number>;
  readonly #hasBlas: boolean;

  private constructor(
    memory: WebAssembly.Memory,
    modules: readonly WebAssembly.Module[],
    { control, threads, blas }: PoolOptions,
  ) {
    this.threads = threads;
    this.#hasBlas = blas !== undefined;
    this.#control = new Int32Array(memory.buffer, control, 16);
    const functions = instantiate(modules, memory, blas);
    this.#functions = [...functions.values()];
    this.#index = new Map([...functions.keys()].map((name, i) => [name, i]));
  }

  /** Starts the workers. */
  static async start(
    memory: WebAssembly.Memory,
    modules: readonly WebAssembly.Module[],
    options: PoolOptions,
  ): Promise<Pool> {
    const { control, scratch, threads, blas } = options;
    const pool = new Pool(memory, modules, options);
    const ready: Promise<void>[] = [];
    for (let i = 1; i < threads; i++) {
      const start: WorkerStart = {
        memory,
        modules,
        blas,
        control,
        scratch: scratch + 4 * i,
      };
      const worker = new Worker(new URL("./worker.ts", import.meta.url), {
        workerData: start,
      });
      pool.#workers.push(worker);
      ready.push(
        new Promise((resolve, reject) => {
          worker.once("message", () => resolve());
          worker.once("error", reject);
        }),
      );
    }
    try {
      await Promise.all(ready);
    } catch (error) {
      pool.stop();
      throw new DeviceError(`Cannot start the CPU device's threads: ${error}`);
    }
    for (const worker of pool.#workers) worker.unref();
    return pool;
  }

  /** Runs a kernel function over all items; returns when it is done. */
  run(name: string, args: number, scratch: number, launch: {
    readonly items: number;
    readonly align?: number;
    readonly work: number;
  }): void {
    const index = this.#index.get(name);
    if (index === undefined) {
      throw new DeviceError(`Cannot run "${name}": no CPU kernel of that name`);
    }
    const { items, align = 1, work: operations } = launch;
    if (items === 0) return;
    const ranges = this.threads * RANGES;
    const grain = Math.ceil(Math.ceil(items / ranges) / align) * align;
    const least = this.#hasBlas && items <= FEW_ITEMS
      ? PARALLEL_BLAS_WORK
      : PARALLEL_WORK;
    const isSmall = operations < least || grain >= items;
    if (this.threads === 1 || isSmall) {
      this.#functions[index]!(args, 0, items, scratch);
      return;
    }
    const control = this.#control;
    control[FUNCTION] = index;
    control[ITEMS] = items;
    control[GRAIN] = grain;
    control[ARGS] = args;
    Atomics.store(control, NEXT, 0);
    Atomics.store(control, STATE, OPEN);
    Atomics.store(
      control,
      GENERATION,
      (control[GENERATION]! + 1) & 0x7fffffff,
    );
    Atomics.notify(control, GENERATION);
    try {
      work(control, this.#functions, scratch);
    } finally {
      Atomics.and(control, STATE, ~OPEN);
      this.#join();
    }
    if (Atomics.exchange(control, TRAPPED, 0)) {
      throw new DeviceError(`Internal: CPU kernel "${name}" trapped`);
    }
  }

  /** Waits until no worker is inside the job. */
  #join(): void {
    const control = this.#control;
    for (let i = 0; i < SPINS; i++) {
      if (Atomics.load(control, STATE) === 0) return;
    }
    for (;;) {
      const state = Atomics.load(control, STATE);
      if (state === 0) return;
      Atomics.wait(control, STATE, state);
    }
  }

  /** Ends the workers. */
  stop(): void {
    Atomics.store(this.#control, GENERATION, -1);
    Atomics.notify(this.#control, GENERATION);
    for (const worker of this.#workers) worker.terminate();
    this.#workers.length = 0;
  }
}
