/**
 * The stop button. Jupyter sends SIGINT, which kills the kernel of Deno unless
 * somebody listens; here it aborts a signal that long loops look at, and all
 * that was computed stays.
 *
 * @module
 */
import { InterruptedError } from "../util/mod.ts";

let controller = new AbortController();
let isWatched = false;

/**
 * A signal that the stop button aborts, with {@linkcode InterruptedError} as its
 * reason. After each stop there is a new one, so take it where the work starts.
 *
 * @example
 * ```ts
 * for await (const record of train(model, data, { signal: interrupted() })) {
 *   records.push(record);
 * }
 * ```
 */
export function interrupted(): AbortSignal {
  isWatched = true;
  return controller.signal;
}

/**
 * Aborts the running signal, as the stop button does.
 *
 * @returns whether anybody had asked for it
 */
export function interruptNow(): boolean {
  const stopped = controller;
  const wasWatched = isWatched;
  controller = new AbortController();
  isWatched = false;
  stopped.abort(new InterruptedError("Stopped by the stop button"));
  return wasWatched;
}

/** Listens to the stop button; the kernel lives on. */
export function listenToStopButton(): void {
  Deno.addSignalListener("SIGINT", () => {
    if (interruptNow()) return;
    console.error(
      "Nothing here looks at interrupted(): restart the kernel to stop it",
    );
  });
}
